"""What an agent promises in a call, and what the person agrees to, put down."""

from __future__ import annotations

from datetime import datetime

from campaigns import eligibility
from campaigns.callback import Callback, Promise, moment_of, wall_of
from campaigns.consent import Consent, ConsentKind
from campaigns.outcome import Contact, Outcome, Stage
from campaigns.permission.past import PastAttempt
from campaigns.permission.proposed import Proposed
from campaigns.refusal import Refusal, Refused
from campaigns.walls import Walls
from dialer.calls.call import Call
from dialer.engine.state import CampaignRun

REFUSED, WAITS = "callback_refused", "callback_waits"
TOLD_OF_PROMISES = frozenset({REFUSED, WAITS})
"""Codes of what is told of a promise while the agent can still tell the person."""


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
        consent=promise.consent.strip(),
    )


def consents_of(call: Call) -> tuple[Consent, ...]:
    """What the person has agreed to in the call, by the agent's word, for the register."""
    source = f"agent {call.agent_id}, attempt {call.attempt_id}"
    number, purpose, promised = call.intent.number, call.intent.purpose, call.callback
    found = [
        Consent(number, one.kind, purpose, at, source=source, evidence=one.words) for at, one in call.agreed_to
    ]
    if promised is not None and promised.consent:
        words = f"{promised.wall} {promised.zone}: {promised.consent}"
        callback = ConsentKind.CALLBACK.value
        found.append(Consent(number, callback, purpose, promised.made_at, source=source, evidence=words))
    return tuple(found)


def stands_in_the_way(
    run: CampaignRun, call: Call, callback: Callback, walls: Walls, now: float
) -> Refused | None:
    """What would refuse the promised call at its moment, as things stand, this conversation counted; None: nothing
    would."""
    candidate, intent = call.candidate, call.intent
    dialed_at = intent.created_at if call.dialed_at is None else call.dialed_at
    this = PastAttempt(
        intent.number, run.name, dialed_at, Outcome.CONNECTED.value, None, intent.trunk, Stage.ANSWERED.value,
        True, Contact.CONVERSATION.value, call.ended_at or now, intent.person, intent.debt, intent.purpose,
    )  # fmt: skip
    due_at = max(callback.due_at, now)
    proposed = Proposed(
        campaign=run.campaign,
        rule_set=run.rules_for(candidate, candidate.phone_position, due_at),
        lead=candidate.lead,
        number=candidate.lead.phones[candidate.phone_position],
        trunk=intent.trunk,
        caller_id=intent.caller_id,
        walls=walls,
        history=(*candidate.history, this),
        lead_attempts=candidate.charged_attempts + 1,
        blocked=candidate.dnc,
        elsewhere=candidate.elsewhere,
        callback=callback,
        consents=(*candidate.consents, *consents_of(call)),
    )
    return eligibility.refusal(proposed, due_at, run.reach_s)


def told_of(call: Call, callback: Callback, refused: Refused) -> tuple[str, str]:
    """Code and text of what a manager is told of a promise that cannot be kept at its moment."""
    promised = (
        f"Agent {call.agent_id} promised a callback to lead {callback.lead_id} for {callback.wall} {callback.zone}"
    )
    if refused.until is None:
        return (
            REFUSED,
            f"{promised}, and it may not be made: {refused.detail}. Let the person know, or see `dialer why`.",
        )
    try:
        until = f"{wall_of(refused.until, callback.zone)} {callback.zone}"
    except ValueError:
        until = "later than clocks are reckoned here"
    if refused.reason is Refusal.COOLOFF:
        why = f"the law's cool-off ends only then or later ({refused.detail})"
        lifts = " Where the rules allow it, the person's consent, put down with the callback, lifts it."
    else:
        why, lifts = refused.detail, ""
    return WAITS, f"{promised}. It will wait until {until}: {why}.{lifts} Let the person know."
