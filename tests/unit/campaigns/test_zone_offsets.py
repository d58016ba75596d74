from __future__ import annotations

from datetime import datetime

import pytz

from campaigns.zone_offsets import unknown_zones, utc_offset
from tests.unit.campaigns.samples import reference_zone, utc


def test_what_the_zone_data_does_not_have_is_named() -> None:
    assert unknown_zones(("Europe/London", "Etc/Unknown")) == ("Etc/Unknown",)


def test_half_an_hour_of_summer_time_on_lord_howe() -> None:
    turned = utc("2026-10-04T02:00+10:30")
    assert utc_offset("Australia/Lord_Howe", turned - 1) == 37_800
    assert utc_offset("Australia/Lord_Howe", turned) == 39_600


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
