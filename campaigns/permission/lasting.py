"""Refusals that waiting does not change: kind of number, walls, do-not-call, no zone, limits used up."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from campaigns.campaign import Campaign, Delivery
from campaigns.outcome import FINAL
from campaigns.permission.past import PastAttempt
from campaigns.refusal import Refusal, Refused
from campaigns.spoken import SIMULATED_ONLY
from campaigns.walls import Walls
from campaigns.zone_offsets import unknown_zones
from lists.client import client_of
from lists.lead import NumberKind, PhoneNumber, ZoneSource
from lists.value import value

NEVER_DIALED = frozenset(
    {NumberKind.PREMIUM, NumberKind.SHARED_COST, NumberKind.PERSONAL, NumberKind.PAGER, NumberKind.VOICEMAIL}
)
"""Kinds that cost the person called, or us, extra, or that no person answers."""


@value
class Walled:
    """How a call would pass the walls."""

    walls: Walls
    trunk: str
    caller_id: str


def lasting_refusal(
    campaign: Campaign,
    number: PhoneNumber,
    walled: Walled,
    history: Sequence[PastAttempt],
    lead_attempts: int,
    used: int,
    blocked: Collection[str],
) -> Refused | None:
    """Refusals that waiting does not change. `used`: charged attempts of the campaign on the number."""
    if number.kind in NEVER_DIALED:
        return Refused(Refusal.NUMBER_KIND, None, f"{number.kind.value} numbers are not dialed")
    if walled.caller_id not in campaign.caller_ids:
        return Refused(Refusal.CALLER_ID, None, f"{walled.caller_id or 'none'} is no caller id of the campaign")
    outside = walled.walls.refusal(
        number.e164,
        client=client_of(campaign.name),
        trunk=walled.trunk,
        caller_id=walled.caller_id,
        campaign=campaign.destinations,
    )
    if outside is not None:
        return outside
    if campaign.delivery is Delivery.PRERECORDED and not walled.walls.simulated(walled.trunk):
        return Refused(Refusal.PRERECORDED, None, f"trunk {walled.trunk}: {SIMULATED_ONLY}")
    if number.e164 in blocked:
        return Refused(Refusal.DNC, None, "the number is on a do-not-call register")
    if history and any(past.number == number.e164 and past.outcome in FINAL for past in history):
        return Refused(Refusal.DNC, None, "an earlier call was answered as unwanted")
    if not number.zones or number.zone_source is ZoneSource.UNKNOWN:
        return Refused(Refusal.NO_ZONE, None, "nothing says in which time zone the number is")
    unknown = unknown_zones(number.zones)
    if unknown:
        return Refused(Refusal.NO_ZONE, None, f"the time-zone data knows no zone {unknown[0]}")
    limits = campaign.limits
    if lead_attempts >= limits.per_lead:
        return Refused(Refusal.LEAD_LIMIT, None, f"{lead_attempts} attempts on the lead of {limits.per_lead}")
    if used >= limits.per_number:
        return Refused(Refusal.NUMBER_LIMIT, None, f"{used} attempts on the number of {limits.per_number}")
    return None
