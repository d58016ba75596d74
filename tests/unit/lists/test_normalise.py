from __future__ import annotations

import pytest

from lists import normalise


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("  Ana   Maria ", "Ana Maria"),
        ("Ana\u00a0Maria", "Ana Maria"),
        ("Ana\r\nMaria", "Ana Maria"),
        ("\ufeffAna\u200b", "Ana"),
        ("Zoe\u0308", "Zoë"),
        ("\u202aAna\u202c", "Ana"),
        ("'=SUM(A1)", "=SUM(A1)"),
        ("'t Hooft", "'t Hooft"),
        ("", ""),
    ],
)
def test_cells(text: str, clean: str) -> None:
    assert normalise.cell(text) == clean


def test_joiners_stay_where_a_language_needs_them() -> None:
    persian = "علی\u200cرضا"
    assert normalise.cell(persian) == persian
    assert normalise.phone("+1\u200c 212") == "+1 212"


def test_the_blanks_between_two_numbers_stay() -> None:
    assert normalise.phone(" 2125550101   2125550102\u200b") == "2125550101   2125550102"


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("Ana Maria Popescu", ("Ana Maria", "Popescu")),
        ("Popescu, Ana Maria", ("Ana Maria", "Popescu")),
        ("Madonna", ("Madonna", "")),
        ("", ("", "")),
    ],
)
def test_full_names(name: str, parts: tuple[str, str]) -> None:
    assert normalise.split_name(name) == parts
