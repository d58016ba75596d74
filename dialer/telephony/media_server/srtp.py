"""Protected audio of one leg (RFC 3711), by libsrtp."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable

import pylibsrtp

from dialer.media.orders import Protect
from dialer.media.rtcp import is_rtcp

_PROFILES = {
    "AES_CM_128_HMAC_SHA1_80": pylibsrtp.Policy.SRTP_PROFILE_AES128_CM_SHA1_80,
    "AES_CM_128_HMAC_SHA1_32": pylibsrtp.Policy.SRTP_PROFILE_AES128_CM_SHA1_32,
}
_REFUSALS = (pylibsrtp.Error, ValueError)
"""Of libsrtp, and of its binding for packets that are larger than a network carries."""


class Srtp:
    """Both directions, each with a key and a count of packets of its own. Raises KeyError for a suite that is not
    ours, ValueError for what is no key."""

    __slots__ = ("_in", "_out", "_receiving", "_sending")

    def __init__(self, order: Protect) -> None:
        self._sending, self._receiving = (order.suite, order.sending), (order.suite, order.receiving)
        self._out, self._in = _sender(*self._sending), _receiver(*self._receiving)

    def change(self, order: Protect) -> None:
        """A key that stays the same goes on counting: a packet's number must not come twice under one key (§ 9.1).
        Raises as making one."""
        sending, receiving = (order.suite, order.sending), (order.suite, order.receiving)
        if sending != self._sending:
            self._out, self._sending = _sender(*sending), sending
        if receiving != self._receiving:
            self._in, self._receiving = _receiver(*receiving), receiving

    def protect(self, packet: bytes) -> bytes:
        """Raises OSError when it may not be sent, as when one of its number was before."""
        return _protected(self._out.protect, packet)

    def protect_report(self, packet: bytes) -> bytes:
        """The same for RTCP."""
        return _protected(self._out.protect_rtcp, packet)

    def unprotect(self, data: bytes) -> bytes | None:
        """RTP, or RTCP on the same port. None: nobody who has the key sent it, or it came before."""
        try:
            return self._in.unprotect_rtcp(data) if is_rtcp(data) else self._in.unprotect(data)
        except _REFUSALS:
            return None


def _protected(protect: Callable[[bytes], bytes], packet: bytes) -> bytes:
    try:
        return protect(packet)
    except _REFUSALS as error:
        raise OSError(str(error)) from error


def _sender(suite: str, key: str) -> pylibsrtp.Session:
    return _session(suite, key, pylibsrtp.Policy.SSRC_ANY_OUTBOUND)


def _receiver(suite: str, key: str) -> pylibsrtp.Session:
    return _session(suite, key, pylibsrtp.Policy.SSRC_ANY_INBOUND)


def _session(suite: str, key: str, sources: int) -> pylibsrtp.Session:
    octets = b64decode(key, validate=True)
    return pylibsrtp.Session(pylibsrtp.Policy(key=octets, ssrc_type=sources, srtp_profile=_PROFILES[suite]))
