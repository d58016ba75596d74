"""What holds for every call of a campaign to people of the same places and list, told once for all of them."""

from __future__ import annotations

from functools import lru_cache

from campaigns.amd import AmdPolicy
from campaigns.campaign import Campaign, Delivery, Mode
from campaigns.cap import After, Cap, Cooloff
from campaigns.compliance import RuleSet
from campaigns.consent import ConsentCheck, ConsentKind, ConsentRegime
from campaigns.outcome import Counts
from campaigns.permission.periods import begins_first
from campaigns.window import CallingHours, calling_hours
from lists.value import value

_DAY_S = 86_400.0


@value
class Terms:
    """`hours`: those of campaign and rule set together; `law_hours`: those of the rule set alone, where a consent
    frees from the campaign's own. `valid_from`, `valid_to`: from when until when the rule set holds, seconds UTC;
    `changes_at`: when others come into force, None for never. `consent`: what somebody has to have agreed to, or
    must not have refused. `caps`: the campaign's over a day, and those of the rule set; `cooloffs`: those of its
    that bind the campaign."""

    hours: CallingHours
    law_hours: CallingHours
    valid_from: float
    valid_to: float
    changes_at: float | None
    consent: ConsentCheck
    caps: tuple[Cap, ...]
    cooloffs: tuple[Cooloff, ...]


@lru_cache(maxsize=16_384)
def terms_of(
    campaign: Campaign, rule_set: RuleSet, places: tuple[str, ...], zones: tuple[str, ...], list_name: str
) -> Terms:
    """The terms of calls to leads of this list who may be in any of `places` (ISO 3166 codes), and in any of
    `zones` (at least one)."""
    first, last = rule_set.valid_from, rule_set.valid_to
    hours = (campaign.hours, *campaign.narrower_hours, *rule_set.hours)
    return Terms(
        calling_hours(hours, places, list_name),
        calling_hours(rule_set.hours, places, list_name),
        begins_first(zones, first) if first else float("-inf"),
        min(begins_first(zones, last, 1) if last else float("inf"), rule_set.relied_on_until),
        begins_first(zones, rule_set.changes_on) if rule_set.changes_on else None,
        consent_wanted(campaign, required=rule_set.consent is ConsentRegime.OPT_IN),
        (Cap("per_number_day", campaign.limits.per_number_day, _DAY_S, counts=Counts.CHARGED), *rule_set.caps),
        tuple(cooloff for cooloff in rule_set.cooloffs if _binds(cooloff, campaign)),
    )


def _binds(cooloff: Cooloff, campaign: Campaign) -> bool:
    if cooloff.after is After.MACHINE and campaign.amd.policy is AmdPolicy.OFF:
        return False
    return not (cooloff.unless_agent_waits and campaign.pacing.mode is Mode.PREVIEW)


def consent_wanted(campaign: Campaign, *, required: bool = True) -> ConsentCheck:
    """What somebody has to have agreed to before the campaign may call them, where rules want it; elsewhere what
    they may not have refused."""
    prerecorded = campaign.delivery is Delivery.PRERECORDED
    return ConsentCheck(
        ConsentKind.PRERECORDED if prerecorded else ConsentKind.CALL, campaign.purpose.value, required
    )
