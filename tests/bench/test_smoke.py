"""That the benchmarks still run; their figures are nobody's to assert."""

from __future__ import annotations

import pytest

from tests.bench import (
    attempt,
    console,
    decide,
    freshness,
    funnel,
    importing,
    journal,
    listening,
    load,
    media,
    memory,
    next_leads,
    overview,
    pace,
    simulate,
    sip,
)
from tests.bench.measure import Result

pytestmark = pytest.mark.long


def check(results: list[Result]) -> None:
    assert results
    for result in results:
        assert result.figure > 0
        assert result.calibration_us > 0
        assert result.name in str(result)
        assert result.as_dict()["unit"] == result.unit


def test_freshness() -> None:
    check(freshness.bench(1))


def test_eligibility() -> None:
    check(decide.bench(5))


def test_funnel() -> None:
    check(funnel.bench(2_000))


def test_next_leads() -> None:
    check(next_leads.bench((8_000,), 2))


def test_journal() -> None:
    check(journal.bench(5))


@pytest.mark.needs("postgres")
def test_pace() -> None:
    check(pace.bench(0.2))


def test_overview() -> None:
    check(overview.bench(50, 3))


def test_listening() -> None:
    assert len(listening.bench(2, 0.5)) == 2  # the clock of processes is too coarse for so little


def test_media() -> None:
    share, passed_on, _ = media.bench(2, 0.5)
    check([share, passed_on])


def test_import() -> None:
    check(importing.bench(50, 100))


def test_simulation() -> None:
    check(simulate.bench(50, hours=0.05))


def test_console() -> None:
    check(console.bench(3.0, agents=2, calls=2))


@pytest.mark.needs("sipp")
def test_sip_core() -> None:
    (whole, _) = sip.bench(5, rate=2_000.0)
    check([whole])


@pytest.mark.needs("sipp")
def test_a_whole_attempt() -> None:
    check(attempt.bench(5, agents=5))


@pytest.mark.needs("sipp")
def test_memory() -> None:
    (grown,) = memory.growth(20, agents=10)
    assert grown.note.count("calls:") == len(memory.LOOKS)
    check([result for result in memory.bench(10, 4) if result.figure > 0] or [grown])


@pytest.mark.needs("sipp")
def test_under_load() -> None:
    check(load.stress(20, 1.5))
    (found,) = load.bench(4, 20, 1.0)
    assert "4 of 4 calls still up" in found.note
