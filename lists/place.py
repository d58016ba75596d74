"""Where a lead lives, as its list says: a country and, within it, a state or province.

Codes are those of ISO 3166.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from importlib import resources

import pytz

from lists.region import name_of_region, region_claimed, region_named
from lists.subdivision import ONCE, known_parts, nearest_parts

_ALSO_WRITTEN = {
    "UK": "GB", "RUS": "RU", "USA": "US", "U.S.": "US", "U.S.A.": "US", "EE. UU.": "US", "EE.UU.": "US",
    "ENGLAND": "GB", "SCOTLAND": "GB", "WALES": "GB", "GREAT BRITAIN": "GB", "GROSSBRITANNIEN": "GB",
    "АНГЛИЯ": "GB", "АНГЛІЯ": "GB", "ВЕЛИКА БРИТАНІЯ": "GB", "INGLATERRA": "GB", "ANGLIA": "GB",
    "UKR": "UA", "KAZ": "KZ", "ROU": "RO", "BRA": "BR", "MEX": "MX", "AUS": "AU", "CAN": "CA", "IDN": "ID",
    "DEU": "DE", "AUT": "AT", "CHE": "CH", "GBR": "GB", "ESP": "ES", "FRA": "FR", "ITA": "IT", "POL": "PL",
    "MDA": "MD", "BLR": "BY", "IRL": "IE", "NLD": "NL", "BEL": "BE", "PRT": "PT", "UAE": "AE",
    "UNITED STATES OF AMERICA": "US", "США": "US", "ESTADOS UNIDOS": "US",
    "ESTADOS UNIDOS DE AMÉRICA": "US", "STATELE UNITE ALE AMERICII": "US", "SUA": "US",
    "СОЕДИНЕННЫЕ ШТАТЫ АМЕРИКИ": "US", "СПОЛУЧЕНІ ШТАТИ АМЕРИКИ": "US",
    "RUSSIAN FEDERATION": "RU", "РОССИЙСКАЯ ФЕДЕРАЦИЯ": "RU", "РФ": "RU", "РОСІЙСЬКА ФЕДЕРАЦІЯ": "RU",
    "BUNDESREPUBLIK DEUTSCHLAND": "DE", "BRD": "DE", "ФРГ": "DE", "REPUBLICA MOLDOVA": "MD", "МОЛДАВИЯ": "MD",
    "БЕЛОРУССИЯ": "BY", "РЕСПУБЛИКА БЕЛАРУСЬ": "BY", "HOLLAND": "NL", "ГОЛЛАНДИЯ": "NL", "HOLANDA": "NL",
    "ҚАЗАҚСТАН": "KZ", "РЕСПУБЛИКА КАЗАХСТАН": "KZ", "BRASIL": "BR",
}  # fmt: skip
"""Usual besides the names of CLDR (`country_names.csv`), in capitals."""

_CODE = re.compile(r"[A-Z0-9]{1,3}")
_FULL_CODE = re.compile(r"([A-Z]{2})-([A-Z0-9]{1,3})")


class UnknownPlaceError(ValueError):
    """Not a country, or not a part of that country. The text names it and says what to write."""


@lru_cache(maxsize=1024)
def read_country(text: str) -> str:
    """ISO 3166-1 alpha-2 of a code, a name in English, German, Spanish, Romanian, Russian or Ukrainian, or another
    usual one. Raises `UnknownPlaceError`."""
    code = text.strip().upper()
    if code in pytz.country_names:
        return code
    found = _countries().get(_folded(text))
    if found is None:
        raise UnknownPlaceError(f"{text!r} is no country; write its two letters, such as US, GB or DE")
    return found


@lru_cache(maxsize=4096)
def read_region(text: str, country: str) -> str:
    """ISO 3166-2 (`US-FL`) of `US-FL`, or of `FL` or `Florida` in `country` (ISO 3166-1 alpha-2); of a
    code that was given up (`FR-75`) that which took its place; of what the country counts as its own and ISO as
    another's (`Крым` in RU) ISO's. Raises `UnknownPlaceError`."""
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
    claimed = region_claimed(country, full[2] if full is not None else text)
    if claimed is not None:
        return claimed
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
    """Codes by folded names."""
    found = {_folded(name): code for code, name in pytz.country_names.items()}
    table = resources.files("lists").joinpath("country_names.csv").read_text(encoding="utf-8")
    for line in table.splitlines():
        code, _, names = line.partition(";")
        if len(code) == 2:
            for name in names.split("|"):
                found.setdefault(_folded(name), code)
    return found | {_folded(name): code for name, code in _ALSO_WRITTEN.items()}


def _folded(text: str) -> str:
    """Words in small letters, without accents and punctuation: `Österreich`, `ÖSTERREICH` and `Osterreich`."""
    plain = unicodedata.normalize("NFKD", text.casefold().replace("&", " and "))
    letters = "".join(one for one in plain if not unicodedata.combining(one) and one not in "'’ʼ`\"")
    return " ".join(re.sub(r"[\W_]+", " ", letters).split())
