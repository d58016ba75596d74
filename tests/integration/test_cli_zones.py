"""Numbering plans, and zones of lists, by the commands that people use."""

from __future__ import annotations

from pathlib import Path

import pytest

from dialer.errors import ANSWER_IS_NO, DONE, WRONG_INPUT
from tests.integration.command import Dialer

TABLE = (
    "АВС/ DEF;От;До;Емкость;Оператор;Регион\n"
    '916;0000000;4999999;5000000;ПАО "МТС";г. о. Омск|Омская обл.\n'
    "916;5000000;9999999;5000000;МТС;Средиземье\n"
)
PEOPLE = "phone;область\n+7 916 123-45-67;\n+7 916 123-45-68;Республика Саха /Якутия/\n+7 916 723-45-69;Мордор\n"


@pytest.fixture
def dialer(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Dialer:
    made = Dialer(capsys, tmp_path / "home")
    assert made("init", made.home).status == DONE
    (tmp_path / "plan.csv").write_text(TABLE, "utf-8")
    (tmp_path / "people.csv").write_text(PEOPLE, "utf-8")
    return made


def sources(dialer: Dialer, name: str) -> list[str]:
    return [lead["phones"][0]["zone_source"] for lead in dialer("list", "export", name, "--json").json]


def test_a_plan_gives_zones_to_leads_that_are_there_and_to_new_ones(dialer: Dialer, tmp_path: Path) -> None:
    people = tmp_path / "people.csv"
    before = dialer("list", "import", people, "--list", "before")
    assert "1 places that are not known" in before.err
    assert sources(dialer, "before") == ["number", "region", "number"]
    kept = dialer("numbering-plan", "import", tmp_path / "plan.csv", "--region", "RU", "--json").json
    assert (kept["ranges"], kept["placed"], kept["unknown"]) == (2, 1, {"Средиземье": 1})
    dialer("list", "import", people, "--list", "after")
    assert sources(dialer, "after") == ["numbering_plan", "region", "number"]
    looked = dialer("list", "rezone", "before", "--dry-run", "--json").json
    assert (looked["changed"], sources(dialer, "before")[0]) == (2, "number")
    assert dialer("list", "rezone", "before", "--json").json == looked
    assert sources(dialer, "before") == ["numbering_plan", "region", "number"]
    assert dialer("changes", "--json").json[0]["action"] == "list.rezoned"


def test_who_has_a_number(dialer: Dialer, tmp_path: Path) -> None:
    assert dialer("numbering-plan", "check", "+79161234567").status == ANSWER_IS_NO
    dialer("numbering-plan", "import", tmp_path / "plan.csv", "--region", "RU", "--source", "MinTsifry")
    found = dialer("numbering-plan", "check", "+7 916 123-45-67", "--json").json
    assert (found["operator"], found["regions"], found["zones"]) == ('ПАО "МТС"', ["RU-OMS"], ["Asia/Omsk"])
    assert "MinTsifry" in dialer("numbering-plan", "ls").out
    assert dialer("numbering-plan", "remove", "UA").status == WRONG_INPUT
    assert dialer("numbering-plan", "remove", "RU").status == DONE
    assert dialer("numbering-plan", "ls", "--json").json == []


def test_what_is_no_table_says_what_to_do(dialer: Dialer, tmp_path: Path) -> None:
    wrong = dialer("numbering-plan", "import", tmp_path / "people.csv", "--region", "RU")
    assert (wrong.status, "Name the columns code, from, to" in wrong.err) == (WRONG_INPUT, True)
    nowhere = dialer("list", "import", tmp_path / "people.csv", "--list", "x", "--accept", "fax")
    assert (nowhere.status, "--accept" in nowhere.err) == (WRONG_INPUT, True)
