"""One behaviour model of the people and networks called, for the wire (`server.py`) and the twin alike."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Persona(StrEnum):
    """Who or what is heard after the answer."""

    RIGHT_PARTY = "right_party"
    WRONG_PERSON = "wrong_person"
    GATEKEEPER = "gatekeeper"  # somebody of the household or the office who may or may not pass the phone
    VOICEMAIL = "voicemail"
    SCREENING = "screening"  # a phone's assistant asks who is calling
    ANNOUNCEMENT = "announcement"  # the network speaks, after a 200
    SILENCE = "silence"  # false answer: 200, and nobody there


class Quirk(StrEnum):
    """What real networks also do."""

    NONE = "none"
    ANSWER_AFTER_CANCEL = "answer_after_cancel"  # the 200 crosses our CANCEL
    NO_PROVISIONAL = "no_provisional"  # 200 without any 18x
    PROGRESS_THEN_UNAVAILABLE = "progress_then_unavailable"  # 183 with early media, then 480
    LOST_ACK = "lost_ack"  # the carrier behaves as if the ACK for its 200 had been lost once
    BYE_CROSSING = "bye_crossing"  # both sides send BYE at the same moment


@dataclass(frozen=True, slots=True)
class CallPlan:
    """What one call will meet. All durations in seconds.

    `pdd_s`: INVITE to the first 18x. `ring_s`: INVITE to the final response; infinite when nobody will ever
    answer and the network does not give up (the caller has to cancel). `final`: SIP status of the final
    response. `q850`: cause of its Reason header. `talk_s`: from hearing the agent to hanging up (people), or
    length of the recording (machines, which hang up by themselves at its end). `patience_s`: how long a person
    who hears nothing stays on the line.
    """

    pdd_s: float
    ring_s: float
    final: int
    q850: int | None
    persona: Persona
    talk_s: float
    patience_s: float
    quirk: Quirk = Quirk.NONE
