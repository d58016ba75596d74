"""The machine's clock, looked at before every event and every second: what the engine is told of it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

import structlog

from dialer.clock import SystemClock
from dialer.engine.events import ClockDoubted, ClockTrusted
from dialer.live.clock_judge import ClockJudge

_log = structlog.wrap_logger(logging.getLogger("dialer.live"))

LOOK_EVERY_S = 1.0


class ClockWatch:
    """`latest`: the last moment on record (seconds UTC), None when there is none. The clock answers nothing before
    it from now on."""

    def __init__(self, clock: SystemClock, latest: float | None) -> None:
        self._clock = clock
        clock.adopt()  # it may have been set since
        self._judge = ClockJudge(*clock.read())
        self._doubt = ""
        if latest is not None:
            clock.not_before(latest)

    def look(self, in_the_air: Callable[[], bool]) -> ClockDoubted | ClockTrusted | None:
        """What the engine has to be told; None while nothing has changed. `in_the_air`: see `ClockJudge`."""
        verdict = self._judge.look(*self._clock.read(), self._clock.now(), in_the_air)
        if verdict.adopt:
            self._clock.adopt()
        if verdict.doubt == self._doubt:
            return None
        self._doubt = verdict.doubt
        if verdict.doubt:
            _log.error("the clock is doubted: nothing is dialed", why=verdict.doubt)
            return ClockDoubted(verdict.doubt)
        _log.warning("the clock is trusted: dialing goes on")
        return ClockTrusted()


async def look_every_second(look: Callable[[], None]) -> None:
    """A machine where nothing happens notices a step too."""
    while True:
        await asyncio.sleep(LOOK_EVERY_S)
        look()
