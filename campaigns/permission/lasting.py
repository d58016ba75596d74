"""Refusals that waiting does not change: kind of number, walls, do-not-call, no zone, limits used up."""

from __future__ import annotations

from campaigns.campaign import Delivery
from campaigns.permission.promised import promised_on
from campaigns.permission.proposed import Proposed
from campaigns.refusal import Refusal, Refused
from campaigns.spoken import SIMULATED_ONLY
from campaigns.zone_offsets import unknown_zones
from lists.client import client_of
from lists.lead import NumberKind, ZoneSource

NEVER_DIALED = frozenset(
    {NumberKind.PREMIUM, NumberKind.SHARED_COST, NumberKind.PERSONAL, NumberKind.PAGER, NumberKind.VOICEMAIL}
)
"""Kinds that cost the person called, or us, extra, or that no person answers."""


def lasting_refusal(proposed: Proposed, used: int) -> Refused | None:
    """Refusals that waiting does not change. `used`: as `proposed.used`."""
    campaign, number, walls = proposed.campaign, proposed.number, proposed.walls
    if number.kind in NEVER_DIALED:
        return Refused(Refusal.NUMBER_KIND, None, f"{number.kind.value} numbers are not dialed")
    if proposed.caller_id not in campaign.caller_ids:
        detail = f"{proposed.caller_id or 'none'} is no caller id of the campaign"
        return Refused(Refusal.CALLER_ID, None, detail)
    outside = walls.refusal(
        number.e164,
        client=client_of(campaign.name),
        trunk=proposed.trunk,
        caller_id=proposed.caller_id,
        campaign=campaign.destinations,
    )
    if outside is not None:
        return outside
    if campaign.delivery is Delivery.PRERECORDED and not walls.simulated(proposed.trunk):
        return Refused(Refusal.PRERECORDED, None, f"trunk {proposed.trunk}: {SIMULATED_ONLY}")
    if number.e164 in proposed.blocked:
        return Refused(Refusal.DNC, None, "the number is on a do-not-call register")
    if not number.zones or number.zone_source is ZoneSource.UNKNOWN:
        return Refused(Refusal.NO_ZONE, None, "nothing says in which time zone the number is")
    unknown = unknown_zones(number.zones)
    if unknown:
        return Refused(Refusal.NO_ZONE, None, f"the time-zone data knows no zone {unknown[0]}")
    limits = campaign.limits
    reached = proposed.lead_attempts >= limits.per_lead or used >= limits.per_number
    if not reached or promised_on(proposed) is not None:  # whose attempt is owed, whatever was meant for others
        return None
    if proposed.lead_attempts >= limits.per_lead:
        return Refused(
            Refusal.LEAD_LIMIT, None, f"{proposed.lead_attempts} attempts on the lead of {limits.per_lead}"
        )
    return Refused(Refusal.NUMBER_LIMIT, None, f"{used} attempts on the number of {limits.per_number}")
