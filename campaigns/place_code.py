"""Codes of countries (ISO 3166-1 alpha-2) and of their parts (ISO 3166-2), as files name them."""

from __future__ import annotations

import re

from campaigns.holiday_calendar import has_calendar
from lists.subdivision import known_parts, nearest_parts

_PART = re.compile(r"[A-Z0-9]{1,3}")
_SHOWN = 60
_ALSO_WRITTEN = {"UK": "GB", "EL": "GR"}


def fault_of_place(code: str) -> tuple[str, str] | None:
    """What is wrong with `DE` or `DE-BY`, and what to write instead; None: nothing, as far as is known. Of a
    country that has no parts, as far as ISO 3166-2 goes, any code of one will do."""
    country, dash, part = code.partition("-")
    if country in _ALSO_WRITTEN:
        return f'ISO 3166 has no country "{country}"', f"write {_ALSO_WRITTEN[country]}{dash}{part}"
    if not has_calendar(country):  # of every country there is
        return f'there is no country "{country}"', "write two letters, such as US, GB or DE"
    known = known_parts(country)
    if not dash or part in known or (not known and _PART.fullmatch(part)):
        return None
    if not known:
        return f'"{code}" is no part of {country}', "write it as DE-BY"
    meant = " or ".join(f'"{one}"' for one in nearest_parts(country, part))
    return f'"{code}" is no part of {country}', f"did you mean {meant}?" if meant else f"known: {_listed(country)}"


def _listed(country: str) -> str:
    codes = [f"{country}-{part}" for part in known_parts(country)]
    more = f" and {len(codes) - _SHOWN} more (ISO 3166-2:{country})" if len(codes) > _SHOWN else ""
    return ", ".join(codes[:_SHOWN]) + more
