from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.callback import CONSENT_HOLDS_S, Callback, moment_of, wall_of
from campaigns.errors import UnknownZone
from tests.properties.test_campaigns_window import MOMENTS, ZONES
from tests.unit.campaigns.samples import utc

NY = "America/New_York"


@pytest.mark.parametrize(
    ("wall", "zone", "moment"),
    [
        ("2026-12-01T18:00", NY, "2026-12-01T18:00-05:00"),
        ("2026-07-01T18:00:30", NY, "2026-07-01T18:00:30-04:00"),
        ("2026-12-01T18:15", "Asia/Kathmandu", "2026-12-01T18:15+05:45"),
        ("2026-03-08T02:30", NY, "2026-03-08T03:00-04:00"),  # skipped: the moment at which it is
        ("2026-03-08T03:00", NY, "2026-03-08T03:00-04:00"),
        ("2026-11-01T01:30", NY, "2026-11-01T01:30-04:00"),  # twice: the first
        ("2026-10-04T02:15", "Australia/Lord_Howe", "2026-10-04T02:30+11:00"),
        ("2026-04-05T01:45", "Australia/Lord_Howe", "2026-04-05T01:45+11:00"),
        ("2026-12-31T23:59:59", "Pacific/Chatham", "2026-12-31T23:59:59+13:45"),
        ("2011-12-30T12:00", "Pacific/Apia", "2011-12-31T00:00+14:00"),  # a day that was left out
    ],
)
def test_a_wall_time_is_a_moment(wall: str, zone: str, moment: str) -> None:
    assert moment_of(wall, zone) == utc(moment)


@given(st.sampled_from(ZONES), MOMENTS)
def test_what_the_clock_shows_leads_back_to_when_it_first_shows_it(zone: str, moment: float) -> None:
    wall = wall_of(moment, zone)
    found = moment_of(wall, zone)
    assert wall_of(found, zone) == wall
    assert found <= moment


@pytest.mark.parametrize("wall", ["", "18:00", "2026-12-01T25:00", "2026-12-01T18:00Z", "1066-10-14T09:00"])
def test_what_is_no_wall_time_is_refused(wall: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - whatever it says, the caller quotes it
        moment_of(wall, NY)


def test_an_unknown_zone_is_said() -> None:
    with pytest.raises(UnknownZone, match="Europe/Avalon"):
        moment_of("2026-12-01T18:00", "Europe/Avalon")


def test_consent_holds_for_the_number_and_the_time_that_it_was_given_for() -> None:
    agreed = Callback(
        1, "c", 7, "+12025550101", "2026-12-01T21:30:00", NY, 1_000.0, 0.0, "ana", consent="after ten is fine"
    )
    assert agreed.consented_at("+12025550101", 1_000.0)
    assert agreed.consented_at("+12025550101", 999.0 + CONSENT_HOLDS_S)
    assert not agreed.consented_at("+12025550101", 1_000.0 + CONSENT_HOLDS_S)
    assert not agreed.consented_at("+12025550101", 999.0)
    assert not agreed.consented_at("+12025550102", 1_000.0)
    assert not replace(agreed, consent="").consented_at("+12025550101", 1_000.0)
