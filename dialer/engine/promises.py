"""What an agent promises in a call, put down."""

from __future__ import annotations

from datetime import datetime

from campaigns.callback import Callback, Promise, moment_of, wall_of
from dialer.calls.call import Call


def callback_of(call: Call, promise: Promise, now: float) -> Callback:
    """What was promised in the call. Raises `ValueError` for a wall time that is none, `UnknownZone`."""
    number = call.candidate.lead.phones[call.candidate.phone_position]
    zone = promise.zone or number.zones[0]
    if promise.wall:
        due_at = moment_of(promise.wall, zone)
        wall = datetime.fromisoformat(promise.wall).isoformat()
    elif promise.at is not None:
        wall, due_at = wall_of(promise.at, zone), promise.at
    else:
        raise ValueError("neither a wall time nor a moment")
    return Callback(
        promised_in=call.attempt_id,
        campaign=call.intent.campaign,
        lead_id=call.intent.lead_id,
        number=call.intent.number,
        wall=wall,
        zone=zone,
        due_at=due_at,
        made_at=now,
        made_by=call.agent_id or "",
        agent_id=promise.agent_id,
        consent=promise.consent,
    )
