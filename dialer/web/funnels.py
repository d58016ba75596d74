"""Funnels of campaigns: counted in a process of its own, one at a time, and kept for a while."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from dialer.api.holdings import FunnelAnswer
from dialer.api.schemas import Fault
from dialer.operations.routes_at import out_of_use
from dialer.web.refusals import Refused
from dialer.web.service import Service
from dialer.web.work import FunnelWork, Order, TrunkOut
from dialer.web.work_process import carry_out

KEPT_S = 15.0
"""A funnel of now is shown again for so long, or for as long as it takes to count it ten times over."""

KEPT_TIMES = 10.0
WAITING_LIMIT = 20


@dataclass(frozen=True, slots=True)
class _Kept:
    answer: FunnelAnswer
    until: float


class Funnels:
    """`database`: where the work reads, as of `Order.database`. Who asks while the same is being counted waits for
    that, however many they are."""

    def __init__(self, home: Path, database: Callable[[], str], service: Service) -> None:
        self._home = home
        self._database = database
        self._service = service
        self._turn = asyncio.Semaphore(1)
        self._kept: dict[str, _Kept] = {}
        self._under_way: dict[tuple[str, float | None], asyncio.Task[FunnelAnswer]] = {}

    async def funnel(self, campaign: str, at: float | None) -> FunnelAnswer:
        """Of now (`at` None), maybe some seconds old, or of a later moment. Raises `Refused`."""
        kept = self._kept.get(campaign) if at is None else None
        if kept is not None and self._service.clock.now() < kept.until:
            return kept.answer
        task = self._under_way.get((campaign, at))
        if task is None:
            if len(self._under_way) >= WAITING_LIMIT:
                text = "too many funnels are being counted; try again when some of them are"
                raise Refused(429, "too_many_funnels", text, retry_after_s=5.0)
            task = asyncio.create_task(self._count(campaign, at), name=f"funnel of {campaign}")
            self._under_way[campaign, at] = task
            task.add_done_callback(lambda _: self._under_way.pop((campaign, at), None))
        return await asyncio.shield(task)

    async def close(self) -> None:
        """End what is being counted."""
        tasks = list(self._under_way.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _count(self, campaign: str, at: float | None) -> FunnelAnswer:
        async with self._turn:
            clock = self._service.clock
            began = clock.now()
            down = out_of_use(self._service.trunk_rows(), began) if at is None else {}
            work = FunnelWork(
                campaign=campaign,
                at=at,
                down={name: TrunkOut(words=out.words, until=out.until) for name, out in down.items()},
            )
            order = Order(home=self._home, database=self._database(), token="", now=began, work=work)
            said, status = await carry_out(order, lambda _: None)
            if said.result is None:
                text = f"the process that counts ended with status {status}; see the log"
                fault = said.fault or Fault(code="fault", text=text)
                raise Refused(422 if said.fault is not None else 503, fault.code, fault.text)
            answer = FunnelAnswer.model_validate(said.result)
            took = clock.now() - began
        if at is None:
            self._kept[campaign] = _Kept(answer, clock.now() + max(KEPT_S, KEPT_TIMES * took))
        return answer
