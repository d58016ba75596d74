from __future__ import annotations

import itertools

import pytest

from campaigns.callback import Promise
from campaigns.campaign import Mode, Pacing
from dialer.engine import events as ev
from dialer.engine.commands import (
    CampaignEnded,
    CancelCall,
    CloseAttempt,
    HangUp,
    Join,
    Notice,
    NotifyAgent,
    SaveAgentTime,
    SaveAttempt,
)
from tests.unit.engine.world import World, campaign, candidate, phone

POWER = campaign(pacing=Pacing(Mode.POWER, ratio=2.0))


def answered(world: World, attempt_id: int = 1, after: float = 3.0) -> None:
    world.tell(ev.CallProgress(attempt_id, 180), after=after / 2)
    world.tell(ev.CallAnswered(attempt_id), after=after / 2)


def two_calls(world: World) -> None:
    world.leads(candidate(1), candidate(2))
    for save in world.all(SaveAttempt):
        world.tell(ev.AttemptSaved(save.intent.attempt_id))


def test_an_answered_call_joins_the_agent_who_waited_longest() -> None:
    world = World(agents=0)
    for name in ("late", "early"):
        world.tell(ev.AgentLoggedIn(name, "spring"))
    world.tell(ev.AgentReady("early"), after=1)
    world.tell(ev.AgentReady("late"), after=1)
    world.dial(candidate(1))
    answered(world)
    assert world.last(Join) == Join(1, "early")
    told = world.last(NotifyAgent)
    assert (told.agent_id, told.state, told.attempt_id, told.number) == ("early", "talking", 1, phone(1).e164)
    assert told.lead is not None
    assert told.lead.lead_id == 1


def test_the_bridge_comes_before_the_news() -> None:
    world = World()
    world.dial(candidate(1))
    world.tell(ev.CallProgress(1, 180), after=1)
    kinds = [type(c) for c in world.tell(ev.CallAnswered(1), after=1)]
    assert kinds.index(Join) < kinds.index(NotifyAgent)


def test_a_conversation_becomes_one_record() -> None:
    world = World()
    world.dial(candidate(1))
    answered(world)
    world.tell(ev.AudioFlowing(1, 0.012), after=0.012)
    world.tell(ev.CallEnded(1, "callee"), after=100)
    world.tell(ev.Dispositioned("a1", 1, "sale"), after=20)
    record = world.record
    assert (record.outcome, record.disposition, record.ended_by) == ("connected", "sale", "callee")
    assert (record.live, record.rpc, record.machine, record.abandoned) == (True, True, False, False)
    assert record.talk_s == pytest.approx(100.012)
    assert record.wrapup_s == pytest.approx(20)
    assert record.answer_to_agent_s == 0.012
    assert not record.queued
    assert record.final
    assert world.update.state == "final"
    assert world.last(NotifyAgent).state == "ready"


def test_nobody_free_waits_and_the_next_ready_agent_gets_the_call() -> None:
    world = World(POWER)
    two_calls(world)
    answered(world, 1)
    answered(world, 2, after=1.0)
    assert [j.attempt_id for j in world.all(Join)] == [1]
    world.tell(ev.Dispositioned("a1", 1, "not_interested"), after=1.5)
    assert world.last(Join) == Join(2, "a1")
    world.tell(ev.CallEnded(1, "dialer"))
    world.tell(ev.Dispositioned("a1", 2, "not_interested"), after=5)
    world.tell(ev.CallEnded(2, "dialer"))
    first, second = (close.record for close in world.all(CloseAttempt))
    assert (first.queued, second.queued) == (False, True)
    assert second.assigned_at == pytest.approx((second.answered_at or 0) + 1.5)


def test_after_the_grace_time_the_call_is_abandoned() -> None:
    world = World(POWER)
    two_calls(world)
    answered(world, 1)
    answered(world, 2, after=1.0)
    world.wait(1.9)
    before = len(world.all(HangUp))
    world.wait(0.2)
    assert (before, world.last(HangUp).attempt_id) == (0, 2)
    world.tell(ev.CallEnded(2, "dialer"), after=0.01)
    record = world.record
    assert (record.outcome, record.live, record.abandoned, record.hung_up_waiting) == (
        "abandoned",
        True,
        True,
        False,
    )


def test_a_person_who_hangs_up_waiting_counts_as_abandoned_and_is_said_apart() -> None:
    world = World(POWER)
    two_calls(world)
    answered(world, 1)
    answered(world, 2, after=1.0)
    world.tell(ev.CallEnded(2, "callee"), after=1.0)
    assert (world.record.abandoned, world.record.hung_up_waiting) == (True, True)


def test_a_200_that_crosses_our_cancel_is_a_person_abandoned() -> None:
    world = World()
    world.dial(candidate(1))
    world.tell(ev.CallProgress(1, 180), after=1)
    world.wait(26)
    assert world.all(CancelCall)
    world.tell(ev.CallAnswered(1), after=0.01)
    assert not world.all(Join)
    world.tell(ev.CallEnded(1, "dialer"), after=0.01)
    assert (world.record.outcome, world.record.abandoned) == ("abandoned", True)
    assert "cancelled" in world.record.note


def test_the_agent_hangs_up_and_says_why() -> None:
    world = World()
    world.dial(candidate(1))
    answered(world)
    world.tell(ev.AgentHungUp("a1"), after=4)
    assert world.last(HangUp).attempt_id == 1
    assert world.last(NotifyAgent).state == "wrap_up"
    world.tell(ev.Dispositioned("a1", 1, "machine"), after=2)
    assert not world.all(CloseAttempt), "the wire has not said that the call is over"
    world.tell(ev.CallEnded(1, "dialer"), after=0.01)
    assert (world.record.machine, world.record.live, world.record.ended_by) == (True, False, "agent")


def test_wrap_up_has_a_limit() -> None:
    world = World()
    world.dial(candidate(1))
    answered(world)
    world.tell(ev.CallEnded(1, "callee"), after=10)
    world.wait(60)
    assert world.record.disposition == "none"
    assert "limit" in world.record.note
    assert world.last(NotifyAgent).state == "ready"


def test_a_refusal_blocks_the_number_at_once() -> None:
    world = World()
    world.dial(candidate(1))
    answered(world)
    world.tell(ev.CallEnded(1, "callee"), after=10)
    world.tell(ev.Dispositioned("a1", 1, "dnc"), after=1)
    block = world.last(CloseAttempt).block
    assert block is not None
    assert block.numbers == (phone(1).e164,)
    assert world.update.state == "final"


def test_a_promised_callback_sets_the_moment() -> None:
    world = World()
    world.dial(candidate(1))
    answered(world)
    world.tell(ev.CallEnded(1, "callee"), after=10)
    world.tell(ev.Dispositioned("a1", 1, "callback", Promise(world.now + 7200)), after=1)
    assert world.update.due_at == pytest.approx(world.now + 7199)


def test_a_wrong_number_sends_the_lead_to_its_next_one() -> None:
    world = World()
    world.dial(candidate(1, phone(1), phone(2)))
    answered(world)
    world.tell(ev.CallEnded(1, "callee"), after=10)
    world.tell(ev.Dispositioned("a1", 1, "wrong_number"), after=1)
    assert (world.update.state, world.update.phone_position) == ("ready", 1)


def test_an_unknown_disposition_is_refused_and_the_agent_told() -> None:
    world = World()
    world.dial(candidate(1))
    answered(world)
    world.tell(ev.CallEnded(1, "callee"), after=10)
    world.tell(ev.Dispositioned("a1", 1, "nonsense"), after=1)
    assert world.last(Notice).code == "unknown_disposition"
    assert not world.all(CloseAttempt)


def test_a_disposition_for_a_call_that_is_gone_changes_nothing() -> None:
    world = World()
    world.tell(ev.Dispositioned("a1", 7, "sale"))
    assert world.engine.state.strays == 1
    assert not world.all(CloseAttempt)


@pytest.mark.parametrize("event", [ev.AgentPaused("a1"), ev.AgentLoggedOut("a1")])
def test_leaving_in_a_call_takes_effect_after_wrap_up(event: ev.AgentPaused | ev.AgentLoggedOut) -> None:
    world = World()
    world.dial(candidate(1), candidate(2))
    answered(world)
    world.tell(event, after=5)
    assert world.last(NotifyAgent).state == "talking"
    world.tell(ev.CallEnded(1, "callee"), after=5)
    world.tell(ev.Dispositioned("a1", 1, "sale"), after=5)
    assert world.last(NotifyAgent).state == ("paused" if isinstance(event, ev.AgentPaused) else "logged_out")
    world.wait(5)
    assert len(world.all(SaveAttempt)) == 1


def test_agent_time_adds_up_to_the_time_on_duty() -> None:
    world = World()
    start = world.now
    world.dial(candidate(1))
    answered(world)
    world.tell(ev.CallEnded(1, "callee"), after=50)
    world.tell(ev.Dispositioned("a1", 1, "sale"), after=10)
    world.tell(ev.AgentPaused("a1"), after=5)
    world.tell(ev.AgentLoggedOut("a1"), after=7)
    stretches = [s for save in world.all(SaveAgentTime) for s in save.stretches]
    assert [s.activity for s in stretches] == ["idle", "talking", "wrap_up", "idle", "paused"]
    assert stretches[0].since == start
    assert all(a.until == b.since for a, b in itertools.pairwise(stretches))
    assert stretches[-1].until == world.now


def test_cut_hangs_up_everything_and_records_it() -> None:
    world = World(POWER, agents=1)
    two_calls(world)
    answered(world, 1)
    world.tell(ev.CutRequested("spring"))
    assert world.last(HangUp).attempt_id == 1
    assert world.last(CancelCall).attempt_id == 2
    world.tell(ev.CallEnded(1, "dialer"), after=0.1)
    world.tell(ev.CallEnded(2, "dialer", 487), after=0.1)
    outcomes = {c.record.attempt_id: (c.record.outcome, c.record.ended_by) for c in world.all(CloseAttempt)}
    assert outcomes == {1: ("connected", "dialer"), 2: ("cut", "dialer")}
    for n in (1, 2):
        world.tell(ev.RecordSaved("spring", n))
    assert world.last(CampaignEnded).reason == "cut"


def test_the_same_agent_twice_is_refused_with_a_notice() -> None:
    world = World()
    world.tell(ev.AgentLoggedIn("a1", "spring"))
    assert world.last(Notice).code == "agent_on_duty"
