"""Events that cross each other: what the engine hears late, twice, or in an order nobody planned."""

from __future__ import annotations

import pytest

from campaigns.campaign import Mode, Pacing
from dialer.engine import events as ev
from dialer.engine.commands import (
    CampaignEnded,
    CancelCall,
    CloseAttempt,
    HangUp,
    Join,
    NotifyAgent,
    Originate,
    ReturnLeads,
    SaveAttempt,
)
from tests.unit.engine.world import TRUNK, World, campaign, candidate, phone

POWER = campaign(pacing=Pacing(Mode.POWER, ratio=2.0))


def two_calls(world: World) -> None:
    world.leads(candidate(1), candidate(2))
    for save in world.all(SaveAttempt):
        world.tell(ev.AttemptSaved(save.intent.attempt_id))


def test_a_cut_while_the_agent_talks_on_and_the_end_of_the_call_before_is_still_awaited() -> None:
    world = World(POWER)
    two_calls(world)
    world.tell(ev.CallAnswered(1), after=2)
    world.tell(ev.CallAnswered(2), after=0.5)
    world.tell(ev.Dispositioned("a1", 1, "sale"), after=0.5)
    assert world.last(Join) == Join(2, "a1")
    world.tell(ev.CutRequested("spring"))
    assert [c.attempt_id for c in world.all(HangUp)] == [1, 2]
    for n in (1, 2):
        world.tell(ev.CallEnded(n, "dialer"), after=0.1)
        world.tell(ev.RecordSaved("spring", n))
    said = {c.record.attempt_id: c.record.disposition for c in world.all(CloseAttempt)}
    assert said == {1: "sale", 2: "none"}
    assert world.last(CampaignEnded).reason == "cut"


def test_a_cut_joins_nobody() -> None:
    world = World(POWER)
    two_calls(world)
    world.tell(ev.CallAnswered(1), after=2)
    world.tell(ev.CallAnswered(2), after=0.5)
    world.tell(ev.CutRequested("spring"))
    assert [j.attempt_id for j in world.all(Join)] == [1], "the one who waited is not put through to be hung up on"
    for n in (1, 2):
        world.tell(ev.CallEnded(n, "dialer"), after=0.1)
    outcomes = {c.record.attempt_id: (c.record.outcome, c.record.abandoned) for c in world.all(CloseAttempt)}
    assert outcomes == {1: ("connected", False), 2: ("abandoned", True)}


def test_a_cut_in_wrap_up_says_so() -> None:
    world = World()
    world.dial(candidate(1))
    world.tell(ev.CallAnswered(1), after=2)
    world.tell(ev.CallEnded(1, "callee"), after=5)
    world.tell(ev.CutRequested("spring"), after=1)
    assert world.record.disposition == "none"
    assert "limit" not in world.record.note


@pytest.mark.parametrize(("status", "outcome"), [(486, "busy"), (607, "unwanted"), (603, "rejected")])
def test_a_refusal_by_the_person_that_crosses_our_cancel_is_heard(status: int, outcome: str) -> None:
    world = World()
    world.dial(candidate(1))
    world.tell(ev.CallProgress(1, 180), after=1)
    world.wait(26)
    assert world.all(CancelCall)
    world.tell(ev.CallEnded(1, "callee", status), after=0.01)
    assert (world.record.outcome, world.record.ended_by) == (outcome, "callee")


def test_an_unwanted_call_that_was_cut_at_the_same_moment_still_blocks_the_number() -> None:
    world = World()
    world.dial(candidate(1))
    world.tell(ev.CutRequested("spring"), after=1)
    world.tell(ev.CallEnded(1, "callee", 607), after=0.01)
    block = world.last(CloseAttempt).block
    assert block is not None
    assert block.numbers == (phone(1).e164,)


def test_what_the_network_says_to_our_cancel_stays_a_no_answer() -> None:
    world = World()
    world.dial(candidate(1))
    world.tell(ev.CallProgress(1, 180), after=1)
    world.wait(26)
    world.tell(ev.CallEnded(1, "network", 503), after=0.01)
    assert (world.record.outcome, world.record.ended_by) == ("no_answer", "dialer")


def test_an_attempt_committed_after_the_journal_failed_is_withdrawn() -> None:
    world = World(agents=2)
    world.leads(candidate(1), candidate(2))
    first, second = world.all(SaveAttempt)
    world.tell(ev.SaveFailed("spring", first, "database or disk is full"))
    world.tell(ev.AttemptSaved(second.intent.attempt_id))
    assert not world.all(Originate), "the manager was told that dialing has stopped"
    assert (world.record.attempt_id, world.record.outcome) == (2, "withdrawn")


def test_a_channel_is_free_when_its_call_is_over_not_when_the_agent_is_done() -> None:
    world = World()
    world.dial(candidate(1))
    world.tell(ev.CallAnswered(1), after=2)
    assert world.engine.state.trunks[TRUNK.name].in_use == 1
    world.tell(ev.CallEnded(1, "callee"), after=30)
    assert world.last(NotifyAgent).state == "wrap_up"
    assert world.engine.state.trunks[TRUNK.name].in_use == 0
    world.tell(ev.Dispositioned("a1", 1, "sale"), after=30)
    assert world.engine.state.trunks[TRUNK.name].in_use == 0


def test_wrap_up_ends_with_the_disposition_however_late_the_wire_reports_the_end() -> None:
    world = World()
    world.dial(candidate(1))
    world.tell(ev.CallAnswered(1), after=2)
    world.tell(ev.AgentHungUp("a1"), after=10)
    world.tell(ev.Dispositioned("a1", 1, "sale"), after=3)
    world.tell(ev.CallEnded(1, "dialer"), after=30)
    assert world.record.talk_s == pytest.approx(10)
    assert world.record.wrapup_s == pytest.approx(3)


def test_a_call_that_never_left_uses_up_no_attempt_of_the_lead() -> None:
    world = World()
    world.dial(candidate(1))
    world.tell(ev.CallFault(1, "no RTP port is free"))
    assert (world.record.outcome, world.record.counted) == ("withdrawn", False)
    assert world.update.attempts == 0
    assert world.update.due_at >= world.now + 60, "but it is not tried again at once either"
    assert not world.all(ReturnLeads)
