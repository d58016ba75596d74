"""What an attempt tells of the number that was called: whether it works, and whose it is."""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum

from campaigns.outcome import Outcome
from campaigns.record import AttemptRecord


class Finding(StrEnum):
    OURS = "ours"  # the person sought was reached, or somebody who knows them
    STRANGER = "stranger"  # a person answered, and the number is not of whom it should be
    WORKS = "works"  # somebody or something answered, or the line was busy: it is not dead
    INVALID = "invalid"  # not allocated, or not in use
    CHANGED = "changed"  # the network names another number, or says that there is one
    SILENT = "silent"  # it may have rung; nothing is known from that
    NOTHING = "nothing"  # the route, or our number, was at fault, or it never left: no call to this number


INVALID = frozenset({Outcome.INVALID, Outcome.NOT_IN_USE, Outcome.INCOMPLETE})
"""A single 404 may be a fault of the route: it counts until a later call says that the number works."""

CHANGED = frozenset({Outcome.CHANGED})

WORKS = frozenset(
    {
        Outcome.ABANDONED,
        Outcome.ANSWERING_MACHINE,
        Outcome.MESSAGE_LEFT,
        Outcome.DELIVERED,
        Outcome.BROKEN_OFF,
        Outcome.BUSY,
        Outcome.UNWANTED,
    }
)
"""Ends that only a number in use comes to. Not a rejection: networks refuse calls to dead numbers so, too."""

NO_CALL = frozenset(
    {
        Outcome.CONGESTION,
        Outcome.TIMEOUT,
        Outcome.TRUNK_FAULT,
        Outcome.BLOCKED,
        Outcome.CUT,
        Outcome.WITHDRAWN,
        Outcome.UNKNOWN,
    }
)

KNOWS = "third_party"
"""Disposition of who is not the person sought, and answers for them."""


def finding_of(record: AttemptRecord, wrong: Collection[tuple[str, str]]) -> Finding:
    """`wrong`: campaigns and those of their dispositions that mean a wrong number."""
    if not record.counted or record.outcome in NO_CALL:
        return Finding.NOTHING
    if record.rpc or record.disposition == KNOWS:
        return Finding.OURS
    if record.disposition is not None and (record.campaign, record.disposition) in wrong:
        return Finding.STRANGER
    if record.outcome in INVALID:
        return Finding.INVALID
    if record.outcome in CHANGED:
        return Finding.CHANGED
    if record.live or record.machine or record.outcome in WORKS:
        return Finding.WORKS
    return Finding.SILENT
