"""`dialer list freshness`, as it is typed."""

from __future__ import annotations

from pathlib import Path

import pytest

from dialer.cli import main
from tests.integration.command import Dialer


@pytest.fixture
def dialer(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Dialer:
    home = tmp_path / "home"
    assert main(["init", str(home)]) == 0
    people = tmp_path / "people.csv"
    people.write_text("phone\n+12125550101\n+12125550102\n", "utf-8")
    command = Dialer(capsys, home)
    ran = command("list", "import", people, "--list", "spring", "--source", "DataHouse", "--as-of", "2026-01-10")
    assert ran.status == 0
    return command


def test_text_json_and_a_page(dialer: Dialer, tmp_path: Path) -> None:
    text = dialer("list", "freshness", "spring", "--at", "2026-11-30")
    assert text.status == 0
    assert "spring: 2 numbers, 0 called" in text.out
    assert "confirmed alive  none called" in text.out
    assert "No list of its sources was called." in text.out
    assert "no call has told anything yet" in text.err
    document = dialer("list", "freshness", "spring", "--at", "2026-11-30", "--json").json
    assert (document["numbers"], document["sources"][0]["source"]) == (2, "DataHouse")
    assert document["warnings"] == [text.err.strip().removeprefix("warning: ")]
    page = tmp_path / "spring.html"
    ran = dialer("list", "freshness", "spring", "--format", "html", "--output", page)
    assert (ran.status, ran.out) == (0, "")
    assert page.read_text("utf-8").startswith("<!doctype html>")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("sprng",), 'did you mean "spring"?'),
        (
            ("spring", "--verify-below", "1.5"),
            "--verify-below: 1.5 is no share; write one between 0 and 1, as 0.8",
        ),
        (("spring", "--at", "yesterday"), "--at: 'yesterday' is not a moment"),
    ],
)
def test_what_is_wrong_is_told(dialer: Dialer, arguments: tuple[str, ...], says: str) -> None:
    ran = dialer("list", "freshness", *arguments)
    assert ran.status == 2
    assert says in ran.err


@pytest.mark.parametrize("dry", [(), ("--dry-run",)])
def test_what_an_import_is_warned_of_is_in_its_json(
    dialer: Dialer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dry: tuple[str, ...]
) -> None:
    people = tmp_path / "people.csv"
    arguments = ("list", "import", people, "--list", "autumn", "--source", "DataHouse", "--json", *dry)
    assert "source_warning" not in dialer(*arguments).json
    monkeypatch.setattr("dialer.app.importing.source_warning", lambda *_: "half of them were dead")
    ran = dialer(*arguments)
    assert ran.json["source_warning"] == "half of them were dead"
    assert "warning: half of them were dead" in ran.err
