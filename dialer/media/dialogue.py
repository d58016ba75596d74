"""Prompts that are played to legs, digits that come from them, digits that are pressed towards them."""

from __future__ import annotations

from collections.abc import Callable

from dialer.media.events import Collected, Digit, Event, Played, Playing
from dialer.media.gather import Gather, GatherEnd
from dialer.media.leg import Leg
from dialer.media.orders import Collect, Play, SendDigits
from dialer.media.playback import Playback
from dialer.media.telephone_event import DigitWriter


class Dialogue:
    """Of all legs. What happens goes to `events`; `settle` is told a leg whose prompt or digits begin or end."""

    def __init__(self, events: list[Event], settle: Callable[[Leg], None]) -> None:
        self._events = events
        self._settle = settle
        self._prompts: dict[str, bytes] = {}
        self._collecting: dict[int, Leg] = {}

    def load(self, prompt: str, sound: bytes) -> None:
        """Keep this µ-law under the name."""
        self._prompts[prompt] = sound

    # --- prompts ------------------------------------------------------------------------------------------

    def play(self, leg: Leg, order: Play) -> None:
        """Begin a prompt."""
        sound = self._prompts.get(order.prompt)
        if sound is None:
            self._events.append(Played(leg.leg, order.play, "failed"))
            return
        self._end_playback(leg, "stopped")
        leg.playback = Playback(order.play, sound, loop=order.loop, over=order.over, barge_in=order.barge_in)
        if leg.gather is not None:
            leg.gather.deadline = None
        self._settle(leg)

    def stop(self, leg: Leg, now: float) -> None:
        """End what plays."""
        self._end_playback(leg, "stopped")
        self._begin_gather(leg, now)

    def frame(self, leg: Leg, now: float) -> bytes | None:
        """The next 20 ms of the leg's prompt; None when none plays, or it has just ended."""
        if leg.playback is None:
            return None
        frame = leg.playback.next()
        if frame is None:
            self._end_playback(leg, "finished")
            self._begin_gather(leg, now)
        elif not leg.playback.begun and leg.takes_audio:
            leg.playback.begun = True
            self._events.append(Playing(leg.leg, leg.playback.play, now))
        return frame

    def _end_playback(self, leg: Leg, end: str) -> None:
        if leg.playback is not None:
            self._events.append(Played(leg.leg, leg.playback.play, end))
            leg.playback = None
            self._settle(leg)

    # --- digits -------------------------------------------------------------------------------------------

    def pressed(self, leg: Leg, digit: str, now: float) -> None:
        """A digit came from the leg."""
        self._events.append(Digit(leg.leg, digit, now))
        if leg.playback is not None and leg.playback.barge_in:
            self._end_playback(leg, "barge-in")
            self._begin_gather(leg, now)
        if leg.gather is not None:
            self._end_gather(leg, leg.gather.press(digit, now))

    def collect(self, leg: Leg, order: Collect, now: float) -> None:
        """Collect digits, instead of those that were to be collected."""
        self._end_gather(leg, GatherEnd.STOPPED)
        leg.gather = Gather(order.gather, order.most, order.finish, order.first_s, order.between_s)
        self._collecting[leg.leg] = leg
        if leg.playback is None or leg.playback.loop:
            leg.gather.begin(now)

    def stop_collecting(self, leg: Leg) -> None:
        """What has come until now is told."""
        self._end_gather(leg, GatherEnd.STOPPED)

    def send(self, leg: Leg, order: SendDigits) -> None:
        """Press digits towards the leg, after those that wait."""
        if leg.telephone_event < 0:
            return
        if leg.writer is None:
            leg.writer = DigitWriter(order.digits)
            self._settle(leg)
        else:
            leg.writer.add(order.digits)

    def _begin_gather(self, leg: Leg, now: float) -> None:
        if leg.gather is not None:
            leg.gather.begin(now)

    def _end_gather(self, leg: Leg, end: GatherEnd | None) -> None:
        if leg.gather is not None and end is not None:
            self._events.append(Collected(leg.leg, leg.gather.gather, leg.gather.digits, end.value))
            leg.gather = None
            del self._collecting[leg.leg]

    # --- time and end -------------------------------------------------------------------------------------

    @property
    def is_waiting(self) -> bool:
        """Digits are waited for."""
        return bool(self._collecting)

    def tick(self, now: float) -> None:
        """End waits whose time is over. Nothing is waited for while a prompt says what to press."""
        for leg in tuple(self._collecting.values()):
            if leg.gather is not None and (leg.playback is None or leg.playback.loop):
                self._end_gather(leg, leg.gather.wait(now))

    def close(self, leg: Leg) -> None:
        """The leg is over."""
        self._end_playback(leg, "stopped")
        leg.writer = None
        self._end_gather(leg, GatherEnd.STOPPED)
