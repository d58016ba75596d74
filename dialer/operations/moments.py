"""Moments as people and programs write them: ISO 8601, always with a zone; inside, seconds UTC."""

from __future__ import annotations

import math
from datetime import UTC, datetime

from dialer.errors import InputError

LAST_YEAR = 9000
"""Far enough from the calendar's end that windows and retries behind any moment still have a date."""


LAST_MOMENT = (LAST_YEAR - 1970) * 365.0 * 86_400.0
"""Seconds UTC, some years before its end."""


def parse_moment(text: str, option: str) -> float:
    """Seconds UTC of `2026-11-22T20:00:00Z`, `2026-11-22T21:00+01:00`, or `2026-11-22` (its midnight UTC).

    A time of day without a zone is refused (`InputError` naming `option`): nobody can know which one is meant."""
    advice = "write 2026-11-22T20:00:00Z, 2026-11-22T21:00:00+01:00, or 2026-11-22 for midnight UTC"
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise InputError(f"{option}: {text!r} is not a moment ({advice})") from error
    if moment.tzinfo is None:
        if "T" in text.upper() or ":" in text:
            raise InputError(f"{option}: {text!r} has no time zone ({advice})")
        moment = moment.replace(tzinfo=UTC)
    if moment.year > LAST_YEAR:
        raise InputError(f"{option}: {text!r} lies after {LAST_YEAR} ({advice})")
    try:
        seconds = moment.timestamp()
    except OverflowError as error:
        raise InputError(f"{option}: {text!r} lies outside the calendar ({advice})") from error
    if seconds < 0:
        raise InputError(f"{option}: {text!r} lies before 1970 ({advice})")
    return seconds


def iso(moment: float | None) -> str | None:
    """`2026-11-22T20:00:00Z`, with milliseconds (rounded up, so that a moment from which on something is
    allowed never reads as one before it) when they are not zero; None stays None."""
    if moment is None:
        return None
    milliseconds = math.ceil(round(moment * 1000, 3))
    at = datetime.fromtimestamp(milliseconds // 1000, UTC)
    fraction = f".{milliseconds % 1000:03}" if milliseconds % 1000 else ""
    return f"{at:%Y-%m-%dT%H:%M:%S}{fraction}Z"
