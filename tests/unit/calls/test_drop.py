"""A message for an answering machine: after its beep."""

from __future__ import annotations

import pytest

from campaigns.prompt import Prompt
from dialer.calls.drop import MOST_BEEPS, MessageDrop
from dialer.calls.walk import Finish, Turn, TurnEnd, WalkEnd

MESSAGE = Prompt(file="message.wav")


def test_the_message_is_said_after_the_beep() -> None:
    drop = MessageDrop(MESSAGE)
    assert drop.beep(7.2) == Turn(MESSAGE, 1)
    assert drop.over(TurnEnd.PLAYED, "", 20.0) == Finish()
    assert (drop.end, drop.beep_s) == (WalkEnd.FINISHED, 7.2)


def test_another_beep_has_it_said_again_but_not_for_ever() -> None:
    drop = MessageDrop(MESSAGE)
    turns = [drop.beep(float(n)) for n in range(MOST_BEEPS)]
    assert turns == [Turn(MESSAGE, n + 1) for n in range(MOST_BEEPS)]
    assert drop.beep(9.0) is None
    assert drop.beep_s == MOST_BEEPS - 1.0
    drop.over(TurnEnd.PLAYED, "", 20.0)
    assert drop.beep(21.0) is None


def test_what_cannot_be_played_is_no_message() -> None:
    drop = MessageDrop(MESSAGE)
    with pytest.raises(ValueError, match="no message"):
        drop.over(TurnEnd.PLAYED, "", 1.0)
    drop.beep(1.0)
    drop.over(TurnEnd.FAILED, "", 1.0)
    drop.leave()
    assert drop.end is WalkEnd.FAILED


def test_a_machine_that_hangs_up_first_has_no_message() -> None:
    drop = MessageDrop(MESSAGE)
    drop.leave()
    assert drop.end is WalkEnd.LEFT
