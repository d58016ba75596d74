"""What can go wrong in `dialer.media`.

MediaError
├── MalformedPacket      what came is not an RTP or RTCP packet (the far end's fault)
├── MalformedMessage     what came is not an order or event (ours)
└── UnsuitableTone       a tone that does not fit into one frame (ours)
"""

from __future__ import annotations


class MediaError(Exception):
    """Root of the tree."""


class MalformedPacket(MediaError):
    """Not an RTP packet (RFC 3550 § 5.1) or RTCP packet (§ 6) of version 2."""


class MalformedMessage(MediaError):
    """Not a message of those that the two sides of a media server exchange."""


class UnsuitableTone(MediaError, ValueError):
    """A frequency that is not periodic in 20 ms, or above what 8 kHz can carry."""
