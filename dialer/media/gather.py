"""Collects digits that a person dials, within time limits."""

from __future__ import annotations

from enum import StrEnum


class GatherEnd(StrEnum):
    """Why digits are collected no more. COMPLETE: as many as wanted, or the finishing digit. NOTHING: none came in
    time. PAUSE: no further one came in time. STOPPED: on command, or the leg is over."""

    COMPLETE = "complete"
    NOTHING = "nothing"
    PAUSE = "pause"
    STOPPED = "stopped"


class Gather:
    """`most`: digits wanted, at least 1. `finish`: digits that end it and are not counted ("#"). `first_s`,
    `between_s`: how long to wait for the first and for each further one, seconds; the wait for the first begins
    with `begin`, when the prompt before it has been played. `digits`: what has come."""

    __slots__ = ("_between_s", "_finish", "_first_s", "_most", "deadline", "digits", "gather")

    def __init__(self, gather: int, most: int, finish: str, first_s: float, between_s: float) -> None:
        self.gather = gather
        self.digits = ""
        self.deadline: float | None = None
        self._most = max(1, most)
        self._finish = finish
        self._first_s = first_s
        self._between_s = between_s

    def begin(self, now: float) -> None:
        """The wait for the first digit begins, unless one has come already."""
        if not self.digits:
            self.deadline = now + self._first_s

    def press(self, digit: str, now: float) -> GatherEnd | None:
        """A digit came."""
        if digit in self._finish:
            return GatherEnd.COMPLETE
        self.digits += digit
        self.deadline = now + self._between_s
        return GatherEnd.COMPLETE if len(self.digits) >= self._most else None

    def wait(self, now: float) -> GatherEnd | None:
        """Time has passed."""
        if self.deadline is None or now < self.deadline:
            return None
        return GatherEnd.PAUSE if self.digits else GatherEnd.NOTHING
