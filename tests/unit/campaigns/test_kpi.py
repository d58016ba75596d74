from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.kpi import Histogram, Summary, summarise
from campaigns.record import AgentTime
from tests.unit.campaigns.samples import NOON, RECORD, busy_record

ABANDONED = replace(
    busy_record(3),
    answered_at=NOON + 9,
    outcome="abandoned",
    live=True,
    abandoned=True,
    queued=True,
)
WAITED = replace(RECORD, attempt_id=4, queued=True, assigned_at=NOON + 10.5, rpc=False, disposition="third_party")
MACHINE = replace(RECORD, attempt_id=5, disposition="machine", live=False, rpc=False, machine=True)
WITHDRAWN = replace(busy_record(6), outcome="withdrawn", counted=False, dialed_at=None)
FAULT = replace(busy_record(7), outcome="trunk_fault", counted=False, dialed_at=None)
RECORDS = (RECORD, busy_record(2), ABANDONED, WAITED, MACHINE, WITHDRAWN, FAULT)


def spent(activity: str, seconds: float) -> AgentTime:
    return AgentTime(agent_id="a1", campaign="spring", activity=activity, since=NOON, until=NOON + seconds)


TIMES = (
    spent("idle", 900),
    spent("connecting", 100),
    spent("talking", 1500),
    spent("holding", 300),
    spent("wrap_up", 800),
    spent("paused", 5000),
)


def as_dict(summary: Summary) -> dict[str, object]:
    return summary.as_dict(
        campaign="spring",
        since=NOON,
        until=NOON + 3600,
        leads_total=8,
        leads_attempted=6,
        leads_final=2,
        violations=1,
    )


def test_the_summary_of_some_records() -> None:
    found = as_dict(summarise(RECORDS, TIMES))
    latency, waits = found.pop("answer_to_agent_ms"), found.pop("queue_wait_ms")
    assert found == {
        "campaign": "spring",
        "from": "2026-11-18T17:00:00Z",
        "to": "2026-11-18T18:00:00Z",
        "attempts": 5,
        "connects": 4,
        "live": 3,
        "machine": 1,
        "abandoned": 1,
        "hung_up_waiting": 0,
        "abandonment_rate": 0.333333,
        "rpc": 1,
        "agent_hours": 1.0,
        "rpc_per_agent_hour": 1.0,
        "occupancy": 0.722222,
        "busy_share": 0.722222,
        "talk_share": 0.5,
        "delivered": 0,
        "messages": 0,
        "messages_left": 0,
        "opted_out": 0,
        "queued": 2,
        "leads": {"total": 8, "attempted": 6, "final": 2, "penetration": 0.75},
        "outcomes": {"abandoned": 1, "busy": 1, "connected": 3},
        "answers": {},
        "dispositions": {"machine": 1, "sale": 1, "third_party": 1},
        "withdrawn": 1,
        "not_placed": 2,
        "violations": 1,
    }
    assert isinstance(latency, dict)
    assert isinstance(waits, dict)
    assert latency["p50"] == pytest.approx(20.0, rel=0.01)
    assert latency["p99"] == pytest.approx(20.0, rel=0.01)
    assert waits["p50"] == pytest.approx(1500.0, rel=0.01)


def test_nothing_comes_to_nothing() -> None:
    found = as_dict(Summary())
    assert found["answer_to_agent_ms"] == {"p50": None, "p99": None}
    assert (found["abandonment_rate"], found["occupancy"], found["rpc_per_agent_hour"]) == (0.0, 0.0, 0.0)


def test_a_call_that_waited_says_nothing_of_how_fast_calls_are_joined() -> None:
    summary = summarise([WAITED])
    assert summary.answer_to_agent_ms.count == 0
    assert summary.queue_wait_ms.count == 1


def test_virtual_time_has_no_latency() -> None:
    assert summarise([replace(RECORD, answer_to_agent_s=None)]).answer_to_agent_ms.count == 0


@given(st.permutations(range(len(RECORDS))), st.permutations(range(len(TIMES))), st.integers(0, len(RECORDS)))
def test_parts_add_up_to_the_whole_in_any_order(records: list[int], times: list[int], cut: int) -> None:
    ordered = [RECORDS[index] for index in records]
    left = summarise(ordered[:cut], [TIMES[index] for index in times[:2]])
    right = summarise(ordered[cut:], [TIMES[index] for index in times[2:]])
    left.merge(right)
    assert as_dict(left) == as_dict(summarise(RECORDS, TIMES))


@given(st.lists(st.floats(0.01, 1e7), min_size=1, max_size=60), st.floats(0.01, 1.0))
def test_quantiles_are_within_one_percent(values: list[float], share: float) -> None:
    histogram = Histogram()
    for value in values:
        histogram.add(value)
    rank = next(n for n in range(1, len(values) + 1) if n >= share * len(values))
    assert histogram.quantile(share) == pytest.approx(sorted(values)[rank - 1], rel=0.01)


def test_values_too_small_to_tell_read_as_zero() -> None:
    histogram = Histogram()
    histogram.add(0.0)
    histogram.add(0.0009)
    assert histogram.quantile(0.99) == 0.0


@pytest.mark.parametrize("value", [-1.0, float("nan"), float("inf")])
def test_what_is_no_duration_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match="not a duration"):
        Histogram().add(value)


def test_answers_of_call_flows_are_counted_by_step_and_can_be_added_up() -> None:
    told = ('{"first":"4","second":"2026-11-30/c-1-120000-turn2.wav"}', '{"first":"4"}', '{"first":"5"}', "")
    records = [replace(RECORD, attempt_id=n, answers=answers) for n, answers in enumerate(told)]
    parts = [summarise([record]) for record in records]
    whole = Summary()
    for part in parts:
        whole.merge(part)
    assert whole.answers == summarise(records).answers
    leads = {"leads_total": 0, "leads_attempted": 0, "leads_final": 0}
    document = whole.as_dict(campaign="c", since=0.0, until=1.0, violations=0, **leads)
    assert document["answers"] == {"first": {"4": 2, "5": 1}, "second": {"recorded": 1}}
