from __future__ import annotations

import subprocess
import sys
from datetime import date

import pytest

from campaigns.holiday_calendar import has_calendar, holiday_data, is_holiday


def day(text: str) -> int:
    return (date.fromisoformat(text) - date(1970, 1, 1)).days


@pytest.mark.parametrize(
    ("calendar", "free", "not_free"),
    [
        ("DE", "2026-10-03", "2026-11-01"),
        ("DE-BY", "2026-11-01", "2026-10-31"),
        ("DE-*", "2026-10-31", "2026-11-02"),
        ("US", "2026-07-03", "2026-07-02"),  # the Fourth is a Saturday, and observed on the Friday
        ("US", "2027-12-31", "2027-12-30"),  # New Year's Day 2028 is a Saturday
        ("GB-SCT", "2026-11-30", "2026-12-24"),
        ("IT", "2026-04-06", "2026-04-05"),
        ("FR-6AE", "2026-12-26", "2026-12-24"),
        ("FR-57", "2026-04-03", "2026-04-02"),
        ("FR-67", "2026-12-26", "2026-12-24"),  # Bas-Rhin, in Alsace
        ("FR-68", "2026-04-03", "2026-04-02"),
        ("FR-GES", "2026-12-26", "2026-12-24"),  # Grand Est may be Alsace
        ("FR-*", "2026-12-26", "2026-12-24"),
        ("FR", "2026-12-25", "2026-12-26"),
    ],
)
def test_days_are_free_where_they_are(calendar: str, free: str, not_free: str) -> None:
    assert is_holiday(calendar, day(free))
    assert not is_holiday(calendar, day(not_free)) or date.fromisoformat(not_free).weekday() == 6


@pytest.mark.parametrize("calendar", ["", "001", "ZZ", "de", "UK", "DE-XX", "DE-by", "NY", "XECB"])
def test_calendars_that_there_are_not_are_known_as_such(calendar: str) -> None:
    assert not has_calendar(calendar)
    with pytest.raises(KeyError):
        is_holiday(calendar, 0)


@pytest.mark.parametrize("calendar", ["DE", "DE-BY", "DE-*", "RU", "RU-*", "PR", "US-TX"])
def test_calendars_that_there_are(calendar: str) -> None:
    assert has_calendar(calendar)


def test_the_data_is_named_with_its_version() -> None:
    assert holiday_data().startswith("holidays 0.")


def test_nobody_waits_for_the_holidays_at_the_start() -> None:
    asked = "import sys, campaigns.eligibility, campaigns.loader; print('holidays' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
