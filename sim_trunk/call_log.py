"""The simulated carrier's own account of every call, to compare the dialer's with: one line of JSON each, when it
is over. A call that is placed once more after that gets another line: of several with one Call-ID the last counts.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import TextIO


class HungUpBy(StrEnum):
    """Who ended a call, as the carrier saw it."""

    CALLER = "caller"  # CANCEL or BYE of the dialer
    CALLEE = "callee"  # BYE or refusal of the person or machine called
    NETWORK = "network"  # another final response, or an answer that was never acknowledged
    BOTH = "both"  # the BYEs crossed
    NOBODY = "nobody"  # nothing was ever answered, or still open when the carrier stopped


class EndedWith(StrEnum):
    """What ended a call."""

    CANCEL = "cancel"  # the caller's, answered with 487
    BYE = "bye"  # of whoever ended it
    FINAL = "final"  # a final response above 299 that no CANCEL asked for
    NO_ACK = "no_ack"  # our BYE, 64*T1 after a 200 that was never acknowledged (RFC 3261 § 13.3.1.4)
    NO_RTP = "no_rtp"  # our BYE, because the caller sent no audio any more, or never did


@dataclass(slots=True)
class CallLogEntry:
    """One call. Moments are seconds since the Unix epoch, UTC; `None`: it did not come to that.

    `number`, `caller`: user parts of Request-URI and From. `provisional`: the last 18x sent. `final`: final
    response to the INVITE. `sdp`: where the caller wanted its audio, `host:port`. `rtp_in`, `rtp_out`: packets
    from and to the caller. `heard_at`: first packet of the caller after the answer. `invites`: INVITE transactions
    with this Call-ID outside a dialog; more than one is a call placed twice. `retransmissions`: INVITEs of these
    that came again. `acked_at`: the 200 was acknowledged. `ended_with`: see `EndedWith`, None for a call that
    nothing has ended. `pressed`: the keys that the person called has pressed, in order.
    `srtp`: the suite that protects the audio (RFC 4568), "" for none.
    """

    call_id: str
    number: str
    caller: str
    nth_call: int
    invite_at: float
    persona: str
    quirk: str
    provisional: int | None = None
    final: int | None = None
    q850: int | None = None
    answered_at: float | None = None
    heard_at: float | None = None
    ended_at: float | None = None
    ended_by: str = HungUpBy.NOBODY.value
    sdp: str | None = None
    rtp_in: int = 0
    rtp_out: int = 0
    invites: int = 0
    retransmissions: int = 0
    acked_at: float | None = None
    ended_with: str | None = None
    pressed: str = ""
    srtp: str = ""

    def line(self) -> str:
        """One line of JSON, without its end."""
        return json.dumps(asdict(self), separators=(",", ":"))


class CallLog:
    """Writes entries to a stream, each at once; `None` keeps nothing."""

    def __init__(self, stream: TextIO | None) -> None:
        self._stream = stream
        self.written = 0

    def write(self, entry: CallLogEntry) -> None:
        self.written += 1
        if self._stream is not None:
            self._stream.write(entry.line() + "\n")
            self._stream.flush()
