"""Special information tones: three rising tones before an announcement (domain facts: North America's table, ITU-T
E.180 § 7)."""

from __future__ import annotations

from collections.abc import Sequence

from dialer.media.amd.events import SitKind
from dialer.media.amd.tone import Tone

_NEAR_HZ = 15.0
_LOW, _HIGH = ((913.8, 1_370.6), (985.2, 1_428.5))
_THIRD_HZ = (1_776.7, 1_800.0)
_ITU_HZ = (950.0, 1_400.0, 1_800.0)
_ITU_NEAR_HZ = 55.0
_LONG_S = 0.327
"""Between 274 and 380 ms."""
_SHORTEST_S, _LONGEST_S = 0.2, 0.48
_GAP_S = 0.09

_KINDS = {
    ("low", "short", "low", "short"): SitKind.INTERCEPT,
    ("high", "long", "low", "short"): SitKind.VACANT,
    ("low", "short", "high", "long"): SitKind.REORDER,
    ("high", "short", "low", "long"): SitKind.REORDER,
    ("high", "long", "high", "long"): SitKind.NO_CIRCUIT,
    ("low", "long", "low", "long"): SitKind.NO_CIRCUIT,
}


def may_begin(tone: Tone) -> bool:
    """Whether a tone could be the first of three."""
    return tone.second_hz is None and abs(tone.hz - _ITU_HZ[0]) <= _ITU_NEAR_HZ and _is_long_enough(tone)


def may_follow(first: Tone, second: Tone) -> bool:
    """Whether a tone could be the second after the first."""
    return (
        second.second_hz is None
        and abs(second.hz - _ITU_HZ[1]) <= _ITU_NEAR_HZ
        and second.start_s - first.end_s <= _GAP_S
        and _is_long_enough(second)
    )


def told(tones: Sequence[Tone]) -> SitKind | None:
    """Which one three tones in a row are; None if they are none."""
    first, second, third = tones
    if not may_begin(first) or not may_follow(first, second) or third.second_hz is not None:
        return None
    if third.start_s - second.end_s > _GAP_S or min(abs(third.hz - hz) for hz in _THIRD_HZ) > _ITU_NEAR_HZ / 2:
        return None
    if third.length_s < _SHORTEST_S:
        return None
    # Where tones touch, one lasts until the next begins.
    lengths = [
        "long" if after.start_s - tone.start_s >= _LONG_S else "short"
        for tone, after in ((first, second), (second, third))
    ]
    heights = [_height(tone.hz, nth) for nth, tone in enumerate((first, second))]
    return _KINDS.get((heights[0], lengths[0], heights[1], lengths[1]), SitKind.OTHER)


def _height(hz: float, place: int) -> str:
    if abs(hz - _LOW[place]) <= _NEAR_HZ:
        return "low"
    return "high" if abs(hz - _HIGH[place]) <= _NEAR_HZ else ""


def _is_long_enough(tone: Tone) -> bool:
    return _SHORTEST_S <= tone.length_s <= _LONGEST_S
