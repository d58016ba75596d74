"""What a pacer that has just been made has to know of the days before it."""

from __future__ import annotations

from dialer.engine.events import AnswersRecalled
from dialer.engine.runs import PACING_WINDOWS_S
from dialer.ports.store import Reader

SPAN_S = 900.0


def answers_before(reader: Reader, campaign: str, opened_at: float) -> AnswersRecalled | None:
    """The people who answered the campaign in the 30 days before it was opened (seconds UTC), and how many of them
    nobody took; None for none. Of those since then the pacer knows."""
    spans = reader.answers(campaign, opened_at - max(PACING_WINDOWS_S), opened_at, SPAN_S)
    return AnswersRecalled(campaign, tuple(spans)) if spans else None
