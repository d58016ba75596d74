"""What the audit is given of an attempt, and what of it counts."""

from __future__ import annotations

from dataclasses import dataclass

from campaigns.audit_chain import Seal, is_erased
from campaigns.outcome import Outcome

CLOCK_STEP_S = 0.001
"""Moments pass through text and databases: a rounding is not a violation."""
_UNSEEN = (None, "unknown")
_ROUTE_AT_FAULT = ("congestion", "timeout", "trunk_fault")
_MACHINES = ("answering_machine", "message_left")


@dataclass(frozen=True, slots=True)
class AuditedAttempt:
    """What the store holds of one attempt. `outcome`, `dialed_at`: None while nobody has seen its end; `alerted`,
    `answered`: whether it got so far; `wanted_at`: when an agent was wanted. `message_at`: when a person whom
    none took began to hear who had called; `ended_at`: when the call was over; `opted_out_at`: when the person
    asked for no more calls; `machine_message`: something was said to an answering machine. `permit`: the
    evidence's JSON as stored before the INVITE, None or empty when there is none; `seal`: what is stored beside
    it. `recorded_by`: the rule by which the call was recorded, None when it was not. `person`, `debt`,
    `purpose`: as they were kept with it. `contact`: whom it reached, by the record; `disposition`,
    `right_party`: what an agent said of it."""

    attempt_id: int
    campaign: str
    lead_id: int
    number: str
    trunk: str
    caller_id: str
    created_at: float
    dialed_at: float | None
    outcome: str | None
    permit: str | None
    alerted: bool = False
    answered: bool = False
    wanted_at: float | None = None
    ended_at: float | None = None
    message_at: float | None = None
    opted_out_at: float | None = None
    machine_message: bool = False
    seal: Seal | None = None
    recorded_by: str | None = None
    person: str = ""
    debt: str = ""
    purpose: str = ""
    contact: str = "none"
    disposition: str | None = None
    right_party: bool = False

    @property
    def erased(self) -> bool:
        """Whether its permit was erased, so that nothing is left to judge it by."""
        return is_erased(self.permit, self.seal)

    def counts_as(self, what: str) -> bool:
        """Whether a cap that counts calls "placed", "alerted", "answered", or such as were "charged" to the lead,
        counts this one. One whose end nobody saw counts for each."""
        if self.outcome in _UNSEEN:
            return True
        if what == "charged":
            return self.outcome not in _ROUTE_AT_FAULT
        return what == "placed" or self.answered or (what == "alerted" and self.alerted)

    def came_to(self, what: str) -> bool:
        """Whether it came to a "conversation", "refusal", "abandonment" or "machine", for all that is known; one
        whose end nobody saw may have come to any of them."""
        if self.outcome in _UNSEEN:
            return True
        refused = self.contact == "refusal" or self.outcome == "unwanted" or self.opted_out_at is not None
        match what:
            case "conversation":
                unsaid = self.disposition in (None, "none")
                return refused or (self.outcome == "connected" and (self.right_party or unsaid))
            case "refusal":
                return refused
            case "abandonment":
                return self.outcome == "abandoned" and not refused
        return self.outcome in _MACHINES

    @property
    def over_at(self) -> float:
        """When it was over, as far as is known."""
        return self.moment if self.ended_at is None else self.ended_at

    @property
    def placed(self) -> bool:
        """A call left, or may have left: anything but a record that says it never did."""
        return self.dialed_at is not None or self.outcome != Outcome.WITHDRAWN

    @property
    def moment(self) -> float:
        """When it was dialed, as far as is known."""
        return self.created_at if self.dialed_at is None else self.dialed_at
