from __future__ import annotations

from importlib import resources
from itertools import pairwise

import pytest

from lists.postal_code import regions_of_postal_code
from lists.region import regions, zones_of_region


def rows() -> list[list[str]]:
    text = resources.files("lists").joinpath("postal_codes.csv").read_text(encoding="utf-8")
    return [line.split(";") for line in text.splitlines() if line[2:3] == ";"]


def test_ranges_are_in_order_and_apart_and_of_one_length() -> None:
    for country in {row[0] for row in rows()}:
        ranges = sorted((first, last) for one, first, last, _ in rows() if one == country)
        assert len({len(end) for pair in ranges for end in pair}) == 1
        assert all(first <= last for first, last in ranges)
        assert all(before[1] < after[0] for before, after in pairwise(ranges))


def test_every_region_is_one_and_every_part_of_a_country_has_codes() -> None:
    served = {region for row in rows() for region in row[3].split("|")}
    assert all(zones_of_region(region) for region in served)
    for country in {row[0] for row in rows()}:
        assert {f"{country}-{part}" for part in regions()[country]} - served <= {"US-AS", "US-GU", "US-MP"} - (
            set() if country == "US" else served
        ), country


@pytest.mark.parametrize(
    ("country", "text", "found"),
    [
        ("US", "33101", ("US-FL",)),
        ("US", "33101-1234", ("US-FL",)),
        ("US", "2134", ("US-MA",)),  # Boston's 02134 through a spreadsheet
        ("US", "2134.0", ("US-MA",)),
        ("US", "501", ("US-NY",)),
        ("US", "06390", ("US-CT", "US-NY")),  # Fishers Island
        ("US", "96910", ()),  # Guam and three countries beside it
        ("US", "09021", ()),  # military
        ("US", "331", ()),
        ("CA", "K1A 0B1", ("CA-ON",)),
        ("CA", "x0a0h0", ("CA-NT", "CA-NU")),
        ("CA", "D1A 0B1", ()),
        ("RU", "236000", ("RU-KGD",)),
        ("RU", "690-000", ("RU-PRI",)),
        ("RU", "188300", ("RU-LEN", "RU-SPE")),
        ("RU", "999999", ()),
        ("RU", "69000", ()),
        ("AU", "800", ("AU-NT",)),
        ("AU", "0872", ("AU-NT", "AU-SA", "AU-WA")),
        ("AU", "2880", ("AU-ACT", "AU-NSW")),
        ("BR", "01310-100", ("BR-SP",)),
        ("BR", "1310100", ("BR-SP",)),
        ("BR", "69020", ("BR-AM",)),
        ("MX", "22000", ("MX-BCN",)),
        ("MX", "6000", ("MX-CMX",)),
        ("UA", "79000", ("UA-46",)),
        ("ID", "98511", ("ID-PA", "ID-PB", "ID-PD", "ID-PE", "ID-PS", "ID-PT")),
        ("DE", "10115", ()),
        ("US", "", ()),
        ("US", "none", ()),
        ("US", "٣٣١٠١", ()),
    ],
)
def test_codes(country: str, text: str, found: tuple[str, ...]) -> None:
    assert regions_of_postal_code(country, text) == found
