"""For how long after the decision the phone may ring: all of it must lie inside the calling window."""

from __future__ import annotations

from campaigns.campaign import Campaign

SETUP_ALLOWANCE_S = 12.0
"""Seconds from the decision to the phone ringing: commit, call set-up, post-dial delay. Part of the reach; a call
that does not ring by then is given up."""


def reach_of(campaign: Campaign) -> float:
    """Seconds from the decision to the last moment at which the phone may still ring."""
    return campaign.ring_timeout_s + SETUP_ALLOWANCE_S
