from __future__ import annotations

from datetime import datetime

import pytest
import pytz

from campaigns.errors import UnknownZone
from campaigns.hours import WeeklyHours, intersect, parse_hours
from campaigns.window import HORIZON_S, closes_at, is_open, next_open, unknown_zones, utc_offset
from tests.unit.campaigns.samples import ALWAYS, DAYTIME, reference_zone, utc

NY = ("America/New_York",)
NEVER = WeeklyHours(((),) * 7)


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
    again = WeeklyHours.parse({"daily": "09:00-20:00"})
    assert again == DAYTIME
    assert len({again, DAYTIME, ALWAYS}) == 2


def test_hours_print_as_they_are_written() -> None:
    hours = WeeklyHours.parse({"mon": "09:00-13:00, 14:00-24:00"})
    assert str(hours).startswith("mon 09:00-13:00, 14:00-24:00; tue closed")


def test_the_window_is_half_open() -> None:
    assert not is_open(DAYTIME, NY, utc("2026-11-18T09:00-05:00") - 0.001)
    assert is_open(DAYTIME, NY, utc("2026-11-18T09:00-05:00"))
    assert is_open(DAYTIME, NY, utc("2026-11-18T20:00-05:00") - 0.001)
    assert not is_open(DAYTIME, NY, utc("2026-11-18T20:00-05:00"))


def test_all_candidate_zones_must_be_open() -> None:
    coasts = ("America/New_York", "America/Los_Angeles")
    assert not is_open(DAYTIME, coasts, utc("2026-11-18T09:30-05:00"))  # 06:30 on the Pacific
    assert next_open(DAYTIME, coasts, utc("2026-11-18T09:30-05:00")) == utc("2026-11-18T12:00-05:00")
    assert closes_at(DAYTIME, coasts, utc("2026-11-18T12:00-05:00")) == utc("2026-11-18T20:00-05:00")


def test_zones_that_share_no_open_moment_never_open() -> None:
    short = WeeklyHours.parse({"daily": "12:00-13:00"})
    assert next_open(short, ("America/New_York", "Europe/London"), utc("2026-11-18T00:00")) is None


def test_no_zone_is_never_open() -> None:
    assert not is_open(ALWAYS, (), utc("2026-11-18T12:00"))
    assert next_open(ALWAYS, (), utc("2026-11-18T12:00")) is None


def test_an_unknown_zone_is_an_error_and_not_utc() -> None:
    with pytest.raises(UnknownZone, match="Mars/Olympus"):
        is_open(ALWAYS, ("Mars/Olympus",), 0.0)
    assert unknown_zones(("Europe/London", "Etc/Unknown")) == ("Etc/Unknown",)


def test_a_window_over_midnight_closes_only_at_its_end() -> None:
    night = WeeklyHours.parse({"mon": "22:00-24:00", "tue": "00:00-02:00"})
    opened = utc("2026-11-16T22:30-05:00")
    assert closes_at(night, NY, opened) == utc("2026-11-17T02:00-05:00")


def test_a_window_that_never_closes_is_looked_at_for_two_weeks() -> None:
    at = utc("2026-11-16T22:30")
    assert at + HORIZON_S <= closes_at(ALWAYS, NY, at) <= at + HORIZON_S + 86_400


def test_the_end_of_a_closed_window_is_no_question() -> None:
    with pytest.raises(ValueError, match="not open"):
        closes_at(DAYTIME, NY, utc("2026-11-18T03:00-05:00"))


def test_next_open_is_now_when_open_and_none_beyond_the_horizon() -> None:
    at = utc("2026-11-18T12:00:30.5-05:00")
    assert next_open(DAYTIME, NY, at) == at
    assert next_open(NEVER, NY, at) is None
    evening = utc("2026-11-18T20:00-05:00")
    assert next_open(DAYTIME, NY, evening, 13 * 3600.0) is None
    assert next_open(DAYTIME, NY, evening, 13 * 3600.0 + 1) == utc("2026-11-19T09:00-05:00")


def test_the_hour_skipped_in_spring_is_never_open() -> None:
    gap = WeeklyHours.parse({"daily": "02:00-03:00"})
    saturday = utc("2026-03-07T02:30-05:00")
    assert is_open(gap, NY, saturday)
    # On 8 March the clock goes from 01:59:59 EST to 03:00:00 EDT.
    assert next_open(gap, NY, utc("2026-03-08T00:00-05:00")) == utc("2026-03-09T02:00-04:00")
    across = WeeklyHours.parse({"daily": "01:00-04:00"})
    assert closes_at(across, NY, utc("2026-03-08T01:00-05:00")) == utc("2026-03-08T01:00-05:00") + 2 * 3600


def test_the_hour_repeated_in_autumn_is_open_twice() -> None:
    fold = WeeklyHours.parse({"daily": "01:00-01:30"})
    first, second = utc("2026-11-01T01:00-04:00"), utc("2026-11-01T01:00-05:00")
    assert closes_at(fold, NY, first) == first + 1800
    assert next_open(fold, NY, first + 1800) == second
    whole = WeeklyHours.parse({"daily": "01:00-02:00"})
    assert closes_at(whole, NY, first) == first + 7200


def test_half_an_hour_of_summer_time_on_lord_howe() -> None:
    zone = ("Australia/Lord_Howe",)
    # 4 October 2026, 02:00 +10:30 becomes 02:30 +11:00.
    hours = WeeklyHours.parse({"daily": "01:00-03:00"})
    opened = utc("2026-10-04T01:00+10:30")
    assert closes_at(hours, zone, opened) == opened + 5400
    assert utc_offset(zone[0], opened) == 37_800
    assert utc_offset(zone[0], opened + 3600) == 39_600


def test_zones_off_the_full_hour() -> None:
    assert next_open(DAYTIME, ("Asia/Kathmandu",), utc("2026-11-18T00:00")) == utc("2026-11-18T09:00+05:45")


def test_the_zone_data_is_ours_and_not_the_systems() -> None:
    # Vancouver keeps summer time from 2026 on: data older than that says -8 h here.
    assert utc_offset("America/Vancouver", utc("2026-12-15T12:00")) == -7 * 3600


def test_every_zone_there_is_agrees_with_the_other_zone_library() -> None:
    start, end, step = int(utc("2026-08-01T00:00")), int(utc("2027-05-01T00:00")), 101 * 3600 + 59
    for zone in pytz.common_timezones:
        reference = reference_zone(zone)
        for at in range(start, end, step):
            offset = datetime.fromtimestamp(at, reference).utcoffset()
            assert offset is not None
            assert utc_offset(zone, at) == offset.total_seconds(), (zone, at)


def test_intersection_by_weekday() -> None:
    a = WeeklyHours.parse({"mon": "08:00-12:00, 13:00-18:00", "sat": "10:00-16:00"})
    b = WeeklyHours.parse({"weekdays": "09:00-17:00"})
    assert intersect(a, b) == WeeklyHours.parse({"mon": "09:00-12:00, 13:00-17:00"})
    assert intersect(a, b) == intersect(b, a)
    assert intersect(a, NEVER).empty
