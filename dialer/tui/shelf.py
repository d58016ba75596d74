"""What the home has stored, looked at now and then while no service is there to be asked."""

from __future__ import annotations

from collections.abc import Callable

from dialer.errors import DialerError
from dialer.tui.source import Holdings, Stored

EVERY_S = 5.0
SHARE = 20.0
"""Counting the leads of a large home takes its time: at most a twentieth of ours."""


class Shelf:
    """`holdings`: what was found last, or why it cannot be read; None before the first look, and always without a
    home to look into. `show` is called after each look."""

    def __init__(self, stored: Stored | None, clock: Callable[[], float], show: Callable[[], None]) -> None:
        self._stored = stored
        self._clock = clock
        self._show = show
        self._next_at: float | None = clock()
        self.holdings: Holdings | DialerError | None = None

    def due(self) -> bool:
        """Whether it is time to look again, and nobody looks."""
        return self._stored is not None and self._next_at is not None and self._clock() >= self._next_at

    async def look(self) -> None:
        if self._stored is None:
            return
        self._next_at, started = None, self._clock()
        try:
            self.holdings = await self._stored()
        except DialerError as error:
            self.holdings = error
        ended = self._clock()
        self._next_at = ended + max(EVERY_S, SHARE * (ended - started))
        self._show()
