"""Parts of countries, by their codes in ISO 3166-2; states of the United States and provinces of Canada with their
names too. Data: `subdivisions.toml`."""

from __future__ import annotations

import tomllib
from difflib import get_close_matches
from functools import cache
from importlib import resources

STATES = {
    "AL": "Alabama", "AK": "Alaska", "AZ": "Arizona", "AR": "Arkansas", "CA": "California", "CO": "Colorado",
    "CT": "Connecticut", "DE": "Delaware", "DC": "District of Columbia", "FL": "Florida", "GA": "Georgia",
    "HI": "Hawaii", "ID": "Idaho", "IL": "Illinois", "IN": "Indiana", "IA": "Iowa", "KS": "Kansas",
    "KY": "Kentucky", "LA": "Louisiana", "ME": "Maine", "MD": "Maryland", "MA": "Massachusetts", "MI": "Michigan",
    "MN": "Minnesota", "MS": "Mississippi", "MO": "Missouri", "MT": "Montana", "NE": "Nebraska", "NV": "Nevada",
    "NH": "New Hampshire", "NJ": "New Jersey", "NM": "New Mexico", "NY": "New York", "NC": "North Carolina",
    "ND": "North Dakota", "OH": "Ohio", "OK": "Oklahoma", "OR": "Oregon", "PA": "Pennsylvania",
    "RI": "Rhode Island", "SC": "South Carolina", "SD": "South Dakota", "TN": "Tennessee", "TX": "Texas",
    "UT": "Utah", "VT": "Vermont", "VA": "Virginia", "WA": "Washington", "WV": "West Virginia", "WI": "Wisconsin",
    "WY": "Wyoming",
}  # fmt: skip
PROVINCES = {
    "AB": "Alberta", "BC": "British Columbia", "MB": "Manitoba", "NB": "New Brunswick",
    "NL": "Newfoundland and Labrador", "NT": "Northwest Territories", "NS": "Nova Scotia", "NU": "Nunavut",
    "ON": "Ontario", "PE": "Prince Edward Island", "QC": "Quebec", "SK": "Saskatchewan", "YT": "Yukon",
}  # fmt: skip
SUBDIVISIONS = {"US": STATES, "CA": PROVINCES}
"""Those that are known by name, by country: what is not in here does not exist there."""

TERRITORIES = ("AS", "GU", "MP", "PR", "VI")  # US-PR is what ISO 3166-1 calls PR
"""Parts of the United States with a country code of their own."""

ONCE = {
    "FR-20": "FR-20R", "FR-75": "FR-75C", "FR-A": "FR-6AE", "FR-GF": "FR-973", "FR-GP": "FR-971",
    "FR-MQ": "FR-972", "FR-RE": "FR-974", "FR-YT": "FR-976", "IN-CT": "IN-CG", "IN-DD": "IN-DH", "IN-DN": "IN-DH",
    "IN-OR": "IN-OD", "IN-TG": "IN-TS", "IN-UT": "IN-UK",
}  # fmt: skip
"""Codes that ISO 3166-2 has given up, and that lists still have, with those that took their place."""


def known_parts(country: str) -> tuple[str, ...]:
    """Codes of all parts of a country ("BY" of "DE"); none for one that has none, or that there is no list of."""
    named = SUBDIVISIONS.get(country)
    if named is not None:
        return (*named, *(TERRITORIES if country == "US" else ()))
    return _table().get(country, ())


def nearest_parts(country: str, written: str) -> tuple[str, ...]:
    """Up to three codes ("IN-OD") that somebody may have meant who wrote "OR", or a name, for a part of the
    country: the best first."""
    now = ONCE.get(f"{country}-{written.upper()}")
    names = {name.casefold(): code for code, name in SUBDIVISIONS.get(country, {}).items()}
    by_name = [names[name] for name in get_close_matches(written.casefold(), names, cutoff=0.75)]
    by_code = get_close_matches(written.upper(), known_parts(country), n=20, cutoff=0.5)
    by_code.sort(key=lambda part: part[:2] != written.upper()[:2])  # first letters are seldom wrong
    near = [f"{country}-{part}" for part in (*by_name, *by_code)]
    return tuple(dict.fromkeys([now, *near] if now else near))[:3]


@cache
def _table() -> dict[str, tuple[str, ...]]:
    data = tomllib.loads(resources.files("lists").joinpath("subdivisions.toml").read_text())
    return {country: tuple(codes.split()) for country, codes in data.items()}
