"""From the calls to a number to its standing: one rule for every store."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from campaigns.finding import Finding
from lists.freshness.standing import MOST_CALLS, Standing, State

_SHOWS = (Finding.OURS, Finding.STRANGER, Finding.WORKS)
_DEAD = (Finding.INVALID, Finding.CHANGED)

Call = tuple[int, Finding]
"""The week of the data's age at which it was made, and what it told."""


def standing_of(calls: Sequence[Call], **about: Any) -> Standing:
    """`calls`: all there were to the number about this data, in order. `about`: what a `Standing` says besides
    them."""
    last_shown = _last(calls, _SHOWS)
    last_ours = _last(calls, (Finding.OURS,))
    dead = [place for place, (_, what) in enumerate(calls) if what in _DEAD and place > last_shown]
    strange = [place for place, (_, what) in enumerate(calls) if what is Finding.STRANGER and place > last_ours]
    silent = next((place for place, (_, what) in enumerate(calls) if what is not Finding.SILENT), len(calls))
    if dead:
        state = State.CHANGED if calls[dead[-1]][1] is Finding.CHANGED else State.INVALID
    elif strange:
        state = State.WRONG_PERSON
    elif last_ours >= 0:
        state = State.CONFIRMED
    elif last_shown >= 0:
        state = State.UNKNOWN
    else:
        state = State.UNREACHED if calls else State.UNCALLED

    def week(place: int) -> int | None:
        return calls[place][0] if 0 <= place < len(calls) else None

    return Standing(
        state=state,
        worked_w=week(last_shown),
        ours_w=week(last_ours),
        gone_w=week((dead or strange or [-1])[0]),
        first_w=week(0),
        called_w=week(len(calls) - 1),
        silent=min(silent, MOST_CALLS),
        **about,
    )


def _last(calls: Sequence[Call], findings: Sequence[Finding]) -> int:
    """The place of the last call that told one of these; -1: none did."""
    return next((place for place in range(len(calls) - 1, -1, -1) if calls[place][1] in findings), -1)
