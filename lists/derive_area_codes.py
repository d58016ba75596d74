"""Writes `area_codes.toml`, after an update of phonenumbers:
`python -m lists.derive_area_codes > lists/area_codes.toml`.

Source: the geographic descriptions of prefixes that phonenumbers carries ("Miami, FL" for 1305…, "Florida" for
1850). An area code is in every state that one of its prefixes is described to be in.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping

from lists.region import regions
from lists.subdivision import TERRITORIES

_TOWN = re.compile(r".*, ([A-Z]{2})")
_PARTS = {
    f"{country}-{code}": part
    for country in ("US", "CA")
    for code, part in regions()[country].items()
    if code not in TERRITORIES
}
_NAMES = {part.names[0]: place for place, part in _PARTS.items()} | {
    "Washington State": "US-WA",
    "Washington D.C.": "US-DC",
    "British Colombia": "CA-BC",  # so spelt there
}
_CODES = {part.code: place for place, part in _PARTS.items()}


def derive(descriptions: Mapping[str, Mapping[str, str]]) -> dict[str, tuple[str, ...]]:
    """Area codes by ISO 3166-2 code, both sorted. `descriptions`: by prefix and language."""
    found: dict[str, set[str]] = {}
    for prefix, texts in descriptions.items():
        if prefix.startswith("1") and len(prefix) >= 4:
            for place in _places(texts.get("en", "")):
                found.setdefault(place, set()).add(prefix[1:4])
    return {place: tuple(sorted(found[place])) for place in sorted(found)}


def _places(description: str) -> list[str]:
    town = _TOWN.fullmatch(description)
    if town is not None:
        return [_CODES[town[1]]] if town[1] in _CODES else []
    return [_NAMES[name] for name in description.split("/") if name in _NAMES]


def as_toml(areas: Mapping[str, tuple[str, ...]], version: str) -> str:
    lines = [
        "# Area codes of North America by the states and provinces that their numbers are in. Made by",
        f"# lists/derive_area_codes.py from the descriptions of prefixes in phonenumbers {version}.",
        *(f"{place} = [{', '.join(areas[place])}]" for place in areas),
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    import phonenumbers
    from phonenumbers.geodata import GEOCODE_DATA

    sys.stdout.write(as_toml(derive(GEOCODE_DATA), phonenumbers.__version__))
