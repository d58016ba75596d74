"""Calls outside the hours to which the person agreed with a callback: the decision, and the audit of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.audit import Violation, audit
from campaigns.audit_attempt import AuditedAttempt
from campaigns.audit_consent import Agreed
from campaigns.callback import CONSENT_HOLDS_S, Callback, moment_of, wall_of
from campaigns.compliance import RuleSet
from campaigns.eligibility import Permitted, decide, refusal
from campaigns.hours_rule import HoursRule
from campaigns.permission.past import PastAttempt
from campaigns.permission.permit import from_json, to_json
from campaigns.reach import reach_of
from campaigns.refusal import Refusal, Refused
from lists.lead import PhoneNumber
from tests.properties.test_campaigns_window import HOURS_RULES, MOMENTS, ZONE_SETS
from tests.unit.campaigns.samples import CAMPAIGN, LEAD, LONDON, NEW_YORK, PROPOSED, RULES
from tests.walls import SIMULATED

NY = "America/New_York"
EVENING = "2026-11-18T21:30:00"  # the campaign is open to 20:00, the rules to 21:00
BY_CONSENT = replace(RULES, hours_by_consent=True)
LATEST_S = CONSENT_HOLDS_S - reach_of(CAMPAIGN)


def promised(wall: str = EVENING, **changes: object) -> Callback:
    made_at = moment_of("2026-11-17T12:00", NY)
    base = Callback(
        41, "spring", LEAD.lead_id, NEW_YORK.e164, wall, NY, moment_of(wall, NY), made_at, "ana",
        consent="after nine is best",
    )  # fmt: skip
    return replace(base, **changes)  # type: ignore[arg-type]


def ask(
    callback: Callback | None, after_s: float = 0.0, rules: RuleSet = BY_CONSENT, number: PhoneNumber = NEW_YORK
) -> Permitted | Refused:
    return decide(
        replace(PROPOSED, rule_set=rules, number=number, callback=callback),
        moment_of(EVENING, NY) + after_s,
    )


def test_who_agreed_is_called_outside_the_hours_and_the_permit_names_the_callback() -> None:
    permitted = ask(promised())
    assert isinstance(permitted, Permitted)
    assert permitted.evidence.callback_consent == 41
    assert permitted.evidence.window_closes_at == promised().due_at + CONSENT_HOLDS_S
    assert from_json(to_json(permitted.evidence)) == permitted.evidence


@pytest.mark.parametrize(("free_after_s", "by_consent"), [(600.0, True), (LATEST_S + 1.0, False)])
def test_one_at_a_cap_is_called_by_consent_once_it_is_free_in_time(free_after_s: float, by_consent: bool) -> None:
    at = promised().due_at
    calls = [PastAttempt(NEW_YORK.e164, "spring", at - 86_400.0 + free_after_s, "busy")]
    calls *= CAMPAIGN.limits.per_number_day
    refused = decide(replace(PROPOSED, rule_set=BY_CONSENT, callback=promised(), history=calls), at)
    assert isinstance(refused, Refused)
    assert refused.reason is Refusal.CAP
    assert refused.until is not None
    if by_consent:
        assert refused.until == pytest.approx(at + free_after_s, abs=0.01)
        again = decide(replace(PROPOSED, rule_set=BY_CONSENT, callback=promised(), history=calls), refused.until)
        assert isinstance(again, Permitted)
    else:
        assert refused.until > at + CONSENT_HOLDS_S, "the next opening"


def test_within_the_hours_no_consent_is_rested_on() -> None:
    at_noon = promised("2026-11-18T12:00:00")
    permitted = decide(
        replace(PROPOSED, rule_set=BY_CONSENT, callback=at_noon),
        at_noon.due_at,
    )
    assert isinstance(permitted, Permitted)
    assert permitted.evidence.callback_consent is None


@pytest.mark.parametrize(
    ("answer", "allowed"),
    [
        (ask(None), False),
        (ask(promised(consent="")), False),
        (ask(promised(), -1.0), False),
        (ask(promised(), LATEST_S), True),
        (ask(promised(), LATEST_S + 0.5), False),
        (ask(promised(), rules=RULES), False),  # the law knows no consent
        (ask(promised(number=LONDON.e164)), False),  # given for another number
    ],
)
def test_a_consent_holds_for_its_time_its_number_and_where_the_law_knows_it(
    answer: Permitted | Refused, allowed: bool
) -> None:
    assert isinstance(answer, Permitted) == allowed
    if isinstance(answer, Refused):
        assert answer.reason is Refusal.WINDOW_CLOSED


def test_the_campaigns_own_hours_bind_nobody_who_agreed() -> None:
    half_past_eight = promised("2026-11-18T20:30:00")
    answer = refusal(
        replace(PROPOSED, callback=half_past_eight),
        half_past_eight.due_at,
        reach_of(CAMPAIGN),
    )
    assert answer is None


def test_a_phone_does_not_ring_by_consent_when_the_rules_end() -> None:
    """They end at midnight in London."""
    wall = "2026-11-18T23:59:40"
    late = promised(
        wall, number=LONDON.e164, zone="Europe/London", due_at=moment_of(wall, "Europe/London"),
        made_at=moment_of("2026-11-17T12:00", "Europe/London"),
    )  # fmt: skip
    for valid_to, reason in (("", None), ("2026-11-18", Refusal.WINDOW_CLOSED)):
        answer = refusal(
            replace(PROPOSED, rule_set=replace(BY_CONSENT, valid_to=valid_to), number=LONDON, callback=late),
            late.due_at,
            reach_of(CAMPAIGN),
        )
        assert (None if answer is None else answer.reason) == reason


def agreed_of(callback: Callback) -> Agreed:
    return Agreed(
        callback.promised_in, callback.lead_id, callback.number, callback.wall, callback.zone, callback.made_at,
        callback.made_by, callback.consent,
    )  # fmt: skip


def check(
    permit: str,
    at: float,
    agreed: Mapping[int, Agreed],
    rules: RuleSet = BY_CONSENT,
    hours: HoursRule | None = None,
) -> list[Violation]:
    attempt = AuditedAttempt(
        1, "spring", LEAD.lead_id, NEW_YORK.e164, "sim", CAMPAIGN.caller_ids[0], at, at, "busy", permit,
        purpose="sales",
    )  # fmt: skip
    campaign = CAMPAIGN if hours is None else replace(CAMPAIGN, hours=hours)
    return list(
        audit(
            campaign,
            (rules,),
            [attempt],
            number_of=lambda lead_id, e164: NEW_YORK,
            blocked={},
            walls={SIMULATED.hash: SIMULATED.body},
            agreed=agreed,
        )
    )


def permit_of(callback: Callback) -> str:
    permitted = ask(callback)
    assert isinstance(permitted, Permitted)
    return to_json(permitted.evidence)


def test_the_audit_finds_the_consent() -> None:
    assert check(permit_of(promised()), promised().due_at, {41: agreed_of(promised())}) == []


@pytest.mark.parametrize(
    ("agreed", "says"),
    [
        (None, "there is not"),
        (promised(consent=""), "nobody put down"),
        (promised(made_by=""), "nobody put down"),
        (promised(number=LONDON.e164), "was promised to lead"),
        (promised(lead_id=8), "was promised to lead"),
        (promised(made_at=promised().due_at + 1), "promised after it"),
        (promised("2026-11-18T22:30:00"), "not to another time"),
        (promised("2026-11-18T20:00:00"), "not to another time"),
        (promised(zone="Europe/Avalon"), "in a zone"),
    ],
)
def test_the_audit_finds_a_consent_that_is_none(agreed: Callback | None, says: str) -> None:
    known = {} if agreed is None else {41: agreed_of(agreed)}
    found = check(permit_of(promised()), promised().due_at, known)
    assert {one.code for one in found} == {"no_consent"}
    assert says in found[0].text


def test_the_audit_keeps_to_a_law_that_knows_no_consent() -> None:
    known = {41: agreed_of(promised())}
    found = check(permit_of(promised()), promised().due_at, known, replace(RULES, hash=BY_CONSENT.hash))
    assert [one.code for one in found] == ["window_closed"]


@settings(max_examples=150, deadline=None)
@given(HOURS_RULES, ZONE_SETS, MOMENTS, st.integers(-5, 40), st.booleans())
def test_what_is_permitted_by_consent_passes_the_audit(
    hours: HoursRule, zones: tuple[str, ...], start: float, minutes: int, by_consent: bool
) -> None:
    number = replace(NEW_YORK, zones=zones)
    wall = wall_of(start, zones[0])
    callback = promised(wall=wall, zone=zones[0], due_at=moment_of(wall, zones[0]), made_at=start - 86_400)
    rules = replace(RULES, verified_on="", hours_by_consent=by_consent)
    answer = decide(
        replace(
            PROPOSED, campaign=replace(CAMPAIGN, hours=hours), rule_set=rules, number=number, callback=callback
        ),
        callback.due_at + minutes * 60.0,
    )
    if isinstance(answer, Refused):
        return
    at = answer.valid_until  # the worst moment at which it may still leave
    attempt = AuditedAttempt(
        1, "spring", LEAD.lead_id, number.e164, "sim", CAMPAIGN.caller_ids[0], answer.evidence.at, at, "busy",
        to_json(answer.evidence), purpose="sales",
    )  # fmt: skip
    found = audit(
        replace(CAMPAIGN, hours=hours),
        (rules,),
        [attempt],
        number_of=lambda lead_id, e164: number,
        blocked={},
        walls={SIMULATED.hash: SIMULATED.body},
        agreed={41: agreed_of(callback)},
    )
    assert list(found) == []
