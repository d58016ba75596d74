"""Work beside the calls: nobody waits for it, and what goes wrong in it is told."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any

import structlog

_log = structlog.wrap_logger(logging.getLogger("dialer.live"))


AGAIN_AFTER_S = 5.0
HOUR_S = 3_600.0
"""Days are over once a day; a service that was stopped or asleep at midnight does not miss it."""


async def until_done(what: str, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Do it; whatever it fails with (the store is away, most likely), again after a while."""
    while True:
        try:
            await work()
        except Exception as error:  # noqa: BLE001 - told, and tried again
            _log.warning("work in the background is tried again", what=what, cause=repr(error))
        else:
            return
        await asyncio.sleep(AGAIN_AFTER_S)


async def hourly(what: str, look: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Now and every hour, without an end."""
    while True:
        await until_done(what, look)
        await asyncio.sleep(HOUR_S)


class Background:
    """Tasks of one owner, gone when it closes."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Do it in the background, in the running loop."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    async def close(self) -> None:
        """Cancel what is not done, and wait until it is gone."""
        for task in tuple(self._tasks):
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("work in the background failed", cause=str(error), exc_info=error)
