from __future__ import annotations

from importlib import resources

import phonenumbers

from lists.area_code import area_code_of, subdivisions_of
from lists.derive_area_codes import as_toml, derive


def test_area_codes_of_one_state_and_of_several() -> None:
    assert subdivisions_of(area_code_of("+13055550100")) == ("US-FL",)
    assert subdivisions_of("902") == ("CA-NS", "CA-PE")
    assert subdivisions_of("867") == ("CA-NT", "CA-NU", "CA-YT")


def test_numbers_that_no_state_has() -> None:
    assert subdivisions_of(area_code_of("+18005550100")) == ()  # toll-free
    assert subdivisions_of(area_code_of("+12425550100")) == ()  # the Bahamas
    assert area_code_of("+442079460001") == ""
    assert subdivisions_of("") == ()


def test_every_state_has_area_codes() -> None:
    found = {place for area in range(200, 1_000) for place in subdivisions_of(str(area))}
    assert len([place for place in found if place.startswith("US-")]) == 51
    assert len([place for place in found if place.startswith("CA-")]) == 13


def test_the_data_is_what_phonenumbers_says() -> None:
    from phonenumbers.geodata import GEOCODE_DATA

    written = resources.files("lists").joinpath("area_codes.toml").read_text()
    assert as_toml(derive(GEOCODE_DATA), phonenumbers.__version__) == written, "python -m lists.derive_area_codes"


def test_descriptions_that_name_a_town_several_places_or_none() -> None:
    texts = {
        "1305": {"en": "Miami, FL"},
        "1201": {"en": "New Jersey"},
        "1242": {"en": "Andros"},
        "44": {"en": "Ohio"},
    }
    texts |= {
        "44": {"en": "Ohio"},
        "1902": {"en": "Nova Scotia/Prince Edward Island"},
        "1999": {},
        "1201555": {"en": "Somewhere, XX"},
    }
    assert derive(texts) == {"CA-NS": ("902",), "CA-PE": ("902",), "US-FL": ("305",), "US-NJ": ("201",)}
