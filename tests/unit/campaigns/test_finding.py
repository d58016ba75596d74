"""What an attempt tells of the number called."""

from __future__ import annotations

import pytest

from campaigns.finding import CHANGED, INVALID, NO_CALL, WORKS, Finding, finding_of
from campaigns.outcome import FINAL, NOT_PLACED, TECHNICAL, Outcome
from tests.contract.storage_values import record_for, save_attempt

WRONG = {("c", "wrong_number")}


def found(outcome: str, **changes: object) -> Finding:
    return finding_of(record_for(save_attempt(1, 1, "+442079460001"), outcome, **changes), WRONG)


@pytest.mark.parametrize(
    ("outcome", "changes", "finding"),
    [
        ("connected", {"live": True, "rpc": True, "disposition": "sale"}, Finding.OURS),
        ("connected", {"live": True, "disposition": "third_party"}, Finding.OURS),
        ("connected", {"live": True, "disposition": "wrong_number"}, Finding.STRANGER),
        ("connected", {"live": True, "disposition": "none"}, Finding.WORKS),
        ("connected", {"machine": True, "disposition": "machine"}, Finding.WORKS),
        ("connected", {"disposition": "dead_air"}, Finding.SILENT),
        ("connected", {"disposition": "announcement"}, Finding.SILENT),
        ("busy", {}, Finding.WORKS),
        ("abandoned", {"live": True}, Finding.WORKS),
        ("not_in_use", {}, Finding.INVALID),
        ("changed", {}, Finding.CHANGED),
        ("no_answer", {}, Finding.SILENT),
        ("rejected", {}, Finding.SILENT),
        ("congestion", {}, Finding.NOTHING),
        ("withdrawn", {}, Finding.NOTHING),
    ],
)
def test_it_tells_no_more_than_was_seen(outcome: str, changes: dict[str, object], finding: Finding) -> None:
    assert found(outcome, **changes) is finding


def test_a_disposition_is_its_own_campaigns() -> None:
    record = record_for(save_attempt(1, 1, "+1", campaign="d"), "connected", live=True, disposition="wrong_number")
    assert finding_of(record, WRONG) is Finding.WORKS


def test_each_outcome_is_in_one_place() -> None:
    groups = (INVALID, CHANGED, WORKS, NO_CALL)
    assert sum(map(len, groups)) == len(frozenset().union(*groups))
    assert NO_CALL >= TECHNICAL | NOT_PLACED
    assert WORKS >= FINAL
    assert set(Outcome) - frozenset().union(*groups) == {
        Outcome.CONNECTED, Outcome.NO_ANSWER, Outcome.UNREACHABLE, Outcome.REJECTED, Outcome.BARRED,
    }  # fmt: skip
