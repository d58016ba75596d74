"""May a call be recorded: what a rule set says, what a campaign wishes, and the narrower of the two."""

from __future__ import annotations

from enum import StrEnum


class RecordingRule(StrEnum):
    """From the narrowest to the widest."""

    NEVER = "never"
    ASK = "ask"  # once the person called has agreed: the agent asks, and says so
    ANNOUNCE = "announce"  # after an announcement was played to the person called
    ALLOWED = "allowed"  # from the first moment


_WIDTH = tuple(RecordingRule)


def narrower(first: RecordingRule, second: RecordingRule) -> RecordingRule:
    """What both allow."""
    return min(first, second, key=_WIDTH.index)
