"""People past their time are erased, once a day and when somebody asks, and that is on record."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict
from pathlib import Path

from campaigns.retention import day_of
from dialer.api.person import RetentionDone, RetentionRow
from dialer.clock import Clock
from dialer.live.background import hourly
from dialer.operations.erase_person import delete_files
from dialer.operations.retention import Gone, KeepLeads, gone_change, next_people
from dialer.ports.access import SERVICE, Actor
from dialer.ports.store import Answer, Reader, Write
from dialer.storage.errors import PersonAtHand

PAUSE_S = 0.02
"""Between two people: running campaigns go through the same writer."""


async def erase_idle(
    reader: Reader,
    rules: Sequence[KeepLeads],
    *,
    write: Callable[[Write], Awaitable[Answer]],
    actor: Actor,
    now: float,
    folder: Path,
) -> list[Gone]:
    """Erase whoever is past their time, one after the other; what is done when it is cut short stays done. `now`:
    seconds UTC. `folder`: of recordings."""
    return [await _erase(reader, rule, write, actor, now, folder) for rule in rules]


async def _erase(
    reader: Reader,
    rule: KeepLeads,
    write: Callable[[Write], Awaitable[Answer]],
    actor: Actor,
    now: float,
    folder: Path,
) -> Gone:
    leads = attempts = recordings = at_hand = 0
    after: int | None = 0
    try:
        while after is not None:
            people, after = await asyncio.to_thread(next_people, reader, rule, now, after, folder)
            for person, erasure in people:
                try:
                    await write(erasure)
                except PersonAtHand:
                    at_hand += len(person.leads)
                    continue
                leads += len(person.leads)
                attempts += len(person.attempts)
                recordings += await asyncio.to_thread(delete_files, folder, person.recordings)
                await asyncio.sleep(PAUSE_S)
    finally:
        gone = Gone(rule.client, leads, attempts, recordings, at_hand)
        if leads or at_hand:
            await write(gone_change(gone, rule, actor, now))
    return gone


def retention_done(rules: Sequence[KeepLeads], gone: Sequence[Gone]) -> RetentionDone:
    """What it came to, to be shown."""
    rows = [
        RetentionRow(lead_days=rule.lead_days, proof_days=rule.proof_days, **asdict(one))
        for rule, one in zip(rules, gone, strict=True)
    ]
    return RetentionDone(stored=True, clients=rows)


class LeadRetention:
    """`rules`: as `dialer.toml` has them at the moment."""

    def __init__(
        self,
        reader: Reader,
        rules: Callable[[], Sequence[KeepLeads]],
        write: Callable[[Write], Awaitable[Answer]],
        clock: Clock,
        folder: Path,
    ) -> None:
        self._reader = reader
        self._rules = rules
        self._write = write
        self._clock = clock
        self._folder = folder
        self._looked_on = ""

    async def run(self) -> None:
        """Look now and every hour, without an end."""
        await hourly("erasing leads past their time", self.look)

    async def look(self) -> None:
        """Once a day (UTC): all leads are looked through."""
        today = day_of(self._clock.now())
        if today == self._looked_on:
            return
        await erase_idle(
            self._reader,
            self._rules(),
            write=self._write,
            actor=SERVICE,
            now=self._clock.now(),
            folder=self._folder,
        )
        self._looked_on = today
