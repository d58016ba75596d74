"""Ends the calls that a process before this one left at the carrier, while this one dials already."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import structlog

from dialer.sip.call_notes import CallNote, CallOver, LeftCall
from dialer.sip.digest import Credentials
from dialer.sip.errors import DuplicateCall, MalformedMessage
from dialer.sip.events import LeftCallOver, LeftEnd
from dialer.sip.hop import Hop
from dialer.telephony.signalling import Signalling

log = structlog.wrap_logger(logging.getLogger("dialer.telephony"))

TOGETHER = 64
"""Calls ended in one go: their datagrams fit a socket's buffer at the far end."""

PAUSE_S = 0.01


@dataclass(frozen=True, slots=True)
class LeftCallsReport:
    """What became of the calls left behind: (attempt id, end), in the order they were dealt with."""

    ends: tuple[tuple[int, LeftEnd], ...] = ()

    def count(self, end: LeftEnd) -> int:
        return sum(found is end for _, found in self.ends)

    def __str__(self) -> str:
        counts = Counter(end for _, end in self.ends)
        return ", ".join(f"{counts[end]} {end.value}" for end in LeftEnd if counts[end]) or "none"


class LeftCalls:
    """`keep` writes notes down. `credentials_at`: of the trunk at an address, for a BYE that is challenged."""

    def __init__(
        self,
        signalling: Signalling,
        keep: Callable[[list[CallNote]], None],
        credentials_at: Callable[[Hop], Credentials | None],
    ) -> None:
        self._signalling = signalling
        self._keep = keep
        self._credentials_at = credentials_at
        self._waiting: dict[str, LeftCall] = {}
        self._ends: list[tuple[int, LeftEnd]] = []
        self._done = asyncio.Event()

    async def end(self, calls: Iterable[LeftCall], within_s: float) -> LeftCallsReport:
        """End them all. Those of which nothing was heard after `within_s` seconds count as unanswered; they stay
        in the ledger for the next start."""
        calls = tuple(calls)
        if not calls:
            return LeftCallsReport()
        log.info("ending calls left by a process before this one", calls=len(calls))
        self._waiting = {call.call_id.decode("utf-8", "replace"): call for call in calls}
        self._done.clear()
        try:
            async with asyncio.timeout(within_s):
                for start in range(0, len(calls), TOGETHER):
                    if start:
                        await asyncio.sleep(PAUSE_S)
                    for call in calls[start : start + TOGETHER]:
                        self._begin(call)
                    self._signalling.flush()
                if self._waiting:
                    await self._done.wait()
        except TimeoutError:
            self._ends += [(call.key, LeftEnd.UNANSWERED) for call in self._waiting.values()]
        self._waiting = {}
        report, self._ends = LeftCallsReport(tuple(self._ends)), []
        log.info("calls left by a process before this one are dealt with", ends=str(report))
        return report

    def over(self, event: LeftCallOver) -> None:
        """One of them is dealt with."""
        if self._waiting.pop(event.call_id, None) is not None:
            log.debug("left call is over", attempt=event.key, call_id=event.call_id, end=event.end.value)
            self._ends.append((event.key, event.end))
            if not self._waiting:
                self._done.set()

    def _begin(self, call: LeftCall) -> None:
        try:
            self._signalling.core.end_left(call, self._signalling.now(), self._credentials_at(call.destination))
        except (MalformedMessage, DuplicateCall) as error:
            log.warning("a call left behind cannot be ended", attempt=call.key, cause=str(error))
            self._keep([CallOver(call.call_id)])
            self.over(LeftCallOver(call.key, call.call_id.decode("utf-8", "replace"), LeftEnd.UNANSWERED))
