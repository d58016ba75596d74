"""The time zone stated in a list."""

from __future__ import annotations

import difflib
from functools import cache, lru_cache

import pytz


class UnknownZoneError(ValueError):
    """Not the name of a place in the IANA time zone database. The text names it and what might be meant."""


@cache
def _names() -> dict[str, str]:
    """Names of places by their lower-case spelling.

    Left out on purpose: "EST", "MST", "Etc/GMT+5" and the like. They are fixed offsets without summer time
    (and the sign of the last is the opposite of what people expect), while those who write "EST" in a list
    mean New York's time all year round.
    """
    return {
        name.lower(): name
        for name in pytz.all_timezones
        if "/" in name and not name.startswith(("Etc/", "SystemV/"))
    }


@lru_cache(maxsize=1024)
def stated_zone(text: str) -> str:
    """The IANA name that a cell states, in its proper spelling; blanks may stand for underscores.

    Raises `UnknownZoneError`.
    """
    names = _names()
    key = "_".join(text.split()).lower()
    if key in names:
        return names[key]
    close = difflib.get_close_matches(key, names, n=1, cutoff=0.75)
    city = [name for name in names if name.rpartition("/")[2] == key]
    meant = [names[name] for name in (close or city[:1])]
    hint = f"do you mean {meant[0]}?" if meant else "write an IANA name such as America/New_York"
    raise UnknownZoneError(f"{text!r} is not a time zone; {hint}")
