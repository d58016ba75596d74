"""The decision and the audit, written apart and on different zone data, must agree."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import event, given, settings
from hypothesis import strategies as st

from campaigns.audit import audit
from campaigns.audit_attempt import AuditedAttempt
from campaigns.campaign import AttemptLimits
from campaigns.eligibility import Permitted, decide
from campaigns.hours_rule import HoursRule
from campaigns.permission.past import PastAttempt
from campaigns.permission.permit import to_json
from campaigns.refusal import Refused
from lists.lead import PhoneNumber
from tests.properties.test_campaigns_window import HOURS_RULES, MINUTE, MOMENTS, ZONE_SETS
from tests.unit.campaigns.samples import CAMPAIGN, LEAD, NEW_YORK, PROPOSED, RULES
from tests.walls import SIMULATED

LIMITS = AttemptLimits(per_lead=5, per_number=4, per_number_day=2)
RULES_EVER = replace(RULES, verified_on="")


def ask(
    hours: HoursRule, number: PhoneNumber, history: tuple[PastAttempt, ...], now: float
) -> Permitted | Refused:
    return decide(
        replace(
            PROPOSED,
            campaign=replace(CAMPAIGN, hours=hours, limits=LIMITS),
            rule_set=RULES_EVER,
            number=number,
            history=history,
            lead_attempts=len(history),
        ),
        now,
    )


@settings(max_examples=80, deadline=None)
@given(HOURS_RULES, ZONE_SETS, MOMENTS, st.lists(st.integers(0, 20 * 60), min_size=1, max_size=8))
def test_what_is_permitted_passes_the_audit(
    hours: HoursRule, zones: tuple[str, ...], start: float, gaps_min: list[int]
) -> None:
    number = replace(NEW_YORK, zones=zones)
    history: tuple[PastAttempt, ...] = ()
    dialed: list[AuditedAttempt] = []
    now = start
    for attempt_id, gap in enumerate(gaps_min):
        now += gap * MINUTE
        answer = ask(hours, number, history, now)
        if isinstance(answer, Refused) and answer.until is not None:
            now = answer.until  # the first moment it may, which is where mistakes would be
            answer = ask(hours, number, history, now)
        if isinstance(answer, Refused):
            break
        at = answer.valid_until  # the worst moment at which it may still leave
        dialed.append(
            AuditedAttempt(
                attempt_id=attempt_id,
                campaign=CAMPAIGN.name,
                lead_id=LEAD.lead_id,
                number=number.e164,
                trunk="sim",
                caller_id=CAMPAIGN.caller_ids[0],
                created_at=now,
                dialed_at=at,
                outcome="busy",
                permit=to_json(answer.evidence),
                purpose=CAMPAIGN.purpose.value,
            )
        )
        history = (*history, PastAttempt(number.e164, CAMPAIGN.name, at, "busy"))
        now = at
    event(f"{len(dialed)} dialed")
    found = audit(
        replace(CAMPAIGN, hours=hours, limits=LIMITS),
        (RULES_EVER,),
        dialed,
        number_of=lambda lead_id, e164: number,
        blocked={},
        walls={SIMULATED.hash: SIMULATED.body},
    )
    assert list(found) == []


@settings(max_examples=80, deadline=None)
@given(HOURS_RULES, ZONE_SETS, MOMENTS, st.lists(st.integers(1, 3 * 24 * 60), max_size=4))
def test_a_refusal_ends_exactly_when_it_says(
    hours: HoursRule, zones: tuple[str, ...], now: float, ages_min: list[int]
) -> None:
    number = replace(NEW_YORK, zones=zones)
    history = tuple(
        PastAttempt(number.e164, "another", now - age * MINUTE, "busy") for age in sorted(ages_min, reverse=True)
    )
    answer = ask(hours, number, history, now)
    if isinstance(answer, Permitted) or answer.until is None:
        return
    event(answer.reason.value)
    assert answer.until > now
    assert isinstance(ask(hours, number, history, answer.until), Permitted)
    assert isinstance(ask(hours, number, history, answer.until - 0.002), Refused)
