"""Where a lead lives, as its list says: a country and, within it, a state or province.

Codes are those of ISO 3166.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache

import pytz

from lists.region import name_of_region, region_named
from lists.subdivision import ONCE, known_parts, nearest_parts

_ALSO_WRITTEN = {
    "USA": "US", "UK": "GB", "RUS": "RU", "UKR": "UA", "KAZ": "KZ", "ROU": "RO", "BRA": "BR", "MEX": "MX",
    "AUS": "AU", "CAN": "CA", "IDN": "ID",
    "UNITED STATES OF AMERICA": "US", "США": "US", "EE. UU.": "US", "ESTADOS UNIDOS": "US", "CANADÁ": "CA",
    "RUSSIAN FEDERATION": "RU", "РОССИЯ": "RU", "РОССИЙСКАЯ ФЕДЕРАЦИЯ": "RU", "РФ": "RU", "РОСІЯ": "RU",
    "УКРАЇНА": "UA", "УКРАИНА": "UA", "ROMÂNIA": "RO", "РУМЫНИЯ": "RO", "BRASIL": "BR", "MÉXICO": "MX",
    "ҚАЗАҚСТАН": "KZ", "КАЗАХСТАН": "KZ", "РЕСПУБЛИКА КАЗАХСТАН": "KZ", "АВСТРАЛИЯ": "AU", "КАНАДА": "CA",
}  # fmt: skip
"""Of the countries whose parts are known by name, as their own people write them."""

_CODE = re.compile(r"[A-Z0-9]{1,3}")
_FULL_CODE = re.compile(r"([A-Z]{2})-([A-Z0-9]{1,3})")


class UnknownPlaceError(ValueError):
    """Not a country, or not a part of that country. The text names it and says what to write."""


@lru_cache(maxsize=1024)
def read_country(text: str) -> str:
    """ISO 3166-1 alpha-2 of a code, an English name or another usual one. Raises `UnknownPlaceError`."""
    code = text.strip().upper()
    code = _ALSO_WRITTEN.get(code, code)
    if code in pytz.country_names:
        return code
    found = _countries().get(text.strip().casefold())
    if found is None:
        raise UnknownPlaceError(f"{text!r} is no country; write its two letters, such as US, GB or DE")
    return found


@lru_cache(maxsize=4096)
def read_region(text: str, country: str) -> str:
    """ISO 3166-2 (`US-FL`) of `US-FL`, or of `FL` or `Florida` in `country` (ISO 3166-1 alpha-2); of a
    code that was given up (`FR-75`) that which took its place. Raises `UnknownPlaceError`."""
    written = text.strip().upper()
    full = _FULL_CODE.fullmatch(written)
    if full is not None:
        country, written = full[1], full[2]
        if country not in pytz.country_names:
            raise UnknownPlaceError(f"{text!r}: there is no country {country}")
    known = known_parts(country)
    if not known:
        if country and _CODE.fullmatch(written):
            return f"{country}-{written}"  # whether there is such a one, no table of ours says
        raise UnknownPlaceError(f"{text!r} is no code of a part of {country or 'a country'}; write it as DE-BY")
    if written in known:
        return f"{country}-{written}"
    code = f"{country}-{written}"
    if code in ONCE:
        return ONCE[code]
    named = region_named(country, full[2] if full is not None else text)
    if named is not None:
        return f"{country}-{named}"
    near = [
        f"{one} ({name})" if (name := name_of_region(one)) else one for one in nearest_parts(country, text.strip())
    ]
    meant = " or ".join(near) or f"{country}-{known[0]}"
    raise UnknownPlaceError(f"{text!r} is no part of {country}; write its code, such as {meant}")


def is_code(text: str) -> bool:
    """Whether it was meant as a code, and not as a name."""
    written = text.strip().upper()
    return bool(_CODE.fullmatch(written) or _FULL_CODE.fullmatch(written))


@cache
def _countries() -> dict[str, str]:
    return {name.casefold(): code for code, name in pytz.country_names.items()}
