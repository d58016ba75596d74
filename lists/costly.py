"""Ranges of numbers that cost extra, or far more than a call to their country, and of which phonenumbers does not
say so. Data: `premium_ranges.toml`, with the source of each."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib import resources


def costly(e164: str) -> str:
    """What makes a number cost more than its plan says; "" for nothing."""
    if _any().match(e164) is None:
        return ""
    return next(what for pattern, what in _ranges() if pattern.match(e164))


@cache
def costly_like() -> tuple[str, ...]:
    """The ranges as patterns of LIKE in SQL: each finds all numbers of its range, and maybe more."""
    found = []
    for pattern, _ in _ranges():
        wide = re.sub(r"\[[^]]*\]|\\d", "_", pattern.pattern).replace("\\+", "+")
        found.append(re.sub(r"_\{(\d+)\}", lambda times: "_" * int(times[1]), wide) + "%")
    return tuple(found)


@cache
def _any() -> re.Pattern[str]:
    return re.compile("|".join(pattern.pattern for pattern, _ in _ranges()))


@cache
def _ranges() -> tuple[tuple[re.Pattern[str], str], ...]:
    data = tomllib.loads(resources.files("lists").joinpath("premium_ranges.toml").read_text(encoding="utf-8"))
    return tuple((re.compile(row["pattern"]), str(row["what"])) for row in data["range"])
