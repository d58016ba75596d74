from __future__ import annotations

import pytest
import pytz

from campaigns.zone_offsets import utc_offset
from lists.region import name_of_region, nearly_named, region_named, regions, zones_of_region
from lists.subdivision import known_parts

PARTS = {"US": 56, "CA": 13, "RU": 83, "UA": 27, "RO": 42, "AU": 8, "BR": 27, "MX": 32, "ID": 38, "KZ": 20}
"""By ISO 3166-2: states, provinces, regions, and of the United States the territories that people live in."""

CLOCKS = tuple(1_735_689_600.0 + 10 * 86_400.0 * step for step in range(400))  # 2025 to 2035


@pytest.mark.parametrize(("country", "count"), PARTS.items())
def test_every_part_of_a_country_is_there(country: str, count: int) -> None:
    assert len(regions()[country]) == count
    left_out = {"US": {"UM"}, "ID": {"JW", "KA", "ML", "NU", "PP", "SL", "SM"}}  # nobody lives there; islands
    assert set(known_parts(country)) - set(regions()[country]) == left_out.get(country, set())


def test_every_zone_is_one_and_every_part_has_its_own() -> None:
    for country, parts in regions().items():
        for code, part in parts.items():
            zones = zones_of_region(f"{country}-{code}")
            assert zones == part.zones == tuple(sorted(zones))
            assert set(zones) <= pytz.all_timezones_set
            assert zones


@pytest.mark.parametrize("country", PARTS)
def test_every_clock_of_a_country_is_kept_somewhere_in_it(country: str) -> None:
    """A zone that the data parts from another, so that a region has a clock more than here, is seen."""

    def clock(zone: str) -> tuple[int, ...]:
        return tuple(utc_offset(zone, at) for at in CLOCKS)

    here = {clock(zone) for part in regions()[country].values() for zone in part.zones}
    assert {clock(zone) for zone in pytz.country_timezones[country]} <= here


@pytest.mark.parametrize(("country", "parts"), regions().items())
def test_every_name_leads_to_its_part(country: str, parts: dict[str, object]) -> None:
    for code, part in regions()[country].items():
        for name in part.names:
            if name not in known_parts(country):  # a code is taken for the code
                assert region_named(country, name) == code, name


@pytest.mark.parametrize(
    ("country", "text", "code"),
    [
        ("RU", "Свердловская обл.", "SVE"),
        ("RU", "обл Свердловская", "SVE"),
        ("RU", "Респ. Саха /Якутия/", "SA"),
        ("RU", "г. Москва", "MOW"),
        ("RU", "Москва г", "MOW"),
        ("RU", "Ханты-Мансийский АО", "KHM"),
        ("RU", "орёл", None),
        ("RU", "66", "SVE"),
        ("RU", "Алтайский", "ALT"),
        ("RU", "Алтай", "AL"),
        ("UA", "Київська обл.", "32"),
        ("UA", "м. Київ", "30"),
        ("KZ", "Алматы", "75"),
        ("KZ", "Алматы облысы", "19"),
        ("KZ", "Алматы обл.", None),  # city or region: nobody can say
        ("RO", "jud. Timis", "TM"),
        ("RO", "Bistrita Nasaud", "BN"),
        ("BR", "sao paulo", "SP"),
        ("BR", "Estado do Amazonas", "AM"),
        ("MX", "Edo. de México", "MEX"),
        ("US", "N. Dak.", "ND"),
        ("US", "State of Texas", "TX"),
        ("ID", "Provinsi Kalimantan Barat", "KB"),
        ("AU", "queensland", "QLD"),
    ],
)
def test_spellings(country: str, text: str, code: str | None) -> None:
    assert region_named(country, text) == code


def test_what_may_have_been_meant() -> None:
    assert nearly_named("US", "Florda") == ("FL",)
    assert nearly_named("RU", "Свердлавская область")[0] == "SVE"
    assert nearly_named("US", "Mordor") == ()
    assert (name_of_region("RU-SVE"), name_of_region("DE-BY")) == ("Свердловская область", "")


@pytest.mark.parametrize(
    ("region", "zones"),
    [
        ("US-FL", ("America/Chicago", "America/New_York")),
        ("RU-KGD", ("Europe/Kaliningrad",)),
        ("AU-NSW", ("Australia/Broken_Hill", "Australia/Lord_Howe", "Australia/Sydney")),
        ("BR-AM", ("America/Eirunepe", "America/Manaus")),
        ("DE-BY", ()),
        ("US-ZZ", ()),
        ("", ()),
    ],
)
def test_zones(region: str, zones: tuple[str, ...]) -> None:
    assert zones_of_region(region) == zones
