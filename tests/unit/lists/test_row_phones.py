from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lists.lead import PhoneNumber
from lists.mapping import MAX_PHONES, map_columns, parse_map
from lists.phone import split_numbers
from lists.reader import RawRow
from lists.reasons import Reason
from lists.row_phones import read_phones

ONE, TWO, THREE = "+12125550101", "+12125550102", "+12125550103"


def read(
    header: str, *cells: str, options: tuple[str, ...] = (), region: str | None = "US"
) -> tuple[list[PhoneNumber], list[Reason]]:
    columns = map_columns(header.split(","), parse_map(options), Path("people.csv"), 1)
    phones, faults, _ = read_phones(RawRow(1, 2, cells), columns, region)
    return phones, [fault.reason for fault in faults]


def numbers(*cells: str) -> list[str]:
    phones, faults = read("phone", *cells)
    assert faults == []
    return [phone.e164 for phone in phones]


@pytest.mark.parametrize(
    "cell",
    [
        "212-555-0101; 212-555-0102", "212-555-0101,212-555-0102", "212-555-0101/212-555-0102",
        "212-555-0101 | 212-555-0102", "212-555-0101\n212-555-0102", "212-555-0101 or 212-555-0102",
        "2125550101   2125550102", "+1 212-555-0101 +1 212-555-0102", "212-555-0101 ODER 212-555-0102",
        "(212) 555-0101 или (212) 555-0102", "+12125550101+12125550102", "212-555-0101; 212-555-0102;",
    ],
)  # fmt: skip
def test_several_numbers_of_a_cell_are_taken_apart(cell: str) -> None:
    assert numbers(cell) == [ONE, TWO]


def test_a_slash_within_a_number_is_no_separator() -> None:
    phones, faults = read("phone", "030/23125123, 030/23125124", region="DE")
    assert ([phone.e164 for phone in phones], faults) == (["+493023125123", "+493023125124"], [])


def test_of_several_the_bad_ones_are_told() -> None:
    phones, faults = read("phone", "212-555-0101; 212-155-0101")
    assert ([phone.e164 for phone in phones], faults) == ([ONE], [Reason.NOT_VALID])


def test_a_lead_has_ten_numbers_at_most() -> None:
    phones, faults = read("phone", "; ".join(f"212-555-01{n:02d}" for n in range(12)))
    assert (len(phones), faults) == (MAX_PHONES, [Reason.TOO_MANY_NUMBERS] * 2)


@pytest.mark.parametrize(
    "cell",
    [
        "212-555-0101 ext. 42",
        "2125550101x42",
        "212-555-0101 доб. 42",
        "2125550101#42",
        "212-555-0101 Durchwahl 42",
        "2125550101, внутр. 42",
    ],
)
def test_extensions_are_kept_apart_from_the_number(cell: str) -> None:
    (phone,), faults = read("phone", cell)
    assert (phone.e164, phone.extension, faults) == (ONE, "42", [])


def test_two_behind_one_exchange_are_two_numbers() -> None:
    phones, _ = read("phone,phone2,phone3", "212-555-0101 x1", "212-555-0101 x2", "212-555-0101 ext 1")
    assert [(phone.e164, phone.extension) for phone in phones] == [(ONE, "1"), (ONE, "2")]


def test_columns_beside_a_number_say_its_use_and_extension() -> None:
    header = "phone,phone2,phone2_type,phone2_ext,Work Phone,phone4_type"
    phones, _ = read(header, ONE, TWO, "дом", "7", THREE, "Assistant")
    assert [(phone.e164, phone.use, phone.extension) for phone in phones] == [
        (ONE, "", ""),
        (THREE, "work", ""),
        (TWO, "home", "7"),
    ]
    phones, _ = read("phone,type", ONE, "Assistant", options=("type=phone_type",))
    assert [phone.use for phone in phones] == ["other"]


@given(st.lists(st.text("0123456789+/;,|. ()-x\n", max_size=20), max_size=6))
def test_taking_apart_loses_no_digit(parts: list[str]) -> None:
    cell = ";".join(parts)
    apart = split_numbers(cell)
    assert [one for one in "".join(apart) if one.isdigit()] == [one for one in cell if one.isdigit()]
