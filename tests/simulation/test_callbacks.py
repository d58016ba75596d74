"""Days in which everybody asks to be called back: every promise is kept, or says why not."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace
from functools import cache
from statistics import median

from dialer.operations.callbacks import CallbackList, list_callbacks
from dialer.operations.run_audit import run_audit
from dialer.ports.store import DROPPED, KEPT, OPEN
from sim_trunk.callee import Persona
from sim_trunk.population import BUNDLED, Population
from sim_trunk.population_file import read_population
from sim_trunk.population_spec import DispositionChance
from tests.simulation.day import Day, campaign_text, run_day

CALLS_A_DAY = 3
"""On one number, by the rule set and by the campaign."""


@cache
def days() -> Day:
    """Two days with four agents; who is reached asks for a call within 1 to 20 hours, half of them for the agent
    they talk with."""
    spec = read_population(BUNDLED / "realistic.toml")
    wants = dict(spec.agents.dispositions) | {Persona.RIGHT_PARTY: (DispositionChance("callback", 1.0),)}
    habits = replace(spec.agents, dispositions=wants, callback_after_s=(3_600.0, 72_000.0), callback_in_person=0.5)
    text = campaign_text("progressive") + '[callbacks]\npatience = "10m"\n[limits]\nper_lead = 4\n'
    return run_day(Population(replace(spec, agents=habits), 5), text, agents=4, hours=48.0, leads=400, seed=5)


def found() -> CallbackList:
    return list_callbacks(days().store, "day")


def test_every_promise_is_kept_open_or_dropped_with_a_reason() -> None:
    promised = [record for record in days().records if record.disposition == "callback"]
    assert len(promised) > 100
    assert Counter(row.callback for row in found().callbacks) == Counter(record.attempt_id for record in promised)
    until = days().until
    for row in found().callbacks:
        stored = next(one for one in days().store.callbacks("day") if one.callback.promised_in == row.callback)
        if row.state == OPEN:
            assert stored.due_at is not None
            assert stored.due_at > until - 900.0, "nothing that could be called is forgotten"
        else:
            assert row.reason
    assert {row.reason for row in found().callbacks if row.state == DROPPED} <= {"lead_limit", "dnc"}
    assert found().kept > 100


def test_promises_within_the_hours_are_kept_on_time() -> None:
    records = {record.attempt_id: record for record in days().records}
    dialed: dict[str, list[float]] = defaultdict(list)
    for record in days().records:
        if record.dialed_at is not None:
            dialed[record.number].append(record.dialed_at)
    late = []
    for row in found().callbacks:
        if row.state != KEPT or row.attempt_id is None:
            continue
        record = records[row.attempt_id]
        assert record.callback_at is not None
        assert record.dialed_at is not None
        assert record.dialed_at >= record.callback_at
        day_before = record.callback_at - 86_400.0
        calls = [one for one in dialed[record.number] if day_before < one < record.callback_at]
        if 9 <= int(row.local[11:13]) < 19 and len(calls) < CALLS_A_DAY:
            late.append(record.dialed_at - record.callback_at)
    assert len(late) > 50
    assert median(late) < 60.0
    assert max(late) < 1_200.0, "the patience of ten minutes, and an agent who is free"


def test_most_promised_in_person_are_made_by_that_agent() -> None:
    records = {record.attempt_id: record for record in days().records}
    by_agent: Counter[bool] = Counter()
    for row in found().callbacks:
        if row.agent_id and row.attempt_id is not None and records[row.attempt_id].agent_id:
            by_agent[records[row.attempt_id].agent_id == row.agent_id] += 1
    assert by_agent[True] > 4 * by_agent[False]


def test_the_audit_finds_nothing() -> None:
    assert run_audit(days().store, "day").findings == ()
