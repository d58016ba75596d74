"""Prompts and digits of one leg."""

from __future__ import annotations

from dialer.media.dialogue import Dialogue
from dialer.media.events import Collected, Event, Played
from dialer.media.leg import Leg
from dialer.media.orders import Collect, Play
from dialer.media.splice import RtpSplice


def test_nothing_is_waited_for_while_a_prompt_says_what_to_press() -> None:
    events: list[Event] = []
    dialogue = Dialogue(events, lambda leg: None)
    leg = Leg(1, RtpSplice(99, 0, 0))
    dialogue.load("year", bytes(320))
    dialogue.play(leg, Play(1, 1, "year"))
    dialogue.collect(leg, Collect(1, 1, most=4, first_s=5.0, between_s=1.0), 0.0)
    dialogue.pressed(leg, "1", 0.5)
    events.clear()
    dialogue.tick(4.0)
    assert events == [], "the second for a further digit is over, the prompt is not"
    while leg.playback is not None:
        dialogue.frame(leg, 4.0)
    dialogue.tick(4.0)
    assert events[-2:] == [Played(1, 1, "finished"), Collected(1, 1, "1", "pause")]
