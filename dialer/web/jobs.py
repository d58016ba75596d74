"""Long work: one piece at a time, each in a process of its own, with its progress."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections import OrderedDict
from collections.abc import Callable, Iterator
from pathlib import Path

import structlog

from dialer.api.holdings import JobRow
from dialer.clock import Clock
from dialer.web.access import Access
from dialer.web.caller import Caller
from dialer.web.refusals import Refused
from dialer.web.work import ImportWork, Order, ReportWork
from dialer.web.work_process import carry_out

log = structlog.get_logger("dialer.web")

WAITING_LIMIT = 20
KEPT = 200


class _Job:
    def __init__(self, row: JobRow, work: ImportWork | ReportWork, caller: Caller) -> None:
        self.row = row
        self.work = work
        self.caller = caller
        self.task: asyncio.Task[None] | None = None

    def change(self, **changes: object) -> None:
        self.row = self.row.model_copy(update=changes)

    @property
    def is_open(self) -> bool:
        return self.row.state in ("waiting", "running")


class Jobs:
    """`database`: where the work reads, as of `Order.database`, asked when it begins. Jobs are known for as long
    as the service runs, and of those that are over the latest `KEPT`."""

    def __init__(self, home: Path, database: Callable[[], str], access: Access, clock: Clock) -> None:
        self._home = home
        self._database = database
        self._access = access
        self._clock = clock
        self._jobs: OrderedDict[str, _Job] = OrderedDict()
        self._ids = itertools.count(1)
        self._turn = asyncio.Semaphore(1)
        self._coming = 0

    @contextlib.contextmanager
    def place(self) -> Iterator[None]:
        """A place among the work that waits, for as long as the block lasts: for what is being sent to be worked
        on. Raises `Refused` (429)."""
        self._check_room()
        self._coming += 1
        try:
            yield
        finally:
            self._coming -= 1

    def start(self, work: ImportWork | ReportWork, caller: Caller, subject: str, client: str) -> JobRow:
        """Queue it. `subject`: the campaign or list. Raises `Refused` (429) when too much waits already."""
        self._check_room()
        job_id = f"{next(self._ids)}"
        row = JobRow(job_id=job_id, kind=work.kind, subject=subject, client=client, state="waiting")
        job = self._jobs[job_id] = _Job(row, work, caller)
        job.task = asyncio.create_task(self._run(job), name=f"job {job_id}")
        self._forget()
        return job.row

    def rows(self) -> list[JobRow]:
        """Newest first."""
        return [job.row for job in reversed(self._jobs.values())]

    def row(self, job_id: str) -> JobRow | None:
        job = self._jobs.get(job_id)
        return None if job is None else job.row

    async def ended(self, job_id: str) -> JobRow:
        """The row once the job is over. Raises `KeyError`."""
        job = self._jobs[job_id]
        if job.task is not None:
            await asyncio.wait({job.task})
        return job.row

    async def cancel(self, job_id: str) -> JobRow:
        """End it; what it has stored stays. Raises `KeyError`."""
        job = self._jobs[job_id]
        if job.task is not None and job.is_open:
            job.task.cancel()
            await asyncio.wait({job.task})
        return job.row

    async def close(self) -> None:
        """End everything."""
        for job_id in list(self._jobs):
            await self.cancel(job_id)

    def _check_room(self) -> None:
        if self._coming + sum(job.is_open for job in self._jobs.values()) >= WAITING_LIMIT:
            text = "too much long work waits already; try again when some of it is done"
            raise Refused(429, "too_many_jobs", text, retry_after_s=10.0)

    def _forget(self) -> None:
        over = [job_id for job_id, job in self._jobs.items() if not job.is_open]
        for job_id in over[: max(0, len(over) - KEPT)]:
            del self._jobs[job_id]

    async def _run(self, job: _Job) -> None:
        try:
            async with self._turn:
                job.change(state="running", started_at=self._clock.now())
                await self._work(job)
        except asyncio.CancelledError:
            error = "cancelled; what was stored before stays"
            job.change(state="cancelled", error=error, ended_at=self._clock.now())
        except Exception:
            log.exception("a job failed by a fault of ours", job=job.row.job_id, kind=job.row.kind)
            error = "a fault of the program; the service's log has it"
            job.change(state="failed", error=error, ended_at=self._clock.now())
        finally:
            if isinstance(job.work, ImportWork):
                job.work.file.unlink(missing_ok=True)

    async def _work(self, job: _Job) -> None:
        token = self._access.lend(job.caller)
        order = Order(
            home=self._home, database=self._database(), token=token, now=self._clock.now(), work=job.work
        )
        try:
            said, status = await carry_out(order, lambda said: job.change(done=said.done, total=said.total or 0))
        finally:
            self._access.take_back(token)
        now = self._clock.now()
        if said.fault is not None:
            problems = "".join(f"\n{p.file}:{p.line}: {p.text}" for p in said.fault.problems)
            job.change(state="failed", error=said.fault.text + problems, ended_at=now)
        elif said.result is not None:
            job.change(state="done", result=said.result, ended_at=now)
        else:
            log.error("a worker ended without a result", job=job.row.job_id, status=status)
            job.change(state="failed", error=f"its process ended with status {status}; see the log", ended_at=now)
