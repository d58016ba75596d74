"""Chance as a function: the same seed, name and count always give the same draws, on every machine and in every
order of asking. No generator has a state here, so nothing depends on who was asked about before."""

from __future__ import annotations

import math
from hashlib import blake2b
from struct import Struct

_EIGHT = Struct("<8Q")
_SCALE = 2.0**-52
_TURN = 2.0 * math.pi

Eight = tuple[float, float, float, float, float, float, float, float]


class Draws:
    """Draws for one `purpose` (at most 16 bytes) under one seed (any integer of up to 128 bits)."""

    def __init__(self, seed: int, purpose: bytes) -> None:
        self._started = blake2b(
            digest_size=_EIGHT.size, key=seed.to_bytes(17, "little", signed=True), person=purpose
        )

    def eight(self, name: str, nth: int) -> Eight:
        """Eight independent uniform numbers in the open interval (0, 1) for the `nth` time something happens to
        whoever is called `name`."""
        hashed = self._started.copy()
        hashed.update(b"%d/" % nth + name.encode())
        a, b, c, d, e, f, g, h = _EIGHT.unpack(hashed.digest())
        return (
            ((a >> 12) + 0.5) * _SCALE,
            ((b >> 12) + 0.5) * _SCALE,
            ((c >> 12) + 0.5) * _SCALE,
            ((d >> 12) + 0.5) * _SCALE,
            ((e >> 12) + 0.5) * _SCALE,
            ((f >> 12) + 0.5) * _SCALE,
            ((g >> 12) + 0.5) * _SCALE,
            ((h >> 12) + 0.5) * _SCALE,
        )


def normal_pair(first: float, second: float) -> tuple[float, float]:
    """Two independent standard normal deviates from two uniform numbers (Box and Muller 1958)."""
    radius = math.sqrt(-2.0 * math.log(first))
    angle = _TURN * second
    return radius * math.cos(angle), radius * math.sin(angle)
