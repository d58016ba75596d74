"""Answering machines: who is held, who is hung up, who is told what, and what stands in the record."""

from __future__ import annotations

from dataclasses import replace

from campaigns.amd import Amd, AmdPolicy
from campaigns.campaign import Delivery, Mode, Pacing
from campaigns.flow import Flow, HangUpStep, PlayStep
from campaigns.prompt import Prompt
from dialer.engine import events as ev
from dialer.engine.commands import CloseAttempt, HangUp, Join, NotifyAgent, Originate
from dialer.engine.deadlines import Timer
from tests.unit.engine.test_floor import answered, two_calls
from tests.unit.engine.world import World, campaign, candidate

HOLD = campaign(amd=Amd(AmdPolicy.HOLD, checked=0.0))
JOINED = campaign(amd=Amd(AmdPolicy.JOINED))


def said(world: World) -> tuple[str, str | None, str | None, float | None]:
    record = world.record
    return record.amd_policy, record.amd_verdict, record.amd_cause, record.amd_at_s


def test_without_a_policy_nobody_is_asked_and_nothing_stands_in_the_record() -> None:
    world = World()
    world.dial(candidate(1))
    answered(world)
    assert world.last(Originate).amd.policy is AmdPolicy.OFF
    assert world.last(Join) == Join(1, "a1")
    world.tell(ev.Dispositioned("a1", 1, "sale"), after=9)
    world.tell(ev.CallEnded(1, "dialer"))
    assert said(world) == ("", None, None, None)


def test_a_contact_is_held_until_the_detector_says_that_it_is_a_person() -> None:
    world = World(HOLD)
    world.dial(candidate(1))
    answered(world)
    assert world.last(Originate).amd == HOLD.amd
    assert not world.all(Join)
    world.tell(ev.Detected(1, "human", "short-greeting", 0.9), after=1.0)
    assert world.last(Join) == Join(1, "a1")
    assert world.last(NotifyAgent).advice == "human"
    world.tell(ev.Dispositioned("a1", 1, "sale"), after=9)
    world.tell(ev.CallEnded(1, "dialer"))
    assert said(world) == ("hold", "human", "short-greeting", 0.9)
    assert (world.record.live, world.record.machine, world.record.queued) == (True, False, False)


def test_a_machine_is_hung_up_and_no_agent_hears_it() -> None:
    world = World(HOLD)
    world.dial(candidate(1))
    answered(world)
    world.tell(ev.Detected(1, "machine", "long-greeting", 1.5), after=1.6)
    assert world.last(HangUp).attempt_id == 1
    assert not world.all(Join)
    world.tell(ev.CallEnded(1, "dialer"), after=0.1)
    record = world.record
    assert (record.outcome, record.ended_by, record.stage, record.charged) == (
        "answering_machine",
        "dialer",
        "answered",
        True,
    )
    assert (record.live, record.machine, record.abandoned, record.agent_id) == (False, True, False, None)
    assert said(world) == ("hold", "machine", "long-greeting", 1.5)
    assert (world.update.state, world.update.reason) == ("ready", "answering_machine")
    assert (world.update.due_at - world.now) >= 4 * 3600


def test_special_information_in_an_answered_call_says_that_the_number_is_dead() -> None:
    for heard, outcome in (("sit_vacant", "not_in_use"), ("sit_no_circuit", "answering_machine")):
        world = World(HOLD)
        world.dial(candidate(1))
        answered(world)
        world.tell(ev.Detected(1, "machine", "sit", 1.2, heard), after=1.3)
        world.tell(ev.CallEnded(1, "dialer"), after=0.1)
        assert (world.record.outcome, world.record.heard) == (outcome, heard)


def test_nobody_is_held_longer_than_the_campaign_says() -> None:
    world = World(campaign(amd=Amd(AmdPolicy.HOLD, hold_s=1.2)))
    world.dial(candidate(1))
    answered(world)
    world.wait(1.1)
    assert not world.all(Join)
    world.wait(0.2)
    assert world.last(Join) == Join(1, "a1")
    world.tell(ev.CallEnded(1, "callee"), after=9)
    world.tell(ev.Dispositioned("a1", 1, "sale"))
    assert said(world)[:3] == ("hold", "unsure", "time")
    assert abs((said(world)[3] or 0.0) - 1.2) < 1e-6


def test_the_grace_runs_from_the_answer_however_long_the_contact_was_held() -> None:
    world = World(campaign(pacing=Pacing(Mode.POWER, ratio=2.0), amd=Amd(AmdPolicy.HOLD, hold_s=1.5)))
    two_calls(world)
    answered(world, 1)
    world.tell(ev.Detected(1, "human", "short-greeting", 0.5), after=0.5)
    answered(world, 2, after=1.0)
    world.wait(1.9)
    assert not [hung for hung in world.all(HangUp) if hung.attempt_id == 2]
    world.wait(0.15)
    assert world.last(HangUp).attempt_id == 2
    world.tell(ev.CallEnded(2, "dialer"), after=0.1)
    record = world.record
    assert (record.outcome, record.abandoned, record.live, record.queued) == ("abandoned", True, True, True)


def test_a_person_who_hangs_up_while_held_counts_as_abandoned() -> None:
    world = World(HOLD)
    world.dial(candidate(1))
    answered(world)
    world.tell(ev.CallEnded(1, "callee"), after=1.0)
    assert (world.record.abandoned, world.record.hung_up_waiting) == (True, True)
    assert said(world) == ("hold", None, None, None)
    world.wait(5)
    assert len(world.all(CloseAttempt)) == 1


def test_a_share_of_the_machines_goes_to_agents_so_that_people_among_them_are_seen() -> None:
    world = World(campaign(amd=Amd(AmdPolicy.HOLD, checked=1.0)))
    world.dial(candidate(1))
    answered(world)
    world.tell(ev.Detected(1, "machine", "long-greeting", 1.5), after=1.6)
    assert world.last(Join) == Join(1, "a1")
    assert world.last(NotifyAgent).advice == "machine"
    world.tell(ev.Dispositioned("a1", 1, "sale"), after=9)
    world.tell(ev.CallEnded(1, "dialer"))
    assert (world.record.outcome, world.record.live, world.record.amd_verdict) == ("connected", True, "machine")


def test_with_the_agent_joined_the_verdict_only_advises() -> None:
    world = World(JOINED)
    world.dial(candidate(1))
    answered(world)
    assert world.last(Join) == Join(1, "a1")
    world.tell(ev.Detected(1, "unsure", "silence", 5.0), after=5.0)
    world.tell(ev.Detected(1, "machine", "beep", 7.0), after=2.0)
    assert not world.all(HangUp)
    told = [note.advice for note in world.all(NotifyAgent) if note.attempt_id == 1]
    assert told == ["", "unsure", "machine"]
    world.tell(ev.Dispositioned("a1", 1, "machine"), after=1)
    world.tell(ev.CallEnded(1, "dialer"))
    assert said(world) == ("joined", "machine", "beep", 7.0), "the last word: nothing was done about the first"
    assert (world.record.outcome, world.record.machine) == ("connected", True)


def test_a_word_that_comes_when_the_talk_is_over_tells_nobody_anything() -> None:
    world = World(JOINED)
    world.dial(candidate(1))
    answered(world)
    world.tell(ev.AgentHungUp("a1"), after=1)
    before = len(world.all(NotifyAgent))
    world.tell(ev.Detected(1, "human", "short-greeting", 1.0), after=0.1)
    assert len(world.all(NotifyAgent)) == before
    world.tell(ev.CallEnded(1, "dialer"))
    world.tell(ev.Dispositioned("a1", 1, "sale"))
    assert said(world)[1] == "human"


def test_a_verdict_on_a_call_that_was_never_answered_is_a_stray() -> None:
    world = World(HOLD)
    world.dial(candidate(1))
    world.tell(ev.Detected(1, "human", "short-greeting", 1.0))
    assert world.engine.state.strays == 1


def test_cutting_a_campaign_ends_those_who_are_held() -> None:
    world = World(HOLD)
    world.dial(candidate(1))
    answered(world)
    world.tell(ev.CutRequested("spring"), after=0.5)
    assert world.last(HangUp).attempt_id == 1
    assert world.engine.state.deadlines.at(Timer.HOLD, 1) is None
    world.tell(ev.CallEnded(1, "dialer"))
    assert world.record.outcome == "abandoned"


def test_those_who_are_held_count_for_the_pacer_as_waiting() -> None:
    world = World(HOLD)
    world.leads(candidate(1), candidate(2))
    world.tell(ev.AttemptSaved(1))
    answered(world)
    world.wait(1.0)
    assert [command.attempt_id for command in world.all(Originate)] == [1]  # progressive: one line per idle agent


def test_who_hangs_up_while_held_for_a_flow_wanted_no_agent() -> None:
    flow = Flow("hello", (("hello", PlayStep(Prompt(text="Hello"), "bye")), ("bye", HangUpStep())))
    world = World(
        campaign(
            delivery=Delivery.PRERECORDED,
            pacing=Pacing(Mode.LINES, lines=2),
            flow=flow,
            amd=Amd(AmdPolicy.HOLD),
        ),
        agents=0,
    )
    world.dial(candidate(1))
    world.tell(ev.CallAnswered(1), after=3)
    world.tell(ev.CallEnded(1, "callee"), after=0.5)
    record = world.record
    assert (record.outcome, record.abandoned, record.hung_up_waiting) == ("broken_off", False, False)
    world = World(replace(world.campaign, amd=Amd()), agents=0)
    world.dial(candidate(1))
    world.tell(ev.CallProgress(1, 180))
    world.wait(60.0)
    world.tell(ev.CallAnswered(1))
    world.tell(ev.CallEnded(1, "dialer"), after=0.1)
    assert (world.record.outcome, world.record.abandoned) == ("abandoned", True), "it crossed our CANCEL"
