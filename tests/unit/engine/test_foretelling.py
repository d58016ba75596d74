"""What single calls are given as their chance to bring somebody for an agent."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dialer.calls.call import Call
from dialer.engine import events as ev
from dialer.engine.commands import SaveAttempt
from dialer.engine.foretelling import LOOKED_AT, TAUGHT_BY, Foretelling
from dialer.ports.store import Candidate
from lists.lead import NumberKind
from tests.unit.engine.world import NOON, World, candidate, phone


def of_kind(lead_id: int, kind: NumberKind) -> Candidate:
    return candidate(lead_id, replace(phone(lead_id % 100), kind=kind))


def call_to(of: Candidate) -> Call:
    world = World()
    world.dial(candidate(1))
    call = Call(world.engine.state.calls[1].intent, of, world.campaign)
    call.dialed_at = NOON
    return call


def taught(calls: int) -> Foretelling:
    """By calls half of which went to fixed lines, and were answered; mobiles were not."""
    foretelling, call = Foretelling(), call_to(candidate(1))
    for n in range(calls):
        kind = (NumberKind.FIXED, NumberKind.MOBILE)[n % 2]
        one = Call(call.intent, of_kind(n, kind), call.terms)
        one.dialed_at = NOON + n
        foretelling.launched(one, NOON + n)
        foretelling.learn(one, wanted_agent=kind is NumberKind.FIXED)
    return foretelling


def test_nothing_is_said_of_single_calls_before_enough_have_taught() -> None:
    nearly, just = taught(TAUGHT_BY - 1), taught(TAUGHT_BY)
    assert (nearly.of_ringing([]), nearly.of_next([candidate(1)], NOON)) == (None, None)
    assert just.of_ringing([]) == ()


def test_those_who_answer_oftener_have_higher_chances() -> None:
    foretelling, now = taught(TAUGHT_BY), NOON + TAUGHT_BY
    next_p = foretelling.of_next([of_kind(1, NumberKind.FIXED), of_kind(2, NumberKind.MOBILE)], now)
    assert next_p is not None
    assert next_p[0] > 0.8
    assert next_p[1] < 0.2
    ringing = call_to(of_kind(3, NumberKind.FIXED))
    foretelling.launched(ringing, now)
    assert foretelling.of_ringing([ringing]) == pytest.approx((next_p[0],))


def test_only_the_first_in_line_are_looked_at() -> None:
    line = [of_kind(n, NumberKind.FIXED) for n in range(3 * LOOKED_AT)]
    next_p = taught(TAUGHT_BY).of_next(line, NOON + TAUGHT_BY)
    assert next_p is not None
    assert len(next_p) == LOOKED_AT


def test_a_result_is_learned_once_and_none_of_a_call_that_an_agent_was_kept_free_for() -> None:
    foretelling, call = taught(TAUGHT_BY - 1), call_to(of_kind(1, NumberKind.FIXED))
    call.reserved_agent = "a1"
    foretelling.learn(call, wanted_agent=True)
    assert foretelling.of_ringing([]) is None
    call.reserved_agent = None
    foretelling.learn(call, wanted_agent=True)
    assert foretelling.of_ringing([]) == ()
    call.traits = (("never", "seen"),)
    before = foretelling.of_next([of_kind(5, NumberKind.FIXED)], NOON + 10_000)
    foretelling.learn(call, wanted_agent=False)
    assert foretelling.of_next([of_kind(5, NumberKind.FIXED)], NOON + 20_000) == before


def test_a_trunk_that_refused_everything_for_minutes_does_not_teach_that_nobody_answers() -> None:
    foretelling, call = taught(TAUGHT_BY), call_to(candidate(1))
    line = [of_kind(1, NumberKind.FIXED), of_kind(2, NumberKind.MOBILE)]
    before = foretelling.of_next(line, NOON + 1_000)
    for n in range(2_000):
        one = Call(call.intent, of_kind(n, NumberKind.FIXED), call.terms)
        foretelling.launched(one, NOON + 1_000)
        one.dialed_at, one.ended_at = NOON + 1_000, NOON + 1_000.2
        foretelling.learn(one, wanted_agent=False)
    assert foretelling.of_next(line, NOON + 2_000) == before


def test_a_call_that_somebody_picked_up_at_once_teaches_however_soon_it_ends() -> None:
    foretelling, call = taught(TAUGHT_BY - 1), call_to(of_kind(1, NumberKind.FIXED))
    call.answered_at, call.ended_at = NOON + 0.1, NOON + 0.9
    foretelling.learn(call, wanted_agent=False)
    assert foretelling.of_ringing([]) == ()


def test_the_next_number_of_a_lead_has_a_chance_of_its_own() -> None:
    foretelling, now = taught(TAUGHT_BY), NOON + TAUGHT_BY
    fixed, mobile = (replace(phone(n), kind=kind) for n, kind in enumerate((NumberKind.FIXED, NumberKind.MOBILE)))
    lead = candidate(1, fixed, mobile)
    first = foretelling.of_next([lead], now)
    then = foretelling.of_next([replace(lead, phone_position=1)], now + 1.0)
    assert first is not None
    assert then is not None
    assert first[0] > 0.8
    assert then[0] < 0.2


def test_calls_that_ring_out_and_calls_that_are_joined_teach() -> None:
    world = World(agents=2)
    told: list[bool] = []
    foretelling = world.engine.state.runs["spring"].foretelling

    def learn(call: Call, *, wanted_agent: bool) -> None:
        if not call.taught:
            call.taught = True
            told.append(wanted_agent)

    foretelling.learn = learn  # type: ignore[method-assign]
    world.leads(candidate(1), candidate(2))
    for attempt in (1, 2):
        world.tell(ev.AttemptSaved(attempt))
    world.tell(ev.CallAnswered(1), after=5)
    world.tell(ev.CallEnded(2, "network", 480), after=5)
    world.tell(ev.CallEnded(1, "callee"), after=60)
    assert told == [True, False]


def test_a_call_that_never_left_teaches_nothing() -> None:
    world = World()
    run = world.engine.state.runs["spring"]
    run.foretelling = taught(TAUGHT_BY - 1)
    world.dial(candidate(1))
    world.tell(ev.CallFault(1, "no RTP port is free"))
    assert run.foretelling.of_ringing([]) is None


def test_a_lead_whose_first_number_lies_in_an_unknown_zone_is_dialed_at_its_next() -> None:
    world = World(agents=2)
    run = world.engine.state.runs["spring"]
    run.foretelling = taught(TAUGHT_BY)
    world.leads(candidate(1, phone(1, zone="Atlantis/Capital"), phone(2)))
    assert world.last(SaveAttempt).intent.number == phone(2).e164
