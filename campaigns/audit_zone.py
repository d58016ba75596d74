"""Time zones as the audit knows them: zoneinfo over the pinned `tzdata` package."""

from __future__ import annotations

import re
from functools import lru_cache
from importlib import resources
from zoneinfo import ZoneInfo

_ZONE_NAME = re.compile(r"[A-Za-z0-9_+-]+(?:/[A-Za-z0-9_+-]+)*", re.ASCII)


@lru_cache(maxsize=512)
def zone_of(name: str) -> ZoneInfo | None:
    """From the package's own files: `ZoneInfo(name)` would prefer the operating system's. None for no zone."""
    if not _ZONE_NAME.fullmatch(name):
        return None
    file = resources.files("tzdata").joinpath("zoneinfo", *name.split("/"))
    if not file.is_file():
        return None
    with file.open("rb") as data:
        try:
            return ZoneInfo.from_file(data, key=name)
        except ValueError:  # one of the package's tables, not a zone
            return None
