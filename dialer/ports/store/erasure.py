"""Erasing what is stored of a person."""

from __future__ import annotations

from lists.value import value

ERASED = "erased"
"""Why the lead of a person who was erased is final in its campaigns; what their open callbacks are dropped for."""

ERASURE_REQUEST = "erasure request"
"""Source of the entries on do-not-call registers that hold the numbers back until they are erased, and go with
them."""


@value
class ErasePerson:
    """Empty these leads: whatever says who they are or how they are reached, in the leads themselves and in their
    attempts, permits and callbacks, and the consents of `numbers` (E.164) that `clients` hold. Outcomes, times and
    costs stay, and so do the links of the chain of permits, which an audit calls erased. Of `keys`
    (`lists.erased.keys_of`) keyed hashes are kept, by which later imports know whom not to bring back. The log of
    changes keeps its entries without the numbers. Answer: `Done`. One of the leads is leased, or in a call:
    `PersonAtHand`, and nothing is erased."""

    lead_ids: tuple[int, ...]
    keys: tuple[str, ...]
    numbers: tuple[str, ...]
    clients: tuple[str, ...]
    now: float
