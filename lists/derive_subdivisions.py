"""Writes `subdivisions.toml` from the list of ISO 3166-2 that pycountry ships:
`python -m lists.derive_subdivisions .../pycountry/databases/iso3166-2.json VERSION > lists/subdivisions.toml`.

The codes that the package `holidays` has besides (earlier provinces of Italy, say) are added:
somebody who writes one means that place.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

_CODE = re.compile(r"([A-Z]{2})-([A-Z0-9]{1,3})")


def derive(codes: Iterable[str], others: Mapping[str, Iterable[str]]) -> dict[str, tuple[str, ...]]:
    """Parts by country, both sorted. `codes`: "DE-BY"; `others`: more of them by country, what is no code left
    out."""
    found: dict[str, set[str]] = {}
    also = (f"{country}-{part}" for country, parts in others.items() for part in parts)
    for code in (*codes, *also):
        if matched := _CODE.fullmatch(code):
            found.setdefault(matched[1], set()).add(matched[2])
    return {country: tuple(sorted(found[country])) for country in sorted(found)}


def as_toml(parts: Mapping[str, tuple[str, ...]], version: str, of_holidays: str) -> str:
    lines = [
        "# Parts of countries by their codes in ISO 3166-2. Made by lists/derive_subdivisions.py from the list in",
        f"# pycountry {version} and what holidays {of_holidays} has besides.",
        *(f'{country} = "{" ".join(codes)}"' for country, codes in parts.items()),
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    import holidays
    from holidays.version import __version__

    listed = json.loads(Path(sys.argv[1]).read_text())["3166-2"]
    besides = holidays.list_supported_countries(include_aliases=False)
    derived = derive((one["code"] for one in listed), besides)
    sys.stdout.write(as_toml(derived, sys.argv[2], __version__))
