"""What can go wrong in `dialer.sip`.

    SipError
    ├── LocalError              our side asked for something impossible
    │   ├── InvalidOrder        a header value that cannot go on the wire
    │   └── DuplicateCall       the key of an `InviteOrder` is in use
    └── RemoteError             the far end sent something unusable
        ├── MalformedMessage    not a SIP message, or a header value that does not parse
        ├── MalformedSdp        not a session description of one audio stream
        ├── NoCommonCodec       an offer or answer without a codec of ours
        ├── NoAgreedKeys        protected audio on one side only, or by a suite of one side only
        └── UnusableChallenge   a digest challenge that cannot be answered

`UserAgent.receive_datagram` raises none of them: what the network sends is answered or counted.
"""

from __future__ import annotations


class SipError(Exception):
    """Root of the tree."""


class LocalError(SipError):
    """Our side asked for something impossible."""


class InvalidOrder(LocalError):
    """A value that cannot stand in a SIP header: it contains a line break or a NUL, or is empty where it must
    not be."""


class DuplicateCall(LocalError):
    """The key of an `InviteOrder` belongs to a call that is still open, or still being cleaned up."""


class RemoteError(SipError):
    """The far end sent something unusable."""


class MalformedMessage(RemoteError):
    """Not a SIP message, or a header value that does not parse. `reason` is a `DropReason` value."""

    def __init__(self, text: str, reason: str = "malformed") -> None:
        super().__init__(text)
        self.reason = reason


class MalformedSdp(RemoteError):
    """Not a session description with one usable audio stream."""


class NoCommonCodec(RemoteError):
    """The other side's description has none of our codecs."""


class NoAgreedKeys(RemoteError):
    """One side wants protected audio and the other cannot, or not in the same way (RFC 4568)."""


class UnusableChallenge(RemoteError):
    """A digest challenge with an algorithm or a quality of protection that we do not speak."""
