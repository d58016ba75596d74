"""Leads are leased by the zone group of the number whose turn it is, and only while its window is open."""

from __future__ import annotations

from campaigns.applicable import hours_in
from campaigns.campaign import Campaign
from campaigns.eligibility import hours_of
from campaigns.refusal import Refusal
from campaigns.rule_choice import Rules
from campaigns.window import next_open, open_until
from campaigns.zone_group import GroupParts, kind_of
from campaigns.zone_offsets import unknown_zones
from lists.value import value

NEVER_S = 86_400.0
"""A group that no window opens for is looked at again after this long."""


@value
class Opening:
    """Whether leads of a group are asked for, until or again from `changes_at` (seconds UTC). `opens`: they ever
    are. `lacks`: why they are not, while they are not."""

    is_open: bool
    changes_at: float
    opens: bool = True
    lacks: Refusal = Refusal.WINDOW_CLOSED


def opening_of(campaign: Campaign, rules: Rules, group: GroupParts, reach_s: float, now: float) -> Opening:
    """How it stands at `now`, as far as hours go. `reach_s`: so much of the window has to be left."""
    zones = group.zones
    allowed = hours_in(rules, kind_of(group), group.places, zones, now)
    if allowed is None:  # others may come into force
        return Opening(False, now + NEVER_S, False, Refusal.NO_RULE)
    if not zones or unknown_zones(zones):
        return Opening(False, float("inf"), False, Refusal.NO_ZONE)
    hours = hours_of(campaign, allowed, group.places, group.list_name)
    if hours.unknown:
        return Opening(False, float("inf"), False, Refusal.NO_CALENDAR)
    search_from = now
    closes_at = open_until(hours, zones, now)
    if closes_at is not None:
        if now < closes_at - reach_s:
            return Opening(True, closes_at - reach_s)
        search_from = closes_at
    opens_at = next_open(hours, zones, search_from)
    return Opening(False, now + NEVER_S if opens_at is None else opens_at, opens_at is not None)
