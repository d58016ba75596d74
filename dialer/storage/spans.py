"""Stretches of time that may overlap, as one sequence that does not."""

from __future__ import annotations

from collections.abc import Iterable

Span = tuple[float, float | None]
"""From, until (not included); None: still going on. Seconds UTC."""


def merged(spans: Iterable[Span]) -> tuple[Span, ...]:
    """The same moments as spans that neither touch nor overlap, in order. Empty ones (a clock that was set back
    between beginning and end) are left out."""
    found: list[Span] = []
    for since, until in sorted(spans, key=lambda span: span[0]):
        if until is not None and until <= since:
            continue
        if not found or ((end := found[-1][1]) is not None and end < since):
            found.append((since, until))
        elif end is not None and (until is None or until > end):
            found[-1] = (found[-1][0], until)
    return tuple(found)
