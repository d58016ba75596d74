"""What carriers and live code need of whoever carries the audio.

A leg is one stream of audio with one far end: a contact, an agent's line, a third party, a supervisor. Legs hear
each other by bridges with a listen matrix (`dialer.media.orders.Bridge`), so that talk, warm transfer, listening
and whispering are the same thing. Legs are reserved, with their port bound, before an INVITE leaves: what cannot
be carried is not dialed.

Implementation: `dialer.telephony.media_process`; one contract suite (`tests/contract/test_media.py`) is for it
and for others to come.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from dialer.media.events import Event
from dialer.media.orders import Order
from lists.value import value


class NoMediaRoom(Exception):
    """No leg can be reserved now. The message says why and what to do."""


@value
class ReservedLeg:
    """`leg`: its number, never used twice. `port`: bound, on `host`; nothing is read there before `Connect`."""

    leg: int
    port: int
    host: str


@value
class MediaLost:
    """Whoever carried the audio has gone, and every leg with it. `cause`: in words."""

    cause: str


@value
class MediaBack:
    """Legs can be reserved again."""


@value
class MediaRoom:
    """`legs`: how many can be open at once, those that are included; it has changed. Fewer than before when the
    server can do no more in time."""

    legs: int


MediaEvent = Event | MediaLost | MediaBack | MediaRoom


class Media(Protocol):
    """Carries audio between legs. What happens is told to whoever it was made for, in the loop's thread."""

    @property
    def hosts(self) -> tuple[str, ...]:
        """The addresses of its ports, at most one of each IP version. Legs of both hear one another."""
        ...

    @property
    def room(self) -> int:
        """How many legs can be open at once, those that are included, be they all on one of the hosts."""
        ...

    @property
    def open_legs(self) -> int:
        """Reserved and not closed."""
        ...

    @property
    def counters(self) -> Mapping[str, int]:
        """Packets since the start, by name (`dialer.media.switchboard.Counters`); a second old at most."""
        ...

    async def ready(self) -> None:
        """Returns when legs can be reserved for the first time. Raises `NoMediaRoom` when that will never be."""
        ...

    def reserve(self, port: int | None = None, *, host: str = "") -> ReservedLeg:
        """A leg, at once and without waiting for anybody. `port`: that very one, for a leg lost with `MediaLost`
        whose far end still sends there. `host`: one of `hosts`, the first where it is empty. Raises
        `NoMediaRoom`."""
        ...

    def tell(self, order: Order) -> None:
        """Order something. Orders are carried out one after the other; one for a leg that is not there is
        ignored, for orders cross ends."""
        ...

    async def close(self) -> None:
        """End every leg and let go of everything. May be called twice."""
        ...
