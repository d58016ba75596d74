"""`dialer simulate` as a user runs it, on a home of their own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from dialer.cli import main

START = "2026-11-24T15:00:00Z"  # a Tuesday; windows are open in Europe and America


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("simulate") / "home"
    assert main(["init", str(home)]) == 0
    assert (
        main(["list", "import", str(home / "lists" / "sample.csv"), "--list", "sample", "--home", str(home)]) == 0
    )
    assert main(["campaign", "add", str(home / "campaigns" / "sample.toml"), "--home", str(home)]) == 0
    return home


def simulate(capsys: pytest.CaptureFixture[str], home: Path, *arguments: str) -> dict[str, Any]:
    capsys.readouterr()
    status = main(
        ["simulate", *arguments, "--agents", "4", "--hours", "1", "--start", START, "--json", "--home", str(home)]
    )
    assert status == 0
    summary: dict[str, Any] = json.loads(capsys.readouterr().out)
    return summary


def test_a_day_is_simulated_and_nothing_of_the_home_is_changed(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = (home / "dialer.db").read_bytes()
    summary = simulate(capsys, home, "sample", "--seed", "7")
    assert summary["attempts"] > 50
    assert summary["rpc"] > 5
    assert summary["agent_hours"] == pytest.approx(4.0, abs=0.4)
    assert summary["violations"] == 0
    assert summary["answer_to_agent_ms"] == {"p50": None, "p99": None}
    assert summary["from"] == START
    assert (home / "dialer.db").read_bytes() == before
    capsys.readouterr()
    assert main(["report", "sample", "--json", "--home", str(home)]) == 0
    assert json.loads(capsys.readouterr().out)["attempts"] == 0


def test_the_same_seed_gives_the_same_day_and_another_another(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first, again, other = (simulate(capsys, home, "sample", "--seed", seed) for seed in ("7", "7", "8"))
    assert first == again
    assert first != other


def test_a_file_that_is_not_stored_is_tried_on_the_stored_lists(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (home / "campaigns" / "sample.toml").read_text()
    path = tmp_path / "other.toml"
    path.write_text(text.replace('name = "sample"', 'name = "other"'))
    summary = simulate(capsys, home, str(path), "--seed", "7")
    assert (summary["campaign"], summary["leads"]["total"]) == ("other", 400)
    assert summary["attempts"] > 50


def test_a_list_whose_last_day_is_over_is_dialed_by_no_simulation(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "other.toml"
    path.write_text((home / "campaigns" / "sample.toml").read_text().replace('name = "sample"', 'name = "other"'))
    assert main(["list", "expire", "sample", "2026-11-23", "--home", str(home)]) == 0
    try:
        for campaign in ("sample", str(path)):
            summary = simulate(capsys, home, campaign, "--seed", "7")
            assert (summary["attempts"], summary["violations"]) == (0, 0), campaign
    finally:
        assert main(["list", "expire", "sample", "never", "--home", str(home)]) == 0


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["nobody", "--agents", "4", "--hours", "1"], "nobody"),
        (["sample", "--agents", "4", "--hours", "0"], "--hours"),
        (["sample", "--agents", "4", "--hours", "1", "--start", "yesterday"], "--start"),
        (["sample", "--agents", "4", "--hours", "1", "--population", "missing.toml"], "missing.toml"),
        (["missing.toml", "--agents", "4", "--hours", "1"], "missing.toml"),
    ],
)
def test_wrong_input_is_named(
    home: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], says: str
) -> None:
    assert main(["simulate", *arguments, "--home", str(home)]) == 2
    said = capsys.readouterr()
    assert says in said.err
    assert said.out == ""


def test_a_campaign_whose_list_is_not_there_says_what_to_do(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (home / "campaigns" / "sample.toml").read_text()
    path = tmp_path / "other.toml"
    path.write_text(text.replace('lists = ["sample"]', 'lists = ["summer"]'))
    assert main(["simulate", str(path), "--agents", "4", "--hours", "1", "--home", str(home)]) == 2
    assert "dialer list import FILE --list summer" in capsys.readouterr().err


def ran(capsys: pytest.CaptureFixture[str], home: Path, *arguments: str) -> tuple[int, str, str]:
    capsys.readouterr()
    status = main(["simulate", "sample", *arguments, "--start", START, "--home", str(home)])
    captured = capsys.readouterr()
    return status, captured.out, captured.err


def test_days_follow_on_each_other_and_runs_have_other_people(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, out, _ = ran(capsys, home, "--agents", "4", "--hours", "1", "--days", "2", "--runs", "2", "--json")
    assert status == 0
    document = json.loads(out)
    assert (document["runs"], document["days"]) == (2, 2)
    first, second = document["results"]
    assert (first["seed"], second["seed"]) == (0, 1)
    assert first["summary"]["rpc"] != second["summary"]["rpc"]
    days = first["by_day"]
    assert [day["from"] for day in days] == [START, "2026-11-25T15:00:00Z"]
    assert sum(day["attempts"] for day in days) == first["summary"]["attempts"]
    assert days[0]["attempted"] < days[1]["attempted"] == first["summary"]["leads"]["attempted"]
    assert first["summary"]["violations"] == 0
    rpc = document["figures"]["rpc"]
    assert rpc["low"] < rpc["mean"] < rpc["high"]
    assert rpc["mean"] == (first["summary"]["rpc"] + second["summary"]["rpc"]) / 2
    alone = simulate(capsys, home, "sample", "--seed", "1")
    assert alone["attempts"] == second["by_day"][0]["attempts"]


def test_two_ways_beside_each_other_meet_the_same_people(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ("--agents", "4", "--hours", "1", "--against-agents", "6")
    status, out, _ = ran(capsys, home, *arguments, "--json")
    assert status == 0
    document = json.loads(out)
    this, against = document["this"]["figures"], document["against"]["figures"]
    assert document["difference"]["rpc"]["mean"] == against["rpc"]["mean"] - this["rpc"]["mean"]
    assert against["agent_hours"]["mean"] > this["agent_hours"]["mean"]
    _, table, _ = ran(capsys, home, *arguments)
    assert "against:  sample, 6 agents, 1 h from 2026-11-24 15:00Z" in table


def test_agents_for_a_goal(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = ("--hours", "0.5", "--find", "agents", "--goal", "rpc_per_hour=12", "--agents", "2")
    status, out, _ = ran(capsys, home, *found, "--json")
    assert status == 0
    document = json.loads(out)
    tried = {one["agents"]: one["mean"] for one in document["tried"]}
    assert tried[document["agents"]] >= 12.0
    assert all(mean < 12.0 for agents, mean in tried.items() if agents < document["agents"])
    status, out, _ = ran(capsys, home, "--hours", "0.5", "--find", "agents", "--goal", "busy_share=1.5")
    assert (status, "No number of agents" in out) == (1, True)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--hours", "1"), "--agents"),
        (("--hours", "1", "--agents", "2", "--find", "agents"), "go together"),
        (("--hours", "1", "--find", "lines", "--goal", "rpc=1"), "--find"),
        (("--hours", "25", "--agents", "2", "--days", "2"), "--hours"),
        (("--hours", "1", "--agents", "0", "--runs", "3"), "at least 1 agent"),
    ],
)
def test_what_nobody_can_mean(
    home: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], told: str
) -> None:
    status, _, err = ran(capsys, home, *arguments)
    assert (status, told in err) == (2, True)
