"""Short reads and slow sums, off the event loop: what they wait for must not hold up a call."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import ParamSpec, TypeVar

import anyio
import anyio.to_thread

from dialer.storage.errors import as_storage_error

P = ParamSpec("P")
T = TypeVar("T")

READERS = 4
"""Reads of the database at once: two processors are there for the calls first of all."""


class Threads:
    """Made in the event loop's thread. `size`: how many at once."""

    def __init__(self, size: int = READERS) -> None:
        self._limiter = anyio.CapacityLimiter(size)

    async def run(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The result of `work`, run in a thread. What the database raises comes as a `StorageError`."""
        try:
            return await anyio.to_thread.run_sync(partial(work, *args, **kwargs), limiter=self._limiter)
        except Exception as error:
            known = as_storage_error(error)
            if known is error:
                raise
            raise known from error

    @property
    def waiting(self) -> int:
        """How many wait for a thread."""
        return self._limiter.statistics().tasks_waiting
