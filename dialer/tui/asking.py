"""What a screen asks the service for besides the picture, now and again while it is looked at."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from textual.message import Message

from dialer.errors import DialerError
from dialer.tui.frame import Frame
from dialer.tui.source import Source
from dialer.tui.view import View

Answer = TypeVar("Answer")


class AnswerWanted(Message):
    """A screen wants something asked. `carry_out`: does so; it takes the source and the clock."""

    def __init__(self, carry_out: Callable[[Source, Callable[[], float]], Awaitable[None]]) -> None:
        super().__init__()
        self.carry_out = carry_out


class Asking(Generic[Answer]):
    """`answer`: what came of asking last, or why nothing did; None before. `every_s`: it is asked again after so
    long; None: once."""

    def __init__(self, screen: Frame, ask: Callable[[Source], Awaitable[Answer]], every_s: float | None) -> None:
        self._screen = screen
        self._ask = ask
        self._every_s = every_s
        self._asked = False
        self._at: float | None = None
        self.answer: Answer | DialerError | None = None

    def look(self, view: View) -> None:
        """Ask, when it is time to; never of a service that is away."""
        if self._asked or view.stale or view.overview is None:
            return
        if self._at is None or (self._every_s is not None and view.now - self._at >= self._every_s):
            self._asked = True
            self._screen.post_message(AnswerWanted(self._carry_out))

    async def _carry_out(self, source: Source, clock: Callable[[], float]) -> None:
        try:
            self.answer = await self._ask(source)
        except DialerError as error:
            self.answer = error
        self._at, self._asked = clock(), False
        if self._screen.is_attached:
            self._screen.redraw()
