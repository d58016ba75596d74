"""The writer's answers as events: one mapping, so that both shells tell the engine the same."""

from __future__ import annotations

from dialer.engine.events import (
    AttemptSaved,
    Event,
    LeadsFetched,
    OptOutSaved,
    RecordSaved,
    SaveFailed,
    SaveRefused,
    ThirdSaved,
)
from dialer.ports.store import (
    Answer,
    AttemptAccepted,
    AttemptDenied,
    CloseAttempt,
    Done,
    FetchLeads,
    LeadsLeased,
    ReturnLeads,
    SaveAgentTime,
    SaveAttempt,
    SaveOptOut,
    SaveThirdCall,
    Write,
)


def campaign_of(write: Write) -> str:
    """The campaign a write of the engine is about. Raises `TypeError` for writes the engine never makes."""
    match write:
        case FetchLeads() | SaveOptOut():
            return write.campaign
        case SaveAttempt():
            return write.intent.campaign
        case CloseAttempt():
            return write.record.campaign
        case ReturnLeads():
            return write.updates[0].campaign
        case SaveAgentTime():
            return write.stretches[0].campaign
        case SaveThirdCall():
            return write.third.campaign
        case _:
            raise TypeError(f"the engine does not write {type(write).__name__}")


def event_of(write: Write, answer: Answer | Exception) -> Event | None:
    """What the engine is told when a write of its was answered; None where it need not know."""
    match answer:
        case AttemptAccepted():
            return AttemptSaved(answer.attempt_id)
        case Done():
            pass
        case Exception():
            return SaveFailed(campaign_of(write), write, str(answer))
        case AttemptDenied():
            return SaveRefused(answer.attempt_id, answer.reason, answer.detail)
        case LeadsLeased():
            return LeadsFetched(
                campaign_of(write),
                answer.candidates,
                answer.next_due_at,
                answer.more_ready,
                answer.next_callback_at,
                answer.seen_to,
            )
    if isinstance(write, SaveOptOut):
        return OptOutSaved(write.attempt_id)
    if isinstance(write, SaveThirdCall):
        return ThirdSaved(write.third.key) if write.third.ended_at is None else None
    return RecordSaved(write.record.campaign, write.record.attempt_id) if isinstance(write, CloseAttempt) else None
