"""Area codes of North America: in which states and provinces their numbers are. Where their owners live they do
not say; laws presume it. Data: `area_codes.toml`."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources


def area_code_of(e164: str) -> str:
    """The three digits after +1; "" for a number of another plan."""
    return e164[2:5] if e164.startswith("+1") else ""


def subdivisions_of(area_code: str) -> tuple[str, ...]:
    """ISO 3166-2 codes ("US-FL") of the states that an area code serves, sorted; none for one that the data does
    not place, such as 800."""
    return _table().get(area_code, ()) if area_code else ()


@cache
def _table() -> dict[str, tuple[str, ...]]:
    data = tomllib.loads(resources.files("lists").joinpath("area_codes.toml").read_text())
    areas: dict[str, list[str]] = {}
    for place, codes in data.items():
        for code in codes:
            areas.setdefault(str(code), []).append(place)
    return {code: tuple(sorted(places)) for code, places in areas.items()}
