"""Durations as people write them: `25s`, `15m`, `4h`, `2d`, or a bare number of seconds."""

from __future__ import annotations

import math
import re

_UNITS_S = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3_600.0, "d": 86_400.0}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)", re.ASCII)


def parse_duration(value: object) -> float:
    """Seconds, finite and not negative. Raises `ValueError` saying what is wrong."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError("not a duration")
    if isinstance(value, str):
        match = _DURATION.fullmatch(value.strip())
        if match is None:
            raise ValueError(f"{value!r} is not a duration")
        return float(match[1]) * _UNITS_S[match[2]]
    if not math.isfinite(value) or value < 0:
        raise ValueError(f"{value} is not a duration")
    return float(value)
