"""One behaviour model of the people and networks called, for the wire (`server.py`) and the twin alike.

`CallPlan` says what one call will meet; the functions below it turn a plan into what is seen on the wire, so
that both shells play the same script:

    INVITE ──► invite_steps ──► 18x … final           CANCEL before the final ──► cancel_step
    200 ──► unheard_end_s, until somebody is heard ──► heard_end_s, anew with every key of presses ──► BYE
"""

from __future__ import annotations

import math
from enum import StrEnum
from typing import Protocol

from lists.value import value


class Persona(StrEnum):
    """Who or what is heard after the answer."""

    RIGHT_PARTY = "right_party"
    WRONG_PERSON = "wrong_person"
    GATEKEEPER = "gatekeeper"  # somebody of the household or the office who may or may not pass the phone
    VOICEMAIL = "voicemail"
    SCREENING = "screening"  # a phone's assistant asks who is calling
    ANNOUNCEMENT = "announcement"  # the network speaks, after a 200
    SILENCE = "silence"  # false answer: 200, and nobody there


PEOPLE = frozenset({Persona.RIGHT_PARTY, Persona.WRONG_PERSON, Persona.GATEKEEPER})
"""Personas that listen: their talk begins when they hear the agent, and they run out of patience before."""


REFUSED_BY_CALLEE = frozenset({486, 600, 603, 607})
"""Refusals that a person or their phone speaks; every other final status but 200 is the network's."""


class Quirk(StrEnum):
    """What real networks also do."""

    NONE = "none"
    ANSWER_AFTER_CANCEL = "answer_after_cancel"  # the 200 crosses our CANCEL
    NO_PROVISIONAL = "no_provisional"  # 200 without any 18x
    PROGRESS_THEN_UNAVAILABLE = "progress_then_unavailable"  # 183 with early media, then 480
    LOST_ACK = "lost_ack"  # the carrier behaves as if the ACK for its 200 had been lost once
    BYE_CROSSING = "bye_crossing"  # both sides send BYE at the same moment
    SPECIAL_INFORMATION = "special_information"  # 183 and its tones, then a status that says less
    NO_RESPONSE = "no_response"  # nothing ever comes back, not even 100: the caller's transaction times out


EARLY_MEDIA = frozenset({Quirk.PROGRESS_THEN_UNAVAILABLE, Quirk.SPECIAL_INFORMATION})
"""The network speaks before an answer, and there is none."""


@value
class CallPlan:
    """What one call will meet. All durations in seconds.

    `pdd_s`: INVITE to the first 18x; not below `ring_s` when no phone is alerted at all. `ring_s`: INVITE to
    the final response; infinite when nobody will ever answer and the network does not give up (the caller has
    to cancel). `final`: SIP status of the final response. `q850`: cause of its Reason header. `talk_s`: from
    hearing the agent to hanging up (people), or length of the recording (machines, which hang up by themselves
    at its end). `patience_s`: how long a person who hears nothing stays on the line. `retry_after_s`: what a 503
    asks for; `moved_to`: the number that a 3xx names. `presses`: keys that a person presses who hears a recording,
    each with the seconds since the first sound, or since the key before.
    """

    pdd_s: float
    ring_s: float
    final: int
    q850: int | None
    persona: Persona
    talk_s: float
    patience_s: float
    quirk: Quirk = Quirk.NONE
    retry_after_s: float | None = None
    moved_to: str = ""
    presses: tuple[tuple[float, str], ...] = ()


class Plans(Protocol):
    """Who is called (`sim_trunk.population.Population`)."""

    def plan(self, number: str, nth_call: int, at: float) -> CallPlan: ...


@value
class Step:
    """One response the carrier sends: `after_s` seconds after the request it answers came in."""

    after_s: float
    status: int
    q850: int | None = None
    retry_after_s: float | None = None
    moved_to: str = ""


def invite_steps(plan: CallPlan) -> tuple[Step, ...]:
    """The responses to the INVITE, in order, beyond 100 Trying: at most one 18x, then the final one.

    Without a final one the phone rings until the caller cancels; without any step nothing at all is sent, 100
    Trying neither. `LOST_ACK` and `BYE_CROSSING` are matters of the carrier's transactions and change nothing
    here.
    """
    if plan.quirk is Quirk.NO_RESPONSE:
        return ()
    steps: tuple[Step, ...] = ()
    if plan.pdd_s < plan.ring_s and plan.quirk is not Quirk.NO_PROVISIONAL:
        early = 183 if plan.quirk in EARLY_MEDIA else 180
        steps = (Step(plan.pdd_s, early),)
    if math.isfinite(plan.ring_s):
        steps += (Step(plan.ring_s, plan.final, plan.q850, plan.retry_after_s, plan.moved_to),)
    return steps


def cancel_step(plan: CallPlan) -> Step:
    """The INVITE's final response when a CANCEL comes before it: 487 (RFC 3261 §9.2), or the 200 of a callee
    who picked up at that very moment. Not asked for `NO_RESPONSE`, where the CANCEL cannot even be sent."""
    return Step(0.0, 200 if plan.quirk is Quirk.ANSWER_AFTER_CANCEL else 487)


def unheard_end_s(plan: CallPlan) -> float:
    """Seconds from the 200 until the callee hangs up, as long as no agent has been heard: a person's patience,
    a machine's recording."""
    return plan.patience_s if plan.persona in PEOPLE else plan.talk_s


def heard_end_s(plan: CallPlan) -> float | None:
    """Seconds from first hearing the agent until the callee hangs up; None for machines, which do not listen
    and keep to `unheard_end_s`."""
    return plan.talk_s if plan.persona in PEOPLE else None
