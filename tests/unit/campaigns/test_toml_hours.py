from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from campaigns.campaign import Campaign
from campaigns.errors import CampaignFileError, Problem
from campaigns.hours_rule import HoursRule
from campaigns.loader import parse_campaign

LEAST = (Path(__file__).parents[2] / "data" / "campaigns" / "least.toml").read_text()
FIRST = LEAST.count("\n") + 1
"""Line of what is written behind it: still in [hours]."""


def read(hours: str) -> Campaign:
    return parse_campaign(LEAST + hours, "c.toml")


def problems(hours: str, text: str = LEAST) -> tuple[Problem, ...]:
    with pytest.raises(CampaignFileError) as caught:
        parse_campaign(text + hours, "c.toml")
    return caught.value.problems


def test_holidays_days_off_and_days_with_hours_of_their_own() -> None:
    campaign = read(
        'holidays = "closed"\n'
        'before_holidays = "10:00-14:00"\n'
        'holiday_calendar = "DE-BY"\n'
        'days_off = ["2026-12-24", "2026-12-28/2027-01-03"]\n'
        'special_days = { 2026-12-31 = "10:00-14:00" }\n'
    )
    assert campaign.hours == HoursRule.parse(
        {
            "daily": "10:00-18:00",
            "holidays": "closed",
            "before_holidays": "10:00-14:00",
            "holiday_calendar": "DE-BY",
            "days_off": ["2026-12-24", "2026-12-28/2027-01-03"],
            "special_days": {"2026-12-31": "10:00-14:00"},
        }
    )
    assert campaign.narrower_hours == ()


def test_what_a_region_does_not_name_it_does_not_narrow() -> None:
    texas, germany = read(
        '[hours.region.US-TX]\nsun = "12:00-18:00"\n[hours.region.DE]\nholidays = "closed"\n'
    ).narrower_hours
    assert texas == replace(HoursRule.parse({"daily": "00:00-24:00", "sun": "12:00-18:00"}), region="US-TX")
    assert germany == replace(HoursRule.parse({"daily": "00:00-24:00", "holidays": "closed"}), region="DE")


@pytest.mark.parametrize("name", ["spring", '"acme/spring"'])
def test_a_list_has_hours_of_its_own(name: str) -> None:
    text = LEAST.replace('lists = ["customers"]', 'client = "acme"\nlists = ["spring"]')
    campaign = parse_campaign(text + f'[hours.list.{name}]\nweekend = "closed"\n')
    weekdays = HoursRule.parse({"daily": "00:00-24:00", "weekend": "closed"})
    assert campaign.narrower_hours == (replace(weekdays, list_name="acme/spring"),)


@pytest.mark.parametrize("place", ["US", "US-TX", "US-PR", "PR", "CA-QC", "FR-IDF", "RU-MOW", "DE-BY"])
def test_regions_that_there_are(place: str) -> None:
    assert [rule.region for rule in read(f'[hours.region.{place}]\nsun = "closed"\n').narrower_hours] == [place]


def test_a_campaign_may_be_open_on_single_days_alone() -> None:
    text = LEAST.replace('daily = "10:00-18:00"', 'special_days = { 2026-12-19 = "10:00-14:00" }')
    assert parse_campaign(text).hours.week.empty


@pytest.mark.parametrize(
    ("hours", "line", "column", "field", "text", "advice"),
    [
        ('holidays = "9-17"', 0, 12, "hours.holidays", "not a time of day", "write windows"),
        ('holidays = "12:00-12:00"', 0, 12, "hours.holidays", "does not end after it starts", "write windows"),
        ('sun = "10:00-13:00, 12:00-14:00"', 0, 7, "hours.sun", "overlap", "write windows"),
        ('sun = "10:00-13:00, "', 0, 7, "hours.sun", "not a window", "write windows"),
        ('holiday_calendar = "DE"', 0, 20, "hours.holiday_calendar",
         "no holiday matters here", 'holidays = "closed"'),
        ('holidays = "closed"\nholiday_calendar = "DE-XX"', 1, 20, "hours.holiday_calendar",
         'nothing is known of holidays of "DE-XX"', "or a code such as DE or DE-BY"),
        ('days_off = "2026-12-24"', 0, 12, "hours.days_off", "is a text, not a list", "write days_off"),
        ('days_off = [2026-12-24]', 0, 13, "hours.days_off[0]", "is not a text", "write days_off"),
        ('days_off = ["2026-12-24", "2027-02-29"]', 0, 27, "hours.days_off[1]",
         "no date like", "write 2026-12-24"),
        ('days_off = ["2026-12-24/2026-12-20"]', 0, 13, "hours.days_off[0]", "does not end after", "write 2026"),
        ('special_days = { 24-12-2026 = "closed" }', 0, 31, "hours.special_days.24-12-2026",
         "no date like", "write 20"),
        ('special_days = { 2026-12-24 = "10-14" }', 0, 31, "hours.special_days.2026-12-24",
         "not a time", "windows"),
        ('special_days = { 2026-12-24 = "10:00-14:00", "2026-12-20/2026-12-27" = "closed" }', 0, 46,
         "hours.special_days.2026-12-20/2026-12-27", "among the days of another", "once"),
        ('days_off = ["2026-12-24"]\nspecial_days = { 2026-12-24 = "10:00-14:00" }', 1, 18,
         "hours.special_days.2026-12-24", "is a day off", "remove it here"),
        ('region = "DE"', 0, 10, "hours.region", "is a text, not a table", "write [region]"),
        ('[hours.region.UK]\nsun = "closed"', 0, 1, "hours.region.UK", 'no country "UK"', "write GB"),
        ('[hours.region.DEU]\nsun = "closed"', 0, 1, "hours.region.DEU", 'no country "DEU"', "two letters"),
        ('[hours.region.US-TS]\nsun = "closed"', 0, 1, "hours.region.US-TS", "is no part of US", "did you mean"),
        ('[hours.region.US-]\nsun = "closed"', 0, 1, "hours.region.US-", "is no part of US", "known: US-AK"),
        ('[hours.region.FR-75]\nsun = "closed"', 0, 1, "hours.region.FR-75", "is no part of FR", "FR-75C"),
        ('[hours.region.GB-SCO]\nsun = "closed"', 0, 1, "hours.region.GB-SCO", "is no part of GB", "GB-SC"),
        ('[hours.region.IN-OR]\nsun = "closed"', 0, 1, "hours.region.IN-OR", "is no part of IN", "IN-OD"),
        ('[hours.region.DE-by]\nsun = "closed"', 0, 1, "hours.region.DE-by", "is no part of DE", "DE-BY"),
        ('[hours.region.XX-AB]\nsun = "closed"', 0, 1, "hours.region.XX-AB", 'no country "XX"', "two letters"),
        ('[hours.region.DE]\nsunday = "closed"', 1, 1, "hours.region.DE.sunday", "unknown key", "sun"),
        ('[hours.region.DE]\nsun = "25:00-26:00"', 1, 7, "hours.region.DE.sun", "not a time of day", "windows"),
        ('[hours.list.people]\nsun = "closed"', 0, 1, "hours.list.people", "does not dial a list", "customers"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_place(
    hours: str, line: int, column: int, field: str, text: str, advice: str
) -> None:
    (found,) = problems(hours + "\n")
    assert (found.file, found.line, found.column, found.field) == ("c.toml", FIRST + line, column, field)
    assert text in found.text
    assert advice in found.advice


def test_a_list_stands_there_once_by_whatever_name() -> None:
    text = LEAST.replace('lists = ["customers"]', 'client = "acme"\nlists = ["spring"]')
    twice = '[hours.list.spring]\nsun = "closed"\n[hours.list."acme/spring"]\nsat = "closed"\n'
    (found,) = problems(twice, text)
    assert (found.field, found.text) == ("hours.list.acme/spring", '"acme/spring" stands here twice')
