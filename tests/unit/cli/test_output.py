from __future__ import annotations

import json

import pytest

from dialer.cli.output import minute, print_facts, print_json, print_table


def test_json_is_one_document_with_text_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    print_json({"name": "Zoë", "until": None})
    captured = capsys.readouterr()
    assert json.loads(captured.out) == {"name": "Zoë", "until": None}
    assert "Zoë" in captured.out


def test_a_figure_that_json_does_not_have_is_a_fault() -> None:
    with pytest.raises(ValueError, match="JSON"):
        print_json({"rate": float("nan")})


def test_a_table_shows_what_users_wrote_unchanged(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(("name", "leads#"), [("[red]x[/red]", 12_345), ("b", None)], empty="nothing")
    lines = capsys.readouterr().out.splitlines()
    assert [line.split() for line in lines] == [["name", "leads"], ["[red]x[/red]", "12,345"], ["b", "-"]]


def test_what_users_wrote_does_not_steer_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(("name",), [("\x1b[31mEve\x9b2J\x07",)], empty="nobody")
    print_facts([("name", "Eve\x1b]0;mine\x07")])
    out = capsys.readouterr().out
    assert not set(out) & set("\x1b\x9b\x07")
    assert "\ufffd[31mEve\ufffd2J\ufffd" in out


def test_an_empty_table_says_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(("name",), [], empty="No list yet")
    assert capsys.readouterr().out == "No list yet\n"


def test_facts_are_aligned(capsys: pytest.CaptureFixture[str]) -> None:
    print_facts([("a", 1), ("long name", True)])
    assert capsys.readouterr().out == "a          1\nlong name  yes\n"


def test_on_a_terminal_a_long_value_goes_on_below_itself(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "40")
    print_facts([("a", 1), ("hours", "mon 09:00-20:00; tue 09:00-20:00; wed 09:00-20:00")])
    lines = capsys.readouterr().out.splitlines()
    assert lines == ["a      1", "hours  mon 09:00-20:00; tue 09:00-20:00;", "       wed 09:00-20:00"]


def test_tables_show_moments_to_the_minute() -> None:
    assert (minute("2026-11-22T20:00:31.500Z"), minute(None)) == ("2026-11-22 20:00Z", None)
