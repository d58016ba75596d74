from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from campaigns.amd import Amd, AmdPolicy
from campaigns.audit_hours import allows
from campaigns.audit_rules import places_of
from campaigns.campaign import AttemptLimits, Campaign, Mode, Pacing
from campaigns.cap import After, Calendar, Cap, Cooloff, Scope
from campaigns.compliance import RuleSet
from campaigns.consent import Consent, ConsentCheck, ConsentKind, ConsentRegime
from campaigns.destinations import Destinations
from campaigns.eligibility import MAX_VALIDITY_S, Permitted, decide
from campaigns.holiday_calendar import holiday_data
from campaigns.hours_rule import HoursRule
from campaigns.outcome import Counts
from campaigns.permission.caps import CapCheck
from campaigns.permission.evidence import ZoneEvidence
from campaigns.permission.lasting import NEVER_DIALED
from campaigns.permission.past import PastAttempt
from campaigns.purpose import Purpose
from campaigns.reach import SETUP_ALLOWANCE_S, reach_of
from campaigns.refusal import Refusal, Refused
from campaigns.walls import OwnedCallerId, TrunkWall, Walls
from campaigns.zone_offsets import ZONE_DATA
from lists.lead import Lead, NumberKind, PhoneNumber, ZoneSource
from tests.unit.campaigns.samples import ALWAYS, CAMPAIGN, LEAD, LONDON, NEW_YORK, NOON, PROPOSED, RULES, utc
from tests.walls import SIMULATED

DAY = 86_400.0


def ask(
    *,
    campaign: Campaign = CAMPAIGN,
    rule_set: RuleSet = RULES,
    lead: Lead = LEAD,
    number: PhoneNumber = NEW_YORK,
    caller_id: str = "+12025550123",
    history: Sequence[PastAttempt] = (),
    elsewhere: Sequence[PastAttempt] = (),
    consents: Collection[Consent] = (),
    lead_attempts: int = 0,
    blocked: Collection[str] = (),
    now: float = NOON,
    reach_s: float | None = None,
    walls: Walls = SIMULATED,
) -> Permitted | Refused:
    return decide(
        replace(
            PROPOSED,
            campaign=campaign,
            rule_set=rule_set,
            lead=lead,
            number=number,
            caller_id=caller_id,
            walls=walls,
            history=history,
            lead_attempts=lead_attempts,
            blocked=blocked,
            elsewhere=elsewhere,
            consents=consents,
        ),
        now,
        consent_version=9,
        dnc_version=4,
        reach_s=reach_s,
    )


def refusal(answer: Permitted | Refused) -> Refused:
    assert isinstance(answer, Refused)
    return answer


def permit(answer: Permitted | Refused) -> Permitted:
    assert isinstance(answer, Permitted), answer
    return answer


def dials(*ages_s: float, number: str = NEW_YORK.e164, campaign: str = "spring") -> tuple[PastAttempt, ...]:
    return tuple(PastAttempt(number, campaign, NOON - age, "busy") for age in ages_s)


def test_a_permit_says_everything_it_rests_on() -> None:
    permitted = permit(ask(history=dials(3600.0), lead_attempts=1))
    evidence = permitted.evidence
    assert (evidence.at, evidence.lead_id, evidence.number) == (NOON, 7, NEW_YORK.e164)
    assert (evidence.trunk, evidence.caller_id, evidence.campaign) == ("sim", "+12025550123", "spring")
    assert (evidence.campaign_hash, evidence.rule_set, evidence.rule_set_hash) == ("beef", "rules", "cafe")
    assert (evidence.region, evidence.kind, evidence.zone_source) == ("US", "fixed", "number")
    assert evidence.zones == (ZoneEvidence("America/New_York", -18_000, "2026-11-18T12:00:00"),)
    assert evidence.zone_data == ZONE_DATA
    assert evidence.window_closes_at == utc("2026-11-18T20:00-05:00")
    assert evidence.counters == (
        ("per_lead", 1, 6),
        ("per_number", 1, 6),
        ("per_number_day", 1, 3),
        ("week", 1, 5),
    )
    assert evidence.dnc_version == 4
    assert permitted.valid_until == NOON + MAX_VALIDITY_S
    assert permitted.caps == (
        CapCheck("per_lead", 6, 0.0, lead_id=7, campaign="spring", counts=Counts.CHARGED),
        CapCheck("per_number", 6, 0.0, number=NEW_YORK.e164, campaign="spring", counts=Counts.CHARGED),
        CapCheck("per_number_day", 3, NOON - DAY, number=NEW_YORK.e164, counts=Counts.CHARGED),
        CapCheck("week", 5, NOON - 7 * DAY, number=NEW_YORK.e164),
    )


def test_every_candidate_zone_is_in_the_evidence() -> None:
    number = replace(NEW_YORK, zones=("America/Chicago", "America/St_Johns"))
    zones = permit(ask(number=number)).evidence.zones
    assert zones == (
        ZoneEvidence("America/Chicago", -21_600, "2026-11-18T11:00:00"),
        ZoneEvidence("America/St_Johns", -12_600, "2026-11-18T13:30:00"),
    )


@pytest.mark.parametrize("kind", list(NumberKind))
def test_kinds_that_cost_extra_are_never_dialed(kind: NumberKind) -> None:
    answer = ask(number=replace(NEW_YORK, kind=kind))
    if kind in NEVER_DIALED:
        assert refusal(answer).reason is Refusal.NUMBER_KIND
        assert refusal(answer).until is None
    else:
        permit(answer)


def test_only_the_campaigns_caller_ids_are_shown() -> None:
    answer = refusal(ask(caller_id="+12025550199"))
    assert (answer.reason, answer.until) == (Refusal.CALLER_ID, None)
    assert "+12025550199" in answer.detail


def test_the_do_not_call_register_stands_above_everything_time_mends() -> None:
    night = utc("2026-11-18T03:00-05:00")
    answer = refusal(ask(blocked={NEW_YORK.e164}, now=night, history=dials(1.0, 2.0, 3.0)))
    assert (answer.reason, answer.until) == (Refusal.DNC, None)
    permit(ask(blocked={LONDON.e164}))


def test_a_number_that_answered_unwanted_is_for_the_register_to_remember() -> None:
    unwanted = (PastAttempt(NEW_YORK.e164, "another", NOON - 20 * DAY, "unwanted"),)
    permit(ask(history=unwanted))
    assert refusal(ask(history=unwanted, blocked={NEW_YORK.e164})).reason is Refusal.DNC


def test_a_cap_tells_no_more_than_that_it_is_reached() -> None:
    often = tuple(PastAttempt(NEW_YORK.e164, "zeta/another", NOON - 60.0 * n, "busy") for n in range(1, 9))
    answer = refusal(ask(history=often))
    assert (answer.reason, answer.detail) == (Refusal.CAP, "week: 5 of 5 used")


@pytest.mark.parametrize(
    "number",
    [
        replace(NEW_YORK, zones=()),
        replace(NEW_YORK, zone_source=ZoneSource.UNKNOWN),
        replace(NEW_YORK, zones=("America/New_York", "Etc/Unknown")),
    ],
)
def test_an_unknown_zone_is_not_dialed(number: PhoneNumber) -> None:
    answer = refusal(ask(number=number))
    assert (answer.reason, answer.until) == (Refusal.NO_ZONE, None)


def test_a_country_without_a_rule_is_not_dialed() -> None:
    answer = refusal(ask(number=replace(NEW_YORK, region="CA")))
    assert (answer.reason, answer.until) == (Refusal.NO_RULE, None)
    assert "CA" in answer.detail


def test_invented_rules_permit_nothing_over_a_real_trunk() -> None:
    invented = replace(RULES, fictional=True)
    real = Walls(
        house=Destinations(("US",)),
        trunks=(TrunkWall("sim"),),
        caller_ids=(OwnedCallerId("+12025550123", verified_on="2026-11-01"),),
    )
    permit(ask(rule_set=invented))
    permit(ask(walls=real))
    answer = refusal(ask(rule_set=invented, walls=real))
    assert (answer.reason, answer.until) == (Refusal.NO_RULE, None)
    assert "trunk sim is no simulated one" in answer.detail


@pytest.mark.parametrize("ends", ["9999-12-31", "9999-01-01"])
def test_rules_may_hold_from_the_first_day_of_the_calendar_to_the_last(ends: str) -> None:
    always = replace(RULES, valid_from="0001-01-01", valid_to=ends)
    permit(ask(rule_set=always))


@pytest.mark.parametrize("begins", ["9999-12-31", "9999-01-01", "9998-12-31"])
@pytest.mark.parametrize("zone", ["America/New_York", "Pacific/Kiritimati"])
def test_rules_may_begin_with_the_last_days_of_the_calendar(begins: str, zone: str) -> None:
    number = replace(NEW_YORK, zones=(zone,))
    campaign = replace(CAMPAIGN, hours=HoursRule.parse({"daily": "09:00-20:00", "holidays": "closed"}))
    answer = refusal(ask(campaign=campaign, rule_set=replace(RULES, valid_from=begins), number=number))
    assert (answer.reason, answer.until) == (Refusal.NO_RULE, None)


def test_outdated_rules_permit_nothing() -> None:
    expired = replace(RULES, valid_to="2026-11-17")
    assert refusal(ask(rule_set=expired)).reason is Refusal.RULE_EXPIRED
    unchecked = replace(RULES, verified_on="2025-11-17")
    assert refusal(ask(rule_set=unchecked)).reason is Refusal.RULE_EXPIRED


def test_rules_not_yet_in_force_say_from_when() -> None:
    answer = refusal(ask(rule_set=replace(RULES, valid_from="2026-11-20")))
    # From midnight in New York, not from that of UTC, which is 19:00 of the day before there.
    assert (answer.reason, answer.until) == (Refusal.NO_RULE, utc("2026-11-20T09:00-05:00"))


def test_the_window_is_that_of_campaign_and_rules_together() -> None:
    early = replace(CAMPAIGN, hours=HoursRule.parse({"daily": "06:00-20:00"}))
    answer = refusal(ask(campaign=early, now=utc("2026-11-18T07:00-05:00")))
    assert (answer.reason, answer.until) == (Refusal.WINDOW_CLOSED, utc("2026-11-18T08:00-05:00"))


def test_a_closed_window_says_when_it_opens_next() -> None:
    weekdays = replace(CAMPAIGN, hours=HoursRule.parse({"weekdays": "09:00-20:00"}))
    answer = refusal(ask(campaign=weekdays, now=utc("2026-11-20T20:00-05:00")))
    assert (answer.reason, answer.until) == (Refusal.WINDOW_CLOSED, utc("2026-11-23T09:00-05:00"))
    assert "America/New_York" in answer.detail


def test_windows_that_never_meet_have_no_until() -> None:
    early = replace(CAMPAIGN, hours=HoursRule.parse({"daily": "06:00-07:00"}))
    answer = refusal(ask(campaign=early))
    assert (answer.reason, answer.until) == (Refusal.WINDOW_CLOSED, None)


def test_a_holiday_closes_where_the_person_is_and_nowhere_else() -> None:
    closed_then = replace(CAMPAIGN, hours=HoursRule.parse({"daily": "09:00-20:00", "holidays": "closed"}))
    thanksgiving = utc("2026-11-26T12:00-05:00")
    answer = refusal(ask(campaign=closed_then, now=thanksgiving))
    assert (answer.reason, answer.until) == (Refusal.WINDOW_CLOSED, utc("2026-11-27T09:00-05:00"))
    abroad = permit(ask(campaign=closed_then, number=LONDON, now=thanksgiving))
    assert abroad.evidence.zone_data == f"{ZONE_DATA}, {holiday_data()}"


def test_the_phone_must_have_stopped_ringing_when_a_day_off_begins() -> None:
    midnight = utc("2026-11-26T00:00-05:00")
    all_day = {"daily": "00:00-24:00", "holidays": "closed", "days_off": ["2026-11-27"]}
    night = replace(CAMPAIGN, hours=HoursRule.parse(all_day))
    law = replace(RULES, hours=())
    assert permit(ask(campaign=night, rule_set=law, now=midnight - 37)).evidence.window_closes_at == midnight
    answer = refusal(ask(campaign=night, rule_set=law, now=midnight - 36.5))
    assert (answer.reason, answer.until) == (Refusal.WINDOW_CLOSING, utc("2026-11-28T00:00-05:00"))


def test_a_place_whose_holidays_nobody_knows_is_not_called() -> None:
    closed_then = replace(CAMPAIGN, hours=HoursRule.parse({"daily": "09:00-20:00", "holidays": "closed"}))
    nowhere = replace(NEW_YORK, region="001")
    world = replace(RULES, jurisdiction=("001",))
    answer = refusal(ask(campaign=closed_then, rule_set=world, number=nowhere))
    assert (answer.reason, answer.until) == (Refusal.NO_CALENDAR, None)
    assert "001" in answer.detail
    permit(ask(rule_set=world, number=nowhere))


@pytest.mark.parametrize(
    ("country", "region", "calendar", "day", "open_"),
    [
        ("IE", "IE-D", "subdivision", "2026-12-08", True),  # no data of its counties
        ("IE", "IE-D", "any_subdivision", "2026-12-25", False),
        ("FR", "FR-75C", "subdivision", "2026-12-25", False),
        ("FR", "FR-75C", "subdivision", "2026-04-03", True),  # Good Friday, free in Alsace
        ("FR", "FR-75C", "any_subdivision", "2026-04-03", False),
        ("FR", "FR-57", "subdivision", "2026-04-03", False),
    ],
)
def test_a_part_of_a_country_whose_holidays_are_not_told_apart_is_called(
    country: str, region: str, calendar: str, day: str, open_: bool
) -> None:
    rule = HoursRule.parse({"daily": "09:00-20:00", "holidays": "closed", "holiday_calendar": calendar})
    law = replace(RULES, jurisdiction=(country,), hours=(rule,), verified_on="2026-04-01")
    number = replace(LONDON, region=country)
    lead = replace(LEAD, country=country, region=region)
    answer = ask(campaign=CAMPAIGN, rule_set=law, lead=lead, number=number, now=utc(f"{day}T12:00"))
    if open_:
        assert isinstance(answer, Permitted), answer
    else:
        assert refusal(answer).reason is Refusal.WINDOW_CLOSED
    shown = utc(f"{day}T12:00")
    local = datetime.fromtimestamp(shown, UTC)
    assert allows(rule, local, places_of(number, (country, region)), "") is open_


def test_an_opening_behind_a_long_closure_is_the_until() -> None:
    summer = {"daily": "09:00-20:00", "days_off": ["2026-11-18/2027-01-31"]}
    closed = replace(CAMPAIGN, hours=HoursRule.parse(summer))
    rules = replace(RULES, verified_on="2026-11-01")
    assert refusal(ask(campaign=closed, rule_set=rules)).until == utc("2027-02-01T09:00-05:00")


def test_the_phone_must_have_stopped_ringing_when_the_window_closes() -> None:
    closes = utc("2026-11-18T20:00-05:00")
    reach = reach_of(CAMPAIGN)
    assert reach == 25.0 + SETUP_ALLOWANCE_S
    last = permit(ask(now=closes - reach))
    assert last.valid_until == closes - reach
    answer = refusal(ask(now=closes - reach + 0.5))
    assert (answer.reason, answer.until) == (Refusal.WINDOW_CLOSING, utc("2026-11-19T09:00-05:00"))
    permit(ask(now=closes - reach + 0.5, reach_s=10.0))


def test_a_permit_does_not_outlive_the_rules() -> None:
    ending, night = replace(RULES, hours=(ALWAYS,), valid_to="2026-11-18"), replace(CAMPAIGN, hours=ALWAYS)
    midnight = utc("2026-11-19T00:00-05:00")
    permitted = permit(ask(campaign=night, rule_set=ending, now=midnight - 60))
    assert permitted.evidence.window_closes_at == midnight
    assert permitted.valid_until == midnight - 37
    assert refusal(ask(campaign=night, rule_set=ending, now=midnight - 10)) == Refused(
        Refusal.WINDOW_CLOSING, None, "the window closes in 10 s and the phone may ring for 37 s"
    )


def test_the_campaigns_limits_are_for_ever() -> None:
    limited = replace(CAMPAIGN, limits=AttemptLimits(per_lead=2, per_number=1, per_number_day=9))
    assert refusal(ask(campaign=limited, lead_attempts=2)).reason is Refusal.LEAD_LIMIT
    on_number = refusal(ask(campaign=limited, lead_attempts=1, history=dials(30 * DAY)))
    assert (on_number.reason, on_number.until) == (Refusal.NUMBER_LIMIT, None)
    permit(ask(campaign=limited, lead_attempts=1, history=dials(30 * DAY, campaign="another")))


def test_a_rolling_limit_counts_over_all_campaigns_and_says_when_it_is_free() -> None:
    history = (*dials(DAY - 60, campaign="another"), *dials(7200.0, 3600.0))
    answer = refusal(ask(history=history))
    assert answer.reason is Refusal.CAP
    assert answer.until == NOON + 60 + 0.001
    assert answer.detail == "per_number_day: 3 of 3 used"
    assert answer.until is not None
    permit(ask(history=history, now=answer.until))
    assert refusal(ask(history=history, now=NOON + 60)).reason is Refusal.CAP


def test_dials_to_another_number_of_the_lead_do_not_use_up_this_one() -> None:
    permit(ask(history=dials(1.0, 2.0, 3.0, 4.0, number=LONDON.e164)))


def test_a_cap_that_frees_at_night_means_next_morning() -> None:
    history = dials(30.0, 20.0, 10.0)
    answer = refusal(ask(history=history, now=NOON + 100))
    assert answer.until == NOON + DAY - 30.0 + 0.001
    shorter = replace(RULES, caps=(Cap("ten_hours", 1, 36_000.0),))
    night = refusal(ask(rule_set=shorter, history=dials(10.0)))
    assert (night.reason, night.until) == (Refusal.CAP, utc("2026-11-19T09:00-05:00"))


def test_of_several_caps_the_one_that_frees_last_decides() -> None:
    history = dials(6 * DAY, 5 * DAY, 3000.0, 2000.0, 1000.0)
    answer = refusal(ask(history=history))
    assert answer.detail == "week: 5 of 5 used"
    assert answer.until == NOON + DAY + 0.001


def test_a_cap_on_the_lead_counts_all_its_numbers() -> None:
    per_person = replace(RULES, caps=(Cap("person", 2, DAY, scope=Scope.LEAD),))
    history = (*dials(60.0), *dials(30.0, number=LONDON.e164))
    answer = refusal(ask(rule_set=per_person, history=history))
    assert (answer.reason, answer.until) == (Refusal.CAP, NOON + DAY - 60.0 + 0.001)
    assert permit(ask(rule_set=per_person)).caps[-1] == CapCheck("person", 2, NOON - DAY, lead_id=7)


@pytest.mark.parametrize(
    ("counts", "used"), [(Counts.PLACED, 4), (Counts.ALERTED, 2), (Counts.ANSWERED, 1), (Counts.CHARGED, 3)]
)
def test_a_cap_counts_what_its_law_counts(counts: Counts, used: int) -> None:
    history = tuple(
        replace(past, stage=stage, charged=charged)
        for past, (stage, charged) in zip(
            dials(400.0, 300.0, 200.0, 100.0),
            [("placed", False), ("placed", True), ("alerted", True), ("answered", True)],
            strict=True,
        )
    )
    rules = replace(RULES, caps=(Cap("law", 9, DAY, counts=counts),))
    often = replace(CAMPAIGN, limits=AttemptLimits(per_number_day=9))
    answer = permit(ask(campaign=often, rule_set=rules, history=history))
    assert answer.evidence.counters[-1] == ("law", used, 9)


def test_faults_of_the_route_use_up_none_of_the_campaigns_limits() -> None:
    history = tuple(replace(past, stage="placed", charged=False) for past in dials(*range(100, 700, 60)))
    counters = permit(ask(rule_set=replace(RULES, caps=()), history=history)).evidence.counters
    assert [used for _, used, _ in counters] == [0, 0, 0]


TWO_ZONES = replace(NEW_YORK, zones=("America/Los_Angeles", "America/New_York"))


@pytest.mark.parametrize(
    ("calendar", "dialed", "still", "free"),
    [
        # At midnight in Los Angeles the day is over in both zones; it opens in both at 09:00 there.
        (Calendar.DAY, "2026-11-17T19:00-05:00", "2026-11-17T19:30-05:00", "2026-11-18T09:00-08:00"),
        (Calendar.WEEK, "2026-11-16T12:00-05:00", "2026-11-22T15:00-05:00", "2026-11-23T09:00-08:00"),
        (Calendar.MONTH, "2026-11-02T12:00-05:00", "2026-11-30T15:00-05:00", "2026-12-01T09:00-08:00"),
    ],
)
def test_a_cap_of_the_calendar_is_free_when_its_period_is_over_in_every_zone(
    calendar: Calendar, dialed: str, still: str, free: str
) -> None:
    rules = replace(RULES, caps=(Cap("period", 1, 0.0, calendar=calendar),))
    history = (PastAttempt(NEW_YORK.e164, "another", utc(dialed), "busy"),)
    answer = refusal(ask(rule_set=rules, number=TWO_ZONES, history=history, now=utc(still)))
    assert (answer.reason, answer.until, answer.detail) == (Refusal.CAP, utc(free), "period: 1 of 1 used")
    permit(ask(rule_set=rules, number=TWO_ZONES, history=history, now=utc(free)))


def test_a_cap_of_the_calendar_binds_the_writer_from_the_earliest_beginning() -> None:
    rules = replace(RULES, caps=(Cap("day", 2, 0.0, calendar=Calendar.DAY),))
    late = utc("2026-11-19T02:30-05:00")  # still the 18th in Los Angeles
    all_day = replace(CAMPAIGN, hours=ALWAYS)
    night = replace(rules, hours=())
    check = permit(ask(campaign=all_day, rule_set=night, number=TWO_ZONES, now=late)).caps[-1]
    assert check == CapCheck("day", 2, utc("2026-11-18T00:00-08:00"), number=NEW_YORK.e164)


PERSON = replace(LEAD, person_key="c-1", debt_id="d-1")
OF_PERSON = PastAttempt("+12025550177", "another", NOON - 3600.0, "busy", person=":c-1", debt=":d-1:c-1")


@pytest.mark.parametrize(
    ("scope", "past", "counted"),
    [
        (Scope.PERSON, OF_PERSON, True),
        (Scope.PERSON, replace(OF_PERSON, debt=":d-2:c-1"), True),
        (Scope.PERSON, replace(OF_PERSON, person=":c-2", number=NEW_YORK.e164), False),  # who shares the telephone
        (Scope.PERSON, replace(OF_PERSON, person="", number=NEW_YORK.e164), True),  # whom is not known
        (Scope.DEBT, OF_PERSON, True),
        (Scope.DEBT, replace(OF_PERSON, debt=":d-2:c-1"), False),
        (Scope.DEBT, replace(OF_PERSON, debt=""), True),
        (Scope.DEBT, replace(OF_PERSON, debt="", person=":c-2"), False),
        (Scope.LEAD, OF_PERSON, False),
        (Scope.NUMBER, OF_PERSON, False),
    ],
)
def test_a_cap_on_the_person_or_the_debt(scope: Scope, past: PastAttempt, counted: bool) -> None:
    rules = replace(RULES, caps=(Cap("law", 1, DAY, scope),))
    own = past.number == NEW_YORK.e164
    answer = ask(rule_set=rules, lead=PERSON, history=(past,) * own, elsewhere=(past,) * (not own))
    if counted:
        assert (refusal(answer).reason, refusal(answer).detail) == (Refusal.CAP, "law: 1 of 1 used")
        assert refusal(answer).until == NOON - 3600.0 + DAY + 0.001
    else:
        key: dict[Scope, dict[str, Any]] = {Scope.DEBT: {"whom": ("debt", ":d-1:c-1")}, Scope.LEAD: {"lead_id": 7}}
        key[Scope.PERSON] = {"whom": ("person", ":c-1")}
        whose = key.get(scope, {"number": NEW_YORK.e164})
        assert permit(answer).caps[-1] == CapCheck("law", 1, NOON - DAY, **whose)


@pytest.mark.parametrize("scope", [Scope.PERSON, Scope.DEBT])
def test_who_is_not_known_as_a_person_is_known_as_a_lead(scope: Scope) -> None:
    rules = replace(RULES, caps=(Cap("law", 1, DAY, scope),))
    assert permit(ask(rule_set=rules)).caps[-1] == CapCheck("law", 1, NOON - DAY, lead_id=7)
    assert refusal(ask(rule_set=rules, history=dials(60.0, number=LONDON.e164))).reason is Refusal.CAP


@pytest.mark.parametrize("scope", [Scope.PERSON, Scope.DEBT])
def test_where_the_person_is_not_known_the_writer_counts_on_the_number_too(scope: Scope) -> None:
    rest = Cooloff("rest", After.CONVERSATION, DAY, scope)
    rules = replace(RULES, caps=(Cap("law", 1, DAY, scope),), cooloffs=(rest,))
    caps = permit(ask(rule_set=rules)).caps
    assert CapCheck("law", 1, NOON - DAY, number=NEW_YORK.e164) in caps
    assert CapCheck("rest", 1, NOON - DAY, number=NEW_YORK.e164, counts=Counts.CONVERSATIONS) in caps
    known = permit(ask(rule_set=rules, lead=replace(LEAD, person_key="anna", debt_id="7"))).caps
    assert [cap.whom for cap in known if cap.name in {"law", "rest"}] == [
        (scope.value, {"person": ":anna", "debt": ":7:anna"}[scope.value])
    ] * 2


def test_a_cap_on_one_purpose_leaves_the_others_out_of_account() -> None:
    rules = replace(RULES, caps=(Cap("law", 1, DAY, same_purpose=True),))
    (past,) = dials(60.0)
    permit(ask(rule_set=rules, history=(replace(past, purpose="debt"),)))
    for purpose in ("sales", ""):
        answer = refusal(ask(rule_set=rules, history=(replace(past, purpose=purpose),)))
        assert answer.reason is Refusal.CAP
    assert permit(ask(rule_set=rules)).caps[-1].purpose == "sales"


TALKED = PastAttempt(
    NEW_YORK.e164, "another", NOON - 3600.0, "connected", "sale", contact="conversation", ended_at=NOON - 3000.0
)


@pytest.mark.parametrize(
    ("after", "contact", "binds"),
    [
        (After.CONVERSATION, "conversation", True),
        (After.CONVERSATION, "refusal", True),
        (After.CONVERSATION, "none", False),
        (After.CONVERSATION, "abandoned", False),
        (After.CONVERSATION, "unknown", True),
        (After.REFUSAL, "refusal", True),
        (After.REFUSAL, "conversation", False),
        (After.ABANDONMENT, "abandoned", True),
        (After.ABANDONMENT, "none", False),
        (After.MACHINE, "unknown", False),  # the campaign listens for none
    ],
)
def test_a_cool_off_begins_with_the_end_of_the_call(after: After, contact: str, binds: bool) -> None:
    rules = replace(RULES, caps=(), cooloffs=(Cooloff("rest", after, 2 * DAY),))
    history = (replace(TALKED, contact=contact),)
    answer = ask(rule_set=rules, history=history)
    if not binds:
        permit(answer)
        return
    refused = refusal(answer)
    assert (refused.reason, refused.detail) == (Refusal.COOLOFF, "rest: 1 of 1 used")
    free_at = NOON - 3000.0 + 2 * DAY + 0.001
    assert refused.until == free_at
    permit(ask(rule_set=rules, history=history, now=free_at))
    assert refusal(ask(rule_set=rules, history=history, now=free_at - 0.002)).reason is Refusal.COOLOFF


def test_a_cool_off_of_a_campaign_that_listens_for_machines() -> None:
    rules = replace(RULES, caps=(), cooloffs=(Cooloff("amd", After.MACHINE, 0.0, calendar=Calendar.DAY),))
    listens = replace(CAMPAIGN, amd=Amd(AmdPolicy.HOLD))
    history = (replace(TALKED, contact="machine"),)
    assert refusal(ask(campaign=listens, rule_set=rules, history=history)).until == utc("2026-11-19T09:00-05:00")
    permit(ask(rule_set=rules, history=history))
    assert permit(ask(campaign=listens, rule_set=rules)).caps[-1] == CapCheck(
        "amd", 1, utc("2026-11-18T00:00-05:00"), number=NEW_YORK.e164, counts=Counts.MACHINES
    )


def test_a_cool_off_that_an_agent_who_waits_lifts() -> None:
    rule = Cooloff("rest", After.ABANDONMENT, 3 * DAY, unless_agent_waits=True)
    rules = replace(RULES, caps=(), cooloffs=(rule,))
    history = (replace(TALKED, contact="abandoned"),)
    assert refusal(ask(rule_set=rules, history=history)).reason is Refusal.COOLOFF
    permit(ask(campaign=replace(CAMPAIGN, pacing=Pacing(Mode.PREVIEW)), rule_set=rules, history=history))


OPT_IN = replace(RULES, consent=ConsentRegime.OPT_IN)
AGREED = Consent(NEW_YORK.e164, "call", "sales", NOON - DAY, None, "form")


@pytest.mark.parametrize(
    ("consent", "holds"),
    [
        (AGREED, True),
        (replace(AGREED, purpose=""), True),
        (replace(AGREED, given_at=NOON), True),
        (replace(AGREED, given_at=NOON + 1.0), False),
        (replace(AGREED, purpose="debt"), False),
        (replace(AGREED, kind="prerecorded"), False),
        (replace(AGREED, number=LONDON.e164), False),
        (replace(AGREED, withdrawn_at=NOON), False),
        (replace(AGREED, expires_at=NOON + 20.0), False),  # it would still ring
        (replace(AGREED, expires_at=NOON + DAY), True),
    ],
)
def test_where_rules_want_a_consent_nobody_is_called_without(consent: Consent, holds: bool) -> None:
    answer = ask(rule_set=OPT_IN, consents=(consent,))
    if holds:
        assert permit(answer).consent == ConsentCheck(ConsentKind.CALL, Purpose.SALES)
        assert permit(answer).evidence.consent_version == 9
    else:
        assert (refusal(answer).reason, refusal(answer).until) == (Refusal.CONSENT, None)
        assert refusal(answer).detail == "no consent to call for sales is in force"
    assert permit(ask(consents=(replace(consent, withdrawn_at=None),))).consent == NOT_REQUIRED


NOT_REQUIRED = ConsentCheck(ConsentKind.CALL, Purpose.SALES, required=False)
NO = replace(AGREED, kind="", purpose="", given_at=NOON - 1.0, withdrawn_at=NOON - 1.0)


@pytest.mark.parametrize(
    ("consents", "called", "called_by_opt_in"),
    [
        ((NO,), False, False),
        ((replace(NO, kind="prerecorded"),), True, False),
        ((replace(NO, purpose="debt"),), True, False),
        ((replace(AGREED, withdrawn_at=NOON - 1.0),), False, False),
        ((AGREED, NO), False, False),
        ((NO, replace(AGREED, given_at=NOON - 1.0)), False, False),
        ((NO, replace(AGREED, given_at=NOON - 0.5)), True, True),
        ((AGREED, replace(NO, purpose="debt")), True, True),
        ((replace(AGREED, expires_at=NOON - 1.0),), True, False),
    ],
)
def test_the_last_word_counts(consents: tuple[Consent, ...], called: bool, called_by_opt_in: bool) -> None:
    for rules, may in ((RULES, called), (OPT_IN, called_by_opt_in)):
        answer = ask(rule_set=rules, consents=consents)
        if may:
            permit(answer)
        else:
            assert (refusal(answer).reason, refusal(answer).until) == (Refusal.CONSENT, None)


def test_a_permit_ends_with_the_consent() -> None:
    ends = NOON + 60.0
    answer = permit(ask(rule_set=OPT_IN, consents=(replace(AGREED, expires_at=ends),), reach_s=30.0))
    assert answer.valid_until == ends - 30.0


def test_a_window_too_short_for_the_phone_to_ring_is_passed_over() -> None:
    # Thursday is open for a minute only, Friday long enough.
    hours = HoursRule.parse({"thu": "10:00-10:01", "fri": "11:00-12:00"})
    short = replace(CAMPAIGN, hours=hours, ring_timeout_s=60.0)
    answer = refusal(ask(campaign=short))
    assert (answer.reason, answer.until) == (Refusal.WINDOW_CLOSED, utc("2026-11-20T11:00-05:00"))
    exact = refusal(ask(campaign=short, reach_s=60.0))
    assert exact.until == utc("2026-11-19T10:00-05:00")


def test_no_window_is_promised_beyond_the_rules() -> None:
    night = utc("2026-11-18T03:00-05:00")
    # The rules end at midnight in New York: the evening still counts, but not the next one.
    ending = replace(RULES, hours=(ALWAYS,), valid_to="2026-11-18")
    assert refusal(ask(rule_set=ending, now=night)).until == utc("2026-11-18T09:00-05:00")
    evening = replace(CAMPAIGN, hours=HoursRule.parse({"daily": "23:59-24:00"}))
    assert refusal(ask(rule_set=ending, campaign=evening, now=night)).until == utc("2026-11-18T23:59-05:00")
    assert refusal(ask(rule_set=ending, campaign=evening, now=night, reach_s=61.0)).until is None
    assert refusal(ask(rule_set=ending, now=utc("2026-11-19T00:00-05:00"))).reason is Refusal.RULE_EXPIRED


def test_a_cap_on_the_lead_counts_the_first_moment_of_its_period() -> None:
    per_person = replace(RULES, caps=(Cap("person", 1, DAY, scope=Scope.LEAD),))
    assert refusal(ask(rule_set=per_person, history=dials(DAY, number=LONDON.e164))).reason is Refusal.CAP
    permit(ask(rule_set=per_person, history=dials(DAY + 0.01, number=LONDON.e164)))


# --- last days of lists -------------------------------------------------------------------------------------


def on_list_until(day: str) -> Lead:
    return replace(LEAD, expires_on=day)


def test_nobody_is_dialed_after_the_last_day_of_the_list() -> None:
    today = datetime.fromtimestamp(NOON, UTC).date().isoformat()
    assert isinstance(ask(lead=on_list_until(today)), Permitted)
    refused = refusal(ask(lead=on_list_until("2020-01-01")))
    assert (refused.reason, refused.until) == (Refusal.LIST_EXPIRED, None)
    assert refusal(ask(lead=on_list_until("2020-01-01"), blocked=[NEW_YORK.e164])).reason is Refusal.DNC


def test_who_would_be_called_on_a_later_day_is_not_any_more() -> None:
    closed = utc("2026-11-18T23:30-05:00")
    waits = refusal(ask(now=closed))
    assert waits.until is not None
    assert refusal(ask(now=closed, lead=on_list_until("2026-11-19"))) == waits
    over = refusal(ask(now=closed, lead=on_list_until("2026-11-18")))
    assert (over.reason, over.until) == (Refusal.LIST_EXPIRED, None)


def test_the_phone_rings_on_the_last_day_alone() -> None:
    midnight = utc("2026-11-19T00:00-05:00")
    lead = on_list_until("2026-11-18")
    rules = replace(RULES, hours=(ALWAYS,))
    campaign = replace(CAMPAIGN, hours=ALWAYS)
    permitted = ask(now=midnight - 50.0, campaign=campaign, rule_set=rules, lead=lead, reach_s=30.0)
    assert isinstance(permitted, Permitted), permitted
    assert permitted.valid_until == midnight - 30.0
    assert permitted.evidence.window_closes_at == midnight
    late = refusal(ask(now=midnight - 29.0, campaign=campaign, rule_set=rules, lead=lead, reach_s=30.0))
    assert late.reason is Refusal.LIST_EXPIRED
