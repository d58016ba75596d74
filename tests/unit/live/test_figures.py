from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

from campaigns.kpi import summarise
from campaigns.record import AgentTime, AttemptRecord
from dialer.live.counting import fold_earlier
from dialer.live.figures import DayFigures
from dialer.ports.store import FINAL, READY, CloseAttempt, LeadCounts, LeadUpdate, ReturnLeads
from tests.unit.campaigns.samples import RECORD

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC).timestamp()
MIDNIGHT = datetime(2026, 11, 24, tzinfo=UTC).timestamp()


def attempt(attempt_id: int, at: float, **changes: object) -> AttemptRecord:
    base = replace(RECORD, attempt_id=attempt_id, campaign="spring", created_at=at, closed_at=at + 60.0)
    return replace(base, **changes)  # type: ignore[arg-type]


def spent(activity: str, since: float, until: float) -> AgentTime:
    return AgentTime(agent_id="ana", campaign="spring", activity=activity, since=since, until=until)


def test_an_attempt_belongs_to_the_day_it_was_created_on() -> None:
    figures = DayFigures("UTC", NOON)
    figures.add_record(attempt(1, NOON))
    figures.add_record(attempt(2, MIDNIGHT - 30.0))  # closed on the next day
    assert figures.since == MIDNIGHT
    assert figures.of("spring").summary.attempts == 0, "neither is of the new day"
    figures.add_record(attempt(3, MIDNIGHT + 5.0))
    assert figures.of("spring").summary.attempts == 1


def test_agents_time_across_midnight_is_counted_from_midnight_on() -> None:
    figures = DayFigures("UTC", NOON)
    figures.add_times([spent("idle", MIDNIGHT - 1800.0, MIDNIGHT + 3600.0)])
    assert figures.of("spring").summary.agent_hours == 1.0


def test_what_has_not_changed_need_not_be_shown_anew() -> None:
    figures = DayFigures("UTC", NOON)
    before = figures.of("spring").counted
    figures.roll(NOON + 1.0)
    assert figures.of("spring").counted == before
    figures.roll(MIDNIGHT)
    assert figures.of("spring").counted > before


def test_leads_are_counted_on_from_what_the_store_said() -> None:
    figures = DayFigures("UTC", NOON)
    final = LeadUpdate("spring", 1, FINAL, NOON, 0, "GB:Europe/London", 1, (), "sale")
    figures.moved(CloseAttempt(attempt(1, NOON, attempt_no=1, counted=True), final))
    assert figures.of("spring").leads is None, "not counted yet: half a count would be a wrong one"
    figures.counted_leads("spring", LeadCounts(10, 3, 1))
    figures.moved(CloseAttempt(attempt(2, NOON, attempt_no=1, counted=True), final))
    figures.moved(CloseAttempt(attempt(3, NOON, attempt_no=2, counted=True), replace(final, state=READY)))
    figures.moved(CloseAttempt(attempt(4, NOON, attempt_no=1, counted=False), replace(final, state=READY)))
    figures.moved(ReturnLeads((final, replace(final, state=READY))))
    assert figures.of("spring").leads == LeadCounts(10, 4, 3)


class Earlier:
    """What is on record from before the start."""

    def __init__(self, records: list[AttemptRecord], times: list[AgentTime]) -> None:
        self._records, self._times = records, times

    def records(self, campaign: str, since: float, until: float) -> Iterator[AttemptRecord]:
        return (r for r in self._records if r.campaign == campaign and since <= r.created_at < until)

    def agent_times(self, campaign: str, since: float, until: float) -> Iterator[AgentTime]:
        return (t for t in self._times if t.campaign == campaign and t.until > since and t.since < until)


async def test_what_was_before_the_start_and_what_came_while_it_was_read_is_each_counted_once() -> None:
    earlier = [attempt(n, NOON - 1000.0 + n) for n in range(1, 501)]
    times = [spent("talking", NOON - 500.0, NOON - 100.0)]
    figures = DayFigures("UTC", NOON)
    own = attempt(501, NOON - 1.0)  # an own one, on record before the reading comes to it
    reader = Earlier([*earlier, own], times)
    folding = asyncio.create_task(fold_earlier(figures, reader, "spring", NOON, 501))  # type: ignore[arg-type]
    await asyncio.sleep(0)
    figures.add_record(own)
    await folding
    counted, expected = figures.of("spring").summary, summarise([*earlier, own], times)
    assert (counted.attempts, counted.outcomes) == (501, expected.outcomes)
    assert counted.activity_us == expected.activity_us
