from __future__ import annotations

from contextlib import suppress
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lists.dates import (
    DAY_FIRST,
    MONTH_FIRST,
    AmbiguousDateError,
    BadDateError,
    DateColumn,
    read_date,
    read_moment,
)

DAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    "text",
    ["2026-11-22", "2026/11/22", "2026.11.22", "20261122", "22.11.2026", "22.11.26", "22/11/2026", "11/22/2026",
     "22-11-2026", "22 Nov 2026", "22nd November 2026", "22. November 2026", "22-Nov-2026", "November 22, 2026",
     "Nov 22nd 2026", "46348",
     "46348.5", "22 ноября 2026 г.", "22 листопада 2026 р", "22 noiembrie 2026",
     "22 de noviembre de 2026", " 2026-11-22T09:30Z",
     "22.11.2026 09:30", "11/22/2026 09:30:00", "2026-11-22 09:30:00.000"],
)  # fmt: skip
def test_dates_in_many_styles(text: str) -> None:
    assert read_date(text) == DAY


@pytest.mark.parametrize(("order", "day"), [(DAY_FIRST, date(2026, 4, 3)), (MONTH_FIRST, date(2026, 3, 4))])
def test_what_may_be_two_dates_is_read_in_the_order_that_was_said(order: str, day: date) -> None:
    assert read_date("3/4/2026", order) == day
    with pytest.raises(AmbiguousDateError, match=r"may be two dates; .* --dates dmy or mdy"):
        read_date("3/4/2026")


def test_what_is_the_same_either_way_is_no_question() -> None:
    assert read_date("4/4/2026") == date(2026, 4, 4)


@pytest.mark.parametrize(
    "text",
    ["", "soon", "2026-13-01", "31.02.2026", "32/11/2026", "22 Foo 2026", "1899-01-01", "12", "2026-11", "99999"],
)
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(BadDateError, match="is not a date"):
        read_date(text)


def test_a_date_that_does_not_fit_the_order_said_is_refused() -> None:
    with pytest.raises(BadDateError):
        read_date("25/11/2026", MONTH_FIRST)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-22", datetime(2026, 11, 22, tzinfo=UTC)),
        ("2026-11-22T14:05", datetime(2026, 11, 22, 14, 5, tzinfo=UTC)),
        ("22.11.2026 14:05:09 +02:00", datetime(2026, 11, 22, 12, 5, 9, tzinfo=UTC)),
        ("2026-11-22T14:05:00-0530", datetime(2026, 11, 22, 19, 35, tzinfo=UTC)),
    ],
)
def test_moments(text: str, moment: datetime) -> None:
    assert read_moment(text) == moment.timestamp()


@pytest.mark.parametrize("text", ["2026-11-22T25:00", "2026-11-22 10:61"])
def test_a_time_that_there_is_not(text: str) -> None:
    with pytest.raises(BadDateError, match="a time that there is not"):
        read_moment(text)


def looked_through(*texts: str) -> DateColumn:
    column = DateColumn()
    for text in texts:
        column.add(text)
    return column


def test_a_column_tells_its_order_by_the_dates_that_can_be_one_only() -> None:
    column = looked_through("2026-01-02", "03/04/2026", "17/04/2026 10:00")
    assert (column.order, column.ambiguous) == (DAY_FIRST, "03/04/2026")
    assert looked_through("03/04/2026", "04-17-2026").order == MONTH_FIRST


def test_a_column_that_does_not_tell_or_has_both_has_no_order() -> None:
    assert looked_through("03/04/2026").order == ""
    assert looked_through("17/04/2026", "04/17/2026").order == ""


@given(st.dates(date(1990, 1, 1), date(2069, 12, 31)), st.sampled_from((DAY_FIRST, MONTH_FIRST)))
def test_every_style_of_a_date_is_that_date(day: date, order: str) -> None:
    slashed = day.strftime("%d/%m/%Y" if order == DAY_FIRST else "%m/%d/%Y")
    for text in (
        day.isoformat(),
        day.strftime("%d.%m.%Y"),
        slashed,
        day.strftime("%d %b %Y"),
        day.strftime("%B %d, %Y"),
    ):
        assert read_date(text, order) == day


@given(st.text(max_size=40), st.sampled_from(("", DAY_FIRST, MONTH_FIRST)))
def test_any_text_is_a_date_or_refused(text: str, order: str) -> None:
    for read in (read_date, read_moment):
        with suppress(BadDateError):
            read(text, order)
