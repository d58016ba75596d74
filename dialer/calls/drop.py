"""A message for an answering machine: it waits for the beep, and is said after it. Without I/O.

begin ──► (beep) ──► Turn ──► over ──► Finish
"""

from __future__ import annotations

from campaigns.prompt import Prompt
from dialer.calls.walk import Act, Finish, Turn, TurnEnd, WalkEnd

MOST_BEEPS = 3
"""What beeps more often is no mailbox."""


class MessageDrop:
    """One call's. `beep_s`: end of the last beep, seconds of sound from the answer; None before any. `end`: None
    while it goes on. The rest as in `FlowWalk`."""

    __slots__ = ("_prompt", "beep_s", "end", "turn")

    pressed = False

    def __init__(self, prompt: Prompt) -> None:
        self._prompt = prompt
        self.beep_s: float | None = None
        self.turn = 0
        self.end: WalkEnd | None = None

    def beep(self, ended_s: float) -> Act | None:
        """A beep: now is the time. Another one while it is said: that was the beep, so from the beginning. None:
        it is over, or beeps too often to mean anything."""
        if self.end is not None or self.turn >= MOST_BEEPS:
            return None
        self.beep_s = ended_s
        self.turn += 1
        return Turn(self._prompt, self.turn)

    def over(self, end: TurnEnd, heard: str, now: float) -> Act:
        """The message was said, or could not be. Raises `ValueError` when it was not being said."""
        if self.end is not None or not self.turn:
            raise ValueError("no message is being left")
        self.end = WalkEnd.FINISHED if end is TurnEnd.PLAYED else WalkEnd.FAILED
        return Finish()

    def leave(self) -> None:
        """The call is over, or nobody listens for a beep any more."""
        if self.end is None:
            self.end = WalkEnd.LEFT
