"""What SIP agreed on, as orders for a leg of audio."""

from __future__ import annotations

from base64 import b64encode

from dialer.media.orders import Connect, Protect
from dialer.sip import sdp
from dialer.sip.errors import MalformedSdp
from dialer.sip.sdes import Keys


def session_of(body: bytes, own_host: str) -> sdp.Media:
    """What a far end describes. Raises `RemoteError` for what our audio at `own_host` cannot be joined with."""
    session = sdp.parse(body)
    if (":" in session.address) != (":" in own_host):
        text = f"audio at {session.address}, and ours is at {own_host}: not one IP version"
        raise MalformedSdp(f"{text}, so that neither would hear the other")
    return session


def connect_to(leg: int, session: sdp.Media, silent_after_s: float = 0.0, answered_at: float = 0.0) -> Connect:
    """The leg's far end is where the session says. Who has us on hold may be silent. `answered_at`: see
    `Connect`."""
    return Connect(
        leg,
        session.address,
        session.port,
        session.payload_types[0],
        session.telephone_event,
        held=session.is_held,
        answered_at=answered_at,
        rtcp_port=session.port if session.rtcp_mux else session.rtcp_port or session.port + 1,
        rtcp_mux=session.rtcp_mux,
        silent_after_s=0.0 if session.is_held else silent_after_s,
    )


def protect_by(leg: int, keys: Keys | None) -> Protect:
    """The leg's audio is protected by these keys, or by none."""
    if keys is None:
        return Protect(leg)
    return Protect(leg, keys.suite, b64encode(keys.sending).decode(), b64encode(keys.receiving).decode())
