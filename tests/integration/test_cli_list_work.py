"""Segments of lists, splitting and merging, by the commands that people use."""

from __future__ import annotations

from pathlib import Path

import pytest

from dialer.errors import DONE, WRONG_INPUT
from tests.integration.api_world import campaign_text
from tests.integration.command import Dialer

PEOPLE = "phone,city,plan\n" + "".join(
    f"+1202555{n:04d},{'Bari' if n % 4 == 0 else 'Rome'},{('gold', 'tin', '')[n % 3]}\n" for n in range(100, 120)
)


@pytest.fixture
def dialer(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Dialer:
    made = Dialer(capsys, tmp_path / "home")
    assert made("init", made.home).status == DONE
    (tmp_path / "people.csv").write_text(PEOPLE, "utf-8")
    assert made("list", "import", tmp_path / "people.csv", "--list", "people").status == DONE
    return made


def sizes(dialer: Dialer) -> dict[str, int]:
    return {one["name"]: one["leads"] for one in dialer("list", "ls", "--json").json}


def test_a_segment_is_counted_and_moved(dialer: Dialer) -> None:
    found = dialer("list", "segment", "people", "--where", "city=Bari", "--by", "plan", "--json").json
    assert (found["leads"], found["of"], found["by"]) == (5, 20, {"tin": 2, "": 2, "gold": 1})
    some = dialer("list", "export", "people", "--where", "city=Bari", "--json").json
    assert {lead["city"] for lead in some} == {"Bari"}
    assert len(dialer("list", "export", "people", "--where", "city=Bari").out.splitlines()) == 6
    assert dialer("list", "export", "people", "--where", "citty=Bari").status == WRONG_INPUT
    asked = ("list", "split", "people", "--into", "bari", "--where", "city=Bari", "--json")
    looked = dialer(*asked, "--dry-run").json
    assert (looked["parts"], looked["stored"], sizes(dialer)) == ({"bari": 5}, False, {"people": 20})
    assert dialer(*asked).json == looked | {"stored": True}
    assert sizes(dialer) == {"bari": 5, "people": 15}
    assert dialer(*asked).json["parts"] == {"bari": 0}, "they are there already"
    change = dialer("changes", "--json").json[1]
    assert (change["action"], change["subject"], change["detail"]["where"]) == ("list.moved", "people", "city")
    assert "Bari" not in str(change["detail"])


def test_a_list_is_split_by_share_and_field_and_merged_again(dialer: Dialer) -> None:
    half = ("list", "split", "people", "--into", "half", "--percent", "50", "--dry-run", "--json")
    assert dialer(*half).json["parts"] == {"half": 10}
    assert dialer("list", "split", "people", "--into", "few", "--count", "3", "--json").json["parts"] == {"few": 3}
    by = dialer("list", "split", "people", "--into", "p", "--by", "plan", "--json").json
    assert set(by["parts"]) == {"p-gold", "p-tin"}
    assert sizes(dialer)["people"] == 17 - sum(by["parts"].values()), "those without a plan stay"
    for name in ("few", "p-gold", "p-tin"):
        assert f"{name}: " in dialer("list", "merge", name, "--into", "people").out
    assert sizes(dialer) == {"few": 0, "p-gold": 0, "p-tin": 0, "people": 20}


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--into", "people"), "the list they are in"),
        (("--into", "acme/x"), "no client is called"),
        (("--into", "x", "--count", "3", "--percent", "5"), "say one of them"),
        (("--into", "x", "--percent", "0"), "more than 0"),
        (("--into", "x", "--count", "0"), "1 or more"),
        (("--into", "x", "--where", "citty=Bari"), "did you mean city"),
        (("--into", "x", "--where", "city"), "write FIELD=VALUE"),
        (("--into", "x", "--by", "plann"), "did you mean plan"),
        (("--into", ""), "no name of a list"),
        (("--into", " x"), "no name of a list"),
        (("--into", "x" * 80, "--by", "plan"), "80 at most"),
    ],
)
def test_slips_are_named_and_move_nobody(dialer: Dialer, options: tuple[str, ...], says: str) -> None:
    answer = dialer("list", "split", "people", *options)
    assert (answer.status, says in answer.err) == (WRONG_INPUT, True), answer.err
    assert sizes(dialer) == {"people": 20}


def test_a_list_has_a_last_day_that_why_and_funnel_say(dialer: Dialer, tmp_path: Path) -> None:
    (tmp_path / "spring.toml").write_text(campaign_text("spring"), "utf-8")
    assert dialer("campaign", "add", tmp_path / "spring.toml").status == DONE
    noon = ("--at", "2027-01-05T17:00:00Z", "--json")
    looked = dialer("list", "expire", "people", "2027-01-04", "--dry-run", "--json").json
    assert (looked["campaigns"], looked["before"], looked["stored"]) == (["spring"], "", False)
    assert dialer("funnel", "spring", *noon).json["dialable"] == 20
    assert "nobody is dialed after 2027-01-04" in dialer("list", "expire", "people", "2027-01-04").out
    assert dialer("funnel", "spring", *noon).json["dialable"] == 0
    said = dialer("why", "+12025550100", "--campaign", "spring", *noon)
    assert "list_expired" in said.out
    assert "2027-01-04" in dialer("list", "ls").out
    assert dialer("list", "expire", "people", "never", "--json").json["before"] == "2027-01-04"
    assert dialer("funnel", "spring", *noon).json["dialable"] == 20
    wrong = dialer("list", "expire", "people", "soon")
    assert (wrong.status, "write 2026-12-31" in wrong.err) == (WRONG_INPUT, True)
    assert [one["action"] for one in dialer("changes", "--json").json].count("list.expire") == 2


def test_saved_mappings_are_listed_shown_and_forgotten(dialer: Dialer, tmp_path: Path) -> None:
    people = tmp_path / "people.csv"
    assert dialer("list", "mapping", "ls", "--json").json == []
    saved = ("--source", "shop", "--map", "plan=ignore", "--save-mapping", "crm")
    assert dialer("list", "import", people, "--list", "more", *saved).status == DONE
    assert dialer("list", "mapping", "ls", "--json").json == [
        {"name": "crm", "columns": 3, "source": "shop", "problem": ""}
    ]
    shown = dialer("list", "mapping", "show", "crm", "--json").json
    assert (shown["columns"]["plan"], shown["source"]) == ("ignore", "shop")
    assert "ignore" in dialer("list", "mapping", "show", "crm").out
    (tmp_path / "home" / "mappings" / "bad.toml").write_text("region = \n", "utf-8")
    assert "bad.toml:1" in dialer("list", "mapping", "ls").err
    assert dialer("list", "mapping", "show", "bad").status == WRONG_INPUT
    assert dialer("list", "mapping", "rm", "crm").status == DONE
    assert dialer("list", "mapping", "rm", "crm").status == WRONG_INPUT
    assert dialer("changes", "--json").json[0]["action"] == "mapping.remove"


def test_leads_are_kept_as_long_as_the_settings_say(dialer: Dialer, tmp_path: Path) -> None:
    assert "kept for ever" in dialer("person", "retention", "--dry-run").out
    toml = tmp_path / "home" / "dialer.toml"
    toml.write_text(
        f"{toml.read_text('utf-8')}\n[retention]\nlead_days = 1\n".replace("[retention]\n# ", "# "), "utf-8"
    )
    looked = dialer("person", "retention", "--dry-run", "--json").json
    row = {"client": "", "lead_days": 1, "proof_days": 1827, "leads": 0}
    assert looked == {"stored": False, "clients": [row | {"called": 0}]}
    done = dialer("person", "retention", "--json").json
    assert done == {"stored": True, "clients": [row | {"attempts": 0, "recordings": 0, "at_hand": 0}]}
    assert sizes(dialer) == {"people": 20}
    toml.write_text("[retention]\nlead_days = 0\nproof_days = 30\n", "utf-8")
    wrong = dialer("person", "retention", "--dry-run")
    assert (wrong.status, "lead_days" in wrong.err, "proof_days" in wrong.err) == (WRONG_INPUT, True, True)
