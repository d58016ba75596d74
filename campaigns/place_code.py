"""Codes of countries (ISO 3166-1 alpha-2) and of their parts (ISO 3166-2), as files name them."""

from __future__ import annotations

import re

from campaigns.holiday_calendar import has_calendar
from campaigns.toml_table import suggestion
from lists.subdivision import known_parts

_PART = re.compile(r"[A-Z0-9]{1,3}")
_ALSO_WRITTEN = {"UK": "GB", "EL": "GR"}


def fault_of_place(code: str) -> tuple[str, str] | None:
    """What is wrong with `DE` or `DE-BY`, and what to write instead; None: nothing, as far as is known. Of a
    country whose parts nobody here has a list of, any code of a part will do."""
    country, dash, part = code.partition("-")
    if country in _ALSO_WRITTEN:
        return f'ISO 3166 has no country "{country}"', f"write {_ALSO_WRITTEN[country]}{dash}{part}"
    if not has_calendar(country):  # of every country there is
        return f'there is no country "{country}"', "write two letters, such as US, GB or DE"
    known = known_parts(country)
    if dash and (part not in known if known else not _PART.fullmatch(part)):
        advice = suggestion(code.upper(), [f"{country}-{one}" for one in known]) if known else "write it as DE-BY"
        return f'"{code}" is no part of {country}', advice
    return None
