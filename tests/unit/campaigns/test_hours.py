from __future__ import annotations

import pytest

from campaigns.hours import WeeklyHours, common_hours, parse_hours


@pytest.mark.parametrize(
    ("text", "intervals"),
    [
        ("09:00-20:00", ((540, 1200),)),
        ("9:00-13:00,14:00-20:00", ((540, 780), (840, 1200))),
        ("14:00-20:00, 09:00-13:00", ((540, 780), (840, 1200))),
        ("00:00-24:00", ((0, 1440),)),
        (" Closed ", ()),
    ],
)
def test_hours_are_read(text: str, intervals: tuple[tuple[int, int], ...]) -> None:
    assert parse_hours(text) == intervals


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("09:00", "not a window"),
        ("", "not a window"),
        ("20:00-09:00", "over midnight"),
        ("09:00-09:00", "does not end after it starts"),
        ("09:00-25:00", "the last one is 24:00"),
        ("09:00-24:01", "the last one is 24:00"),
        ("09:00-12:60", "the last one is 24:00"),
        ("9-17", "time of day"),
        ("٠٩:٠٠-20:00", "time of day"),
        ("09:00-13:00, 12:59-20:00", "overlap"),
    ],
)
def test_impossible_hours_say_what_is_wrong(text: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        parse_hours(text)


def test_the_more_specific_name_of_a_day_wins() -> None:
    hours = WeeklyHours.parse({"sun": "closed", "daily": "09:00-20:00", "weekend": "10:00-16:00"})
    assert hours.days == (((540, 1200),),) * 5 + (((600, 960),), ())


def test_a_day_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="'someday' is no day"):
        WeeklyHours.parse({"someday": "09:00-20:00"})


@pytest.mark.parametrize("day", [((600, 540),), ((540, 600), (590, 700)), ((0, 1441),), ((-1, 10),)])
def test_hours_that_are_not_sorted_disjoint_and_within_the_day_cannot_be_made(
    day: tuple[tuple[int, int], ...],
) -> None:
    with pytest.raises(ValueError, match="mon"):
        WeeklyHours((day, *((),) * 6))


def test_equal_hours_are_one_key() -> None:
    daytime, always = WeeklyHours.parse({"daily": "09:00-20:00"}), WeeklyHours.parse({"daily": "00:00-24:00"})
    again = WeeklyHours.parse({"weekdays": "09:00-20:00", "weekend": "09:00-20:00"})
    assert again == daytime
    assert len({again, daytime, always}) == 2


def test_hours_print_as_they_are_written() -> None:
    hours = WeeklyHours.parse({"mon": "09:00-13:00, 14:00-24:00"})
    assert str(hours).startswith("mon 09:00-13:00, 14:00-24:00; tue closed")


def test_two_hours_of_a_day_have_those_in_common_at_which_both_are_open() -> None:
    morning, noon = parse_hours("08:00-12:00, 13:00-18:00"), parse_hours("09:00-17:00")
    assert common_hours(morning, noon) == parse_hours("09:00-12:00, 13:00-17:00")
    assert common_hours(morning, noon) == common_hours(noon, morning)
    assert common_hours(morning, ()) == ()
