"""Calling windows: at which moments of a week, in the contact's local time, a call may be placed."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WeeklyHours:
    """Half-open intervals per weekday (Monday first), in minutes since local midnight, sorted, disjoint."""

    days: tuple[tuple[tuple[int, int], ...], ...]
