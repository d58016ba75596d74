from __future__ import annotations

import pytest

from lists.timezone import UnknownZoneError, stated_zone


@pytest.mark.parametrize(
    ("text", "zone"),
    [
        ("Europe/London", "Europe/London"),
        ("america/new_york", "America/New_York"),
        (" America/New York ", "America/New_York"),
        ("US/Eastern", "US/Eastern"),
        ("America/Argentina/Buenos_Aires", "America/Argentina/Buenos_Aires"),
    ],
)
def test_names_of_places(text: str, zone: str) -> None:
    assert stated_zone(text) == zone


@pytest.mark.parametrize("text", ["EST", "GMT", "UTC", "+02:00", "Etc/GMT+5", "Europe/Nowhere", "Mars/Base", ""])
def test_what_is_no_place_is_refused_by_name(text: str) -> None:
    with pytest.raises(UnknownZoneError) as caught:
        stated_zone(text)
    assert repr(text) in str(caught.value)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("Europe/Lodon", "Europe/London"),
        ("Los Angeles", "America/Los_Angeles"),
        ("Kaliningrad", "Europe/Kaliningrad"),
    ],
)
def test_it_says_what_may_be_meant(text: str, meant: str) -> None:
    with pytest.raises(UnknownZoneError, match=f"do you mean {meant}"):
        stated_zone(text)
