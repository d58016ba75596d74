"""Campaign files that are wrong: every mistake has file, line, field and remedy, and nothing is stored."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from dialer.cli import main
from dialer.errors import DONE, WRONG_INPUT
from tests.integration.command import Dialer

LINES = """\
name = "spring"
lists = ["people"]
rules = "fictional"
trunks = ["sim"]
caller_ids = ["+12025550100"]
[pacing]
mode = "power"
ratio = 1.1
[hours]
weekdays = "09:00-20:00"
[limits]
per_lead = 6
[retry.busy]
after = ["15m", "1h"]
""".splitlines()
TIMES = 'write windows like "09:00-13:00, 14:00-20:00", or "closed"'
DAYS = "daily, weekdays, weekend, mon, tue, wed, thu, fri, sat, sun"


@pytest.fixture(scope="module")
def first_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("campaigns") / "home"
    assert main(["init", str(home)]) == DONE
    (home / "lists" / "one.csv").write_text("phone,first_name\n+442079460001,Ana\n")
    file = home / "campaigns" / "spring.toml"
    file.write_text("\n".join(LINES))
    imported = ["list", "import", f"{home}/lists/one.csv", "--list", "people"]
    assert main([*imported, "--home", str(home)]) == DONE
    assert main(["campaign", "add", str(file), "--home", str(home)]) == DONE
    return home


@pytest.fixture
def dialer(first_home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Dialer:
    """On a copy of a home that has the campaign `spring`."""
    return Dialer(capsys, shutil.copytree(first_home, tmp_path / "home"))


@pytest.mark.parametrize(
    ("line", "text", "field", "says"),
    [
        pytest.param(8, "ratoi = 1.1", "pacing.ratoi", 'unknown key (did you mean "ratio"?)', id="unknown key"),
        pytest.param(13, "[retry.buzy]", "retry.buzy", 'did you mean "busy"?', id="unknown outcome"),
        pytest.param(6, "[pace]", "pace", "unknown key", id="unknown table"),
        pytest.param(10, 'weekdays = "20:00-09:00"', "hours.weekdays", TIMES, id="window backwards"),
        pytest.param(10, 'weekdays = "09:00-09:00"', "hours.weekdays", TIMES, id="window of no length"),
        pytest.param(10, 'weekdays = "25:00-26:00"', "hours.weekdays", TIMES, id="no such time"),
        pytest.param(10, 'weekdays = "09:00-12:00, 11:00-13:00"', "hours.weekdays", TIMES, id="windows overlap"),
        pytest.param(10, 'funday = "09:00-20:00"', "hours.funday", DAYS, id="no such day"),
        pytest.param(10, 'zone = "Mars/Olympus"', "hours.zone", DAYS, id="unknown zone: the lead's own counts"),
        pytest.param(1, 'name = "../spring"', "name", "letters, digits, dots", id="name"),
        pytest.param(3, 'rules = "atlantis"', "rules", "known: au-research", id="unknown rules"),
        pytest.param(5, 'caller_ids = ["100"]', "caller_ids[0]", "write international numbers", id="caller id"),
        pytest.param(7, 'mode = "turbo"', "pacing.mode", "progressive, power", id="unknown mode"),
        pytest.param(8, "ratio = 99", "pacing.ratio", "out of range", id="ratio"),
        pytest.param(8, 'ratio = "two"', "pacing.ratio", "not a number", id="no number"),
        pytest.param(12, "per_lead = -1", "limits.per_lead", "use 1 to 1000", id="limit"),
        pytest.param(14, 'after = ["soon"]', "retry.busy.after[0]", 'write "25s", "15m"', id="duration"),
        pytest.param(2, 'lists = ["people', "", "strings need quotes", id="not TOML"),
        pytest.param(2, 'name = "again"', "", "not TOML", id="key twice"),
    ],
)
def test_a_mistake_has_its_place_and_remedy(
    dialer: Dialer, tmp_path: Path, line: int, text: str, field: str, says: str
) -> None:
    file = tmp_path / "new.toml"
    file.write_text("\n".join([*LINES[: line - 1], text, *LINES[line:]]))
    before = dialer("campaign", "show", "spring", "--json").json
    for command in ("check", "add"):
        ran = dialer("campaign", command, file)
        assert (ran.status, ran.out) == (WRONG_INPUT, "")
        told = next(said for said in ran.err.splitlines() if f": {field}" in said or not field)
        assert told.removeprefix("dialer: ").startswith(f"{file}:{line}:")
        assert says in told
    document = dialer("campaign", "check", file, "--json").json
    assert document["ok"] is False
    problem = next(entry for entry in document["problems"] if entry["field"] == field)
    assert (problem["file"], problem["line"]) == (str(file), line)
    assert problem["advice"]
    assert dialer("simulate", file, "--agents", 1, "--hours", 1).status == WRONG_INPUT
    assert dialer("campaign", "show", "spring", "--json").json == before


def test_every_mistake_is_told_at_once(dialer: Dialer, tmp_path: Path) -> None:
    file = tmp_path / "new.toml"
    file.write_text('titel = "x"\nname = "a b"\n[pacing]\nmode = "power"\nratio = 0\n[hours]\nmon = "9-5"\n')
    ran = dialer("campaign", "check", file)
    for field in ("titel", "name", "pacing.ratio", "hours.mon", "lists", "rules", "trunks", "caller_ids"):
        assert f": {field}: " in ran.err


def test_a_list_that_the_home_does_not_have(dialer: Dialer, tmp_path: Path) -> None:
    """`check` warns (it may be imported later), `add` needs its leads."""
    file = tmp_path / "new.toml"
    file.write_text("\n".join(LINES).replace('["people"]', '["poeple"]').replace("spring", "autumn"))
    checked = dialer("campaign", "check", file)
    assert checked.status == DONE
    assert f"warning: {file}:2:10: lists[0]" in checked.err
    refused = dialer("campaign", "add", file)
    assert (refused.status, refused.out) == (WRONG_INPUT, "")
    assert f"{file}:2:10: lists[0]" in refused.err
    assert '"people"' in refused.err
    assert [row["name"] for row in dialer("campaign", "ls", "--json").json] == ["spring"]


def test_a_trunk_that_the_home_does_not_have(dialer: Dialer, tmp_path: Path) -> None:
    """It may be configured later: both warn, for the campaign can be simulated without."""
    file = tmp_path / "new.toml"
    file.write_text("\n".join(LINES).replace('["sim"]', '["simm"]').replace("spring", "autumn"))
    for command in ("check", "add"):
        ran = dialer("campaign", command, file)
        assert ran.status == DONE
        assert f"warning: {file}:4:11: trunks[0]" in ran.err
        assert '"sim"' in ran.err


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b'name = "\xff"', "not UTF-8 text (save the file as UTF-8)"),
        (b'name = "a\x00b"', "not TOML"),
        (b"", "name: missing (write name = "),
        (b"PK\x03\x04", "not TOML"),
        (b"phone,first_name\n+442079460001,Ana\n", "not TOML"),
    ],
)
def test_a_file_that_is_no_campaign(dialer: Dialer, tmp_path: Path, content: bytes, says: str) -> None:
    file = tmp_path / "new.toml"
    file.write_bytes(content)
    ran = dialer("campaign", "add", file)
    assert (ran.status, ran.out) == (WRONG_INPUT, "")
    assert says in ran.err
    assert f"{file}:1:" in ran.err


def test_a_file_that_cannot_be_read(dialer: Dialer, tmp_path: Path) -> None:
    for name, says in (("none.toml", "No such file"), (".", "Is a directory")):
        ran = dialer("campaign", "check", tmp_path / name)
        assert (ran.status, ran.out) == (WRONG_INPUT, "")
        assert says in ran.err


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--hours", "0"], "--hours: must be more than 0"),
        (["--hours", "nan"], "--hours: must be more than 0"),
        (["--hours", "1e9"], "at most 8784"),
        (["--hours", "1", "--start", "9999-12-31"], "--start: '9999-12-31' lies after"),
        (["--hours", "1", "--start", "2026-11-23T09:00"], "has no time zone"),
        (["--hours", "1", "--population", "none.toml"], "none.toml:1:1: cannot be read"),
    ],
)
def test_what_cannot_be_simulated_is_told(dialer: Dialer, options: list[str], says: str) -> None:
    ran = dialer("simulate", "spring", "--agents", 1, *options, "--json")
    assert (ran.status, ran.out) == (WRONG_INPUT, "")
    assert says in ran.err
    assert "Traceback" not in ran.err


def test_a_campaign_that_abandons_too_many_is_warned_of_beside_its_figures(dialer: Dialer, tmp_path: Path) -> None:
    """Every key figure still comes as one JSON document; the warning goes to standard error."""
    file = tmp_path / "sample.csv"
    shutil.copy(Path(str(dialer.home)) / "lists" / "sample.csv", file)
    assert dialer("list", "import", file, "--list", "people").status == DONE
    arguments = ["--agents", 10, "--hours", 2, "--start", "2026-11-23T15:00:00Z", "--json"]
    calm = dialer("simulate", "spring", *arguments)  # stored with ratio 1.1
    wild = tmp_path / "wild.toml"
    wild.write_text("\n".join(LINES).replace("ratio = 1.1", "ratio = 3.0"))
    ran = dialer("simulate", wild, *arguments)
    assert (calm.status, ran.status) == (DONE, DONE)
    assert ran.json["abandonment_rate"] > 0.03
    assert "of live answers were abandoned, rule set fictional allows 3.0%" in ran.err
    progressive = tmp_path / "progressive.toml"
    progressive.write_text("\n".join(LINES).replace('mode = "power"\nratio = 1.1', 'mode = "progressive"'))
    quiet = dialer("simulate", progressive, *arguments)
    assert quiet.json["abandonment_rate"] <= 0.03
    assert quiet.err == ""
