"""A lead's place in a campaign: its states in the store, and where it stands in the order.

The port knows READY, LEASED and FINAL. The store splits READY in three, so that "the next leads in order among
those that are due" never walks over leads that are not due yet, and callbacks come before all of them:

- `waiting`: to be dialed at `due_at`; found by due time;
- `ready`: was due when last looked at; found by zone group and order key;
- `promised`: to be called back at `due_at`, whatever the window says then; found by due time, and leased from
there.

`FetchLeads` first moves what has come due from the one to the other, earliest first and at most
`PROMOTED_AT_ONCE` a round, `PROMOTION_ROUNDS` rounds, so that a million retries due at nine o'clock don't hold up
the journal. Only when more than that come due between two fetches is the campaign's order kept by portions.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from hashlib import blake2b
from json.encoder import encode_basestring

from campaigns.campaign import LeadOrder
from campaigns.cap import MAX_COOLOFF_S, MAX_PERIOD_S
from dialer.ports.store import FINAL, LEASED, READY, LeadUpdate
from lists.lead import Origin

WAITING = "waiting"
PROMISED = "promised"
PROMOTED_AT_ONCE = 2_000
PROMOTION_ROUNDS = 5
LOOKED_AT_ASIDE = 500
"""So many leads that stand aside are looked at in one fetch."""
DUE_AT_ONCE = 0.0
"""`due_at` of a lead that has not been tried: due at any moment, also of a simulated past."""

LIST_REMOVED = "list_removed"
"""Reason of leads made final because their list was taken out of the campaign."""

CONSENT_GIVEN = "consent_given"
"""Reason of leads that were leased when a consent was put on record for one of their numbers: who returns one for
want of a consent did not know of it."""

REQUEUED = "reset"
"""Reason of leads that were final, and are taken up again."""

HISTORY_S = max(MAX_PERIOD_S, MAX_COOLOFF_S) + 2 * 86_400.0
"""How far back a candidate's history reaches over all campaigns: as long as a cap may count or a cool-off last,
and two days more, for a month begins earlier in other zones, what was saved before it may have left within it, and
a cool-off counts from a call's end."""

Tries = tuple[tuple[str, int], ...]


def stored_state(update: LeadUpdate) -> str:
    """The state an update puts a lead in. Raises `ValueError` for one the port does not allow there."""
    if update.state == READY:
        return WAITING if update.callback is None else PROMISED
    if update.state == FINAL and update.callback is None:
        return FINAL
    raise ValueError(f"a lead is moved to {READY!r} or, without a callback, to {FINAL!r}, not to {update.state!r}")


def port_state(state: str) -> str:
    """The same as the port knows it."""
    return READY if state in (WAITING, PROMISED) else state


_RANKS = 2**20
"""Ranks beyond it, in either direction, are taken for it."""
_LEADS = 2**40
_NEVER_CALLED = -(2**62)


def order_key(
    order: str, seed: int, lead_id: int, *, rank: int | None = None, called_at: float | None = None
) -> int:
    """Where a lead stands in its campaign's order, ascending; fits a signed 64-bit column. `rank`: the list's;
    `called_at`: when the campaign's last counted attempt on it was created, seconds UTC, None for never."""
    match LeadOrder(order):
        case LeadOrder.OLDEST:
            return lead_id
        case LeadOrder.NEWEST:
            return -lead_id
        case LeadOrder.RANDOM:
            digest = blake2b(f"{seed}:{lead_id}".encode(), digest_size=8).digest()
            return int.from_bytes(digest, "big") >> 1
        case LeadOrder.RANK:
            place = _RANKS + 1 if rank is None else -max(-_RANKS, min(_RANKS, rank))
            return place * _LEADS + lead_id
        case LeadOrder.LAST_CALL:
            return _NEVER_CALLED + lead_id if called_at is None else int(called_at * 1_000)


def add_try(tries: Tries, code: str) -> Tries:
    """`tries` with one more of `code`."""
    counts = dict(tries)
    counts[code] = counts.get(code, 0) + 1
    return tuple(counts.items())


def tries_kept(tries: Tries, keep: Collection[str]) -> Tries:
    """Of `tries` those of the codes in `keep`."""
    return tuple((code, count) for code, count in tries if code in keep)


def pairs_to_json(pairs: tuple[tuple[str, int], ...] | tuple[tuple[str, str], ...]) -> str:
    """Pairs as a JSON array of arrays, order kept."""
    return json.dumps(pairs, ensure_ascii=False, separators=(",", ":")) if pairs else "[]"


def texts_to_json(pairs: tuple[tuple[str, str], ...]) -> str:
    """The same of texts alone, in a quarter of the time."""
    quoted = ",".join([f"[{encode_basestring(name)},{encode_basestring(text)}]" for name, text in pairs])
    return f"[{quoted}]"


def origins_to_json(origins: tuple[Origin, ...]) -> str:
    """As a JSON array of [field, source, as_of]."""
    if not origins:
        return "[]"
    rows = [(one.field, one.source, one.as_of) for one in origins]
    return json.dumps(rows, ensure_ascii=False, separators=(",", ":"))


def origins_from_json(text: str) -> tuple[Origin, ...]:
    if text == "[]":
        return ()
    return tuple(Origin(str(field), str(source), str(as_of)) for field, source, as_of in json.loads(text))


def tries_from_json(text: str) -> Tries:
    if text == "[]":
        return ()
    return tuple((str(code), int(count)) for code, count in json.loads(text))


def fields_from_json(text: str) -> tuple[tuple[str, str], ...]:
    if text == "[]":
        return ()
    return tuple((str(name), str(value)) for name, value in json.loads(text))


__all__ = [
    "CONSENT_GIVEN",
    "DUE_AT_ONCE",
    "FINAL",
    "HISTORY_S",
    "LEASED",
    "LIST_REMOVED",
    "LOOKED_AT_ASIDE",
    "PROMISED",
    "PROMOTED_AT_ONCE",
    "PROMOTION_ROUNDS",
    "READY",
    "REQUEUED",
    "WAITING",
    "Tries",
    "add_try",
    "fields_from_json",
    "order_key",
    "origins_from_json",
    "origins_to_json",
    "pairs_to_json",
    "port_state",
    "stored_state",
    "texts_to_json",
    "tries_from_json",
    "tries_kept",
]
