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


@pytest.mark.parametrize(
    "text",
    [
        "\u200f+33 6 12\u200e",  # right-to-left and left-to-right marks
        "\u061c+33 6 12",  # Arabic letter mark
        "\u202d+33\u202c 6 12",  # as telephones copy them
        "\u2066+33 6 12\u2069",
        "+33\u200b 6\ufeff 1\u20602",  # of no width
        "+33\u2063 6\u180e 12",
        "+33 6\ufe0f\u20e3 1\ufe0f\u20e32\u034f",  # digits as emoji
        "+33\u202f6\u202f12",  # the narrow space of French
        "+33\u20096\u200712",
    ],
)
def test_marks_and_blanks_of_any_width_in_numbers(text: str) -> None:
    assert normalise.phone(text) == "+33 6 12"


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
