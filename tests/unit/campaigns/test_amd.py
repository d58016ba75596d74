from __future__ import annotations

from dataclasses import replace

import pytest

from campaigns.amd import PEOPLE_TAKEN_AT_MOST, Amd, people_lost
from campaigns.kpi import Summary, summarise
from campaigns.record import AttemptRecord
from tests.unit.campaigns.samples import RECORD

HUNG_UP = replace(
    RECORD, outcome="answering_machine", agent_id=None, assigned_at=None, connected_at=None, disposition=None,
    live=False, rpc=False, machine=True, answer_to_agent_s=None, amd_policy="hold", amd_verdict="machine",
)  # fmt: skip
CHECKED = replace(RECORD, amd_policy="hold", amd_verdict="machine", live=False, rpc=False, machine=True)
PERSON = replace(CHECKED, live=True, machine=False)


def told(summary: Summary) -> dict[str, object]:
    return summary.as_dict(
        campaign="c", since=0.0, until=1.0, leads_total=0, leads_attempted=0, leads_final=0, violations=0
    )


def test_the_share_that_is_checked_is_drawn_by_the_attempt_and_about_as_large_as_asked() -> None:
    amd = Amd(checked=0.25)
    drawn = [attempt_id for attempt_id in range(1, 2_001) if amd.checks(attempt_id)]
    assert 430 < len(drawn) < 570
    assert [attempt_id for attempt_id in drawn if not amd.checks(attempt_id)] == []
    assert not any(Amd(checked=0.0).checks(attempt_id) for attempt_id in range(1, 200))
    assert all(Amd(checked=1.0).checks(attempt_id) for attempt_id in range(1, 200))


def test_people_lost_are_as_many_as_among_the_checked_ones() -> None:
    assert people_lost(hung_up=200, checked=10, people=1, live=900) == 20.0
    assert people_lost(hung_up=200, checked=10, people=0, live=900) == 0.0


def test_while_none_was_checked_the_detectors_own_rate_is_assumed() -> None:
    assert people_lost(hung_up=200, checked=0, people=0, live=9_981) == pytest.approx(19.0)
    assert people_lost(hung_up=5, checked=0, people=0, live=100_000) == 5.0  # no more than there are
    assert PEOPLE_TAKEN_AT_MOST == 0.0019


def test_people_hung_up_on_by_the_detector_count_in_a_rate_of_their_own() -> None:
    records = [HUNG_UP] * 40 + [CHECKED] * 9 + [PERSON] + [RECORD] * 89 + [replace(RECORD, abandoned=True)]
    summary = summarise(records)
    assert (summary.amd_hung_up, summary.amd_checked, summary.amd_people) == (40, 10, 1)
    assert (summary.live, summary.machine, summary.abandoned) == (91, 49, 1)
    assert summary.people_lost == 4.0
    assert summary.abandonment_rate == pytest.approx(1 / 91)
    assert summary.abandonment_rate_with_lost == pytest.approx(5 / 95)
    said = told(summary)["amd"]
    assert isinstance(said, dict)
    assert said.pop("verdicts") == {"machine": 50}
    assert said.pop("verdict_ms") == {"p50": None, "p99": None}
    assert said == {"hung_up": 40, "checked": 10, "people": 1, "people_lost": 4.0, "abandonment_rate": 0.052632}


def test_in_parts_it_comes_to_the_same() -> None:
    whole, parts = summarise([HUNG_UP, HUNG_UP, PERSON]), Summary()
    for record in (HUNG_UP, HUNG_UP, PERSON):
        parts.merge(summarise([record]))
    assert told(parts) == told(whole)
    assert (parts.amd_hung_up, parts.amd_checked, parts.amd_people) == (2, 1, 1)


@pytest.mark.parametrize(
    "record",
    [
        replace(HUNG_UP, amd_policy="joined", agent_id="a1"),  # only advice
        replace(RECORD, amd_policy="hold", amd_verdict="human"),
        replace(RECORD, amd_policy="hold", amd_verdict="machine", agent_id=None, live=True, abandoned=True),
        replace(CHECKED, machine=False, disposition="none"),  # nobody said what it was
    ],
)
def test_what_was_neither_hung_up_nor_checked_is_not_told(record: AttemptRecord) -> None:
    summary = summarise([record])
    assert (summary.amd_hung_up, summary.amd_checked) == (0, 0)
    assert summary.abandonment_rate_with_lost == summary.abandonment_rate


def test_what_the_detector_said_and_when() -> None:
    heard = [("human", 0.8), ("human", 1.2), ("machine", 1.8), ("unsure", 1.8), ("screening", 1.0), (None, None)]
    records = [replace(RECORD, amd_policy="joined", amd_verdict=verdict, amd_at_s=at_s) for verdict, at_s in heard]
    not_asked = [RECORD, replace(RECORD, amd_policy="hold", answered_at=None)]
    parts = Summary()
    for record in (*records, *not_asked):
        parts.merge(summarise([record]))
    said = told(parts)["amd"]
    assert isinstance(said, dict)
    assert said["verdicts"] == {"human": 2, "machine": 1, "none": 1, "screening": 1, "unsure": 1}
    assert said["verdict_ms"] == {"p50": pytest.approx(1200, rel=0.01), "p99": pytest.approx(1800, rel=0.01)}
    assert (said["hung_up"], said["checked"]) == (0, 0)
    assert told(summarise([*records, *not_asked])) == told(parts)
    assert "amd" not in told(summarise(not_asked))
