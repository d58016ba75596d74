from __future__ import annotations

from collections import Counter

import pytest

from campaigns.daypart_choice import Openings, another_daypart, daypart_at, draw
from campaigns.dayparts import USUAL, Dayparts
from campaigns.hours_rule import HoursRule
from campaigns.window import CallingHours, calling_hours
from tests.unit.campaigns import samples
from tests.unit.campaigns.samples import utc

NY = ("America/New_York",)
DAY = 86_400.0
HOURS = calling_hours((samples.DAYTIME,))
ALWAYS = calling_hours((samples.ALWAYS,))
MONDAY_TEN = utc("2026-11-16T10:00-05:00")
REACH_S = 37.0


def openings(*tried: float, hours: CallingHours = HOURS, zones: tuple[str, ...] = NY) -> Openings:
    return Openings(hours, zones, REACH_S, USUAL, tried)


def names(found: list[float | None]) -> Counter[str]:
    return Counter(daypart_at(USUAL, NY[0], moment)[0] for moment in found if moment is not None)


def spread(of: Openings, since: float, within_s: float = 2 * DAY, count: int = 1_000) -> list[float | None]:
    return [another_daypart(of, since, within_s, n / count) for n in range(count)]


@pytest.mark.parametrize(
    ("moment", "name"),
    [
        ("2026-11-16T05:59:59-05:00", ""),
        ("2026-11-16T06:00:00-05:00", "morning"),
        ("2026-11-16T10:59:59-05:00", "morning"),
        ("2026-11-16T11:00:00-05:00", "midday"),
        ("2026-11-20T16:59:59-05:00", "afternoon"),
        ("2026-11-20T23:59:59-05:00", "evening"),
        ("2026-11-21T17:00:00-05:00", "weekend evening"),
        ("2026-11-22T06:00:00-05:00", "weekend morning"),
        ("2026-11-23T06:00:00-05:00", "morning"),
    ],
)
def test_dayparts_are_those_of_the_wall_clock(moment: str, name: str) -> None:
    assert daypart_at(USUAL, NY[0], utc(moment))[0] == name


def test_the_end_of_a_daypart_is_exact_where_the_clocks_are_changed() -> None:
    parts = Dayparts((("night", 0, 240), ("day", 240, 1440)))
    at = utc("2026-11-01T00:00-04:00")  # 2:00 becomes 1:00: the night has five hours
    while daypart_at(parts, NY[0], at)[0] == "weekend night":
        at = daypart_at(parts, NY[0], at)[1]
    assert at == utc("2026-11-01T04:00-05:00")


@pytest.mark.parametrize("parts", [(("a", 0, 0),), (("a", 0, 60), ("b", 30, 90)), (("a", 1430, 1441),)])
def test_impossible_dayparts_are_refused(parts: tuple[tuple[str, int, int], ...]) -> None:
    with pytest.raises(ValueError, match="is empty, overlaps or leaves the day"):
        Dayparts(parts)


def test_who_was_tried_in_the_morning_is_tried_at_any_other_time_of_the_day() -> None:
    found = spread(openings(MONDAY_TEN), MONDAY_TEN + 4 * 3600, within_s=DAY)
    # Monday 14:00 to Tuesday 14:00: three hours each, and not the morning.
    assert set(names(found)) == {"midday", "afternoon", "evening"}
    assert all(abs(count - 333) < 5 for count in names(found).values())


def test_of_the_dayparts_tried_the_least_tried_one_is_taken() -> None:
    tried = [MONDAY_TEN + hours * 3600 for hours in (0, 2, 5, 24)]  # morning twice, midday, afternoon
    assert set(names(spread(openings(*tried), MONDAY_TEN + DAY))) == {"evening"}
    tried.append(MONDAY_TEN + 8 * 3600)
    assert set(names(spread(openings(*tried), MONDAY_TEN + DAY))) == {"midday", "afternoon", "evening"}


def test_leads_are_spread_over_all_of_a_daypart_by_its_length() -> None:
    tried = [MONDAY_TEN, MONDAY_TEN + 2 * 3600, MONDAY_TEN + 5 * 3600]
    moments = spread(openings(*tried), MONDAY_TEN + 6 * 3600, within_s=DAY)
    opens, closes = utc("2026-11-16T17:00-05:00"), utc("2026-11-16T20:00-05:00") - REACH_S
    each = (closes - opens) / 1_000
    assert [moment - opens for moment in moments if moment is not None] == pytest.approx(
        [n * each for n in range(1_000)], abs=0.001
    )


def test_the_weekend_is_another_daypart() -> None:
    friday = utc("2026-11-20T10:00-05:00")
    tried = [friday + hours * 3600 for hours in (0, 2, 5, 8)]
    assert {name.split()[0] for name in names(spread(openings(*tried), friday + 9 * 3600))} == {"weekend"}


def test_all_candidate_zones_have_to_be_open() -> None:
    both = openings(zones=("America/New_York", "America/Los_Angeles"))
    earliest = utc("2026-11-17T12:00-05:00")  # 9:00 in Los Angeles
    found = spread(both, MONDAY_TEN + 12 * 3600, within_s=DAY)
    assert min(moment for moment in found if moment is not None) == earliest
    assert set(names(found)) == {"midday", "afternoon", "evening"}


def test_where_nothing_opens_in_time_there_is_no_daypart() -> None:
    closed = calling_hours((HoursRule.parse({"mon": "09:00-20:00"}),))
    assert another_daypart(openings(hours=closed), MONDAY_TEN + DAY, 2 * DAY, 0.5) is None
    assert another_daypart(openings(hours=ALWAYS, zones=()), MONDAY_TEN, 2 * DAY, 0.5) is None


def test_a_draw_is_always_the_same_and_even_over_many() -> None:
    assert draw("spring", 7, 1) == draw("spring", 7, 1) != draw("spring", 7, 2)
    tenths = Counter(int(draw("spring", lead_id, 1) * 10) for lead_id in range(10_000))
    assert set(tenths) == set(range(10))
    assert all(abs(count - 1_000) < 150 for count in tenths.values())


def test_the_last_moment_drawn_is_not_the_end() -> None:
    parts = Dayparts((("p0", 0, 15),))
    night = calling_hours((HoursRule.parse({"fri": "00:00-00:30"}),))
    found = another_daypart(Openings(night, NY, 1.0, parts, ()), 1_782_864_000.0, 3 * DAY, 0.9999999999999999)
    assert found is not None
    assert daypart_at(parts, NY[0], found)[0] == "p0"
