from __future__ import annotations

from datetime import UTC, datetime

import pytest

from sim_trunk.local_hours import LocalHours, first_zone


def moment(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("zone", "utc", "hour", "weekend"),
    [
        ("Europe/London", "2026-11-23T12:00", 12, False),
        ("America/New_York", "2026-11-23T12:00", 7, False),
        ("Asia/Kolkata", "2026-11-23T12:00", 17, False),
        ("Australia/Sydney", "2026-11-20T13:30", 0, True),  # already Saturday there
        ("America/Los_Angeles", "2026-11-23T07:59", 23, True),  # still Sunday there
        ("Europe/London", "2026-03-29T00:59", 0, True),
        ("Europe/London", "2026-03-29T01:00", 2, True),  # summer time begins
        ("Europe/London", "2026-10-25T01:00", 1, True),  # and is over
    ],
)
def test_hour_and_kind_of_day_are_those_of_the_place(zone: str, utc: str, hour: int, weekend: bool) -> None:
    assert LocalHours(lambda _number: zone).at("+1", moment(utc)) == (hour, weekend)


def test_nowhere_has_no_hour() -> None:
    assert LocalHours(lambda _number: None).at("+80012345678", moment("2026-11-23T12:00")) is None


def test_a_known_number_is_not_looked_up() -> None:
    hours = LocalHours(lambda _number: pytest.fail("looked up"))
    hours.know("+442079460000", "Asia/Tokyo")
    assert hours.at("+442079460000", moment("2026-11-23T12:00")) == (21, False)


def test_each_number_is_looked_up_once() -> None:
    asked: list[str] = []

    def zone_of(number: str) -> str:
        asked.append(number)
        return "Europe/London"

    hours = LocalHours(zone_of)
    for _ in range(3):
        hours.at("+442079460000", moment("2026-11-23T12:00"))
    assert asked == ["+442079460000"]


@pytest.mark.parametrize(
    ("number", "zone"),
    [
        ("+442079460000", "Europe/London"),
        ("+12125550101", "America/New_York"),
        ("nonsense", None),
        ("+80012345678", None),
    ],
)
def test_the_zone_comes_from_the_number(number: str, zone: str | None) -> None:
    assert first_zone(number) == zone
