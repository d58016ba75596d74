"""Numbers as people read them: thousand separators, durations as 3:05, shares as 12.3 %."""

from __future__ import annotations

from datetime import UTC, datetime

import pytz

_HOUR_S = 3_600
_DAY_S = 86_400
_STEPS = ((1, ""), (1_000, "k"), (1_000_000, "M"), (1_000_000_000, "G"), (1_000_000_000_000, "T"))
NONE = "–"


def number(value: float, width: int = 99) -> str:
    """`12,345`; where that is wider than `width` cells, in thousands (`12k`), millions (`1.2M`) or more."""
    for unit, letter in _STEPS:
        text = (
            f"{value / unit:,.0f}{letter}" if unit == 1 or value >= 10 * unit else f"{value / unit:,.1f}{letter}"
        )
        if len(text) <= width:
            return text
    return ">" * width


def decimal(value: float, width: int = 99) -> str:
    """One place behind the point where it fits: `12.3`."""
    text = f"{value:,.1f}"
    return text if len(text) <= width else number(value, width)


def hours(value: float, width: int = 5) -> str:
    """Hours of agents' time: hundredths below ten, since a small floor takes a while to reach a tenth."""
    return f"{value:.2f}" if value < 10 else decimal(value, width)


def share(fraction: float) -> str:
    """`12.3 %` of a fraction 0–1."""
    return f"{fraction * 100:.1f} %"


def cap(fraction: float) -> str:
    """A limit as it was written: `3 %`, `2.5 %`."""
    return f"{round(fraction * 100, 3):g} %"


def duration(seconds: float | None) -> str:
    """`0:07`, `3:05`, `2:03:05`, `3 d 4 h`; nothing for None."""
    if seconds is None:
        return NONE
    whole = max(0, int(seconds))
    if whole < _HOUR_S:
        return f"{whole // 60}:{whole % 60:02d}"
    if whole < _DAY_S:
        return f"{whole // _HOUR_S}:{whole % _HOUR_S // 60:02d}:{whole % 60:02d}"
    return f"{whole // _DAY_S} d {whole % _DAY_S // _HOUR_S} h"


def moment(at: float, timezone: str) -> datetime:
    """The moment in the service's zone; in UTC where this machine does not know that zone."""
    utc = datetime.fromtimestamp(at, UTC)
    try:
        return utc.astimezone(pytz.timezone(timezone))
    except pytz.UnknownTimeZoneError:
        return utc


def seconds_of(text: str) -> float:
    """Seconds UTC of a moment as documents of the API have it: `2026-12-01T18:00:00Z`."""
    return datetime.fromisoformat(text).timestamp()


def clock(at: float, timezone: str) -> str:
    """`14:05:33 UTC`, `14:05:33 UTC+1`, `14:05:33 UTC-3:30`."""
    local = moment(at, timezone)
    offset = local.strftime("%z")
    hours, minutes = int(offset[1:3]), int(offset[3:5])
    zone = f"{offset[0]}{hours}" + (f":{minutes:02d}" if minutes else "") if hours or minutes else ""
    return f"{local:%H:%M:%S} UTC{zone}"


def time_of_day(at: float, timezone: str, now: float) -> str:
    """`14:05`, with the date in front when it is not today's."""
    local, today = moment(at, timezone), moment(now, timezone)
    return f"{local:%H:%M}" if local.date() == today.date() else f"{local:%d %b %H:%M}"
