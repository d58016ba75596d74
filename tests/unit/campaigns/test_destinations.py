from __future__ import annotations

import pytest

from campaigns.destinations import Destinations

RULES = Destinations.parse(["GB", "US", "-+1900", "-+4470", "+447012", "-FR", "+33"])


@pytest.mark.parametrize(
    ("number", "region", "allowed"),
    [
        ("+442079460123", "GB", True),
        ("+447012345678", "GB", True),  # the longest prefix decides
        ("+447098765432", "GB", False),
        ("+19005550123", "US", False),
        ("+12025550123", "US", True),
        ("+14165550123", "CA", False),  # under no entry
        ("+33123456789", "FR", True),  # every prefix before a country
    ],
)
def test_the_most_specific_entry_decides(number: str, region: str, allowed: bool) -> None:
    assert RULES.allow(number, region) is allowed


def test_of_the_same_entry_allowed_and_refused_the_refusal_stands() -> None:
    assert not Destinations.parse(["GB", "-GB"]).allow("+442079460123", "GB")
    assert not Destinations.parse(["-+44", "+44"]).allow("+442079460123", "GB")


@pytest.mark.parametrize("entry", ["gb", "GBR", "44", "+0", "+", "", "--GB", "+44 20", "*", "+44٠"])
def test_what_is_no_destination(entry: str) -> None:
    with pytest.raises(ValueError, match="is no destination"):
        Destinations.parse([entry])
