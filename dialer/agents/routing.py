"""Which idle agent gets the call."""

from __future__ import annotations

from collections.abc import Mapping

from dialer.agents.agent import Agent


def longest_idle(idle: Mapping[str, Agent]) -> Agent | None:
    """The agent who has been ready for the longest time; ties by the order in which they became ready."""
    return next(iter(idle.values()), None)
