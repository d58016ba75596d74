"""`dialer person …` on a home without a service."""

from __future__ import annotations

from pathlib import Path
from zipfile import ZipFile

import pytest

from dialer.errors import DONE, WRONG_INPUT
from tests.integration.command import Dialer

ADA = "+442079460001"


@pytest.fixture
def dialer(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Dialer:
    made = Dialer(capsys, tmp_path / "home")
    assert made("init", made.home).status == DONE
    file = tmp_path / "people.csv"
    file.write_text(f"phone,first_name,last_name,plan\n{ADA},Ada,Lovelace,gold\n+442079460002,Bob,B,gold\n")
    assert made("list", "import", file, "--list", "people").status == DONE
    return made


def test_shown_and_handed_over(dialer: Dialer, tmp_path: Path) -> None:
    shown = dialer("person", "show", ADA)
    assert "Ada Lovelace: 1 lead, 0 attempts" in shown.out
    assert "They have never been called." in shown.out
    (lead,) = dialer("person", "show", "1", "--json").json["leads"]
    assert (lead["list"], lead["fields"]) == ("people", {"plan": "gold"})
    archive = tmp_path / "ada.zip"
    assert dialer("person", "export", ADA, "--output", archive).status == DONE
    assert ZipFile(archive).namelist() == ["person.json"]
    again = dialer("person", "export", ADA, "--output", archive)
    assert (again.status, "there already" in again.err) == (WRONG_INPUT, True)


def test_erased_only_when_asked_twice_and_not_brought_back(dialer: Dialer, tmp_path: Path) -> None:
    asked = dialer("person", "erase", ADA)
    assert (asked.status, "add --yes" in asked.err) == (WRONG_INPUT, True)
    assert dialer("person", "erase", ADA, "--yes", "--reason", "by letter", "--json").json == {
        "leads": 1, "attempts": 0, "callbacks": 0, "recordings": 0, "registers": 0,
    }  # fmt: skip
    gone = dialer("person", "show", ADA)
    assert (gone.status, "no list has anybody" in gone.err) == (WRONG_INPUT, True)
    again = dialer("list", "import", tmp_path / "people.csv", "--list", "people", "--json").json
    assert again["reasons"]["erased"] == 1
    assert again["suppressed"] == 1
    assert ADA not in dialer("list", "export", "people").out
    assert {"person.erase", "dnc.block"} <= {one["action"] for one in dialer("changes", "--json").json}


def test_of_one_client_alone(dialer: Dialer) -> None:
    nobody = dialer("person", "show", ADA, "--client", "acme")
    assert (nobody.status, "acme" in nobody.err) == (WRONG_INPUT, True)
    assert dialer("person", "show", ADA, "--client", "").status == DONE
