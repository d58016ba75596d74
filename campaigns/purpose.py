"""What a campaign calls people for, and what reaches them: by both, laws tell calls apart."""

from __future__ import annotations

from enum import StrEnum


class Purpose(StrEnum):
    """Why people are called."""

    SALES = "sales"
    DEBT = "debt"  # collecting, and reminding of payments
    RESEARCH = "research"  # opinion and market research
    SERVICE = "service"  # about something the person has ordered or has


class Reaches(StrEnum):
    """What the person called may hear of a campaign: several of them may be."""

    AGENTS = "agents"
    PRERECORDED = "prerecorded"
    MESSAGE_DROP = "message_drop"  # left on an answering machine
