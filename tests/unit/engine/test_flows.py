"""Answered calls that no agent speaks with: call flows, and the message of the abandoned."""

from __future__ import annotations

from dataclasses import replace

from campaigns.abandoned import LEAD_S, AbandonedMessage
from campaigns.campaign import Campaign, Delivery, Mode, Pacing
from campaigns.destinations import Destinations
from campaigns.flow import Flow, GatherStep, HangUpStep, OptOutStep, RecordStep, Step, ToAgentsStep
from campaigns.prompt import Prompt
from campaigns.walls import OwnedCallerId, TrunkWall, Walls
from dialer.calls.walk import Turn
from dialer.engine import events as ev
from dialer.engine.commands import CampaignEnded, HangUp, Join, Notice, Originate, SaveAttempt, SaveOptOut, Speak
from dialer.engine.flows import OVERDUE_S, REGISTERED_WITHIN_S
from dialer.ports.store import FINAL, READY, BlockNumbers, opt_out_source
from dialer.trunks.trunk import Trunk
from tests.unit.engine.world import World, campaign, candidate, phone

HELLO, GONE = Prompt(text="This is Example Ltd. Press 9."), Prompt(text="Gone.")
MESSAGE = AbandonedMessage(HELLO, confirmation=GONE)
POWER = Pacing(Mode.POWER, ratio=2.0)


def menu(**branches: str) -> GatherStep:
    return GatherStep(HELLO, 1, "", 5.0, 3.0, True, 0, tuple(branches.items()), "", "bye", "bye")


def flow_campaign(*, lines: int = 2, message: AbandonedMessage | None = None, **steps: Step) -> Campaign:
    named = {"menu": menu(**{"1": "agent", "9": "stop"}), "bye": HangUpStep(), **steps}
    return campaign(
        delivery=Delivery.PRERECORDED,
        pacing=Pacing(Mode.LINES, lines=lines),
        flow=Flow("menu", tuple(named.items())),
        abandoned=message,
    )


PRESS_ONE = flow_campaign(message=MESSAGE, agent=ToAgentsStep(), stop=OptOutStep(GONE))
RECORDING = flow_campaign(menu=menu(**{"9": "stop"}), stop=OptOutStep(None))


def abandoned(of: Campaign | None = None) -> tuple[World, int]:
    """Two calls for one agent: the second is answered while the agent talks, and waits in vain."""
    world = World(of or campaign(pacing=POWER, abandoned=MESSAGE))
    world.leads(candidate(1), candidate(2))
    for save in world.all(SaveAttempt):
        world.tell(ev.AttemptSaved(save.intent.attempt_id))
    world.tell(ev.CallAnswered(1))
    world.tell(ev.CallAnswered(2), after=1.0)
    world.wait(3.0)
    return world, 2


# --- the message of the abandoned ---------------------------------------------------------------------------


def test_whom_no_agent_takes_hears_the_message_in_time() -> None:
    world, attempt = abandoned()
    speak = world.last(Speak)
    assert (speak.attempt_id, speak.campaign, speak.turn.prompt) == (attempt, "spring", HELLO)
    assert not world.all(HangUp)
    world.tell(ev.SpeechBegan(attempt, 1, 2.0 - LEAD_S + 0.03))
    world.tell(ev.SpeechOver(attempt, 1, "nothing"), after=6.0)
    assert world.last(HangUp).attempt_id == attempt
    world.tell(ev.CallEnded(attempt, "dialer"), after=0.1)
    record = world.record
    assert (record.outcome, record.abandoned, record.live) == ("abandoned", True, True)
    assert (record.message, record.message_end) == ("abandoned", "finished")
    assert record.message_after_s == 1.78
    assert record.opted_out_at is None


def test_the_message_is_ordered_before_the_rule_set_s_clock_runs_out() -> None:
    world = World(campaign(pacing=POWER, abandoned=MESSAGE))
    world.leads(candidate(1), candidate(2))
    for save in world.all(SaveAttempt):
        world.tell(ev.AttemptSaved(save.intent.attempt_id))
    world.tell(ev.CallAnswered(1))
    world.tell(ev.CallAnswered(2))
    world.wait(2.0 - LEAD_S - 0.01)
    assert not world.all(Speak)
    world.wait(0.01)
    assert world.last(Speak).attempt_id == 2


def test_without_a_message_the_abandoned_are_hung_up_on_as_ever() -> None:
    world, attempt = abandoned(campaign(pacing=POWER))
    assert world.last(HangUp).attempt_id == attempt
    assert not world.all(Speak)
    world.tell(ev.CallEnded(attempt, "dialer"))
    assert (world.record.message, world.record.message_after_s) == ("", None)


def test_the_opt_out_key_blocks_the_number_at_once_and_is_confirmed_when_it_is() -> None:
    world, attempt = abandoned()
    world.tell(ev.SpeechBegan(attempt, 1, 1.78))
    world.tell(ev.SpeechOver(attempt, 1, "complete", "9"), after=2.0)
    pressed_at = world.now
    assert world.last(SaveOptOut) == SaveOptOut(
        "spring", attempt, BlockNumbers((phone(2).e164,), opt_out_source(attempt), pressed_at)
    )
    assert len(world.all(Speak)) == 1, "nobody is told before it is on the register"
    world.tell(ev.OptOutSaved(attempt), after=0.01)
    assert world.last(Speak).turn == Turn(GONE, 2)
    world.tell(ev.SpeechOver(attempt, 2, "played"), after=1.0)
    assert world.last(HangUp).attempt_id == attempt
    world.tell(ev.CallEnded(attempt, "dialer"))
    record = world.record
    assert (record.outcome, record.abandoned, record.opted_out_at) == ("abandoned", True, pressed_at)
    assert record.message_end == "opted_out"
    assert (world.update.state, world.update.reason) == (FINAL, "opted_out")


def test_who_hangs_up_during_the_message_has_heard_it_begin() -> None:
    world, attempt = abandoned()
    world.tell(ev.SpeechBegan(attempt, 1, 1.78))
    world.tell(ev.CallEnded(attempt, "callee"), after=1.0)
    record = world.record
    assert (record.message_end, record.message_after_s, record.ended_by) == ("left", 1.78, "callee")
    assert not record.hung_up_waiting


def test_a_message_that_cannot_be_played_hangs_up() -> None:
    world, attempt = abandoned()
    world.tell(ev.SpeechOver(attempt, 1, "failed"))
    assert world.last(HangUp).attempt_id == attempt
    world.tell(ev.CallEnded(attempt, "dialer"))
    assert (world.record.message_end, world.record.message_after_s) == ("failed", None)


def test_an_opt_out_that_cannot_be_saved_is_tried_again_and_not_confirmed() -> None:
    world, attempt = abandoned()
    world.tell(ev.SpeechOver(attempt, 1, "complete", "9"))
    write = world.last(SaveOptOut)
    world.tell(ev.SaveFailed("spring", write, "disk full"))
    assert world.last(HangUp).attempt_id == attempt
    assert world.last(Notice).code == "journal_failed"
    world.tell(ev.CallEnded(attempt, "dialer"))
    assert world.update.state == FINAL
    world.wait(5.0)
    assert world.all(SaveOptOut) == [write, write]
    assert len(world.all(Speak)) == 1


def test_nobody_waits_in_silence_for_a_register_that_does_not_answer() -> None:
    world, attempt = abandoned()
    world.tell(ev.SpeechOver(attempt, 1, "complete", "9"))
    world.wait(REGISTERED_WITHIN_S)
    assert world.last(HangUp).attempt_id == attempt
    world.tell(ev.OptOutSaved(attempt))
    assert len(world.all(Speak)) == 1
    world.tell(ev.CallEnded(attempt, "dialer"))
    assert (world.update.state, world.record.opted_out_at is None) == (FINAL, False)


def test_a_confirmation_may_last() -> None:
    world, attempt = abandoned()
    world.tell(ev.SpeechOver(attempt, 1, "complete", "9"))
    world.tell(ev.OptOutSaved(attempt))
    world.wait(REGISTERED_WITHIN_S * 3)
    assert not world.all(HangUp)


def test_nothing_said_of_a_turn_that_is_over_changes_anything() -> None:
    world, attempt = abandoned()
    strays = world.engine.state.strays
    world.tell(ev.SpeechOver(attempt, 7, "played"))
    world.tell(ev.SpeechOver(1, 1, "played"))
    assert world.engine.state.strays == strays + 2
    world.tell(ev.CallEnded(attempt, "callee"))
    world.tell(ev.SpeechOver(attempt, 1, "nothing"))
    world.tell(ev.OptOutSaved(attempt))
    assert world.engine.state.strays == strays + 4


def test_a_cut_run_hangs_up_on_whoever_hears_the_message() -> None:
    world, attempt = abandoned()
    world.tell(ev.CutRequested("spring"))
    assert attempt in [hang_up.attempt_id for hang_up in world.all(HangUp)]


# --- call flows ---------------------------------------------------------------------------------------------


def placed(of: Campaign, *, agents: int = 0, leads: int = 1) -> World:
    world = World(of, agents=agents)
    world.leads(*(candidate(n) for n in range(1, leads + 1)))
    for save in world.all(SaveAttempt):
        world.tell(ev.AttemptSaved(save.intent.attempt_id))
    return world


def test_a_recording_needs_no_agent_and_keeps_to_its_lines() -> None:
    world = placed(RECORDING, leads=5)
    assert len(world.all(Originate)) == 2
    world.tell(ev.CallAnswered(1))
    assert world.last(Speak).attempt_id == 1
    world.wait(2.0)
    assert len(world.all(Originate)) == 2, "a call in its flow is a line in use"
    world.tell(ev.SpeechOver(1, 1, "nothing"))
    world.tell(ev.CallEnded(1, "dialer"))
    world.wait(1.0)
    assert len(world.all(SaveAttempt)) == 3


def test_a_flow_that_came_to_its_end_is_delivered() -> None:
    world = placed(RECORDING)
    world.tell(ev.CallAnswered(1))
    world.tell(ev.SpeechOver(1, 1, "nothing"), after=5.0)
    world.tell(ev.CallEnded(1, "dialer"))
    record = world.record
    assert (record.outcome, record.flow_step, record.flow_end) == ("delivered", "bye", "finished")
    assert (record.live, record.abandoned, record.agent_id) == (False, False, None)
    assert (world.update.state, world.update.reason) == (FINAL, "delivered")


def test_who_hangs_up_in_the_flow_is_called_again() -> None:
    world = placed(RECORDING)
    world.tell(ev.CallAnswered(1))
    world.tell(ev.CallEnded(1, "callee"), after=2.0)
    record = world.record
    assert (record.outcome, record.flow_step, record.flow_end) == ("broken_off", "menu", "left")
    assert world.update.state == READY


def test_the_flow_may_say_what_a_call_came_to() -> None:
    world = placed(flow_campaign(menu=menu(**{"1": "yes"}), yes=HangUpStep("sale")))
    world.tell(ev.CallAnswered(1))
    world.tell(ev.SpeechOver(1, 1, "complete", "1"))
    world.tell(ev.CallEnded(1, "dialer"))
    record = world.record
    assert (record.outcome, record.disposition, record.live, record.rpc) == ("delivered", "sale", True, True)
    assert (record.answers, world.update.state) == ('{"menu":"1"}', FINAL)


def test_opting_out_of_a_flow_blocks_the_number_and_closes_the_lead() -> None:
    world = placed(RECORDING)
    world.tell(ev.CallAnswered(1))
    world.tell(ev.SpeechOver(1, 1, "complete", "9"))
    world.tell(ev.OptOutSaved(1))
    assert world.last(HangUp).attempt_id == 1
    world.tell(ev.CallEnded(1, "dialer"))
    assert (world.record.outcome, world.record.flow_end) == ("delivered", "opted_out")
    assert (world.update.state, world.update.reason) == (FINAL, "opted_out")
    assert world.all(SaveOptOut)


def test_who_presses_for_an_agent_gets_the_free_one() -> None:
    world = placed(PRESS_ONE, agents=1)
    world.tell(ev.CallAnswered(1))
    world.tell(ev.SpeechOver(1, 1, "complete", "1"), after=4.0)
    assert world.last(Join) == Join(1, "a1")
    world.tell(ev.AudioFlowing(1, 4.01))
    world.tell(ev.CallEnded(1, "callee"), after=30.0)
    world.tell(ev.Dispositioned("a1", 1, "sale"), after=5.0)
    record = world.record
    assert (record.outcome, record.disposition, record.queued) == ("connected", "sale", False)
    assert record.to_agents_at is not None
    assert record.answered_at is not None
    assert record.to_agents_at - record.answered_at == 4.0
    assert record.answer_to_agent_s is None, "the flow is no delay of ours"
    assert (record.flow_end, record.talk_s) == ("to_agents", 30.0)


def test_who_presses_for_an_agent_in_vain_is_abandoned_and_hears_the_message() -> None:
    world = placed(PRESS_ONE, agents=1, leads=2)
    for attempt in (1, 2):
        world.tell(ev.CallAnswered(attempt))
        world.tell(ev.SpeechOver(attempt, 1, "complete", "1"), after=1.0)
    world.wait(1.8)
    assert world.last(Speak) == Speak(2, "spring", Turn(HELLO, 1, 1, "", 4.0, 4.0, True))
    world.tell(ev.SpeechBegan(2, 1, 2.9))
    world.tell(ev.CallEnded(2, "callee"))
    record = world.record
    assert (record.outcome, record.abandoned, record.message) == ("abandoned", True, "abandoned")
    assert (record.flow_end, record.message_after_s) == ("to_agents", 2.9)


def test_nobody_is_called_for_agents_who_are_not_there() -> None:
    world = World(PRESS_ONE, agents=0)
    world.leads(candidate(1))
    assert not world.all(SaveAttempt)
    world.tell(ev.AgentLoggedIn("a1", "spring"))
    world.wait(1.0)
    assert world.all(SaveAttempt)


def test_a_flow_whose_turn_is_never_over_is_ended() -> None:
    world = placed(RECORDING)
    world.tell(ev.CallAnswered(1))
    world.wait(600.0 + OVERDUE_S)
    assert world.last(HangUp).attempt_id == 1
    world.tell(ev.CallEnded(1, "dialer"))
    assert "did not go on" in world.record.note
    assert world.record.outcome == "broken_off"


def test_who_hangs_up_while_they_are_recorded_has_answered() -> None:
    world = placed(flow_campaign(menu=RecordStep(HELLO, 20.0, "bye")))
    world.tell(ev.CallAnswered(1))
    world.tell(ev.SpeechOver(1, 1, "left", "day/one.wav"), after=9.0)
    world.tell(ev.CallEnded(1, "callee"))
    record = world.record
    assert (record.outcome, record.flow_step, record.flow_end) == ("broken_off", "menu", "left")
    assert (record.answers, record.ended_by) == ('{"menu":"day/one.wav"}', "callee")


def test_a_drained_flow_campaign_ends_with_its_last_call() -> None:
    world = placed(RECORDING)
    world.tell(ev.CallAnswered(1))
    world.tell(ev.DrainRequested("spring"))
    assert not world.all(HangUp)
    world.tell(ev.SpeechOver(1, 1, "nothing"))
    world.tell(ev.CallEnded(1, "dialer"))
    world.tell(ev.RecordSaved("spring", 1))
    assert world.last(CampaignEnded).reason == "drained"


def test_over_a_trunk_that_is_no_simulated_one_nobody_is_called() -> None:
    real = Trunk("real", "192.0.2.1", 5060)
    walls = Walls(
        house=Destinations.parse(["GB"]),
        trunks=(TrunkWall("real"),),
        caller_ids=(OwnedCallerId("+442079460000", verified_on="2026-11-01"),),
    )
    world = World(replace(RECORDING, trunks=("real",)), agents=0, trunks=(real,), walls=walls)
    world.leads(candidate(1))
    assert not world.all(SaveAttempt)
    assert "go to the simulated trunk alone" in world.last(Notice).text
    world = World(campaign(trunks=("real",)), trunks=(real,), walls=walls)
    world.leads(candidate(1))
    assert world.all(SaveAttempt), "an agent may speak with the same person"
