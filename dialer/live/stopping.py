"""The end of the service: drain, then cut, then let go; everything on record before that."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol

from dialer.engine.events import AgentLoggedOut, CutRequested, DrainRequested, Event
from dialer.engine.state import EngineState, RunStatus

CUT_WITHIN_S = 10.0
"""After a cut, calls that do not end by themselves are ended here after this long."""

SETTLE_S = 60.0
"""And the last records are awaited at most this long (the engine tries failed writes again)."""


class Calls(Protocol):
    """The carrier, as far as its end goes."""

    async def hang_up_all(self, timeout_s: float) -> int: ...


class Stopping:
    """Brings every campaign to rest. `news` is called whenever one has no open call left."""

    def __init__(self, state: EngineState, carrier: Calls, post: Callable[[Event], None]) -> None:
        self._state = state
        self._carrier = carrier
        self._post = post
        self._changed = asyncio.Event()
        self._cutting = asyncio.Event()
        self._given_up = False

    def news(self, campaign: str) -> None:
        self._changed.set()

    def cut(self) -> None:
        """Do not wait any longer: hang up everything now."""
        self._cutting.set()
        self._changed.set()

    def give_up(self) -> None:
        """No record of what is up will be stored any more: `finish` hangs up, and waits for nothing else."""
        self._given_up = True
        self._changed.set()

    async def finish(self, drain_s: float) -> bool:
        """Drain for at most `drain_s` seconds, then cut, then wait for the last records; agents go off duty. True
        when everything is on record."""
        for name in self._open():
            self._post(DrainRequested(name))
        complete = await self._over(drain_s, unless_cut=True)
        if not complete:
            for name in self._open():
                self._post(CutRequested(name))
            complete = await self._over(CUT_WITHIN_S)
        if not complete:
            await self._carrier.hang_up_all(CUT_WITHIN_S)
            complete = await self._over(SETTLE_S)
        for agent in list(self._state.pool):
            self._post(AgentLoggedOut(agent.agent_id))
        return complete

    def _open(self) -> list[str]:
        return [name for name, run in self._state.runs.items() if run.status is not RunStatus.ENDED]

    async def _over(self, within_s: float, *, unless_cut: bool = False) -> bool:
        try:
            async with asyncio.timeout(within_s):
                while self._open():
                    if self._given_up or (unless_cut and self._cutting.is_set()):
                        return False
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            return False
        return True
