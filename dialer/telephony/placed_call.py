"""One call we placed, as far as the carrier has to remember it."""

from __future__ import annotations

from campaigns.amd import Heard as Verdict
from campaigns.record import AudioFigures, EndedBy
from dialer.calls.outcomes import Heard
from dialer.engine.commands import Originate
from dialer.engine.events import BeepEnded, CallEnded, Detected
from dialer.media import events as media
from dialer.sip import sdp
from dialer.sip.events import Ended, Failed
from dialer.sip.sdes import Crypto, Keys, agreed
from dialer.telephony.final_response import moved_to, retry_after_s
from dialer.telephony.leg_orders import session_of

SPECIAL_INFORMATION = {
    "vc": Heard.SIT_VACANT.value,
    "ic": Heard.SIT_INTERCEPT.value,
    "ro": Heard.SIT_REORDER.value,
    "nc": Heard.SIT_NO_CIRCUIT.value,
}
"""By `dialer.media.amd.events.SitKind`; its ITU form says nothing."""

BY_CALLEE = frozenset({486, 600, 603, 607})
"""Refusals that a person or their phone speaks; every other final status is the network's."""

_VERDICTS = frozenset(verdict.value for verdict in Verdict)


class PlacedCall:
    """`host`: ours that its audio is at. `crypto`: the keys in our description. `amd`: as it was ordered.
    `answered`: a 200 was seen. `given_up`: we want it to end. `audible`: its audio can be joined. `heard`: the
    network's tones (`calls.outcomes.Heard`). `silent_s`: hung up because nothing came for so long. `fault`: hung
    up because its audio cannot be used, and why."""

    __slots__ = (
        "amd",
        "answered",
        "answered_at",
        "attempt_id",
        "audible",
        "call_id",
        "crypto",
        "fault",
        "given_up",
        "heard",
        "host",
        "silent_s",
        "srtp_required",
        "trunk",
    )

    def __init__(self, command: Originate, host: str, crypto: tuple[Crypto, ...], *, srtp_required: bool) -> None:
        self.host = host
        self.attempt_id = command.attempt_id
        self.call_id = command.call_id
        self.trunk = command.trunk
        self.amd = command.amd
        self.crypto = crypto
        self.srtp_required = srtp_required
        self.fault = ""
        self.heard: str | None = None
        self.silent_s: float | None = None
        self.answered = False
        self.given_up = False
        self.audible = False
        self.answered_at = 0.0

    def session(self, body: bytes) -> tuple[sdp.Media, Keys | None]:
        """What the far end describes, and the keys that are agreed with that. Raises `RemoteError`."""
        described = session_of(body, self.host)
        return described, agreed(self.crypto, described.crypto, required=self.srtp_required or described.secure)

    def hear(self, said: media.Heard) -> Detected | BeepEnded | None:
        """What an analyser says of it: for the engine, to be kept until the end, or for nobody."""
        if said.verdict == "sit":
            self.heard = SPECIAL_INFORMATION.get(said.cause, self.heard)
        elif said.verdict == "beep" and self.answered and self.amd.message is not None:
            return BeepEnded(self.attempt_id, said.at_s)
        elif self.answered and said.verdict in _VERDICTS:
            heard = self.heard if said.cause == "sit" else None
            return Detected(self.attempt_id, said.verdict, said.cause, said.at_s, heard)
        return None

    def refused(self, event: Failed) -> CallEnded:
        """It was never answered."""
        status = None if event.timeout else event.status
        if self.given_up and status in (None, 487):
            by = EndedBy.DIALER
        else:
            by = EndedBy.CALLEE if status in BY_CALLEE else EndedBy.NETWORK
        return CallEnded(
            self.attempt_id,
            by.value,
            status,
            event.q850,
            cause_by=event.cause_by,
            heard=self.heard,
            retry_after_s=retry_after_s(status, event.headers),
            moved_to=moved_to(status, event.headers),
        )

    def hung_up(self, event: Ended) -> CallEnded:
        """It was, and one side has hung up."""
        by, note = EndedBy.DIALER, self.fault
        if event.by_remote and not self.given_up:
            by, note = EndedBy.CALLEE, ""
        elif self.silent_s is not None:
            by, note = EndedBy.NETWORK, f"no audio from the contact for {self.silent_s:.0f} s"
        return CallEnded(self.attempt_id, by.value, q850=event.q850, heard=self.heard, note=note)

    def cut(self) -> CallEnded:
        """Nothing more is waited for."""
        return CallEnded(self.attempt_id, EndedBy.DIALER.value, heard=self.heard)


def audio_of(figures: media.LegFigures) -> AudioFigures:
    """A leg's figures as a record keeps them."""
    return AudioFigures(
        figures.received,
        figures.lost,
        figures.sent,
        figures.max_jitter_ms,
        figures.far_lost,
        figures.far_jitter_ms,
        figures.round_trip_ms,
    )
