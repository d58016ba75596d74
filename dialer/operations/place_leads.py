"""Give the leads of a campaign's lists their places in it, and let go of those of lists that it no longer has."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from campaigns.zone_group import Grouping
from dialer.ports.store import Answer, LeadsPlaced, PlaceLeads, Write

PORTION = 250
"""Leads in one `PlaceLeads`, some 10 ms: the journal of running campaigns goes through the same writer."""


@dataclass(frozen=True, slots=True)
class Placed:
    """`leads`: how many got a place. `zone_groups`: those of their numbers, and of leads that lie in others now,
    sorted."""

    leads: int
    zone_groups: tuple[str, ...]


def place_leads(
    campaign: str,
    *,
    write: Callable[[Write], Answer],
    grouping: Grouping | None = None,
    progress: Callable[[int], None] | None = None,
    portion: int = PORTION,
) -> Placed:
    """Until every lead has its place, in its zone group by the `grouping` (None: as before). Cut short, it goes on
    from there the next time.

    `write` commits and answers, or raises; `progress` is told after each portion how many have got their place so
    far. Raises `LookupError` for an unknown campaign."""
    placed = 0
    groups: set[str] = set()
    asked = None if grouping is None else grouping.to_text()
    while True:
        answer = write(PlaceLeads(campaign, portion, asked))
        asked = None  # said once: see `PlaceLeads`
        if not isinstance(answer, LeadsPlaced):
            raise TypeError(f"PlaceLeads was answered with {answer!r}")
        placed += answer.placed
        groups.update(answer.zone_groups)
        if progress is not None:
            progress(placed)
        if not answer.more:
            return Placed(placed, tuple(sorted(groups)))
