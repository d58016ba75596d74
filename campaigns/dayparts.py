"""Parts of the day, as data. What is done with them: `campaigns.daypart_choice`."""

from __future__ import annotations

from dataclasses import dataclass

from campaigns.hours import MINUTES_PER_DAY, format_interval


@dataclass(frozen=True, slots=True)
class Dayparts:
    """Name, first minute and minute after the last since local midnight, sorted and disjoint; they need not fill
    the day. Raises `ValueError` for others."""

    parts: tuple[tuple[str, int, int], ...]

    def __post_init__(self) -> None:
        floor = 0
        for name, start, end in self.parts:
            if not floor <= start < end <= MINUTES_PER_DAY:
                raise ValueError(f"{name} {format_interval(start, end)} is empty, overlaps or leaves the day")
            floor = end


USUAL = Dayparts(
    (
        ("morning", 6 * 60, 11 * 60),
        ("midday", 11 * 60, 14 * 60),
        ("afternoon", 14 * 60, 17 * 60),
        ("evening", 17 * 60, 24 * 60),
    )
)
"""Where a campaign file names none of its own."""
