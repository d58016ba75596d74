"""Turns of call flows on a contact's leg: what is ordered, and what is told."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from campaigns.prompt import Prompt, prompt_name
from dialer.calls.walk import Turn
from dialer.engine.commands import Speak
from dialer.engine.events import SpeechBegan, SpeechOver
from dialer.media.events import Collected, LegFigures, Played, Playing, Recorded
from dialer.media.orders import Collect, Play, Record, StopCollecting, StopPlaying, StopRecording
from dialer.ports.media import MediaLost
from dialer.sip.sdp import Media as Session
from dialer.telephony.call_audio import CallAudio
from dialer.telephony.contact_speech import ContactSpeech, SpeechEvent
from dialer.telephony.errors import NoSuchLeg
from tests.unit.telephony.scripted_media import ScriptedMedia

HELLO = Prompt(text="Hello")
NAME = prompt_name("acme", HELLO)
ASK = Turn(HELLO, 1, digits=1, timeout_s=5.0, between_s=3.0, barge_in=True)
NOON = 1_795_435_200.0


class World:
    def __init__(self) -> None:
        self.media = ScriptedMedia()
        self.audio = CallAudio(self.media, lambda *_: None, lambda *_: None)
        self.told: list[SpeechEvent] = []
        self.speech = ContactSpeech(self.audio, self.told.append, Path("/recordings"), lambda: NOON)
        self.audio.open_contact(7, self.media.hosts[0])
        self.audio.connect_contact(7, Session("192.0.2.1", 4_000, (0,), telephone_event=101), 100.0)
        self.leg = self.audio.leg_of_contact(7)
        self.media.orders.clear()

    def say(self, turn: Turn) -> None:
        self.speech.speak(Speak(7, "acme/spring", turn))

    def hear(self, *events: Playing | Played | Collected | Recorded) -> None:
        for event in events:
            self.speech.on_media_event(event)


def test_a_prompt_that_asks_is_played_and_digits_are_collected() -> None:
    w = World()
    w.say(ASK)
    assert w.media.orders == [Play(w.leg, 1, NAME, barge_in=True), Collect(w.leg, 1, 1, "", 5.0, 3.0)]
    w.hear(Playing(w.leg, 1, 101.75), Played(w.leg, 1, "barge-in"), Collected(w.leg, 1, "9", "complete"))
    assert w.told == [SpeechBegan(7, 1, 1.75), SpeechOver(7, 1, "complete", "9")]


def test_a_prompt_that_no_digit_ends_is_heard_to_its_end() -> None:
    w = World()
    w.say(replace(ASK, barge_in=False))
    w.hear(Collected(w.leg, 1, "9", "complete"))
    assert (w.told, len(w.media.orders)) == ([], 2)
    w.hear(Played(w.leg, 1, "finished"))
    assert w.told == [SpeechOver(7, 1, "complete", "9")]


def test_a_prompt_alone_is_over_with_its_end() -> None:
    w = World()
    w.say(Turn(HELLO, 2))
    assert w.media.orders == [Play(w.leg, 1, NAME)]
    w.hear(Played(w.leg, 1, "finished"))
    assert w.told == [SpeechOver(7, 2, "played")]


def test_what_is_said_is_recorded_after_the_prompt() -> None:
    w = World()
    w.say(Turn(HELLO, 3, record_s=20.0))
    w.hear(Played(w.leg, 1, "finished"))
    file = "2026-11-23/acme/spring-7-120000-turn3.wav"
    assert w.media.orders[1:] == [
        Record(w.leg, -1, f"/recordings/{file}"),
        Collect(w.leg, 1, 1, "", 20.0, 20.0),
    ]
    w.hear(Collected(w.leg, 1, "#", "complete"))
    assert w.media.orders[-1] == StopRecording(w.leg)
    w.hear(Recorded(w.leg, -1, 4.0))
    assert w.told == [SpeechOver(7, 3, "recorded", file)]


def test_a_recording_that_fails_is_told() -> None:
    w = World()
    w.say(Turn(None, 1, record_s=20.0))
    w.hear(Recorded(w.leg, -1, 0.0, "disk full"))
    assert w.told[0] == SpeechOver(7, 1, "failed", "2026-11-23/acme/spring-7-120000-turn1.wav")


def test_a_prompt_that_is_not_there_is_told() -> None:
    w = World()
    w.say(ASK)
    w.hear(Played(w.leg, 1, "failed"), Collected(w.leg, 1, "", "nothing"))
    assert w.told == [SpeechOver(7, 1, "failed")]


def test_what_is_told_of_the_turn_before_changes_nothing() -> None:
    w = World()
    w.say(ASK)
    w.say(Turn(HELLO, 2))
    w.hear(Played(w.leg, 1, "stopped"), Collected(w.leg, 1, "", "stopped"), Played(w.leg, 2, "finished"))
    assert w.told == [SpeechOver(7, 2, "played")]


def test_the_end_of_the_leg_is_the_end_of_the_turn() -> None:
    w = World()
    w.say(Turn(HELLO, 1))
    w.audio.close_contact(7)
    w.hear(Played(w.leg, 1, "stopped"))
    w.speech.on_media_event(LegFigures(w.leg, 0, 0, 0, 0.0, 0.0))
    w.hear(Played(w.leg, 1, "finished"))
    assert w.told == []
    with pytest.raises(NoSuchLeg):
        w.say(ASK)


def test_with_the_media_every_turn_is_gone() -> None:
    w = World()
    w.say(Turn(HELLO, 1))
    w.speech.on_media_event(MediaLost("killed"))
    w.hear(Played(w.leg, 1, "finished"))
    assert w.told == []


def test_hushed_it_says_and_collects_nothing_and_tells_nothing() -> None:
    w = World()
    w.say(ASK)
    w.speech.hush(7)
    assert w.media.orders[2:] == [StopPlaying(w.leg), StopCollecting(w.leg)]
    w.hear(Played(w.leg, 1, "stopped"), Collected(w.leg, 1, "", "stopped"))
    w.speech.hush(7)
    assert (w.told, len(w.media.orders)) == ([], 4)


def test_who_hangs_up_while_they_are_recorded_has_said_what_is_in_the_file() -> None:
    w = World()
    w.say(Turn(None, 1, record_s=20.0))
    w.audio.close_contact(7)
    w.hear(Collected(w.leg, 1, "", "stopped"))
    w.speech.on_media_event(LegFigures(w.leg, 0, 0, 0, 0.0, 0.0))
    w.hear(Recorded(w.leg, -1, 4.0))
    assert w.told == [SpeechOver(7, 1, "left", "2026-11-23/acme/spring-7-120000-turn1.wav")]


def test_hushed_it_records_nothing_more() -> None:
    w = World()
    w.say(Turn(None, 1, record_s=20.0))
    w.speech.hush(7)
    assert w.media.orders[-1] == StopRecording(w.leg)
    w.hear(Collected(w.leg, 1, "", "stopped"), Recorded(w.leg, -1, 4.0))
    assert w.told == []
