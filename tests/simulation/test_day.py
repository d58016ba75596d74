"""A day's books balance, whatever the seed and the mode."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import UTC, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from campaigns.outcome import Outcome
from dialer.engine.promises import TOLD_OF_PROMISES
from dialer.operations.run_audit import run_audit
from dialer.operations.run_report import run_report
from sim_trunk.population import load_population
from tests.simulation.day import HOUR_S, START, Day, campaign_text, run_day

DAYS = [(1, "power"), (2, "power"), (3, "progressive")]


@pytest.fixture(scope="module", params=DAYS, ids=lambda day: f"seed{day[0]}-{day[1]}")
def day(request: pytest.FixtureRequest) -> Day:
    seed, mode = request.param
    return run_day(load_population(None, seed), campaign_text(mode), seed=seed)


def test_every_call_is_accounted_for(day: Day) -> None:
    dialed = [record for record in day.records if record.dialed_at is not None]
    assert len(dialed) == day.result.placed > 200
    stored = list(day.store.attempts("day"))
    assert len(stored) == len(day.records)
    assert all(attempt.record is not None for attempt in stored)
    outcomes = Counter(record.outcome for record in day.records)
    assert {Outcome.CONNECTED, Outcome.BUSY, Outcome.NO_ANSWER, Outcome.INVALID} <= outcomes.keys()
    assert outcomes.total() - outcomes[Outcome.WITHDRAWN] == day.result.placed
    assert not outcomes.keys() & {Outcome.UNKNOWN, Outcome.TRUNK_FAULT, Outcome.CUT}


def test_the_report_says_what_the_records_say(day: Day) -> None:
    summary = run_report(day.store, "day").summary
    assert summary.attempts == day.result.placed == sum(summary.outcomes.values())
    assert summary.abandoned == summary.outcomes.get(Outcome.ABANDONED, 0)
    assert summary.connects == summary.outcomes[Outcome.CONNECTED] + summary.abandoned
    assert summary.live + summary.machine <= summary.connects
    assert summary.rpc == sum(record.rpc for record in day.records) > 0


def test_the_audit_finds_nothing(day: Day) -> None:
    report = run_audit(day.store, "day")
    assert report.audited == day.result.placed
    assert report.findings == ()


def test_moments_of_a_call_are_in_order(day: Day) -> None:
    for record in day.records:
        moments = [
            record.created_at,
            record.dialed_at,
            record.progress_at,
            record.answered_at,
            record.assigned_at,
            record.ended_at,
            record.closed_at,
        ]
        known = [moment for moment in moments if moment is not None]
        assert known == sorted(known), record


def test_an_outcome_says_what_happened(day: Day) -> None:
    for record in day.records:
        joined = record.assigned_at is not None
        assert joined == (record.outcome == Outcome.CONNECTED) == (record.agent_id is not None)
        assert (record.disposition is not None) == joined
        assert record.abandoned == (record.outcome == Outcome.ABANDONED)
        assert (record.answered_at is not None) == (joined or record.abandoned)
        assert record.answer_to_agent_s is None, "there is no audio in virtual time"


def test_nobody_is_called_outside_the_window(day: Day) -> None:
    for record in day.records:
        assert record.dialed_at is not None
        local = datetime.fromtimestamp(record.dialed_at, UTC).astimezone(ZoneInfo(record.zones))
        assert 9 <= local.hour < 20, record
    regions = Counter(record.region for record in day.records)
    assert "AU" not in regions, "it is night in Sydney"
    first_us = min(record.created_at for record in day.records if record.region == "US")
    assert first_us >= START + 0.5 * HOUR_S, "New York opens at 14:00 UTC"


def test_nobody_rings_longer_than_the_timeout(day: Day) -> None:
    for record in day.records:
        if record.progress_at is not None:
            end = record.answered_at or record.ended_at
            assert end is not None
            assert end - record.progress_at <= day.campaign.ring_timeout_s + 0.2


def test_nobody_waits_longer_than_the_grace(day: Day) -> None:
    for record in day.records:
        if record.answered_at is not None and record.assigned_at is not None:
            assert 0.0 <= record.assigned_at - record.answered_at <= day.campaign.pacing.grace_s
        elif record.abandoned and record.ended_at is not None and record.answered_at is not None:
            assert record.ended_at - record.answered_at <= day.campaign.pacing.grace_s + 0.2


def test_progressive_abandons_only_whom_it_crossed(day: Day) -> None:
    if day.campaign.pacing.mode == "progressive":
        assert all("cancelled" in record.note for record in day.records if record.abandoned)
        assert not any(record.queued for record in day.records)
    else:
        assert any(record.queued and record.outcome == Outcome.CONNECTED for record in day.records)


def test_an_agent_has_one_contact_at_a_time(day: Day) -> None:
    of_agent: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for record in day.records:
        if record.agent_id is not None and record.assigned_at is not None:
            of_agent[record.agent_id].append((record.assigned_at, record.closed_at))
    assert sorted(of_agent) == sorted(day.agent_ids), "everybody got calls"
    for spans in of_agent.values():
        assert all(before[1] <= after[0] for before, after in pairwise(sorted(spans)))


def test_agents_time_adds_up_to_their_time_on_duty(day: Day) -> None:
    for position, agent_id in enumerate(day.agent_ids):
        mine = sorted((s for s in day.agent_times if s.agent_id == agent_id), key=lambda s: s.since)
        assert mine[0].since == START + 2.0 * position
        assert mine[-1].until == day.result.finished_at
        assert all(before.until == after.since for before, after in pairwise(mine)), "no gap, no overlap"
        in_contact = sum(s.until - s.since for s in mine if s.activity in {"talking", "wrap_up"})
        of_records = sum(r.talk_s + r.wrapup_s for r in day.records if r.agent_id == agent_id)
        assert in_contact == pytest.approx(of_records, abs=0.01)


def test_the_day_drains(day: Day) -> None:
    assert day.result.ended == (("day", "drained"),)
    assert [one for one in day.result.notices if one.code not in TOLD_OF_PROMISES] == []
    assert all(record.dialed_at is not None and record.dialed_at < day.until for record in day.records)
    assert day.until <= day.result.finished_at < day.until + 0.5 * HOUR_S
    assert not day.engine.state.calls
    assert day.engine.state.strays == 0


def test_numbers_are_not_worn_out(day: Day) -> None:
    assert max(Counter(record.number for record in day.records).values()) <= 3


def test_who_asked_not_to_be_called_is_not(day: Day) -> None:
    asked = {record.number: record.closed_at for record in day.records if record.disposition == "dnc"}
    assert asked
    assert day.store.blocked_numbers(asked) == set(asked)
    for record in day.records:
        assert record.created_at <= asked.get(record.number, record.created_at)
