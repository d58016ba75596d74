"""Parts of countries, by their codes in ISO 3166-2. Data: `subdivisions.toml`."""

from __future__ import annotations

import tomllib
from difflib import get_close_matches
from functools import cache
from importlib import resources

from lists.region import nearly_named

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
    return _table().get(country, ())


def nearest_parts(country: str, written: str) -> tuple[str, ...]:
    """Up to three codes ("IN-OD") that somebody may have meant who wrote "OR", or a name, for a part of the
    country: the best first."""
    now = ONCE.get(f"{country}-{written.upper()}")
    by_name = nearly_named(country, written)
    by_code = get_close_matches(written.upper(), known_parts(country), n=20, cutoff=0.5)
    by_code.sort(key=lambda part: part[:2] != written.upper()[:2])  # first letters are seldom wrong
    near = [f"{country}-{part}" for part in (*by_name, *by_code)]
    return tuple(dict.fromkeys([now, *near] if now else near))[:3]


@cache
def _table() -> dict[str, tuple[str, ...]]:
    data = tomllib.loads(resources.files("lists").joinpath("subdivisions.toml").read_text())
    return {country: tuple(codes.split()) for country, codes in data.items()}
