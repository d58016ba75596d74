from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.calls.call import TRANSITIONS, UNANSWERED, Call, CallState, Trigger
from dialer.calls.errors import InvalidTransition
from dialer.engine.commands import SaveAttempt
from tests.unit.engine.world import World, candidate


def new_call() -> Call:
    world = World()
    world.leads(candidate(1))
    return Call(world.last(SaveAttempt).intent, candidate(1), world.campaign)


@pytest.mark.parametrize("state", list(CallState))
@pytest.mark.parametrize("trigger", list(Trigger))
def test_every_state_and_trigger_is_in_the_table_or_refused(state: CallState, trigger: Trigger) -> None:
    call = new_call()
    call.state = state
    if (state, trigger) in TRANSITIONS:
        assert call.can(trigger)
        assert call.apply(trigger) is TRANSITIONS[state, trigger]
    else:
        assert not call.can(trigger)
        with pytest.raises(InvalidTransition, match=trigger.value):
            call.apply(trigger)
        assert call.state is state


def test_nothing_is_placed_without_being_saved() -> None:
    ways_out = {trigger for (state, trigger) in TRANSITIONS if state is CallState.COMMITTING}
    assert ways_out == {Trigger.SAVED, Trigger.WITHDRAW}


def test_closed_is_the_end() -> None:
    assert not [row for row in TRANSITIONS if row[0] is CallState.CLOSED]


@given(st.lists(st.sampled_from(list(Trigger)), max_size=30))
def test_an_answered_call_never_rings_again(triggers: list[Trigger]) -> None:
    state, answered = CallState.COMMITTING, False
    for trigger in triggers:
        if (state, trigger) not in TRANSITIONS:
            continue
        state = TRANSITIONS[state, trigger]
        answered = answered or trigger is Trigger.ANSWERED
        assert not (answered and state in UNANSWERED)


def test_every_state_can_reach_closed() -> None:
    reaches = {CallState.CLOSED}
    while True:
        more = {before for (before, _), after in TRANSITIONS.items() if after in reaches} - reaches
        if not more:
            break
        reaches |= more
    assert reaches == set(CallState)
