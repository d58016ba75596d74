"""What is counted in a process of its own, one at a time, once for all who ask, and kept for a while."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from pydantic import BaseModel

from dialer.api.schemas import Fault
from dialer.web.refusals import Refused
from dialer.web.service import Service
from dialer.web.work import FreshnessWork, FunnelWork, Order
from dialer.web.work_process import carry_out

KEPT_TIMES = 10.0
"""An answer is shown again for as long as it takes to count it so many times over, if that is longer."""

Answer = TypeVar("Answer", bound=BaseModel)

WAITING_LIMIT = 20
KEPT = 200


@dataclass(frozen=True, slots=True)
class _Kept(Generic[Answer]):
    answer: Answer
    until: float


class Counted(Generic[Answer]):
    """`what`: the answers in the plural, as people read it; `kept_s`: how long one is shown again, at least;
    `database`: where the work reads, as of `Order.database`. Who asks while the same is being counted waits for
    that, however many they are."""

    def __init__(
        self,
        home: Path,
        database: Callable[[], str],
        service: Service,
        answers: type[Answer],
        *,
        what: str,
        kept_s: float,
    ) -> None:
        self._home = home
        self._database = database
        self._service = service
        self._answers = answers
        self._what = what
        self._kept_s = kept_s
        self._turn = asyncio.Semaphore(1)
        self._kept: dict[Hashable, _Kept[Answer]] = {}
        self._under_way: dict[Hashable, asyncio.Task[Answer]] = {}

    async def get(
        self, key: Hashable, work: Callable[[float], FunnelWork | FreshnessWork], *, keep: bool
    ) -> Answer:
        """`key`: what is asked; `work`: told the moment (seconds UTC) at which its turn comes; `keep`: for an
        answer of now. Raises `Refused`."""
        kept = self._kept.get(key)
        if kept is not None and self._service.clock.now() < kept.until:
            return kept.answer
        task = self._under_way.get(key)
        if task is None:
            if len(self._under_way) >= WAITING_LIMIT:
                text = f"too many {self._what} are being counted; try again when some of them are"
                raise Refused(429, f"too_many_{self._what.replace(' ', '_')}", text, retry_after_s=5.0)
            task = asyncio.create_task(self._count(key, work, keep=keep), name=f"{self._what}: {key}")
            self._under_way[key] = task
            task.add_done_callback(lambda _: self._under_way.pop(key, None))
        return await asyncio.shield(task)

    async def close(self) -> None:
        """End what is being counted."""
        tasks = list(self._under_way.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _count(
        self, key: Hashable, work: Callable[[float], FunnelWork | FreshnessWork], *, keep: bool
    ) -> Answer:
        clock = self._service.clock
        async with self._turn:
            began = clock.now()
            order = Order(home=self._home, database=self._database(), token="", now=began, work=work(began))
            said, status = await carry_out(order, lambda _: None)
        if said.result is None:
            text = f"the process that counts ended with status {status}; see the log"
            fault = said.fault or Fault(code="fault", text=text)
            raise Refused(422 if said.fault is not None else 503, fault.code, fault.text)
        answer, now = self._answers.model_validate(said.result), clock.now()
        if keep:
            self._forget(now)
            self._kept[key] = _Kept(answer, now + max(self._kept_s, KEPT_TIMES * (now - began)))
        return answer

    def _forget(self, now: float) -> None:
        """What is shown no more, and the oldest of too many."""
        still = [(key, kept) for key, kept in self._kept.items() if now < kept.until]
        self._kept = dict(still[-(KEPT - 1) :])
