"""Parts of a country that a postal code may be in, by its first digits. Data: `postal_codes.csv`, with sources."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping
from functools import cache, lru_cache
from importlib import resources

_WHOLE = {
    "AU": r"\d{4}", "BR": r"\d{8}|\d{5}", "CA": r"[A-Z]\d[A-Z](?:\d[A-Z]\d)?", "ID": r"\d{5}", "MX": r"\d{5}",
    "RU": r"\d{6}", "UA": r"\d{5}", "US": r"\d{5}(?:\d{4})?",
}  # fmt: skip
_PATTERNS = {country: re.compile(pattern, re.ASCII) for country, pattern in _WHOLE.items()}
_LOSES_ZEROS = {"AU": 4, "BR": 8, "MX": 5, "UA": 5, "US": 5}
"""Digits of a code where some begin with 0, which a spreadsheet drops."""
_FLOAT = re.compile(r"\d+[.,]0+")
_BETWEEN = str.maketrans("", "", " -.\u2013")

_Ranges = tuple[list[str], list[tuple[str, tuple[str, ...]]]]
"""The first of each range, sorted; its last and its regions."""


@lru_cache(maxsize=65_536)
def regions_of_postal_code(country: str, text: str) -> tuple[str, ...]:
    """ISO 3166-2 codes, sorted; none for what is no code of the country, or is not known. `country`: ISO 3166-1
    alpha-2. Zeros that a spreadsheet has dropped are put back."""
    pattern = _PATTERNS.get(country)
    if pattern is None:
        return ()
    code = (text[: -len(text.lstrip("0123456789"))] if _FLOAT.fullmatch(text) else text).upper()
    code = code.translate(_BETWEEN)
    length = _LOSES_ZEROS.get(country, 0)
    if length - 2 <= len(code) < length and code.isdigit() and not pattern.fullmatch(code):
        code = code.zfill(length)
    if not pattern.fullmatch(code):
        return ()
    starts, ranges = _table()[country]
    prefix = code[: len(starts[0])]
    place = bisect_right(starts, prefix) - 1
    if place < 0 or ranges[place][0] < prefix:
        return ()
    return ranges[place][1]


@cache
def _table() -> Mapping[str, _Ranges]:
    found: dict[str, list[tuple[str, str, tuple[str, ...]]]] = {}
    text = resources.files("lists").joinpath("postal_codes.csv").read_text(encoding="utf-8")
    for line in text.splitlines():
        country, _, rest = line.partition(";")
        if country in _PATTERNS:
            first, last, regions = rest.split(";")
            found.setdefault(country, []).append((first, last, tuple(sorted(regions.split("|")))))
    return {
        country: ([row[0] for row in sorted(rows)], [row[1:] for row in sorted(rows)])
        for country, rows in found.items()
    }
