"""The audit: would each attempt have been permitted, had nobody asked the dialer?

Written apart from `eligibility`, `window` and `permit` on purpose, on other zone data (zoneinfo over the
`tzdata` package, never the operating system's copy), and from what is stored with the lead rather than from
the permit alone: a mistake in the decision must not repeat itself here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from campaigns.audit_attempt import CLOCK_STEP_S, AuditedAttempt
from campaigns.audit_caps import KeptPromise, Ledger
from campaigns.audit_chain import permit_faults
from campaigns.audit_consent import (
    Agreed,
    Agreement,
    consent_faults,
    frees_from_laws,
    last_word,
    on_register,
    promise_faults,
)
from campaigns.audit_hours import hours_faults
from campaigns.audit_lists import Expiries, expiry_faults
from campaigns.audit_rules import RuleShelf, places_without_rules, rule_sets_for
from campaigns.audit_walls import wall_faults
from campaigns.audit_zone import zone_of
from campaigns.campaign import Campaign
from campaigns.compliance import RuleSet
from lists.lead import NumberKind, PhoneNumber, ZoneSource

PERMIT_LIFE_S = 60.0
"""A permit older than this is no permit."""
OPT_OUT_WITHIN_S = 60.0
"""An opt-out is on the register at once; a journal that had to be tried again may take a little."""
_RULES_LIFE = timedelta(days=366)
_BARRED_KINDS = ("premium", "shared_cost", "personal", "pager", "voicemail")


@dataclass(frozen=True, slots=True)
class Violation:
    """One thing that forbade an attempt. `code`: see `docs/reference/reasons.md`."""

    attempt_id: int
    code: str
    text: str


def audit(
    campaign: Campaign,
    rule_sets: Sequence[RuleSet],
    attempts: Iterable[AuditedAttempt],
    *,
    number_of: Callable[[int, str], PhoneNumber | None],
    blocked: Mapping[str, Sequence[tuple[str, float, float | None]]],
    consents: Mapping[str, Sequence[Agreement]] | None = None,
    earlier_versions: Iterable[tuple[Campaign, Sequence[RuleSet]]] = (),
    walls: Mapping[str, str] | None = None,
    home_of: Callable[[int], tuple[str, str]] | None = None,
    list_of: Callable[[int], str] | None = None,
    shelf: RuleShelf | None = None,
    agreed: Mapping[int, Agreed] | None = None,
    expiries: Expiries | None = None,
) -> Iterator[Violation]:
    """Violations among the attempts of `campaign`, in the order of the attempts.

    `attempts` come ordered by `AuditedAttempt.moment` (`ValueError` otherwise); those of other campaigns among
    them only count towards caps. `number_of(lead_id, e164)`: the number as stored with the lead. `blocked`: for
    calls of which purpose ("": any) each number was on a register, from, until. `rule_sets`: those that the
    campaign names, or all there are when they are chosen for each number. `earlier_versions`: the campaign as its
    file was before, each with its rule sets; an attempt is judged by the version it was permitted under. One
    permitted under no version that is given is a violation, and judged by the rule sets alone. `home_of(lead_id)`:
    country and subdivision where the lead lives, "" for what is not known; `list_of(lead_id)`: its list. `walls`:
    JSON of what was ever allowed to be dialed, by its hash. `shelf`: instead of `rule_sets`, every text they have
    had; each attempt is judged by those that were in force when it was saved. `agreed`: what was put down with
    callbacks, by callback. `expiries`: of lists.
    """
    present = (campaign, rule_sets)
    versions = {version[0].source_hash: version for version in (*earlier_versions, present)}
    ledger = Ledger()
    latest = float("-inf")
    for attempt in attempts:
        if not attempt.placed:
            continue
        if attempt.moment < latest:
            raise ValueError(f"attempt {attempt.attempt_id} comes too late: attempts must be ordered by moment")
        latest = attempt.moment
        if attempt.campaign != campaign.name:
            ledger.count(attempt)
            continue
        if attempt.erased:
            ledger.count(attempt)
            continue
        permit = _read_permit(attempt.permit)
        judged_by, sets = versions.get(str(permit.get("campaign_hash")), (None, rule_sets)) if permit else present
        if shelf is not None:
            sets = shelf.in_force(attempt.created_at)
        number = number_of(attempt.lead_id, attempt.number)
        home = ("", "") if home_of is None else home_of(attempt.lead_id)
        list_name = "" if list_of is None else list_of(attempt.lead_id)
        day, last_day = (_day_there(at, number) for at in _rings(attempt, judged_by))
        rules = rule_sets_for(judged_by or campaign, sets, number, home, day)
        # Others may come into force while it rings.
        last_rules = (
            rules if last_day == day else rule_sets_for(judged_by or campaign, sets, number, home, last_day)
        )
        for code, text in (
            *permit_faults(attempt.permit, attempt.seal),
            *_version_faults(permit, judged_by),
            *(() if shelf is None else shelf.text_faults((permit or {}).get("rule_parts"), attempt.created_at)),
            *_permit_faults(attempt, permit, number, rules),
            *_number_faults(attempt, number, rules, judged_by, blocked, ledger),
            *_validity_faults(
                (*rules, *(one for one in last_rules if one not in rules)),
                (day, last_day),
                datetime.fromtimestamp(_rings(attempt, judged_by)[1], UTC).date(),
                permit,
            ),
            *_window_faults(attempt, permit, number, rules, home, list_name, judged_by, agreed or {}),
            *_promise_faults(attempt, permit, agreed or {}, (consents or {}).get(attempt.number, ())),
            *_consent_faults(attempt, rules, judged_by or campaign, (consents or {}).get(attempt.number, ())),
            *_place_faults(number, rules, home),
            *_wall_faults(attempt, permit, number, rules, judged_by, walls or {}),
            *ledger.faults(
                attempt,
                rules,
                judged_by,
                () if number is None else number.zones,
                _kept_promise(attempt, permit, agreed or {}, (consents or {}).get(attempt.number, ())),
            ),
            *_speech_faults(attempt, rules, blocked),
            *expiry_faults(expiries or {}, list_name, attempt.created_at, attempt.moment, number),
            *_recording_faults(attempt, rules, judged_by),
        ):
            yield Violation(attempt.attempt_id, code, text)
        ledger.count(attempt)


def _day_there(at: float, number: PhoneNumber | None) -> date:
    """The latest day that clocks show where the person may be."""
    clocks = () if number is None else tuple(filter(None, map(zone_of, number.zones)))
    return max(datetime.fromtimestamp(at, clock).date() for clock in clocks or (UTC,))


def _read_permit(text: str | None) -> Mapping[str, Any] | None:
    try:
        permit = json.loads(text or "null")
    except ValueError:
        return None
    return permit if isinstance(permit, dict) else None


def _version_faults(permit: Mapping[str, Any] | None, judged_by: Campaign | None) -> Iterator[tuple[str, str]]:
    """Was it permitted under a text that the campaign has had?"""
    if permit is not None and judged_by is None:
        yield "unknown_version", f"permitted under a text of the campaign not known: {permit.get('campaign_hash')}"


def _permit_faults(
    attempt: AuditedAttempt, permit: Mapping[str, Any] | None, number: PhoneNumber | None, rules: Sequence[RuleSet]
) -> Iterator[tuple[str, str]]:
    """Is there a permit, for exactly this call, made and committed before it, and true?"""
    if attempt.dialed_at is not None and attempt.dialed_at < attempt.created_at - CLOCK_STEP_S:
        yield "dialed_before_saved", f"dialed {attempt.created_at - attempt.dialed_at:.3f} s before it was saved"
    if permit is None:
        yield "no_permit", "no readable permit is stored with it"
        return
    expected: list[tuple[str, object]] = [
        ("campaign", attempt.campaign),
        ("lead_id", attempt.lead_id),
        ("number", attempt.number),
        ("trunk", attempt.trunk),
        ("caller_id", attempt.caller_id),
    ]
    if number is not None:
        expected += [("region", number.region), ("kind", str(number.kind))]
    if "purpose" in permit:
        expected.append(("purpose", attempt.purpose))
    for name, value in expected:
        if permit.get(name) != value:
            yield "permit_mismatch", f"the permit says {name} {permit.get(name)!r}, the attempt {value!r}"
    kept = str(permit.get("rule_set")).split("+")
    if sorted(kept) != sorted(one.name for one in rules) and (rules or number is not None):
        names = " and ".join(one.name for one in rules) or "none"
        yield "permit_mismatch", f"permitted under rule set {' and '.join(kept)}, and {names} holds for the call"
    try:
        made_at, closes_at = float(permit["at"]), float(permit["window_closes_at"])
        zones = [(str(zone), int(offset), str(local)) for zone, offset, local in permit["zones"]]
        used_up = [str(name) for name, used, limit in permit["counters"] if int(used) >= int(limit)]
    except (KeyError, TypeError, ValueError) as error:
        yield "no_permit", f"its permit cannot be read: {error!r}"
        return
    age_s = attempt.moment - made_at
    if not -CLOCK_STEP_S <= age_s <= PERMIT_LIFE_S + CLOCK_STEP_S or attempt.moment >= closes_at:
        yield "permit_expired", f"dialed {age_s:.3f} s after its permit, which lasts {PERMIT_LIFE_S:g} s at most"
    elif attempt.created_at < made_at - CLOCK_STEP_S:
        yield "permit_expired", f"saved {made_at - attempt.created_at:.3f} s before its permit was made"
    if number is not None and tuple(zone for zone, _, _ in zones) != number.zones:
        yield "permit_mismatch", f"the permit knows other zones than the lead: {', '.join(number.zones)}"
    for zone, offset_s, local_time in zones:
        timezone = zone_of(zone)
        if timezone is None:
            yield "evidence_wrong", f"the permit names a zone {zone} that does not exist"
            continue
        local = datetime.fromtimestamp(int(made_at), timezone)
        if local.utcoffset() != timedelta(seconds=offset_s):
            yield "evidence_wrong", f"{zone} was at {local:%z} from UTC, not {offset_s} s"
        if local.replace(tzinfo=None).isoformat() != local_time:
            yield "evidence_wrong", f"{zone} showed {local:%Y-%m-%dT%H:%M:%S}, not {local_time}"
    for name in used_up:
        yield "evidence_wrong", f"by its own permit, {name} was used up"


def _wall_faults(
    attempt: AuditedAttempt,
    permit: Mapping[str, Any] | None,
    number: PhoneNumber | None,
    rules: Sequence[RuleSet],
    campaign: Campaign | None,
    walls: Mapping[str, str],
) -> Iterator[tuple[str, str]]:
    destinations = None if campaign is None else campaign.destinations
    yield from wall_faults(
        attempt.number,
        "" if number is None else number.region,
        client=attempt.campaign.rpartition("/")[0],
        trunk=attempt.trunk,
        caller_id=attempt.caller_id,
        walls_hash=str((permit or {}).get("walls", "")),
        walls=walls,
        campaign_entries=None if destinations is None else destinations.entries,
        prerecorded=campaign is not None and campaign.delivery == "prerecorded",
        fictional=any(one.fictional for one in rules),
    )


def _speech_faults(
    attempt: AuditedAttempt,
    rules: Sequence[RuleSet],
    blocked: Mapping[str, Sequence[tuple[str, float, float | None]]],
) -> Iterator[tuple[str, str]]:
    """Did a person whom no agent took hear in time who had called, and was an opt-out put on the register?"""
    wanted_at, ended_at = attempt.wanted_at, attempt.ended_at
    if any(one.abandoned_message for one in rules) and attempt.outcome == "abandoned" and wanted_at is not None:
        clock_s = min(one.abandon_clock_s for one in rules)
        until = wanted_at + clock_s
        if attempt.message_at is not None and attempt.message_at > until + CLOCK_STEP_S:
            late = f"the message began {attempt.message_at - wanted_at:.3f} s after the answer, of {clock_s:g} s"
            yield "message_late", late
        elif attempt.message_at is None and ended_at is not None and ended_at > until:
            yield "no_message", f"nobody came, and nothing was said for {ended_at - wanted_at:.3f} s"
    for one in rules:
        if attempt.machine_message and not one.machine_message:
            yield "machine_message", f"rule set {one.name} does not allow messages on answering machines"
    unwanted_at = attempt.over_at if attempt.outcome == "unwanted" else None
    for asked_at in (attempt.opted_out_at, unwanted_at):
        if asked_at is not None and not any(
            since <= asked_at + OPT_OUT_WITHIN_S and (until is None or asked_at < until)
            for since, until in _concerning(attempt, blocked)
        ):
            yield "opt_out_ignored", "the person asked for no more calls, and the number is on no register"


def _concerning(
    attempt: AuditedAttempt, blocked: Mapping[str, Sequence[tuple[str, float, float | None]]]
) -> Iterator[tuple[float, float | None]]:
    """When calls like this one to the number were refused by a register."""
    for purpose, since, until in blocked.get(attempt.number, ()):
        if purpose in ("", attempt.purpose):
            yield since, until


_RECORDED_WIDER = ("never", "ask", "announce", "allowed")
"""From the narrowest rule of recording to the widest."""


def _recording_faults(
    attempt: AuditedAttempt, rules: Sequence[RuleSet], campaign: Campaign | None
) -> Iterator[tuple[str, str]]:
    """Was it recorded by no wider a rule than the law and the campaign's own text leave?"""
    if attempt.recorded_by is None:
        return
    by = attempt.recorded_by
    of_rules = [(f"rule set {one.name}", str(one.recording)) for one in _stating(rules, "recording")]
    for whose, allowed in (*of_rules, *_wish(campaign)):
        if by not in _RECORDED_WIDER[1:] or _RECORDED_WIDER.index(by) > _RECORDED_WIDER.index(allowed):
            yield "recording", f"recorded by rule {by or 'none'}, where {whose} says {allowed}"


def _stating(rules: Sequence[RuleSet], rule: str) -> Sequence[RuleSet]:
    """Those whose text says something of it; where none does, each is as cautious as its kind."""
    return [one for one in rules if one.states(rule)] or rules


def _wish(campaign: Campaign | None) -> Iterator[tuple[str, str]]:
    if campaign is not None:
        yield "the campaign", str(campaign.recording.wish)


def _number_faults(
    attempt: AuditedAttempt,
    number: PhoneNumber | None,
    rules: Sequence[RuleSet],
    campaign: Campaign | None,
    blocked: Mapping[str, Sequence[tuple[str, float, float | None]]],
    ledger: Ledger,
) -> Iterator[tuple[str, str]]:
    """Could this number be called at that moment at all?"""
    moment = attempt.moment
    if campaign is not None and attempt.caller_id not in campaign.caller_ids:
        yield "caller_id", f"{attempt.caller_id} is no caller id of the campaign"
    for since, until in _concerning(attempt, blocked):
        if since <= moment - CLOCK_STEP_S and (until is None or moment + CLOCK_STEP_S <= until):
            began = datetime.fromtimestamp(since, UTC)
            yield "dnc", f"on the do-not-call register since {began:%Y-%m-%dT%H:%M:%SZ}"
            break
    if number is None:
        yield "unknown_number", f"lead {attempt.lead_id} has no number {attempt.number}"
        return
    if number.kind in _BARRED_KINDS:
        yield "number_kind", f"a {NumberKind(number.kind).value} number"
    if not number.zones or number.zone_source == ZoneSource.UNKNOWN:
        yield "no_zone", "nothing says in which time zone the number is"


def _window_faults(
    attempt: AuditedAttempt,
    permit: Mapping[str, Any] | None,
    number: PhoneNumber | None,
    rules: Sequence[RuleSet],
    home: tuple[str, str],
    list_name: str,
    campaign: Campaign | None,
    agreed: Mapping[int, Agreed],
) -> Iterator[tuple[str, str]]:
    """Was it within all hours, or else at a time that the person had agreed to?"""
    if number is None:
        return
    rings = tuple(_ringing(attempt, campaign))
    callback_id = _callback_named(permit, "callback_consent")
    if callback_id is None:
        yield from hours_faults(rings, number, rules, home, list_name, campaign)
        return
    consent = agreed.get(callback_id)
    zone = None if consent is None else zone_of(consent.zone)
    yield from consent_faults(consent, zone, attempt.lead_id, attempt.number, _rings(attempt, campaign))
    yield from hours_faults(rings, number, () if frees_from_laws(rules) else rules, home, list_name, None)


def _promise_faults(
    attempt: AuditedAttempt,
    permit: Mapping[str, Any] | None,
    agreed: Mapping[int, Agreed],
    consents: Sequence[Agreement],
) -> Iterator[tuple[str, str]]:
    """Was there the promise, and on the register the consent, that its permit rests on?"""
    promised_in, consented_in = (_callback_named(permit, name) for name in ("callback", "callback_consent"))
    if promised_in is not None:
        yield from promise_faults(agreed.get(promised_in), attempt.lead_id, attempt.number, attempt.moment)
    if consented_in is not None and not on_register(consents, attempt.purpose, attempt.moment):
        yield "no_consent", f"no consent to callback {consented_in} stood on the register"


_NO_CALLBACK = 0


def _callback_named(permit: Mapping[str, Any] | None, name: str) -> int | None:
    """The callback that the permit rests on; None for none, `_NO_CALLBACK` for what can be none's name."""
    named = (permit or {}).get(name)
    return named if named is None or type(named) is int else _NO_CALLBACK


def _kept_promise(
    attempt: AuditedAttempt,
    permit: Mapping[str, Any] | None,
    agreed: Mapping[int, Agreed],
    consents: Sequence[Agreement],
) -> KeptPromise | None:
    """The promise that its permit names; None: it names none, or one that there is not."""
    one = agreed.get(_callback_named(permit, "callback") or _NO_CALLBACK)
    if one is None or any(promise_faults(one, attempt.lead_id, attempt.number, attempt.moment)):
        return None
    asked = bool(one.consent and one.made_by) and on_register(consents, attempt.purpose, attempt.moment)
    return KeptPromise(one.callback_id, one.made_at, asked)


def _consent_faults(
    attempt: AuditedAttempt,
    rules: Sequence[RuleSet],
    campaign: Campaign,
    consents: Sequence[Agreement],
) -> Iterator[tuple[str, str]]:
    """Had somebody agreed to such calls on that number, where a rule set wants it, and not withdrawn it since?"""
    wanted = "prerecorded" if campaign.delivery == "prerecorded" else "call"
    agreed, refused = last_word(consents, wanted, str(campaign.purpose), attempt.moment)
    for one in rules:
        if one.consent == "opt_in" and not agreed:
            yield "consent", f"rule set {one.name} wants a consent to {wanted}, and none was in force"
    if refused and not any(one.consent == "opt_in" for one in rules):
        yield "consent", f"the person had withdrawn what they agreed to of {wanted}, or refused it"


def _place_faults(
    number: PhoneNumber | None, rules: Sequence[RuleSet], home: tuple[str, str]
) -> Iterator[tuple[str, str]]:
    """Is there a rule set for each country that the call concerns, and one that says at which hours?"""
    if number is None:
        return
    for country in places_without_rules(rules, number, home):
        names = " and ".join(one.name for one in rules) or "that is known"
        yield "no_rule", f"no rule set ({names}) says anything about {country}"
    permitting = [one for one in rules if one.hours or one.fictional]
    unspoken = set(places_without_rules(rules, number, home))
    for country in places_without_rules(permitting, number, home):
        if country not in unspoken:
            yield (
                "no_rule",
                f"no rule set ({' and '.join(one.name for one in rules)}) says at which hours in {country}",
            )


def _rings(attempt: AuditedAttempt, campaign: Campaign | None) -> tuple[float, float]:
    """The first and the last moment at which the phone may have rung."""
    return attempt.moment, attempt.moment + (0.0 if campaign is None else campaign.ring_timeout_s)


def _ringing(attempt: AuditedAttempt, campaign: Campaign | None) -> Iterator[float]:
    """Moments while it may have rung, close enough that no break in the hours, a minute at least, lies between."""
    at, last = _rings(attempt, campaign)
    while at < last:
        yield at
        at += 60.0
    yield last


def _validity_faults(
    rules: Sequence[RuleSet], days: tuple[date, date], utc_day: date, permit: Mapping[str, Any] | None
) -> Iterator[tuple[str, str]]:
    """Were these rules in force on the day on which it was dialed, and on that on which it last may have rung, by
    the clock of the person called; and, on the last of them by that of UTC, not unchecked for a year? An
    installation may rely on rules that nobody has checked for a year, if the permit says so."""
    relied_on = (permit or {}).get("rules_outdated") is True
    if relied_on and rules and not any(_outdated(rule_set, utc_day) for rule_set in rules):
        yield "evidence_wrong", "by its permit the rules were outdated, and none of them was"
    for rule_set in rules:
        outside = next((day for day in days if _outside_validity(rule_set, day)), None)
        if outside is None and not relied_on and _outdated(rule_set, utc_day):
            outside = utc_day
        if outside is not None:
            yield "rule_expired", f"rule set {rule_set.name} is not in force on {outside}"


def _outside_validity(rule_set: RuleSet, day: date) -> bool:
    if rule_set.valid_from and day < date.fromisoformat(rule_set.valid_from):
        return True
    return bool(rule_set.valid_to) and day > date.fromisoformat(rule_set.valid_to)


def _outdated(rule_set: RuleSet, day: date) -> bool:
    return bool(rule_set.verified_on) and day - date.fromisoformat(rule_set.verified_on) >= _RULES_LIFE
