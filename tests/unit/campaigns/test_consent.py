"""Calls outside the hours to which the person agreed with a callback: the decision, and the audit of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.audit import Violation, audit
from campaigns.audit_attempt import AuditedAttempt
from campaigns.audit_consent import Agreed, Agreement
from campaigns.callback import CONSENT_HOLDS_S, Callback, moment_of, wall_of
from campaigns.campaign import Campaign
from campaigns.cap import After, Cap, Cooloff, Scope
from campaigns.compliance import RuleSet
from campaigns.consent import Consent, ConsentCheck, ConsentKind
from campaigns.eligibility import Permitted, decide, refusal
from campaigns.hours_rule import HoursRule
from campaigns.permission.past import PastAttempt
from campaigns.permission.permit import from_json, to_json
from campaigns.permission.proposed import Proposed
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


def on_record(callback: Callback | None, **changes: object) -> tuple[Consent, ...]:
    """As the register has it when the call is closed in which it was promised."""
    if callback is None or not callback.consent:
        return ()
    base = Consent(
        callback.number, "callback", "sales", callback.made_at, source="agent ana", evidence="9 pm: yes"
    )
    return (replace(base, **changes),)  # type: ignore[arg-type]


def ask(
    callback: Callback | None,
    after_s: float = 0.0,
    rules: RuleSet = BY_CONSENT,
    number: PhoneNumber = NEW_YORK,
    consents: tuple[Consent, ...] | None = None,
) -> Permitted | Refused:
    known = on_record(callback) if consents is None else consents
    return decide(
        replace(PROPOSED, rule_set=rules, number=number, callback=callback, consents=known),
        moment_of(EVENING, NY) + after_s,
    )


def test_who_agreed_is_called_outside_the_hours_and_the_permit_names_the_callback() -> None:
    permitted = ask(promised())
    assert isinstance(permitted, Permitted)
    assert permitted.evidence.callback_consent == 41
    assert permitted.asked == ConsentCheck(ConsentKind.CALLBACK, "sales"), "asked again by the writer"
    assert permitted.evidence.window_closes_at == promised().due_at + CONSENT_HOLDS_S
    assert from_json(to_json(permitted.evidence)) == permitted.evidence


@pytest.mark.parametrize(
    ("consents", "allowed"),
    [
        ((), False),  # never put down, or lost
        (on_record(promised(), withdrawn_at=promised().due_at - 3_600), False),
        (on_record(promised(), withdrawn_at=promised().due_at + 3_600), True),
        (on_record(promised(), kind="call"), False),
        (on_record(promised(), purpose="debt"), False),
        (on_record(promised(), purpose=""), True),
        (
            (
                *on_record(promised()),
                Consent(NEW_YORK.e164, "", "", promised().made_at + 60, withdrawn_at=promised().made_at + 60),
            ),
            False,
        ),
    ],
)
def test_the_consent_is_that_on_the_register_by_the_last_word(
    consents: tuple[Consent, ...], allowed: bool
) -> None:
    answer = ask(promised(), consents=consents)
    assert isinstance(answer, Permitted) == allowed
    whole = ask(promised())
    assert isinstance(whole, Permitted)
    told = tuple((one.kind, one.purpose, one.given_at, one.expires_at, one.withdrawn_at) for one in consents)
    known = {41: agreed_of(promised())}
    found = check(to_json(whole.evidence), promised().due_at, known, consents=told)
    assert (found == []) == allowed, "and the audit reads the register the same way"


@pytest.mark.parametrize(("free_after_s", "by_consent"), [(600.0, True), (LATEST_S + 1.0, False)])
def test_one_at_a_cap_is_called_by_consent_once_it_is_free_in_time(free_after_s: float, by_consent: bool) -> None:
    at = promised().due_at
    calls = [PastAttempt(NEW_YORK.e164, "spring", at - 86_400.0 + free_after_s, "busy")]
    capped = replace(BY_CONSENT, caps=(Cap("law", 1, 86_400.0),))
    proposed = replace(
        PROPOSED, rule_set=capped, callback=promised(), history=calls, consents=on_record(promised())
    )
    refused = decide(proposed, at)
    assert isinstance(refused, Refused)
    assert refused.reason is Refusal.CAP
    assert refused.until is not None
    if by_consent:
        assert refused.until == pytest.approx(at + free_after_s, abs=0.01)
        again = decide(proposed, refused.until)
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
        replace(PROPOSED, callback=half_past_eight, consents=on_record(half_past_eight)),
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
            replace(
                PROPOSED,
                rule_set=replace(BY_CONSENT, valid_to=valid_to),
                number=LONDON,
                callback=late,
                consents=on_record(late),
            ),
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
    consents: tuple[Agreement, ...] = (("callback", "sales", moment_of("2026-11-17T12:00", NY), None, None),),
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
            consents={NEW_YORK.e164: consents},
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
            PROPOSED,
            campaign=replace(CAMPAIGN, hours=hours),
            rule_set=rules,
            number=number,
            callback=callback,
            consents=on_record(callback),
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
        consents={number.e164: (("callback", "sales", start - 86_400, None, None),)},
    )
    assert list(found) == []


# --- promised calls, and what makes way for them -----------------------------------------------------------

AT_NOON = promised("2026-11-18T12:00:00", made_at=moment_of("2026-11-18T09:30", NY))
LIMITS = replace(CAMPAIGN, limits=replace(CAMPAIGN.limits, per_lead=1, per_number=1, per_number_day=1))
COOLING = replace(
    RULES, cooloffs=(Cooloff("regf", After.CONVERSATION, 7 * 86_400.0, Scope.NUMBER, unless_asked_s=6 * 86_400.0),)
)
TALKED = PastAttempt(
    NEW_YORK.e164, "spring", AT_NOON.made_at - 300, "connected", "callback", contact="conversation",
    ended_at=AT_NOON.made_at - 10,
)  # fmt: skip


def at_noon(callback: Callback | None = AT_NOON, campaign: Campaign = CAMPAIGN, **changes: object) -> Proposed:
    base = replace(
        PROPOSED, campaign=campaign, callback=callback, consents=on_record(callback), history=[TALKED],
        lead_attempts=1,
    )  # fmt: skip
    return replace(base, **changes)  # type: ignore[arg-type]


def judged(
    answer: Permitted | Refused,
    campaign: Campaign,
    rules: RuleSet,
    callback: Callback | None,
    *,
    twice: bool = False,
) -> set[str]:
    """What the audit says of the call, after that in which it was promised; `twice`: of a second one."""
    permit = to_json(answer.evidence) if isinstance(answer, Permitted) else None
    talked = AuditedAttempt(
        1, "spring", LEAD.lead_id, NEW_YORK.e164, "sim", CAMPAIGN.caller_ids[0], TALKED.at, TALKED.at, "connected",
        None, answered=True, alerted=True, ended_at=TALKED.ended_at, purpose="sales", contact="conversation",
        disposition="callback", right_party=True,
    )  # fmt: skip
    calls = [
        AuditedAttempt(
            n, "spring", LEAD.lead_id, NEW_YORK.e164, "sim", CAMPAIGN.caller_ids[0], at, at, "busy", permit,
            purpose="sales",
        )
        for n, at in ((2, AT_NOON.due_at), (3, AT_NOON.due_at + 30))[: 1 + twice]
    ]  # fmt: skip
    found = audit(
        campaign,
        (rules,),
        [talked, *calls],
        number_of=lambda lead_id, e164: NEW_YORK,
        blocked={},
        walls={SIMULATED.hash: SIMULATED.body},
        agreed={} if callback is None else {41: agreed_of(callback)},
        consents={NEW_YORK.e164: tuple((o.kind, o.purpose, o.given_at, None, None) for o in on_record(callback))},
    )
    return {one.code for one in found if one.attempt_id == (3 if twice else 2)}


def test_the_campaigns_own_limits_make_way_for_a_promise_and_the_permit_says_so() -> None:
    answer = decide(at_noon(campaign=LIMITS), AT_NOON.due_at)
    assert isinstance(answer, Permitted)
    assert answer.evidence.callback == 41
    assert not {"per_lead", "per_number", "per_number_day"} & {cap.name for cap in answer.caps}
    assert judged(answer, LIMITS, RULES, AT_NOON) == set()
    assert judged(answer, LIMITS, RULES, None) == {"no_promise", "lead_limit", "number_limit", "cap"}
    again = judged(answer, LIMITS, RULES, AT_NOON, twice=True)
    assert {"lead_limit", "number_limit"} <= again, "a promise is kept once"


@pytest.mark.parametrize("named", [[], {}, "41", 41.0, True])
def test_the_audit_finds_a_permit_that_names_no_callback_and_goes_on(named: object) -> None:
    permit = json.dumps(
        json.loads(permit_of(promised())) | {"callback": named, "callback_consent": named}, sort_keys=True
    )
    call = AuditedAttempt(
        2, "spring", LEAD.lead_id, NEW_YORK.e164, "sim", CAMPAIGN.caller_ids[0], AT_NOON.due_at, AT_NOON.due_at,
        "busy", permit, purpose="sales",
    )  # fmt: skip
    found = audit(
        LIMITS, (RULES,), [call], number_of=lambda lead_id, e164: NEW_YORK, blocked={},
        agreed={41: agreed_of(AT_NOON), 1: agreed_of(AT_NOON)},
    )  # fmt: skip
    assert {"no_promise", "no_consent"} <= {one.code for one in found}


@pytest.mark.parametrize("callback", [None, replace(AT_NOON, number=LONDON.e164)])
def test_for_others_they_hold(callback: Callback | None) -> None:
    refused = decide(at_noon(callback, LIMITS), AT_NOON.due_at)
    assert isinstance(refused, Refused)
    assert refused.reason is Refusal.LEAD_LIMIT
    assert "lead_limit" in judged(refused, LIMITS, RULES, None)


def test_a_cap_of_the_law_makes_way_for_nobody() -> None:
    capped = replace(RULES, caps=(Cap("law", 1, 86_400.0),))
    refused = decide(at_noon(rule_set=capped), AT_NOON.due_at)
    assert isinstance(refused, Refused)
    assert refused.reason is Refusal.CAP
    assert "cap" in judged(refused, CAMPAIGN, capped, AT_NOON)


def test_a_promise_within_the_limits_rests_on_nothing() -> None:
    answer = decide(at_noon(), AT_NOON.due_at)
    assert isinstance(answer, Permitted)
    assert (answer.evidence.callback, answer.asked) == (None, None)


def test_a_cool_off_that_a_law_lifts_for_who_asked_is_lifted_for_the_calls_before() -> None:
    answer = decide(at_noon(rule_set=COOLING), AT_NOON.due_at)
    assert isinstance(answer, Permitted)
    assert (answer.evidence.callback, answer.evidence.callback_consent) == (41, None)
    assert answer.asked == ConsentCheck(ConsentKind.CALLBACK, "sales")
    (check_again,) = [cap for cap in answer.caps if cap.name == "regf"]
    assert check_again.since > (TALKED.ended_at or 0), "a conversation that nobody knew of binds the writer"
    assert judged(answer, CAMPAIGN, COOLING, AT_NOON) == set()
    assert from_json(to_json(answer.evidence)) == answer.evidence


def test_a_permit_stands_no_longer_than_a_cool_off_makes_way() -> None:
    made_at = AT_NOON.due_at - 6 * 86_400.0 + 5.0
    asked = replace(AT_NOON, made_at=made_at)
    talked = replace(TALKED, at=made_at - 300, ended_at=made_at - 10)
    answer = decide(at_noon(asked, history=[talked], rule_set=COOLING), AT_NOON.due_at)
    assert isinstance(answer, Permitted)
    assert answer.valid_until == AT_NOON.due_at + 5.0


LATER = replace(TALKED, at=AT_NOON.made_at + 600, ended_at=AT_NOON.made_at + 700)


@pytest.mark.parametrize(
    ("callback", "changes"),
    [
        (replace(AT_NOON, consent=""), {}),  # promised, and nobody asked for it
        (AT_NOON, {"consents": ()}),
        (AT_NOON, {"consents": on_record(AT_NOON, withdrawn_at=AT_NOON.made_at + 5)}),
        (AT_NOON, {"history": [TALKED, LATER]}),  # spoken with since
        (replace(AT_NOON, made_at=AT_NOON.due_at - 6 * 86_400.0), {"rule_set": COOLING}),
        (AT_NOON, {"rule_set": replace(COOLING, cooloffs=(replace(COOLING.cooloffs[0], unless_asked_s=0.0),))}),
    ],
)
def test_otherwise_the_cool_off_holds(callback: Callback, changes: dict[str, Any]) -> None:
    proposed = at_noon(callback, **({"rule_set": COOLING} | changes))
    refused = decide(proposed, AT_NOON.due_at)
    assert isinstance(refused, Refused)
    assert refused.reason is Refusal.COOLOFF


def test_the_audit_finds_who_was_called_in_a_cool_off_without_having_asked() -> None:
    answer = decide(at_noon(rule_set=COOLING), AT_NOON.due_at)
    assert "cooloff" in judged(answer, CAMPAIGN, COOLING, replace(AT_NOON, consent=""))
    late = replace(AT_NOON, made_at=AT_NOON.made_at - 6 * 86_400.0)
    assert "cooloff" in judged(answer, CAMPAIGN, COOLING, late)
    other = judged(answer, CAMPAIGN, COOLING, replace(AT_NOON, lead_id=8))
    assert {"no_promise", "cooloff"} <= other
