"""Clean runs show nothing; each kind of violation, planted, is found."""

from __future__ import annotations

import ast
import inspect
import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from campaigns import audit as audit_module
from campaigns import audit_attempt as audit_attempt_module
from campaigns import audit_caps as audit_caps_module
from campaigns.audit import Violation, audit
from campaigns.audit_attempt import AuditedAttempt
from campaigns.audit_consent import Agreement
from campaigns.campaign import AttemptLimits, Campaign, Delivery
from campaigns.cap import After, Calendar, Cap, Cooloff, Scope
from campaigns.compliance import RuleSet
from campaigns.consent import ConsentRegime
from campaigns.destinations import Destinations
from campaigns.eligibility import Permitted, decide
from campaigns.hours_rule import HoursRule
from campaigns.outcome import Counts
from campaigns.permission.past import PastAttempt
from campaigns.permission.permit import to_json
from campaigns.walls import TrunkWall, Walls
from lists.lead import NumberKind, PhoneNumber, ZoneSource
from tests.unit.campaigns.samples import ALWAYS, CAMPAIGN, LEAD, LONDON, NEW_YORK, NOON, PROPOSED, RULES, utc
from tests.walls import SIMULATED

HOUR = 3600.0


def permitted(
    at: float,
    number: PhoneNumber = NEW_YORK,
    history: tuple[PastAttempt, ...] = (),
    campaign: Campaign = CAMPAIGN,
    rules: RuleSet = RULES,
) -> str:
    answer = decide(
        replace(
            PROPOSED, campaign=campaign, rule_set=rules, number=number, history=history, lead_attempts=len(history)
        ),
        at,
    )
    assert isinstance(answer, Permitted), answer
    return to_json(answer.evidence)


def dial(
    attempt_id: int = 1, at: float = NOON, number: PhoneNumber = NEW_YORK, permit: str = ""
) -> AuditedAttempt:
    return AuditedAttempt(
        attempt_id=attempt_id,
        campaign="spring",
        lead_id=LEAD.lead_id,
        number=number.e164,
        trunk="sim",
        caller_id="+12025550123",
        created_at=at + 0.001,
        dialed_at=at + 0.005,
        outcome="busy",
        permit=permit or permitted(at, number),
        purpose=CAMPAIGN.purpose.value,
    )


GOOD = dial()


def check(
    *attempts: AuditedAttempt,
    campaign: Campaign = CAMPAIGN,
    rules: RuleSet = RULES,
    numbers: Iterable[PhoneNumber] = (NEW_YORK, LONDON),
    blocked_at: Mapping[str, float] | None = None,
    spans: dict[str, tuple[tuple[float, float | None], ...]] | None = None,
    purpose: str = "",
    consents: Mapping[str, tuple[Agreement, ...]] | None = None,
    earlier_versions: Iterable[tuple[Campaign, RuleSet]] = (),
    further_walls: Walls = SIMULATED,
) -> list[Violation]:
    known = {number.e164: number for number in numbers}
    return list(
        audit(
            campaign,
            (rules,),
            attempts,
            number_of=lambda lead_id, e164: known.get(e164) if lead_id == LEAD.lead_id else None,
            blocked={
                number: tuple((purpose, *span) for span in found)
                for number, found in (
                    *((number, ((at, None),)) for number, at in (blocked_at or {}).items()),
                    *(spans or {}).items(),
                )
            },
            consents=consents,
            earlier_versions=[(text, (known,)) for text, known in earlier_versions],
            walls={one.hash: one.body for one in (SIMULATED, further_walls)},
        )
    )


def codes(found: list[Violation]) -> list[str]:
    return [violation.code for violation in found]


def evidence(**changes: object) -> str:
    return json.dumps({**json.loads(GOOD.permit or ""), **changes})


def test_a_clean_run_shows_nothing() -> None:
    dials = []
    history: tuple[PastAttempt, ...] = ()
    for n, at in enumerate([NOON, NOON + HOUR, NOON + 2 * HOUR, NOON + 25 * HOUR, NOON + 49 * HOUR]):
        dials.append(dial(n, at, permit=permitted(at, history=history)))
        history = (*history, PastAttempt(NEW_YORK.e164, "spring", at + 0.005, "busy"))
    assert check(*dials) == []


def test_what_eligibility_permits_at_the_very_edges_is_clean() -> None:
    opens, last = utc("2026-11-18T09:00-05:00"), utc("2026-11-18T20:00-05:00") - 37
    assert check(dial(1, opens), replace(dial(2, last), created_at=last, dialed_at=last)) == []


def test_a_number_in_other_zones_than_its_permit_says() -> None:
    # The list said Honolulu all along, where it was 07:00.
    moved = replace(NEW_YORK, zones=("America/New_York", "Pacific/Honolulu"))
    assert codes(check(GOOD, numbers=[moved])) == ["permit_mismatch", "window_closed", "window_closed"]


def test_dialed_outside_the_hours_of_the_campaign_or_of_the_rules() -> None:
    night = utc("2026-11-18T20:30-05:00")
    late = replace(CAMPAIGN, hours=ALWAYS)
    forged = dial(1, night, permit=permitted(night, campaign=late))
    assert codes(check(forged)) == ["window_closed"]
    later = utc("2026-11-18T21:30-05:00")
    loose = replace(RULES, hours=())
    forged = dial(1, later, permit=permitted(later, campaign=late, rules=loose))
    assert codes(check(forged)) == ["window_closed", "window_closed"]


def test_still_ringing_when_the_window_had_closed() -> None:
    at = utc("2026-11-18T20:00-05:00") - 10
    forged = dial(1, at, permit=permitted(at - 50))
    assert codes(check(forged)) == ["window_closed"]


@pytest.mark.parametrize("permit", [None, "", "null", "[]", "{nonsense", '"text"'])
def test_no_permit(permit: str | None) -> None:
    assert codes(check(replace(GOOD, permit=permit))) == ["no_permit"]


def test_half_a_permit_is_none() -> None:
    half = {key: value for key, value in json.loads(GOOD.permit or "").items() if key != "zones"}
    assert codes(check(replace(GOOD, permit=json.dumps(half)))) == ["no_permit"]


@pytest.mark.parametrize(
    "changes",
    [
        {"number": LONDON.e164},
        {"lead_id": 8},
        {"trunk": "other"},
        {"caller_id": "+12025550199"},
        {"campaign": "summer"},
        {"rule_set": "laxer"},
        {"region": "CA"},
        {"kind": "mobile"},
    ],
)
def test_a_permit_for_another_call(changes: dict[str, object]) -> None:
    assert codes(check(replace(GOOD, permit=evidence(**changes)))) == ["permit_mismatch"]


@pytest.mark.parametrize(
    "zones",
    [
        [["America/New_York", -14_400, "2026-11-18T12:00:00"]],
        [["America/New_York", -18_000, "2026-11-18T13:00:00"]],
    ],
)
def test_evidence_that_is_not_true(zones: list[object]) -> None:
    assert codes(check(replace(GOOD, permit=evidence(zones=zones)))) == ["evidence_wrong"]


def test_evidence_in_a_zone_that_does_not_exist() -> None:
    for name in ("Mars/Olympus", "../../etc/localtime", "zone.tab", ""):
        forged = replace(GOOD, permit=evidence(zones=[[name, 0, "2026-11-18T17:00:00"]]))
        assert codes(check(forged)) == ["permit_mismatch", "evidence_wrong"]


def test_a_permit_that_says_a_cap_was_used_up() -> None:
    forged = replace(GOOD, permit=evidence(counters=[["week", 5, 5]]))
    assert codes(check(forged)) == ["evidence_wrong"]


def test_dialed_after_the_permit_had_run_out_or_before_it_was_made() -> None:
    assert codes(check(replace(GOOD, dialed_at=NOON + 61))) == ["permit_expired"]
    early = replace(GOOD, created_at=NOON - 2, dialed_at=NOON - 1)
    assert codes(check(early)) == ["permit_expired"]


def test_dialed_before_it_was_saved() -> None:
    assert codes(check(replace(GOOD, created_at=NOON + 1, dialed_at=NOON + 0.5))) == ["dialed_before_saved"]


def test_too_many_dials_on_a_lead() -> None:
    limited = replace(CAMPAIGN, limits=AttemptLimits(per_lead=1, per_number=9, per_number_day=9))
    second = dial(2, NOON + HOUR, LONDON, permitted(NOON + HOUR, LONDON))
    assert [(found.attempt_id, found.code) for found in check(GOOD, second, campaign=limited)] == [
        (2, "lead_limit")
    ]


def test_too_many_dials_on_a_number() -> None:
    limited = replace(CAMPAIGN, limits=AttemptLimits(per_lead=9, per_number=1, per_number_day=9))
    second = dial(2, NOON + HOUR)
    assert [(found.attempt_id, found.code) for found in check(GOOD, second, campaign=limited)] == [
        (2, "number_limit")
    ]


def test_too_many_dials_in_a_rolling_day_over_all_campaigns() -> None:
    others = [replace(dial(n, NOON - n * 60), campaign="summer") for n in (3, 2)]
    found = check(*others, GOOD, dial(4, NOON + 60))
    assert [(violation.attempt_id, violation.code) for violation in found] == [(4, "cap")]
    assert "per_number_day" in found[0].text


def test_too_many_dials_by_a_cap_of_the_rules() -> None:
    days = [utc(f"2026-11-{day}T12:00-05:00") for day in (13, 14, 15, 16, 17, 18)]
    found = check(*(dial(n, at) for n, at in enumerate(days)))
    assert [(violation.attempt_id, violation.code) for violation in found] == [(5, "cap")]
    assert found[0].text.startswith("week: ")


def test_an_attempt_whose_end_nobody_saw_counts() -> None:
    limited = replace(CAMPAIGN, limits=AttemptLimits(per_lead=1, per_number=9, per_number_day=9))
    for outcome in (None, "unknown"):
        lost = replace(GOOD, dialed_at=None, outcome=outcome)
        assert codes(check(lost, dial(2, NOON + HOUR), campaign=limited)) == ["lead_limit"]


@pytest.mark.parametrize(
    ("counts", "over"), [(Counts.PLACED, True), (Counts.ALERTED, True), (Counts.ANSWERED, False)]
)
def test_a_cap_of_the_rules_counts_what_their_law_counts(counts: Counts, over: bool) -> None:
    rules = replace(RULES, caps=(Cap("law", 1, 40 * HOUR, counts=counts),))
    rung = replace(dial(1, NOON, permit=permitted(NOON, rules=rules)), alerted=True)
    again = dial(2, NOON + 25 * HOUR, permit=permitted(NOON + 25 * HOUR, rules=rules))
    assert codes(check(rung, again, rules=rules)) == (["cap"] if over else [])


def test_a_cap_of_a_calendar_day_begins_again_at_midnight_of_every_candidate_zone() -> None:
    rules = replace(RULES, caps=(Cap("day", 1, 0.0, calendar=Calendar.DAY),))
    number = replace(NEW_YORK, zones=("America/Chicago", "America/New_York"))
    evening, tomorrow = utc("2026-11-17T19:30-05:00"), utc("2026-11-18T10:00-05:00")
    dials = [dial(n, at, permit=permitted(at, number, rules=rules)) for n, at in enumerate((evening, tomorrow))]
    assert check(*dials, rules=rules, numbers=[number]) == []
    twice = [dial(n, at, permit=permitted(at, number, rules=rules)) for n, at in enumerate((NOON, NOON + HOUR))]
    found = check(*twice, rules=rules, numbers=[number])
    assert [(one.code, one.text) for one in found] == [("cap", "day: dial 2 within calendar day, of 1 allowed")]


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ((), ["consent"]),
        ((("call", "", NOON - HOUR, None, None),), []),
        ((("call", "sales", NOON - HOUR, NOON + HOUR, None),), []),
        ((("call", "sales", NOON - HOUR, None, NOON + HOUR),), []),
        ((("call", "sales", NOON - HOUR, None, NOON - 1.0),), ["consent"]),
        ((("call", "", NOON - HOUR, None, None), ("", "", NOON - 1.0, None, NOON - 1.0)), ["consent"]),
        ((("call", "", NOON - 0.5, None, None), ("", "", NOON - 1.0, None, NOON - 1.0)), []),
        ((("call", "", NOON - HOUR, None, None), ("call", "debt", NOON - 1.0, None, NOON - 1.0)), []),
        ((("call", "debt", NOON - HOUR, None, None),), ["consent"]),
        ((("prerecorded", "", NOON - HOUR, None, None),), ["consent"]),
        ((("call", "", NOON + 1.0, None, None),), ["consent"]),
        ((("call", "", NOON - HOUR, NOON - 1.0, None),), ["consent"]),
    ],
)
def test_dialed_without_the_consent_that_the_rules_want(given: tuple[Any, ...], found: list[str]) -> None:
    rules = replace(RULES, consent=ConsentRegime.OPT_IN)
    assert codes(check(GOOD, rules=rules, consents={NEW_YORK.e164: given})) == found


PERSON, DEBT = ":c-1", ":d-1:c-1"


def second(at: float, rules: RuleSet, number: PhoneNumber = LONDON) -> AuditedAttempt:
    """To another number of the same person about the same debt, and permitted by somebody who knew of no first."""
    permit = permitted(at, number, rules=rules).replace('"purpose":"sales"', '"purpose":"debt"')
    call = dial(2, at, number, permit=permit)
    return replace(call, lead_id=LEAD.lead_id, person=PERSON, debt=DEBT, purpose="debt")


@pytest.mark.parametrize("scope", [Scope.PERSON, Scope.DEBT])
@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({}, ["cap"]),
        ({"person": ":c-2", "debt": ":d-1:c-2"}, []),
        ({"purpose": "sales"}, []),
        ({"purpose": ""}, ["cap"]),
    ],
)
def test_a_cap_on_the_person_counts_every_number_and_lead(
    scope: Scope, change: dict[str, Any], found: list[str]
) -> None:
    rules = replace(RULES, caps=(Cap("whose", 1, 24 * HOUR, scope, same_purpose=True),))
    first = replace(
        dial(1, NOON, permit=permitted(NOON, rules=rules)),
        campaign="autumn",
        lead_id=99,
        person=PERSON,
        debt=DEBT,
        purpose="debt",
    )
    later = second(NOON + HOUR, rules)
    assert codes(check(replace(first, **change), later, rules=rules)) == found


@pytest.mark.parametrize("scope", [Scope.PERSON, Scope.DEBT])
def test_who_is_not_known_may_be_whoever_was_called_on_the_number(scope: Scope) -> None:
    rules = replace(RULES, caps=(Cap("whose", 1, 24 * HOUR, scope),))
    first = replace(dial(1, NOON, permit=permitted(NOON, rules=rules)), campaign="autumn", lead_id=99)
    later = dial(2, NOON + HOUR, permit=permitted(NOON + HOUR, rules=rules))
    assert codes(check(first, later, rules=rules)) == ["cap"]
    assert codes(check(first, replace(later, person=PERSON, debt=DEBT), rules=rules)) == []
    assert codes(check(replace(first, number=LONDON.e164), later, rules=rules)) == []


ENDED = replace(GOOD, ended_at=NOON + 600.0, answered=True)
OVER = ENDED.ended_at or 0.0


@pytest.mark.parametrize(
    ("after", "change", "binds"),
    [
        (After.CONVERSATION, {"outcome": "connected", "right_party": True, "disposition": "sale"}, True),
        (After.CONVERSATION, {"outcome": "connected", "disposition": "none"}, True),
        (After.CONVERSATION, {"outcome": "connected", "disposition": "third_party"}, False),
        (After.CONVERSATION, {"outcome": "connected", "contact": "refusal", "disposition": "no"}, True),
        (After.CONVERSATION, {"outcome": "unknown"}, True),
        (After.REFUSAL, {"outcome": "connected", "contact": "refusal", "disposition": "no"}, True),
        (After.REFUSAL, {"outcome": "delivered", "opted_out_at": NOON + 20.0}, True),
        (After.REFUSAL, {"outcome": "connected", "right_party": True, "disposition": "sale"}, False),
        (After.ABANDONMENT, {"outcome": "abandoned", "message_at": NOON}, True),
        (After.ABANDONMENT, {"outcome": "busy"}, False),
        (After.MACHINE, {"outcome": "answering_machine"}, False),  # for a campaign that listens for none
    ],
)
def test_a_cool_off_runs_from_the_end_of_the_call(after: After, change: dict[str, Any], binds: bool) -> None:
    rules = replace(RULES, caps=(), cooloffs=(Cooloff("rest", after, 24 * HOUR),))
    first = replace(ENDED, permit=permitted(NOON, rules=rules), **change)
    on_register: tuple[tuple[float, float | None], ...] = ((NOON + 20.0, NOON + 25.0),)
    spans = {NEW_YORK.e164: on_register} if "opted_out_at" in change else None
    for at, found in ((OVER + 24 * HOUR - 1.0, ["cooloff"] if binds else []), (OVER + 24 * HOUR + 0.1, [])):
        again = replace(dial(2, at, permit=permitted(at, rules=rules)), created_at=at, dialed_at=at)
        assert codes(check(first, again, rules=rules, spans=spans)) == found


def test_nobody_is_called_while_another_call_is_open() -> None:
    other = replace(ENDED, campaign="autumn", person=PERSON)
    assert codes(check(other, replace(dial(2, NOON + 60.0), person=PERSON))) == ["in_call", "in_call"]
    elsewhere = second(NOON + 60.0, RULES)
    assert codes(check(other, elsewhere)) == ["in_call"]
    assert check(other, second(OVER, RULES)) == []


@pytest.mark.parametrize(("outcome", "found"), [("congestion", []), ("busy", ["cap"])])
def test_a_fault_of_the_route_uses_up_no_limit_of_the_campaign(outcome: str, found: list[str]) -> None:
    rules = replace(RULES, caps=())
    dials = [
        replace(dial(n, NOON + n * HOUR, permit=permitted(NOON + n * HOUR, rules=rules)), outcome=outcome)
        for n in range(CAMPAIGN.limits.per_number_day + 1)
    ]
    assert codes(check(*dials, rules=rules)) == found


def test_an_attempt_that_never_left_is_not_judged_and_does_not_count() -> None:
    limited = replace(CAMPAIGN, limits=AttemptLimits(per_lead=1, per_number=1, per_number_day=1))
    kept = replace(GOOD, dialed_at=None, outcome="withdrawn", permit=None)
    assert check(kept, dial(2, NOON + HOUR), campaign=limited) == []


def test_dialed_although_on_the_do_not_call_register() -> None:
    assert codes(check(GOOD, blocked_at={NEW_YORK.e164: NOON - 1})) == ["dnc"]
    assert check(GOOD, blocked_at={NEW_YORK.e164: NOON + 1, LONDON.e164: NOON - 1}) == []


def test_a_number_taken_off_the_register_later_was_on_it_all_the_same() -> None:
    was_on = ((NOON - 60.0, NOON + 60.0),)
    assert codes(check(GOOD, spans={NEW_YORK.e164: was_on})) == ["dnc"]
    before, after = ((NOON - 60.0, NOON - 30.0),), ((NOON + 30.0, None),)
    assert check(GOOD, spans={NEW_YORK.e164: before + after}) == []
    assert check(GOOD, spans={NEW_YORK.e164: ((NOON - 60.0, NOON + 0.0005),)}) == []


def test_a_caller_id_that_is_not_the_campaigns() -> None:
    strange = replace(GOOD, caller_id="+12025550199", permit=evidence(caller_id="+12025550199"))
    assert codes(check(strange)) == ["caller_id"]


def test_a_region_without_rules() -> None:
    abroad = replace(NEW_YORK, region="CA")
    assert codes(check(replace(GOOD, permit=evidence(region="CA")), numbers=[abroad])) == ["no_rule"]


@pytest.mark.parametrize("kind", ["premium", "shared_cost", "personal", "pager", "voicemail"])
def test_a_kind_that_is_never_dialed(kind: str) -> None:
    number = replace(NEW_YORK, kind=NumberKind(kind))
    assert codes(check(replace(GOOD, permit=evidence(kind=kind)), numbers=[number])) == ["number_kind"]


def test_a_number_without_a_zone() -> None:
    nowhere = replace(NEW_YORK, zones=(), zone_source=ZoneSource.UNKNOWN)
    assert codes(check(replace(GOOD, permit=evidence(zones=[])), numbers=[nowhere])) == ["no_zone"]
    unheard = replace(NEW_YORK, zones=("Mars/Olympus",))
    assert "no_zone" in codes(check(GOOD, numbers=[unheard]))


@pytest.mark.parametrize(
    "rules",
    [
        replace(RULES, valid_to="2026-11-17"),
        replace(RULES, valid_from="2026-11-19"),
        replace(RULES, verified_on="2025-11-17"),
    ],
)
def test_rules_not_in_force(rules: RuleSet) -> None:
    assert codes(check(GOOD, rules=rules)) == ["rule_expired"]


def test_a_number_the_lead_does_not_have() -> None:
    assert codes(check(GOOD, numbers=[LONDON])) == ["unknown_number"]


def test_an_attempt_is_judged_by_the_campaign_as_it_was_then() -> None:
    narrowed = replace(CAMPAIGN, hours=HoursRule.parse({"daily": "15:00-20:00"}), source_hash="f00d")
    assert check(GOOD, campaign=narrowed, earlier_versions=[(CAMPAIGN, RULES)]) == []
    assert codes(check(GOOD, campaign=CAMPAIGN, rules=replace(RULES, hours=(narrowed.hours,)))) == [
        "window_closed"
    ]


def test_an_attempt_is_judged_by_the_rules_its_campaign_named_then() -> None:
    other = replace(RULES, name="other", hours=(HoursRule.parse({"daily": "15:00-20:00"}),))
    moved = replace(CAMPAIGN, rules=("other",), source_hash="f00d")
    assert check(GOOD, campaign=moved, rules=other, earlier_versions=[(CAMPAIGN, RULES)]) == []
    was = [(replace(CAMPAIGN, source_hash="f00d"), RULES)]
    assert codes(check(GOOD, campaign=CAMPAIGN, rules=other, earlier_versions=was)) == [
        "permit_mismatch",
        "window_closed",
    ]


@pytest.mark.parametrize("outcome", ["busy", "connected", "trunk_fault", "unknown", None])
def test_an_attempt_without_a_moment_left_unless_its_record_says_that_it_did_not(outcome: str | None) -> None:
    """Striking out the moment must not take a call out of the books."""
    assert codes(check(replace(GOOD, dialed_at=None, outcome=outcome, permit=None))) == ["no_permit"]
    assert check(replace(GOOD, dialed_at=None, outcome="withdrawn", permit=None)) == []


def test_a_permit_made_up_after_the_attempt_was_saved() -> None:
    saved_first = replace(GOOD, created_at=NOON - 1)
    found = check(saved_first)
    assert codes(found) == ["permit_expired"]
    assert "saved 1.000 s before its permit" in found[0].text


def test_a_permit_given_under_no_known_text_is_found() -> None:
    """Else a permit that names a text nobody has would be free of every limit of the campaign."""
    made_up = dial(1, permit=evidence(campaign_hash="made up"))
    found = check(made_up)
    assert codes(found) == ["unknown_version"]
    assert "made up" in found[0].text
    assert codes(check(dial(1, permit=evidence(campaign_hash=None)))) == ["unknown_version"]


def test_the_first_and_the_last_day_of_the_rules_are_in_force() -> None:
    assert check(GOOD, rules=replace(RULES, valid_to="9999-12-31", verified_on="9999-12-31")) == []
    assert check(GOOD, rules=replace(RULES, valid_from="2026-11-18", valid_to="2026-11-18")) == []


def test_a_dial_exactly_one_period_later_is_free_again() -> None:
    limited = replace(CAMPAIGN, limits=AttemptLimits(per_lead=9, per_number=9, per_number_day=1))
    assert check(GOOD, dial(2, NOON + 24 * HOUR), campaign=limited) == []
    assert codes(check(GOOD, dial(2, NOON + 24 * HOUR - 1), campaign=limited)) == ["cap"]


def test_moments_are_compared_to_the_millisecond() -> None:
    rounded = replace(GOOD, created_at=NOON + 0.0005, dialed_at=NOON)
    assert check(rounded, blocked_at={NEW_YORK.e164: NOON - 0.0005}) == []
    assert codes(check(rounded, blocked_at={NEW_YORK.e164: NOON - 0.0011})) == ["dnc"]
    assert check(replace(GOOD, created_at=NOON + 60, dialed_at=NOON + 60.0005)) == []
    assert codes(check(replace(GOOD, created_at=NOON + 60, dialed_at=NOON + 60.0011))) == ["permit_expired"]


def test_dialed_at_the_moment_at_which_the_permit_saw_the_window_close() -> None:
    closing = replace(GOOD, permit=evidence(window_closes_at=GOOD.dialed_at))
    assert codes(check(closing)) == ["permit_expired"]


def test_what_is_found_is_said_in_figures() -> None:
    limited = replace(CAMPAIGN, limits=AttemptLimits(per_lead=1, per_number=9, per_number_day=1))
    late = replace(dial(2, NOON + HOUR), created_at=NOON + HOUR + 1.5)
    texts = [found.text for found in check(GOOD, late, campaign=limited)]
    assert texts == [
        "dialed 1.495 s before it was saved",
        "attempt 2 on the lead, of 1 allowed",
        "per_number_day: dial 2 within 24 h, of 1 allowed",
    ]


def test_calls_of_the_same_moment_are_in_order() -> None:
    assert check(GOOD, replace(GOOD, attempt_id=2)) == []


def test_who_answers_that_calls_are_unwanted_is_on_a_register_and_that_is_what_counts_later() -> None:
    unwanted = replace(GOOD, outcome="unwanted", ended_at=NOON + 9.0)
    assert codes(check(unwanted)) == ["opt_out_ignored"]
    kept: dict[str, tuple[tuple[float, float | None], ...]] = {NEW_YORK.e164: ((NOON + 10.0, None),)}
    assert check(unwanted, spans=kept) == []
    later = dial(2, NOON + 86_400)
    assert codes(check(unwanted, later, spans=kept)) == ["dnc"]
    assert check(unwanted, later, spans={NEW_YORK.e164: ((NOON + 10.0, NOON + HOUR),)}) == []  # reviewed since
    assert check(replace(unwanted, campaign="zeta/another", permit=None), later) == []


def test_a_break_shorter_than_the_ringing_is_found() -> None:
    hours = HoursRule.parse({"daily": "09:00-12:00, 12:01-20:00"})
    text = replace(CAMPAIGN, hours=hours, ring_timeout_s=90.0)
    assert codes(check(dial(1, NOON - 20.0), campaign=text)) == ["window_closed"]
    assert check(dial(1, NOON + 60.0), campaign=text) == []


def test_where_no_rules_say_at_which_hours_nothing_is_permitted() -> None:
    assert codes(check(GOOD, rules=replace(RULES, hours=()))) == ["no_rule"]


def test_hours_of_one_country_permit_nothing_in_another() -> None:
    silent, britain = replace(RULES, name="us", hours=()), replace(RULES, name="gb", jurisdiction=("GB",))
    attempts = (replace(GOOD, permit=evidence(rule_set="us+gb")),)
    both = replace(CAMPAIGN, rules=("us", "gb"))
    found = audit(
        both, (silent, britain), attempts,
        number_of=lambda *_: NEW_YORK, blocked={}, home_of=lambda _: ("GB", ""),
        earlier_versions=[(replace(both, source_hash=CAMPAIGN.source_hash), (silent, britain))],
        walls={SIMULATED.hash: SIMULATED.body},
    )  # fmt: skip
    assert [one.text for one in found if one.code == "no_rule"] == [
        "no rule set (us and gb) says at which hours in US"
    ]


def test_rules_that_end_while_it_may_ring_are_found() -> None:
    midnight = utc("2026-11-19T00:00-08:00")
    rules = replace(RULES, hours=(ALWAYS,), valid_to="2026-11-18")
    text = replace(CAMPAIGN, hours=ALWAYS)
    number = replace(NEW_YORK, zones=("America/Los_Angeles",))
    for at, found in ((midnight - 40.0, []), (midnight - 20.0, ["rule_expired"])):
        permit = permitted(midnight - 100.0, number, campaign=text, rules=rules)
        made = json.dumps({**json.loads(permit), "at": at - 1.0, "window_closes_at": midnight})
        one = dial(1, at, number, made)
        got = codes(check(one, campaign=text, rules=rules, numbers=(number,)))
        assert [code for code in got if code != "evidence_wrong"] == found


def test_attempts_out_of_order_are_no_basis() -> None:
    with pytest.raises(ValueError, match="ordered"):
        check(dial(2, NOON + HOUR), GOOD)


def test_the_audit_shares_no_code_with_the_decision() -> None:
    imported = {
        node.module
        for module in (audit_module, audit_caps_module, audit_attempt_module)
        for node in ast.walk(ast.parse(inspect.getsource(module)))
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("campaigns")
    }
    # `compliance` and `cap` bring the rules and the hours as data; what they mean is worked out here again.
    assert imported == {
        "campaigns.audit_attempt",
        "campaigns.audit_caps",
        "campaigns.audit_chain",
        "campaigns.audit_hours",
        "campaigns.audit_lists",
        "campaigns.audit_consent",
        "campaigns.audit_rules",
        "campaigns.audit_walls",
        "campaigns.audit_zone",
        "campaigns.campaign",
        "campaigns.cap",
        "campaigns.compliance",
        "campaigns.outcome",
    }


# --- what was said to people without an agent ---------------------------------------------------------------

TELLS = replace(RULES, abandoned_message=True)
LEFT_ALONE = replace(GOOD, outcome="abandoned", answered=True, wanted_at=NOON + 5.0, ended_at=NOON + 12.0)


def test_a_message_within_the_rule_set_s_time_is_right() -> None:
    assert check(replace(LEFT_ALONE, message_at=NOON + 6.9), rules=TELLS) == []


def test_a_message_that_came_late_is_found() -> None:
    (found,) = check(replace(LEFT_ALONE, message_at=NOON + 7.2), rules=TELLS)
    assert found.code == "message_late"
    assert "2.200 s" in found.text


def test_an_abandoned_person_who_heard_nothing_is_found_where_the_rules_want_a_message() -> None:
    assert [found.code for found in check(LEFT_ALONE, rules=TELLS)] == ["no_message"]
    assert check(LEFT_ALONE) == [], "these rules ask for none"
    assert check(replace(LEFT_ALONE, ended_at=NOON + 6.0), rules=TELLS) == [], (
        "who hung up before the time was over"
    )


def test_an_opt_out_that_is_on_no_register_is_found() -> None:
    asked = replace(GOOD, opted_out_at=NOON + 9.0)
    number = NEW_YORK.e164
    assert [found.code for found in check(asked)] == ["opt_out_ignored"]
    assert check(asked, blocked_at={number: NOON + 9.0}) == []
    late = check(asked, blocked_at={number: NOON + 3_600.0})
    assert [found.code for found in late] == ["opt_out_ignored"]
    long_ago = check(asked, spans={number: ((NOON - 9_000.0, NOON - 8_000.0),)})
    assert [found.code for found in long_ago] == ["opt_out_ignored"], "it was taken off before"
    by_hand = check(asked, spans={number: ((NOON + 9.0, NOON + 90.0),)})
    assert by_hand == [], "it was on the register, until somebody took it off"


def test_a_prerecorded_call_over_a_real_trunk_is_found() -> None:
    recording = replace(CAMPAIGN, delivery=Delivery.PRERECORDED, source_hash="f10")
    permit = json.loads(permitted(NOON, campaign=recording))
    assert check(replace(GOOD, permit=json.dumps(permit)), campaign=recording) == []
    real = Walls(house=Destinations.parse(["US"]), trunks=(TrunkWall("sim"),))
    permit["walls"] = real.hash
    found = check(replace(GOOD, permit=json.dumps(permit)), campaign=recording, further_walls=real)
    assert "prerecorded" in codes(found)


def test_a_call_under_invented_rules_over_a_real_trunk_is_found() -> None:
    invented = replace(RULES, fictional=True)
    assert check(GOOD, rules=invented) == []
    real = Walls(house=Destinations.parse(["US"]), trunks=(TrunkWall("sim"),))
    over_real = replace(GOOD, permit=evidence(walls=real.hash))
    assert "no_rule" in codes(check(over_real, rules=invented, further_walls=real))
    assert "no_rule" not in codes(check(over_real, further_walls=real))


def test_a_message_on_a_machine_where_the_rules_allow_none_is_found() -> None:
    left = replace(GOOD, machine_message=True)
    assert codes(check(left)) == ["machine_message"]
    assert check(left, rules=replace(RULES, machine_message=True)) == []


def test_outdated_rules_that_an_installation_relies_on() -> None:
    old = replace(RULES, verified_on="2025-11-01", outdated_for_s=60 * 86_400.0)
    permit = permitted(NOON, rules=old)
    assert json.loads(permit)["rules_outdated"] is True
    assert check(dial(permit=permit), rules=old) == []
    assert codes(check(dial(permit=evidence(rules_outdated=False)), rules=old)) == ["rule_expired"]
    assert codes(check(dial(permit=evidence(rules_outdated=True)))) == ["evidence_wrong"]


def test_a_register_entry_for_one_purpose_is_about_calls_for_it() -> None:
    listed = {NEW_YORK.e164: NOON - 60.0}
    assert [codes(check(GOOD, blocked_at=listed, purpose=purpose)) for purpose in ("", "sales", "debt")] == [
        ["dnc"], ["dnc"], [],
    ]  # fmt: skip


def test_a_permit_says_for_what_the_call_was() -> None:
    assert codes(check(replace(GOOD, purpose="debt"))) == ["permit_mismatch"]
    earlier = json.loads(GOOD.permit or "")
    del earlier["purpose"]
    assert check(replace(GOOD, permit=json.dumps(earlier), purpose="")) == []


@pytest.mark.parametrize(
    ("said", "found"),
    [
        (("call", "sales", NOON - HOUR, None, NOON - 1.0), ["consent"]),
        (("", "", NOON - 1.0, None, NOON - 1.0), ["consent"]),
        (("", "", NOON + 1.0, None, NOON + 1.0), []),
        (("prerecorded", "", NOON - 1.0, None, NOON - 1.0), []),
        (("call", "sales", NOON - HOUR, NOON - 1.0, None), []),
    ],
)
def test_dialed_although_the_person_had_refused_where_no_consent_is_wanted(
    said: Agreement, found: list[str]
) -> None:
    assert codes(check(GOOD, consents={NEW_YORK.e164: (said,)})) == found
    again = ("call", "sales", NOON - 0.5, None, None)
    assert codes(check(GOOD, consents={NEW_YORK.e164: (said, again)})) == []
