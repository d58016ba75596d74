"""Ends of calls whose audio is still being measured: each is told with its figures, a few milliseconds later."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

from campaigns.record import AudioFigures
from dialer.engine.events import CallEnded

MEASURED_WITHIN_S = 1.0
"""When the figures do not come in this time the end is told without."""


class MeasuredEnds:
    """`post` is told each end once."""

    def __init__(self, post: Callable[[CallEnded], None]) -> None:
        self._post = post
        self._ends: dict[int, tuple[CallEnded, float]] = {}  # with the loop's time when it is told without
        self._timer: asyncio.TimerHandle | None = None  # one for all: nearly every end is told before it is due

    def __len__(self) -> int:
        return len(self._ends)

    def wait_for(self, ended: CallEnded) -> None:
        """The figures of this call's audio will come, by `tell`."""
        loop = asyncio.get_running_loop()
        self._ends[ended.attempt_id] = (ended, loop.time() + MEASURED_WITHIN_S)
        if self._timer is None:
            self._timer = loop.call_later(MEASURED_WITHIN_S, self._look)

    def tell(self, attempt_id: int, audio: AudioFigures | None) -> None:
        """These are the figures; None: there will be none. Nothing happens when nobody waits for them."""
        waiting = self._ends.pop(attempt_id, None)
        if waiting is not None:
            self._post(replace(waiting[0], audio=audio))

    def tell_all(self) -> None:
        """No figures will come any more."""
        for attempt_id in tuple(self._ends):
            self.tell(attempt_id, None)

    def _look(self) -> None:
        loop = asyncio.get_running_loop()
        now, self._timer = loop.time(), None
        for attempt_id, (_, due_at) in tuple(self._ends.items()):
            if due_at > now:
                self._timer = loop.call_later(due_at - now, self._look)
                break
            self.tell(attempt_id, None)
