"""One call we placed, as far as the carrier has to remember it."""

from __future__ import annotations

from campaigns.amd import Heard as Verdict
from campaigns.record import AudioFigures
from dialer.calls.outcomes import Heard
from dialer.engine.commands import Originate
from dialer.engine.events import BeepEnded, Detected
from dialer.media import events as media
from dialer.sip import sdp
from dialer.sip.sdes import Crypto, Keys, agreed
from dialer.telephony.leg_orders import session_of

SPECIAL_INFORMATION = {
    "vc": Heard.SIT_VACANT.value,
    "ic": Heard.SIT_INTERCEPT.value,
    "ro": Heard.SIT_REORDER.value,
    "nc": Heard.SIT_NO_CIRCUIT.value,
}
"""By `dialer.media.amd.events.SitKind`; its ITU form says nothing."""

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

    def hear(self, attempt_id: int, said: media.Heard) -> Detected | BeepEnded | None:
        """What an analyser says of it: for the engine, to be kept until the end, or for nobody."""
        if said.verdict == "sit":
            self.heard = SPECIAL_INFORMATION.get(said.cause, self.heard)
        elif said.verdict == "beep" and self.answered and self.amd.message is not None:
            return BeepEnded(attempt_id, said.at_s)
        elif self.answered and said.verdict in _VERDICTS:
            heard = self.heard if said.cause == "sit" else None
            return Detected(attempt_id, said.verdict, said.cause, said.at_s, heard)
        return None


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
