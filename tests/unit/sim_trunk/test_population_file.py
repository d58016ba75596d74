from __future__ import annotations

import re
from pathlib import Path

import pytest

from sim_trunk.callee import Persona
from sim_trunk.errors import PopulationFileError, SimTrunkError
from sim_trunk.population import BUNDLED
from sim_trunk.population_file import parse_population, read_population
from sim_trunk.population_spec import FLAT_DAY, Duration
from tests.unit.sim_trunk.people import DEMO, REALISTIC, changed


def problems(text: str) -> list[str]:
    with pytest.raises(PopulationFileError) as caught:
        parse_population(text, "population.toml")
    return [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize("name", ["realistic", "demo"])
def test_bundled_populations_are_read(name: str) -> None:
    spec = read_population(BUNDLED / f"{name}.toml")
    for chances in spec.agents.dispositions.values():
        assert sum(chance.probability for chance in chances) == pytest.approx(1.0)


def test_the_bundled_populations_are_what_they_say() -> None:
    realistic, demo = parse_population(REALISTIC, "r"), parse_population(DEMO, "d")
    assert realistic.answering.probability == 0.30
    assert realistic.ringing.person == Duration(11.5, 0.55)
    assert realistic.ringing.pdd.mean_s == 1.5
    assert realistic.talk[Persona.RIGHT_PARTY] == Duration(150.0, 1.0)
    assert realistic.agents.wrap == Duration(25.0, 0.8)
    assert not realistic.answering.is_flat
    assert demo.answering.probability == 0.45
    assert demo.answering.is_flat, "the demo looks the same at any hour"
    assert demo.unanswered.rings_forever == 1.0
    assert demo.agents.wrap.mean_s < 3.0


@pytest.mark.parametrize("text", [REALISTIC, DEMO], ids=["realistic", "demo"])
def test_every_key_of_the_bundled_files_has_a_comment(text: str) -> None:
    """`dialer init` copies them for people to change: beside the key, or above its paragraph."""
    explained, checked = False, 0
    for line in text[: text.index("[agents.dispositions")].splitlines():
        if not line:
            explained = False
        elif line.startswith("#"):
            explained = True
        elif re.match("[a-z_]+ = ", line):
            checked += 1
            assert explained or "#" in line, line
    assert checked > 40


def test_only_quirks_and_the_hours_may_be_left_out() -> None:
    start, rest = REALISTIC.split("[quirks]")
    text = start + rest[rest.index("# How simulated agents work") :]
    begin, end = text.index("odds_by_hour = ["), text.index("# How long the phone rings")
    spec = parse_population(text[:begin] + text[end:], "population.toml")
    assert spec.answering.odds_by_hour == FLAT_DAY == spec.answering.odds_by_hour_weekend
    assert spec.quirks.lost_ack == 0.0


def test_an_empty_file_names_each_missing_table_once() -> None:
    found = problems("")
    names = ["numbers", "answer", "ringing", "unanswered", "talk", "patience", "agents"]
    assert [problem.split(": ")[1] for problem in found] == names
    assert "write [numbers] and its keys below" in found[0]


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("numbers__invalid", "1.3", "numbers.invalid: 1.3 is out of range (use 0 to 1)"),
        ("numbers__invalid", "-0.1", "numbers.invalid: -0.1 is out of range"),
        ("numbers__invalid", "nan", "numbers.invalid: nan is out of range"),
        ("numbers__invalid", '"few"', "numbers.invalid: is a text, not a number"),
        ("numbers__invalid", "true", "numbers.invalid: is true or false, not a number"),
        ("numbers__changed", "0.98", "numbers.changed: invalid, changed add up to 1.01 (lower some"),
        ("numbers__gatekeeper", "0.95", "numbers.gatekeeper: wrong_person, gatekeeper add up to 1.01"),
        ("answer__spread", "-1", "answer.spread: -1 is out of range"),
        ("answer__odds_by_hour", "[1, 2]", "answer.odds_by_hour: has 2 numbers, not 24"),
        ("answer__odds_by_hour", "3", "answer.odds_by_hour: is not a list"),
        ("ringing__person", "{ mean_s = -3, cv = 0 }", "ringing.person.mean_s: -3 is out of range"),
        ("ringing__person", "{ mean_s = 3 }", "ringing.person.cv: missing"),
        ("ringing__person", "{ mean = 3, cv = 0, mean_s = 1 }", "ringing.person.mean: unknown key"),
        ("ringing__person", "3", "ringing.person: is a number, not a table"),
        (
            "unanswered__busy",
            "0.99",
            "unanswered.timeout: busy, unreachable, congestion, declined, timeout add up",
        ),
        ("unanswered__fails_within_s", "[5, 2]", "unanswered.fails_within_s: 5 to 2 is no span of time"),
        ("unanswered__fails_within_s", "[-1, 2]", "unanswered.fails_within_s: -1 to 2 is no span of time"),
        ("unanswered__fails_within_s", "[2]", "unanswered.fails_within_s: is not a pair of numbers"),
        ("quirks__lost_ack", "2", "quirks.lost_ack: 2 is out of range"),
        (
            "quirks__answer_after_cancel",
            "0.99",
            "quirks.no_response: answer_after_cancel, progress_then_unavailable",
        ),
        ("agents__login_every_s", "-1", "agents.login_every_s: -1 is out of range"),
        ("agents__dispositions__right_party__sale", "0.2", "agents.dispositions.right_party.dnc: sale, "),
    ],
)
def test_a_wrong_value_is_named_with_its_line(key: str, value: str, message: str) -> None:
    text = changed(REALISTIC, **{key: value})
    (found,) = problems(text)
    file, line, _column, rest = found.split(":", 3)
    assert file == "population.toml"
    assert rest.strip().startswith(message)
    if "add up" not in rest and "missing" not in message and "unknown" not in message:
        assert key.rpartition("__")[2] in text.splitlines()[int(line) - 1]


def test_a_wrong_hour_is_named() -> None:
    (found,) = problems(REALISTIC.replace("0.30, 0.60,", "-0.30, 0.60,", 1))
    assert "answer.odds_by_hour[6]: -0.3 is no weight" in found


def test_a_misspelled_key_is_named_with_what_may_be_meant() -> None:
    found = problems(REALISTIC.replace("invalid = 0.03 ", "invlid = 0.03 ", 1))
    assert any('numbers.invlid: unknown key (did you mean "invalid"?)' in problem for problem in found)
    assert any("numbers.invalid: missing" in problem for problem in found)


def test_an_unknown_persona_is_no_table_of_dispositions() -> None:
    (found,) = problems(REALISTIC + "\n[agents.dispositions.robot]\nsale = 1.0\n")
    assert "agents.dispositions.robot: unknown key" in found


def test_all_problems_are_reported_at_once_in_file_order() -> None:
    text = changed(REALISTIC, numbers__invalid=2, talk__silence=1, agents__wrap='"x"')
    lines = [int(problem.split(":")[1]) for problem in problems(text)]
    assert len(lines) == 3
    assert lines == sorted(lines)


def test_broken_syntax_is_named_with_its_line() -> None:
    (found,) = problems("[numbers]\ninvalid = \n")
    assert found.startswith("population.toml:2:")
    assert "not TOML" in found


@pytest.mark.parametrize(("body", "message"), [(b"\xff\xfe", "not UTF-8 text"), (None, "cannot be read")])
def test_an_unreadable_file_is_named(tmp_path: Path, body: bytes | None, message: str) -> None:
    path = tmp_path / "people.toml"
    if body is not None:
        path.write_bytes(body)
    with pytest.raises(SimTrunkError, match=message) as caught:
        read_population(path)
    assert str(path) in str(caught.value)


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "people.toml"
    path.write_bytes(b"\xef\xbb\xbf" + DEMO.encode())
    assert read_population(path).answering.probability == 0.45
