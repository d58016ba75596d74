"""Numbers, cells and columns: what is cut, padded and never let through."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from dialer.tui import cells, columns, figures
from dialer.tui.cells import plain
from dialer.tui.columns import Column
from dialer.tui.head import Key, foot

TEXT = st.text(max_size=60)


@pytest.mark.parametrize(
    ("value", "width", "text"),
    [
        (0, 5, "0"),
        (12_345, 6, "12,345"),
        (12_345, 5, "12k"),
        (1_234, 4, "1.2k"),
        (1_234_567, 7, "1,235k"),
        (1_234_567, 4, "1.2M"),
        (987_654_321_098, 7, "988G"),
        (5_000, 1, ">"),
    ],
)
def test_numbers(value: int, width: int, text: str) -> None:
    assert figures.number(value, width) == text


@given(st.integers(0, 10**15), st.integers(4, 20))
def test_a_number_fits_its_width(value: int, width: int) -> None:
    assert 0 < len(figures.number(value, width)) <= width


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, "–"),
        (0, "0:00"),
        (7.9, "0:07"),
        (185, "3:05"),
        (3_599, "59:59"),
        (7_385, "2:03:05"),
        (270_000, "3 d 3 h"),
        (-1, "0:00"),
    ],
)
def test_durations(seconds: float | None, text: str) -> None:
    assert figures.duration(seconds) == text


def test_hours() -> None:
    assert [figures.hours(value) for value in (0.0, 0.024, 9.99, 12.34, 1_234.5)] == [
        "0.00",
        "0.02",
        "9.99",
        "12.3",
        "1,234",
    ]


def test_shares_and_caps() -> None:
    assert figures.share(0.1234) == "12.3 %"
    assert figures.share(1.0) == "100.0 %"
    assert (figures.cap(0.03), figures.cap(0.025), figures.cap(0.0)) == ("3 %", "2.5 %", "0 %")


def test_moments_are_the_services() -> None:
    assert figures.clock(1_795_421_100.0, "Europe/Berlin") == "09:05:00 UTC+1"
    assert figures.clock(1_795_421_100.0, "America/St_Johns") == "04:35:00 UTC-3:30"
    assert figures.clock(1_795_421_100.0, "Nowhere/Atall") == "08:05:00 UTC"
    assert figures.time_of_day(1_795_421_400.0, "Europe/Berlin", 1_795_421_100.0) == "09:10"
    assert figures.time_of_day(1_795_521_100.0, "Europe/Berlin", 1_795_421_100.0) == "24 Nov 12:51"


@given(TEXT, st.integers(0, 40), st.booleans())
def test_a_cell_has_its_width(text: str, width: int, right: bool) -> None:
    assert cell_len(cells.fit(text, width, right)) == width


@given(TEXT)
def test_nothing_unprintable_is_let_through(text: str) -> None:
    shown = cells.clean(text)
    assert len(shown) == len(text)
    assert not any(ord(letter) < 32 or 127 <= ord(letter) < 160 for letter in shown)
    assert not set(shown) & set("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u2028")


def test_long_text_ends_in_a_mark() -> None:
    assert cells.fit("spring renewals", 8) == "spring… "
    assert cells.fit("spring", 6) == "spring"
    assert cells.fit("客户春季", 5) == "客户…"
    assert cells.fit("12", 5, right=True) == "   12"


LINES = st.lists(st.tuples(TEXT, st.just("")), max_size=6).map(lambda spans: cells.line(*spans))


@given(LINES, st.integers(0, 80))
def test_a_line_has_its_width(line: cells.Line, width: int) -> None:
    assert cells.length(cells.fit_line(line, width)) == width


@given(LINES, LINES, st.integers(0, 80))
def test_both_ends_of_a_line(left: cells.Line, right: cells.Line, width: int) -> None:
    assert cells.length(cells.ends(left, right, width)) == width


def test_a_line_that_is_too_long_says_so() -> None:
    line = cells.line(("alpha ", ""), ("beta", "strong"))
    assert cells.plain([cells.fit_line(line, 8)]) == "alpha b…"
    assert cells.plain([cells.fit_line(line, 6)]) == "alpha…"
    assert cells.plain([cells.fit_line(line, 10)]) == "alpha beta"


@given(TEXT, st.integers(2, 40))
def test_wrapped_text_is_all_there(text: str, width: int) -> None:
    rows = cells.wrap(text, width)
    assert all(cells.length(row) <= width for row in rows)
    assert "".join(cells.plain(rows).split()) == "".join(cells.clean(text).split())


def _columns() -> list[Column[int]]:
    def cell(row: int, width: int) -> tuple[str, str]:
        return str(row), ""

    return [
        Column("a", 10, cell, most=20),
        Column("b", 5, cell, right=True, rank=1),
        Column("c", 5, cell, rank=2),
        Column("d", 5, cell),
    ]


@pytest.mark.parametrize(
    ("width", "titles"), [(16, "ad"), (21, "ad"), (22, "abd"), (27, "abd"), (28, "abcd"), (200, "abcd"), (5, "ad")]
)
def test_columns_that_have_room(width: int, titles: str) -> None:
    chosen = columns.choose(_columns(), width)
    assert "".join(column.title for column, _ in chosen) == titles
    assert all(column.width <= cell <= max(column.width, column.most) for column, cell in chosen)


def test_a_row_is_as_wide_as_its_heading() -> None:
    fitted = columns.choose(_columns(), 38)
    assert cells.length(columns.heading(fitted)) == cells.length(columns.row_line(fitted, 7)) == 38


def test_keys_that_cannot_be_used_make_room_for_those_that_can() -> None:
    keys = [Key("s", "start", "it runs already"), Key("p", "pause"), Key("q", "end demo")]
    assert plain([foot(keys, 40)]) == " (s start)  p pause  q end demo"
    assert plain([foot(keys, 24)]) == " p pause q end demo"
