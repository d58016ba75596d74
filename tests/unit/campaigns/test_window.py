from __future__ import annotations

from dataclasses import replace

import pytest

from campaigns.errors import UnknownZone
from campaigns.hours_rule import HoursRule
from campaigns.window import (
    CLOSING_HORIZON_S,
    CallingHours,
    calling_hours,
    closes_at,
    is_open,
    next_open,
    open_until,
)
from tests.unit.campaigns import samples
from tests.unit.campaigns.samples import utc

NY = ("America/New_York",)
LONDON = ("Europe/London",)
ALWAYS = calling_hours((samples.ALWAYS,))
DAYTIME = calling_hours((samples.DAYTIME,))


def by(*places: str, **table: object) -> CallingHours:
    return calling_hours((HoursRule.parse(table),), places)


NEVER = by(daily="closed")


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
    short = by(daily="12:00-13:00")
    assert next_open(short, ("America/New_York", "Europe/London"), utc("2026-11-18T00:00")) is None


def test_no_zone_is_never_open() -> None:
    assert not is_open(ALWAYS, (), utc("2026-11-18T12:00"))
    assert next_open(ALWAYS, (), utc("2026-11-18T12:00")) is None


def test_an_unknown_zone_is_an_error_and_not_utc() -> None:
    with pytest.raises(UnknownZone, match="Mars/Olympus"):
        is_open(ALWAYS, ("Mars/Olympus",), 0.0)


def test_a_window_over_midnight_closes_only_at_its_end() -> None:
    night = by(mon="22:00-24:00", tue="00:00-02:00")
    opened = utc("2026-11-16T22:30-05:00")
    assert closes_at(night, NY, opened) == utc("2026-11-17T02:00-05:00")


def test_a_window_that_never_closes_is_looked_at_for_two_weeks() -> None:
    at = utc("2026-11-16T22:30")
    assert at + CLOSING_HORIZON_S <= closes_at(ALWAYS, NY, at) <= at + CLOSING_HORIZON_S + 86_400


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
    gap = by(daily="02:00-03:00")
    saturday = utc("2026-03-07T02:30-05:00")
    assert is_open(gap, NY, saturday)
    # On 8 March the clock goes from 01:59:59 EST to 03:00:00 EDT.
    assert next_open(gap, NY, utc("2026-03-08T00:00-05:00")) == utc("2026-03-09T02:00-04:00")
    across = by(daily="01:00-04:00")
    assert closes_at(across, NY, utc("2026-03-08T01:00-05:00")) == utc("2026-03-08T01:00-05:00") + 2 * 3600


def test_the_hour_repeated_in_autumn_is_open_twice() -> None:
    fold = by(daily="01:00-01:30")
    first, second = utc("2026-11-01T01:00-04:00"), utc("2026-11-01T01:00-05:00")
    assert closes_at(fold, NY, first) == first + 1800
    assert next_open(fold, NY, first + 1800) == second
    whole = by(daily="01:00-02:00")
    assert closes_at(whole, NY, first) == first + 7200


def test_half_an_hour_of_summer_time_on_lord_howe() -> None:
    zone = ("Australia/Lord_Howe",)
    # 4 October 2026, 02:00 +10:30 becomes 02:30 +11:00.
    hours = by(daily="01:00-03:00")
    opened = utc("2026-10-04T01:00+10:30")
    assert closes_at(hours, zone, opened) == opened + 5400


def test_zones_off_the_full_hour() -> None:
    assert next_open(DAYTIME, ("Asia/Kathmandu",), utc("2026-11-18T00:00")) == utc("2026-11-18T09:00+05:45")


def test_rules_hold_together() -> None:
    campaign = HoursRule.parse({"mon": "08:00-12:00, 13:00-18:00", "sat": "10:00-16:00"})
    law = HoursRule.parse({"weekdays": "09:00-17:00"})
    together = calling_hours((campaign, law))
    assert closes_at(together, NY, utc("2026-11-16T09:00-05:00")) == utc("2026-11-16T12:00-05:00")
    assert next_open(together, NY, utc("2026-11-16T12:00-05:00")) == utc("2026-11-16T13:00-05:00")
    assert next_open(together, NY, utc("2026-11-16T17:00-05:00")) == utc("2026-11-23T09:00-05:00")
    assert calling_hours((campaign, law, campaign)) == together


DEBT = {"weekdays": "08:00-22:00", "weekend": "09:00-20:00", "holidays": "09:00-20:00"}
"""Russia, debt: 230-FZ art. 7."""
MOSCOW = ("Europe/Moscow",)


def test_a_public_holiday_has_hours_of_its_own() -> None:
    debt = by("RU", **DEBT)
    # Unity Day, a Wednesday.
    assert next_open(debt, MOSCOW, utc("2026-11-03T22:00+03:00")) == utc("2026-11-04T09:00+03:00")
    assert closes_at(debt, MOSCOW, utc("2026-11-04T09:00+03:00")) == utc("2026-11-04T20:00+03:00")
    assert next_open(debt, MOSCOW, utc("2026-11-04T20:00+03:00")) == utc("2026-11-05T08:00+03:00")
    # Victory Day is a Saturday, and observed on the Monday.
    assert closes_at(debt, MOSCOW, utc("2026-05-11T12:00+03:00")) == utc("2026-05-11T20:00+03:00")


def test_a_holiday_opens_no_day_that_is_closed() -> None:
    italy = by("IT", weekdays="09:00-20:00", sat="10:00-19:00", holidays="closed", before_holidays="10:00-19:00")
    rome = ("Europe/Rome",)
    # Thursday 24 December comes before Christmas, and Sunday 5 April before Easter Monday.
    assert next_open(italy, rome, utc("2026-12-24T00:00+01:00")) == utc("2026-12-24T10:00+01:00")
    assert next_open(italy, rome, utc("2026-12-24T19:00+01:00")) == utc("2026-12-28T09:00+01:00")
    assert next_open(italy, rome, utc("2026-04-04T19:00+02:00")) == utc("2026-04-07T09:00+02:00")


WORKDAYS = {"weekdays": "09:00-17:00", "holidays": "closed"}
EPIPHANY = utc("2026-01-06T12:00+01:00")
BERLIN = ("Europe/Berlin",)


@pytest.mark.parametrize(
    ("places", "scope", "opened"),
    [
        (("DE",), "country", True),
        (("DE-BY",), "country", True),
        (("DE",), "subdivision", True),
        (("DE-BY",), "subdivision", False),
        (("DE-BE",), "subdivision", True),
        (("DE", "DE-BY"), "subdivision", False),
        (("DE-BE", "DE-BY"), "subdivision", False),  # the number is from Berlin, the lead lives in Bavaria
        (("DE", "AT"), "subdivision", False),
        (("DE",), "any_subdivision", False),
        (("DE-BE",), "any_subdivision", True),
        (("DE", "DE-BE"), "any_subdivision", True),
        (("DE-BE",), "DE-BY", False),
        (("DE-BY",), "FR", True),
    ],
)
def test_holidays_are_those_of_every_place_that_the_person_may_be_in(
    places: tuple[str, ...], scope: str, opened: bool
) -> None:
    assert is_open(by(*places, **WORKDAYS, holiday_calendar=scope), BERLIN, EPIPHANY) == opened


def test_holidays_that_nobody_knows_are_no_working_days() -> None:
    unknown = by("001", **WORKDAYS)
    assert unknown.unknown == ("001",)
    assert not is_open(unknown, LONDON, utc("2026-11-18T12:00"))
    assert next_open(unknown, LONDON, utc("2026-11-18T12:00")) is None
    assert by("001", weekdays="09:00-17:00").unknown == ()
    assert by("DE-XX", **WORKDAYS, holiday_calendar="DE-XX").unknown == ("DE-XX",)


def test_a_subdivision_of_which_nothing_is_known_is_as_if_it_were_not_said() -> None:
    for scope in ("country", "subdivision", "any_subdivision"):
        odd, plain = (by(place, **WORKDAYS, holiday_calendar=scope) for place in ("DE-XX", "DE"))
        assert odd == plain


def test_a_day_with_hours_of_its_own_is_neither_its_weekday_nor_a_holiday() -> None:
    days_off = ["2026-12-28", "2026-12-29"]
    own = by("DE", **WORKDAYS, days_off=days_off, special_days={"2026-12-26": "10:00-14:00"})
    assert closes_at(own, BERLIN, utc("2026-12-26T10:00+01:00")) == utc("2026-12-26T14:00+01:00")
    assert next_open(own, BERLIN, utc("2026-12-26T14:00+01:00")) == utc("2026-12-30T09:00+01:00")


def test_days_off_are_days_of_the_person_called() -> None:
    new_years_eve = by(daily="00:00-24:00", days_off=["2026-12-31"])
    assert open_until(new_years_eve, ("Pacific/Kiritimati",), utc("2026-12-30T09:00")) == utc("2026-12-30T10:00")
    assert next_open(new_years_eve, ("Pacific/Kiritimati",), utc("2026-12-30T10:00")) == utc("2026-12-31T10:00")
    both = ("Pacific/Kiritimati", "Pacific/Pago_Pago")  # 25 hours apart
    assert next_open(new_years_eve, both, utc("2026-12-30T10:00")) == utc("2026-12-31T10:00")
    assert closes_at(new_years_eve, both, utc("2026-12-31T10:00")) == utc("2026-12-31T11:00")
    assert next_open(new_years_eve, both, utc("2026-12-31T11:00")) == utc("2027-01-01T11:00")


def test_an_opening_behind_a_long_closure_is_found() -> None:
    summer = by(weekdays="09:00-17:00", days_off=["2026-06-01/2026-08-30"])
    assert next_open(summer, LONDON, utc("2026-05-29T16:00+00:00")) == utc("2026-08-31T08:00+00:00")
    year = by(weekdays="09:00-17:00", days_off=["2026-01-01/2026-12-31", "2027-01-01"])
    assert next_open(year, LONDON, utc("2026-01-01T00:00")) == utc("2027-01-04T09:00")
    once = by(special_days={"2026-12-24": "10:00-11:00"})
    assert next_open(once, LONDON, utc("2026-01-01T00:00")) == utc("2026-12-24T10:00")
    assert next_open(once, LONDON, utc("2026-12-24T11:00")) is None


def test_a_rule_of_a_region_or_a_list_speaks_of_no_other() -> None:
    everywhere = HoursRule.parse({"daily": "08:00-21:00"})
    texas = replace(HoursRule.parse({"daily": "12:00-21:00"}), region="US-TX")
    country = replace(HoursRule.parse({"daily": "09:00-21:00"}), region="US")
    spring = replace(HoursRule.parse({"daily": "08:00-20:00"}), list_name="acme/spring")
    rules = (everywhere, texas, country, spring)

    def speaking(places: tuple[str, ...], list_name: str = "") -> list[HoursRule]:
        return [rule for rule, _ in calling_hours(rules, places, list_name).rules]

    assert speaking(("DE",)) == speaking(("DE",), "acme/autumn") == [everywhere]
    assert speaking(("US-NY",)) == [everywhere, country]
    assert speaking(("DE", "US-TX")) == [everywhere, texas, country]
    assert speaking(("DE",), "acme/spring") == [everywhere, spring]
