from __future__ import annotations

import csv
import io
from typing import Any

import pytest

from dialer.errors import InputError, UnknownName
from dialer.operations.run_report import run_report, write_records
from tests.unit.operations.scene import LONDON, MONDAY_10, Scene

CONTRACT = {
    "campaign", "from", "to", "attempts", "connects", "live", "machine", "abandoned", "abandonment_rate", "rpc",
    "agent_hours", "rpc_per_agent_hour", "occupancy", "busy_share", "talk_share", "answer_to_agent_ms", "leads",
    "outcomes", "violations",
}  # fmt: skip


@pytest.fixture
def worked(scene: Scene) -> Scene:
    scene.attempt(
        0, MONDAY_10, "connected", answered_at=MONDAY_10 + 5, assigned_at=MONDAY_10 + 5,
        connected_at=MONDAY_10 + 5,
        live=True, rpc=True, disposition="sale", final=True, agent_id="ana", talk_s=60.0, note="=1+1",
    )  # fmt: skip
    scene.attempt(1, MONDAY_10 + 100, "busy")
    scene.agent_time("idle", MONDAY_10, MONDAY_10 + 900)
    scene.agent_time("talking", MONDAY_10 + 900, MONDAY_10 + 1_800)
    return scene


def test_the_summary_has_every_figure_of_the_contract(worked: Scene) -> None:
    document: dict[str, Any] = run_report(worked.reader, "spring").as_dict()
    assert set(document) >= CONTRACT
    assert (document["attempts"], document["connects"], document["live"], document["rpc"]) == (2, 1, 1, 1)
    assert document["outcomes"] == {"busy": 1, "connected": 1}
    assert (document["agent_hours"], document["rpc_per_agent_hour"]) == (0.5, 2.0)
    assert (document["occupancy"], document["talk_share"]) == (0.5, 0.5)
    assert document["leads"] == {"total": 3, "attempted": 2, "final": 1, "penetration": 0.666667}
    assert (document["from"], document["to"]) == ("2026-11-23T10:00:00Z", "2026-11-23T10:30:00Z")
    assert document["violations"] == 0


def test_a_period_has_what_was_created_in_it(worked: Scene) -> None:
    document = run_report(worked.reader, "spring", MONDAY_10 + 50, MONDAY_10 + 1_000).as_dict()
    assert document["outcomes"] == {"busy": 1}
    assert document["agent_hours"] == pytest.approx(950 / 3600, abs=1e-6)
    assert (document["from"], document["to"]) == ("2026-11-23T10:00:50Z", "2026-11-23T10:16:40Z")


def test_violations_are_counted_in_their_period(worked: Scene) -> None:
    worked.attempt(1, MONDAY_10 + 4_000, permit_at=MONDAY_10)
    assert run_report(worked.reader, "spring").violations == 1
    assert run_report(worked.reader, "spring", until=MONDAY_10 + 4_000).violations == 0


def test_what_has_no_record_yet_is_under_way_and_in_no_figure(worked: Scene) -> None:
    worked.attempt(1, MONDAY_10 + 4_000, close=False)
    found = run_report(worked.reader, "spring")
    assert (found.under_way, found.summary.attempts) == (1, 2)
    assert run_report(worked.reader, "spring", until=MONDAY_10 + 4_000).under_way == 0


def test_a_campaign_that_nobody_has_dialed_is_all_zeros(scene: Scene) -> None:
    document = run_report(scene.reader, "spring").as_dict()
    assert (document["attempts"], document["agent_hours"]) == (0, 0.0)
    assert document["from"] == document["to"] == "2026-11-22T10:00:00Z"


def test_records_are_a_table_with_moments_as_text(worked: Scene) -> None:
    out = io.StringIO()
    assert write_records(worked.reader, "spring", out) == 2
    first, second = csv.DictReader(io.StringIO(out.getvalue()))
    assert (first["number"], first["outcome"], first["rpc"]) == (LONDON[0], "connected", "1")
    assert (first["created_at"], first["dialed_at"]) == ("2026-11-23T10:00:00Z", "2026-11-23T10:00:00.250Z")
    assert first["note"] == "'=1+1"  # no formula for whoever opens it in a spreadsheet
    assert (second["answered_at"], second["live"]) == ("", "0")


def test_an_empty_period_and_an_unknown_campaign_are_refused(scene: Scene) -> None:
    with pytest.raises(InputError, match="--to"):
        run_report(scene.reader, "spring", MONDAY_10, MONDAY_10)
    with pytest.raises(InputError, match="--to"):
        write_records(scene.reader, "spring", io.StringIO(), MONDAY_10, MONDAY_10 - 1)
    with pytest.raises(UnknownName):
        run_report(scene.reader, "winter")
