"""The journal, and what it answers to each write once that is committed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from campaigns.refusal import Refusal
from dialer.ports.store.writes import Candidate, Write
from lists.value import value


@value
class LeadsLeased:
    """`next_due_at`: when the earliest lead that is ready but not yet due comes due (any zone group), seconds
    UTC; None when no lead is waiting. `more_ready`: leads that are due remain, in whatever zone group.
    `next_callback_at`: the same as `next_due_at` of callbacks, which are not in that. `seen_to`: how far those
    that stand `Aside` were looked through; None: to the end, or they were not asked for."""

    candidates: tuple[Candidate, ...]
    next_due_at: float | None
    more_ready: bool = False
    next_callback_at: float | None = None
    seen_to: tuple[int, int] | None = None


@value
class AttemptAccepted:
    attempt_id: int


@value
class AttemptDenied:
    attempt_id: int
    reason: Refusal
    detail: str


@value
class LeadsStored:
    """`joined`: campaigns that the new leads joined, each with the zone groups of these leads' numbers."""

    joined: tuple[tuple[str, tuple[str, ...]], ...] = ()


@value
class LeadsUpdated:
    """`updated`: how many were changed; `at_hand`: those left as they are, being leased; `overtaken`: those left
    since they are others by now than who asked has read: read them again. `joined`: campaigns that have places for
    them, each with the zone groups of their numbers."""

    updated: int
    at_hand: tuple[int, ...] = ()
    joined: tuple[tuple[str, tuple[str, ...]], ...] = ()
    overtaken: tuple[int, ...] = ()


@value
class LeadsMoved:
    """`moved`: how many are in the other list now; `at_hand`, `promised`: those left where they are, being leased,
    or to be called back. `joined`: campaigns that dial the other list, each with the zone groups of their
    numbers."""

    moved: int
    at_hand: tuple[int, ...] = ()
    promised: tuple[int, ...] = ()
    joined: tuple[tuple[str, tuple[str, ...]], ...] = ()


@value
class LeadsPlaced:
    """`placed`: how many got a place; `more`: ask again. `zone_groups`: those of the leads placed, and of those
    that were looked at because they may lie in others now."""

    placed: int
    more: bool
    zone_groups: tuple[str, ...] = ()


@value
class Done:
    pass


Answer = (
    LeadsLeased | AttemptAccepted | AttemptDenied | LeadsStored | LeadsUpdated | LeadsMoved | LeadsPlaced | Done
)


class Journal(Protocol):
    """The one way to write."""

    def submit(self, write: Write, done: Callable[[Answer | Exception], None]) -> None:
        """Queue a write. `done` is called once, with its answer after the commit or with the exception that
        kept it from being committed (then nothing of it is stored, and it may be tried again). Where a server went
        away between the two, not before it is back and has said which. Writes are applied in the order given, but
        that `FetchLeads` may be overtaken by what is submitted behind it.
        In the asyncio shell `done` runs in the event loop's thread."""
        ...
