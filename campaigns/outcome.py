"""What the network made of an attempt. Apart from what the person said: see `disposition.py`."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class Outcome(StrEnum):
    """How an attempt ended on the wire.

    `dialer/calls/outcomes.toml` maps what the network said to these (`docs/reference/outcomes.md`).
    """

    CONNECTED = "connected"  # answered and joined with an agent; the disposition says what came of it
    ABANDONED = "abandoned"  # answered, but no agent within the campaign's limit, or hung up before one
    ANSWERING_MACHINE = "answering_machine"  # the detector said so, and it was hung up
    MESSAGE_LEFT = "message_left"  # the detector said that it was a machine, and it heard the whole message
    DELIVERED = "delivered"  # answered, and the campaign's call flow came to one of its ends
    BROKEN_OFF = "broken_off"  # answered, and over before the flow had come to an end
    BUSY = "busy"
    NO_ANSWER = "no_answer"  # rang until our ring timeout, or the network gave up ringing
    UNREACHABLE = "unreachable"  # subscriber absent or handset off
    INVALID = "invalid"  # unallocated, says the network; believed once it is confirmed
    NOT_IN_USE = "not_in_use"  # a special information tone or an announcement said so
    CHANGED = "changed"  # number changed, or permanently redirected
    INCOMPLETE = "incomplete"  # address incomplete or malformed
    REJECTED = "rejected"  # declined by the person called or their phone
    UNWANTED = "unwanted"  # SIP 607 (RFC 8197): the person says such calls are unwanted
    BLOCKED = "blocked"  # SIP 608 (RFC 8688): an analytics engine in the network rejected the call
    BARRED = "barred"  # incoming calls barred
    CONGESTION = "congestion"  # network or route congested; not the lead's fault
    TIMEOUT = "timeout"  # no word from the network, or none that rang
    TRUNK_FAULT = "trunk_fault"  # our trunk or configuration; not the lead's fault
    CUT = "cut"  # we hung up: the operator stopped the run
    WITHDRAWN = "withdrawn"  # never placed: permit expired or refused between take-up and dial
    UNKNOWN = "unknown"  # its end was not seen (the service died); counts against every cap


class Stage(StrEnum):
    """How far a call got: what the caps of a law may count."""

    NONE = "none"  # nothing left
    PLACED = "placed"  # an INVITE left
    ALERTED = "alerted"  # an 18x came: the phone may have rung
    ANSWERED = "answered"


class Contact(StrEnum):
    """Whom a call reached, as far as cool-offs go by it."""

    OPEN = "open"  # it is not over
    NONE = "none"  # nobody that a cool-off asks about: it was not answered, or by somebody else
    MACHINE = "machine"  # the detector took it for one
    ABANDONED = "abandoned"  # a person, for whom no agent came in time
    CONVERSATION = "conversation"  # the person sought, or nobody has said who
    REFUSAL = "refusal"  # a conversation, and the person wanted no such call, today or ever
    UNKNOWN = "unknown"  # nobody saw its end: any of these


class Counts(StrEnum):
    """What a cap, a cool-off or a limit counts."""

    PLACED = "placed"  # every call that left, whatever came of it
    ALERTED = "alerted"  # those that may have rung
    ANSWERED = "answered"
    CHARGED = "charged"  # those placed that did not fail by the route's fault: for limits of the campaign's own
    CONVERSATIONS = "conversations"
    REFUSALS = "refusals"
    ABANDONMENTS = "abandonments"
    MACHINES = "machines"

    @property
    def from_its_end(self) -> bool:
        """Whether a call counts from its end, by when it has come to that, and not from when it was dialed."""
        return self in _REACHED

    def counts(self, stage: str, *, charged: bool, contact: str = Contact.UNKNOWN) -> bool:
        """Whether a call that got to this `Stage` and reached this `Contact` counts."""
        if self is Counts.PLACED:
            return stage != Stage.NONE
        if self is Counts.CHARGED:
            return charged and stage != Stage.NONE
        if self is Counts.ALERTED:
            return stage in _ALERTED
        if self is Counts.ANSWERED:
            return stage == Stage.ANSWERED
        return contact in _REACHED[self]


_REACHED: Mapping[Counts, frozenset[str]] = {
    Counts.CONVERSATIONS: frozenset({Contact.CONVERSATION, Contact.REFUSAL, Contact.UNKNOWN}),
    Counts.REFUSALS: frozenset({Contact.REFUSAL, Contact.UNKNOWN}),
    Counts.ABANDONMENTS: frozenset({Contact.ABANDONED, Contact.UNKNOWN}),
    Counts.MACHINES: frozenset({Contact.MACHINE, Contact.UNKNOWN}),
}
_ALERTED = frozenset({Stage.ALERTED.value, Stage.ANSWERED.value})

TECHNICAL = frozenset({Outcome.CONGESTION, Outcome.TIMEOUT, Outcome.TRUNK_FAULT})
"""Faults of the route or the network: never charged to the lead's retries."""

NOT_PLACED = frozenset({Outcome.WITHDRAWN})
"""Attempts that never left: recorded, but counted neither as dials nor against caps."""

FINAL = frozenset({Outcome.UNWANTED})
"""Outcomes after which the lead is closed, whatever the retry schedule says; the register has the number."""
