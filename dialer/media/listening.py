"""The listen matrix: who hears whom, of all bridges."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from dialer.media.leg import Leg


class ListenMatrix:
    """Keeps `Leg.sources` and `Leg.listeners` of all legs in step. A leg is in one bridge at most."""

    def __init__(self) -> None:
        self._members: dict[int, tuple[Leg, ...]] = {}

    def set(self, bridge: int, hears: Mapping[Leg, tuple[Leg, ...]]) -> list[Leg]:
        """Let the legs of `bridge` hear these and nobody else. The legs whose sources have changed."""
        members = dict.fromkeys(hears)
        for speakers in hears.values():
            members |= dict.fromkeys(speakers)
        changed: dict[Leg, None] = {}
        for leg in self._members.pop(bridge, ()):
            if leg not in members:
                changed |= dict.fromkeys(self._leave(leg))
        for leg in members:
            if leg.bridge not in (None, bridge):
                changed |= dict.fromkeys(self.remove(leg))
            leg.bridge = bridge
        for leg in members:
            if self._hear(
                leg, tuple(dict.fromkeys(speaker for speaker in hears.get(leg, ()) if speaker is not leg))
            ):
                changed[leg] = None
        if members:
            self._members[bridge] = tuple(members)
        return list(changed)

    def remove(self, leg: Leg) -> list[Leg]:
        """The leg hears nobody and is heard by nobody. The legs whose sources have changed."""
        if leg.bridge is not None:
            left = tuple(member for member in self._members.get(leg.bridge, ()) if member is not leg)
            if left:
                self._members[leg.bridge] = left
            else:
                self._members.pop(leg.bridge, None)
        return self._leave(leg)

    def _leave(self, leg: Leg) -> list[Leg]:
        changed = [leg] if self._hear(leg, ()) else []
        for listener in tuple(leg.listeners.values()):
            self._hear(listener, tuple(speaker for speaker in listener.sources if speaker is not leg))
            changed.append(listener)
        leg.bridge = None
        return changed

    def _hear(self, leg: Leg, speakers: tuple[Leg, ...]) -> bool:
        if speakers == leg.sources:
            return False
        for speaker in leg.sources:
            if speaker not in speakers:
                del speaker.listeners[leg.leg]
                speaker.untold.pop(leg.leg, None)
                speaker.settle_listeners()
        for speaker in speakers:
            if leg.leg not in speaker.listeners:
                speaker.listeners[leg.leg] = leg
                speaker.untold[leg.leg] = None
        leg.sources = speakers
        return True

    @property
    def bridges(self) -> Iterable[int]:
        """Bridges with legs."""
        return self._members.keys()
