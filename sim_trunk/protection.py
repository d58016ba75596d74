"""SRTP of a simulated end, by the keys that a session description brought."""

from __future__ import annotations

from dialer.sip.sdes import Keys
from dialer.telephony.leg_orders import protect_by
from dialer.telephony.media_server.srtp import Srtp


def protection(present: Srtp | None, keys: Keys | None) -> Srtp | None:
    """What audio is protected with from now on; None: nothing. A key that stays goes on counting."""
    if keys is None:
        return None
    order = protect_by(0, keys)
    if present is None:
        return Srtp(order)
    present.change(order)
    return present
