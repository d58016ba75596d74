"""What can go wrong in `dialer.media`.

MediaError
├── MalformedPacket      what came is not an RTP packet (the far end's fault)
└── UnsuitableTone       a tone that does not fit into one frame (ours)
"""

from __future__ import annotations


class MediaError(Exception):
    """Root of the tree."""


class MalformedPacket(MediaError):
    """Not an RTP packet of version 2 (RFC 3550 § 5.1)."""


class UnsuitableTone(MediaError, ValueError):
    """A frequency that is not periodic in 20 ms, or above what 8 kHz can carry."""
