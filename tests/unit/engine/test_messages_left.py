"""Messages on answering machines: after the beep, and what stands in the record of it."""

from __future__ import annotations

import pytest

from campaigns.amd import BEEP_WITHIN_S, Amd, AmdPolicy, MachineAction
from campaigns.campaign import Campaign, Delivery, Mode, Pacing
from campaigns.flow import Flow, GatherStep, HangUpStep
from campaigns.prompt import Prompt
from dialer.calls.walk import Turn
from dialer.engine import events as ev
from dialer.engine.commands import HangUp, Hush, Join, Speak
from tests.unit.engine.test_floor import answered
from tests.unit.engine.world import World, campaign, candidate

MESSAGE, HELLO = Prompt(file="message.wav"), Prompt(text="Hello")


def leaving(policy: AmdPolicy = AmdPolicy.HOLD, checked: float = 0.0) -> Amd:
    return Amd(policy, checked=checked, machine=MachineAction.MESSAGE, message=MESSAGE)


HOLD = campaign(amd=leaving())


def recording(policy: AmdPolicy) -> Campaign:
    menu = GatherStep(HELLO, 1, "", 5.0, 3.0, True, 0, (("1", "bye"),), "", "bye", "bye")
    return campaign(
        delivery=Delivery.PRERECORDED,
        pacing=Pacing(Mode.LINES, lines=2),
        flow=Flow("menu", (("menu", menu), ("bye", HangUpStep()))),
        amd=leaving(policy, checked=1.0),
    )


def reached(of: Campaign = HOLD) -> World:
    world = World(of)
    world.dial(candidate(1))
    answered(world)
    return world


def test_a_machine_gets_its_message_after_the_beep() -> None:
    world = reached()
    world.tell(ev.Detected(1, "machine", "long-greeting", 1.5), after=1.6)
    assert not world.all(HangUp)
    assert not world.all(Speak)
    world.tell(ev.BeepEnded(1, 7.9), after=6.4)
    assert world.last(Speak) == Speak(1, "spring", Turn(MESSAGE, 1))
    world.tell(ev.SpeechBegan(1, 1, 8.05))
    world.tell(ev.SpeechOver(1, 1, "played"), after=12.0)
    assert world.last(HangUp).attempt_id == 1
    world.tell(ev.CallEnded(1, "dialer"))
    record = world.record
    assert (record.outcome, record.machine, record.live, record.abandoned) == ("message_left", True, False, False)
    assert (record.message, record.message_end) == ("machine", "finished")
    assert (record.message_after_s, record.message_after_beep_s) == (8.05, 0.15)
    assert (world.update.state, world.update.reason) == ("ready", "message_left")


def test_a_beep_that_made_the_verdict_is_the_one() -> None:
    world = reached()
    world.tell(ev.BeepEnded(1, 0.4), after=0.6)
    world.tell(ev.Detected(1, "machine", "beep", 1.6), after=1.0)
    assert world.last(Speak).turn == Turn(MESSAGE, 1)
    world.tell(ev.SpeechBegan(1, 1, 1.7))
    world.tell(ev.CallEnded(1, "callee"), after=1.0)
    record = world.record
    assert (record.outcome, record.message_end, record.message_after_beep_s) == ("answering_machine", "left", 1.3)


def test_a_second_beep_has_the_message_said_from_its_beginning() -> None:
    world = reached()
    world.tell(ev.Detected(1, "machine", "long-greeting", 1.5), after=1.6)
    world.tell(ev.BeepEnded(1, 4.0), after=2.5)
    world.tell(ev.SpeechBegan(1, 1, 4.1))
    world.tell(ev.BeepEnded(1, 6.0), after=2.0)
    assert world.last(Speak).turn == Turn(MESSAGE, 2)
    world.tell(ev.SpeechBegan(1, 2, 6.2))
    world.tell(ev.SpeechOver(1, 1, "played"))
    assert not world.all(HangUp), "that was the first one"
    world.tell(ev.SpeechOver(1, 2, "played"), after=9.0)
    world.tell(ev.CallEnded(1, "dialer"))
    assert (world.record.message_after_s, world.record.message_after_beep_s) == (6.2, 0.2)


@pytest.mark.parametrize("cause", ["sit", "fax", "progress-tone"])
def test_what_has_no_mailbox_is_hung_up(cause: str) -> None:
    world = reached()
    world.tell(ev.Detected(1, "machine", cause, 1.2), after=1.3)
    assert world.last(HangUp).attempt_id == 1


def test_no_beep_no_message() -> None:
    world = reached()
    world.tell(ev.Detected(1, "machine", "long-greeting", 1.5), after=1.6)
    world.wait(BEEP_WITHIN_S)
    assert world.last(HangUp).attempt_id == 1
    world.tell(ev.CallEnded(1, "dialer"))
    assert (world.record.outcome, world.record.note) == ("answering_machine", "no beep was heard")
    assert (world.record.message, world.record.message_after_s) == ("machine", None)


def test_an_assistant_that_waits_for_words_is_left_none() -> None:
    world = reached()
    world.tell(ev.Detected(1, "machine", "long-greeting", 1.5), after=1.6)
    world.tell(ev.Detected(1, "screening", "no-beep", 8.0), after=6.5)
    assert world.last(HangUp).attempt_id == 1


def test_the_share_that_is_checked_goes_to_an_agent_and_a_person_always() -> None:
    world = reached(campaign(amd=leaving(checked=1.0)))
    world.tell(ev.Detected(1, "machine", "long-greeting", 1.5), after=1.6)
    assert world.last(Join) == Join(1, "a1")
    world.tell(ev.BeepEnded(1, 7.9), after=6.4)
    assert not world.all(Speak), "an agent has it"


@pytest.mark.parametrize("policy", [AmdPolicy.HOLD, AmdPolicy.JOINED])
def test_a_flow_that_turns_out_to_speak_to_a_machine_waits_for_the_beep(policy: AmdPolicy) -> None:
    world = reached(recording(policy))
    if policy is AmdPolicy.HOLD:
        world.wait(1.8)
    assert world.last(Speak).turn.prompt == HELLO
    world.tell(ev.Detected(1, "machine", "long-greeting", 3.0), after=2.0)
    assert world.last(Hush).attempt_id == 1
    world.tell(ev.SpeechOver(1, 1, "nothing"))
    world.tell(ev.BeepEnded(1, 7.9), after=3.0)
    assert world.last(Speak).turn == Turn(MESSAGE, 1)
    world.tell(ev.SpeechBegan(1, 1, 8.1))
    world.tell(ev.SpeechOver(1, 1, "played"), after=5.0)
    world.tell(ev.CallEnded(1, "dialer"))
    record = world.record
    assert (record.outcome, record.flow_end, record.message_end) == ("message_left", "machine", "finished")
    assert record.message_after_beep_s == pytest.approx(0.2)


def test_a_held_machine_in_a_campaign_without_agents_hears_no_flow() -> None:
    world = reached(recording(AmdPolicy.HOLD))
    world.tell(ev.Detected(1, "machine", "long-greeting", 1.5), after=1.6)
    world.tell(ev.BeepEnded(1, 5.0), after=3.0)
    assert [speak.turn.prompt for speak in world.all(Speak)] == [MESSAGE]


def test_whoever_presses_keys_is_no_machine_whatever_the_detector_says() -> None:
    menu = GatherStep(HELLO, 1, "", 5.0, 3.0, True, 0, (("1", "more"),), "", "more", "more")
    more = GatherStep(HELLO, 1, "", 5.0, 3.0, True, 0, (("1", "bye"),), "", "bye", "bye")
    of = campaign(
        delivery=Delivery.PRERECORDED,
        pacing=Pacing(Mode.LINES, lines=2),
        flow=Flow("menu", (("menu", menu), ("more", more), ("bye", HangUpStep()))),
        amd=leaving(AmdPolicy.JOINED),
    )
    world = reached(of)
    world.tell(ev.SpeechOver(1, 1, "complete", "1"), after=1.0)
    world.tell(ev.Detected(1, "machine", "long-greeting", 3.0), after=2.0)
    assert not world.all(Hush)
    assert world.last(Speak).turn == Turn(HELLO, 2, 1, "", 5.0, 3.0, True)


def test_a_cut_run_leaves_no_message() -> None:
    world = reached()
    world.tell(ev.Detected(1, "machine", "long-greeting", 1.5), after=1.6)
    world.tell(ev.CutRequested("spring"))
    assert world.last(HangUp).attempt_id == 1
    world.tell(ev.BeepEnded(1, 7.9))
    assert not world.all(Speak)


def test_a_call_that_ends_right_after_a_second_beep_has_no_message_after_it() -> None:
    world = reached()
    world.tell(ev.Detected(1, "machine", "long-greeting", 1.5), after=1.6)
    world.tell(ev.BeepEnded(1, 4.0), after=2.5)
    world.tell(ev.SpeechBegan(1, 1, 4.1))
    world.tell(ev.BeepEnded(1, 6.0), after=2.0)
    world.tell(ev.CallEnded(1, "callee"))
    assert (world.record.message_after_s, world.record.message_after_beep_s) == (4.1, None)


def test_what_the_flow_said_last_is_no_message() -> None:
    world = reached(recording(AmdPolicy.JOINED))
    world.tell(ev.Detected(1, "machine", "long-greeting", 3.0), after=2.0)
    world.tell(ev.SpeechBegan(1, 1, 2.1))
    world.tell(ev.CallEnded(1, "callee"))
    assert (world.record.message, world.record.message_after_s) == ("machine", None)
