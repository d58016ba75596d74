from __future__ import annotations

import re
import tomllib
from importlib import resources

import holidays
import pytest

from lists.derive_subdivisions import as_toml, derive
from lists.subdivision import ONCE, known_parts, nearest_parts


@pytest.mark.parametrize("country", sorted(holidays.list_supported_countries(include_aliases=False)))
def test_every_part_that_the_holiday_data_tells_apart_is_known(country: str) -> None:
    theirs = holidays.list_supported_countries(include_aliases=False)[country]
    assert {part for part in theirs if re.fullmatch("[A-Z0-9]{1,3}", part)} <= {*known_parts(country), "UM"}


@pytest.mark.parametrize(
    ("country", "parts", "no_part"),
    [
        ("FR", {"GES", "67", "75C", "971"}, "ZZ"),
        ("GB", {"ENG", "SCT", "WLS", "NIR", "LND", "BKM"}, "UK"),
        ("ES", {"CT", "MD", "B"}, "BC"),
        ("IT", {"BA", "RM", "25", "SU"}, "99"),
        ("IN", {"MH", "OD", "CG", "UK", "TS"}, "OR"),
        ("DE", {"BY", "TH"}, "BA"),
        ("RO", {"B", "CJ"}, "BU"),
    ],
)
def test_parts_of_iso_3166_2(country: str, parts: set[str], no_part: str) -> None:
    assert parts < set(known_parts(country))
    assert no_part not in known_parts(country)


def test_states_and_territories_of_the_united_states() -> None:
    assert {"FL", "DC", "PR"} < set(known_parts("US"))
    assert "ZZ" not in known_parts("US")
    assert known_parts("AI") == ()  # Anguilla has none


def test_what_took_the_place_of_a_code_is_one() -> None:
    for before, now in ONCE.items():
        assert before[3:] not in known_parts(before[:2])
        assert now[3:] in known_parts(now[:2])


def test_the_nearest_codes() -> None:
    assert nearest_parts("IN", "OR")[0] == "IN-OD"
    assert "DE-BY" in nearest_parts("DE", "BYE")
    assert nearest_parts("US", "Florda")[0] == "US-FL"
    assert nearest_parts("ES", "999") == ()


def test_the_data_is_what_the_list_and_the_holidays_give() -> None:
    assert derive(["FR-75C", "FR-01", "XX-TOOLONG"], {"FR": ("6AE", "Zone A"), "IT": ()}) == {
        "FR": ("01", "6AE", "75C")
    }
    written = resources.files("lists").joinpath("subdivisions.toml").read_text()
    kept = {country: tuple(codes.split()) for country, codes in tomllib.loads(written).items()}
    assert as_toml(kept, "1", "2").splitlines()[2:] == written.splitlines()[2:]
