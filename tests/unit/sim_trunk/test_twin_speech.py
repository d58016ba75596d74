"""Prompts in virtual time: when they begin and end, and what the keys of a person come to."""

from __future__ import annotations

from dataclasses import replace

from campaigns.amd import Amd, AmdPolicy, MachineAction
from campaigns.prompt import Prompt
from dialer.calls.walk import Turn
from dialer.engine.commands import HangUp, Hush, Join, Originate, Speak
from dialer.engine.events import BeepEnded, CallEnded, Detected, Event, SpeechBegan, SpeechOver
from sim_trunk.callee import CallPlan, Persona
from sim_trunk.hearing import Hearing
from sim_trunk.population_spec import Detector, Duration
from sim_trunk.timeline import Timeline
from sim_trunk.twin_carrier import TwinCarrier

PERSON = CallPlan(1.0, 2.0, 200, None, Persona.RIGHT_PARTY, talk_s=60.0, patience_s=30.0)
HELLO = Prompt(text="ten words")
ASK = Turn(HELLO, 1, digits=1, timeout_s=5.0, between_s=3.0, barge_in=True)


class Line:
    """A call answered after 2 s; prompts of 4 s."""

    def __init__(
        self,
        *presses: tuple[float, str],
        persona: Persona = Persona.RIGHT_PARTY,
        hearing: Hearing | None = None,
        amd: Amd | None = None,
    ) -> None:
        self.timeline = Timeline(0.0)
        self.of_everybody = replace(PERSON, persona=persona, presses=presses)
        self.told: list[tuple[float, Event]] = []
        self.carrier = TwinCarrier(
            self.timeline,
            self,
            lambda event: self.told.append((round(self.timeline.now, 6), event)),
            lambda *_: None,
            round_trip_s=0.1,
            lasts_s=lambda campaign, prompt: 4.0,
            hearing=hearing,
        )
        order = Originate(1, "call-1", "+442079460000", "sim", "+442079460001", amd=amd or Amd())
        self.carrier.originate(order)
        self.until(2.5)
        self.told.clear()

    def plan(self, number: str, nth_call: int, at: float) -> CallPlan:
        return self.of_everybody

    def until(self, moment: float) -> None:
        while (at := self.timeline.next_at) is not None and at <= moment:
            self.timeline.step()
        self.timeline.now = moment

    def say(self, turn: Turn) -> None:
        self.carrier.speak(Speak(1, "spring", turn))


def test_a_prompt_begins_at_once_and_is_over_with_its_length() -> None:
    line = Line()
    line.say(Turn(HELLO, 1))
    line.until(10.0)
    assert line.told == [(2.5, SpeechBegan(1, 1, 0.5)), (6.5, SpeechOver(1, 1, "played"))]


def test_a_key_ends_the_prompt_and_completes_the_turn() -> None:
    line = Line((1.0, "9"))
    line.say(ASK)
    line.until(20.0)
    assert line.told == [(2.5, SpeechBegan(1, 1, 0.5)), (3.5, SpeechOver(1, 1, "complete", "9"))]


def test_silence_ends_the_turn_after_prompt_and_wait() -> None:
    line = Line()
    line.say(ASK)
    line.until(20.0)
    assert line.told[-1] == (11.5, SpeechOver(1, 1, "nothing"))


def test_too_few_digits_end_with_the_pause() -> None:
    line = Line((1.0, "4"), (2.0, "2"))
    line.say(replace(ASK, digits=3))
    line.until(20.0)
    assert line.told[-1] == (8.5, SpeechOver(1, 1, "pause", "42"))


def test_what_is_said_is_recorded_until_a_key() -> None:
    line = Line((6.0, "#"))
    line.say(Turn(HELLO, 1, record_s=20.0))
    line.until(40.0)
    assert line.told[-1] == (8.5, SpeechOver(1, 1, "recorded", "1970-01-01/spring-1-000006-turn1.wav"))
    line = Line()
    line.say(Turn(HELLO, 1, record_s=20.0))
    line.until(40.0)
    assert line.told[-1][0] == 26.5


def test_who_hangs_up_while_they_are_recorded_has_said_something() -> None:
    line = Line()
    line.say(Turn(HELLO, 1, record_s=300.0))
    line.until(80.0)
    file = "1970-01-01/spring-1-000006-turn1.wav"
    assert line.told[1:] == [(62.5, SpeechOver(1, 1, "left", file)), (62.5, CallEnded(1, "callee"))]


def test_a_machine_presses_nothing_and_hangs_up_when_its_recording_is_full() -> None:
    line = Line((1.0, "9"), persona=Persona.VOICEMAIL)
    line.say(ASK)
    line.until(80.0)
    assert line.told[1:] == [(11.5, SpeechOver(1, 1, "nothing")), (62.0, CallEnded(1, "callee"))]


def test_every_key_has_the_person_stay_on_and_an_agent_ends_the_pressing() -> None:
    line = Line((1.0, "1"), (10.0, "1"))
    line.say(ASK)
    line.until(4.0)
    line.carrier.join(Join(1, "ann"))
    line.until(100.0)
    assert line.told[-1] == (63.5, CallEnded(1, "callee")), "60 s after the key"


def test_a_call_that_is_over_says_nothing_more() -> None:
    line = Line()
    line.say(ASK)
    line.carrier.hang_up(HangUp(1))
    line.until(30.0)
    assert [type(event) for _, event in line.told] == [SpeechBegan, CallEnded]


def test_another_turn_takes_its_place() -> None:
    line = Line()
    line.say(ASK)
    line.until(3.0)
    line.say(Turn(HELLO, 2))
    line.until(30.0)
    assert [event for _, event in line.told] == [
        SpeechBegan(1, 1, 0.5),
        SpeechBegan(1, 2, 1.0),
        SpeechOver(1, 2, "played"),
    ]


def test_a_voicemail_beeps_where_a_message_waits_for_it() -> None:
    spec = Detector(machines_found=1.0, machine=Duration(3.0), greeting=Duration(6.0), beeps=1.0)
    amd = Amd(AmdPolicy.HOLD, machine=MachineAction.MESSAGE, message=HELLO)
    line = Line(persona=Persona.VOICEMAIL, hearing=Hearing(spec, 1), amd=amd)
    line.until(30.0)
    assert line.told == [
        (5.0, Detected(1, "machine", "long-greeting", 3.0)),
        (8.0, BeepEnded(1, 6.0)),
    ]
    sooner = replace(spec, greeting=Duration(1.0))
    line = Line(persona=Persona.VOICEMAIL, hearing=Hearing(sooner, 1), amd=amd)
    line.until(30.0)
    assert [event for _, event in line.told] == [BeepEnded(1, 1.0), Detected(1, "machine", "beep", 1.0)]
    line.say(ASK)
    line.carrier.hush(Hush(1))
    line.until(50.0)
    assert [type(event) for _, event in line.told] == [BeepEnded, Detected]


def test_without_barge_in_the_prompt_is_heard_to_its_end_whatever_is_pressed() -> None:
    line = Line((0.5, "9"), (0.5, "1"))
    line.say(replace(ASK, barge_in=False))
    line.until(20.0)
    assert line.told == [(2.5, SpeechBegan(1, 1, 0.5)), (6.5, SpeechOver(1, 1, "complete", "9"))]
    line = Line((0.5, "4"), (3.0, "2"))
    line.say(replace(ASK, digits=3, between_s=1.0, barge_in=False))
    line.until(20.0)
    assert line.told[-1] == (7.0, SpeechOver(1, 1, "pause", "42")), "a second after the last digit"
