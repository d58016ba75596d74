"""A prompt while it is played to a leg."""

from __future__ import annotations

from dialer.media.rtp import FRAME_SAMPLES
from dialer.media.timeline import SILENCE


class Playback:
    """`sound`: µ-law of the whole prompt. `loop`: begins again at its end, as hold music does. `over`: what is
    said meanwhile is heard as well. `barge_in`: a digit of the listener ends it. `begun`: it was told that its
    beginning went out."""

    __slots__ = ("_at", "_sound", "barge_in", "begun", "loop", "over", "play")

    def __init__(self, play: int, sound: bytes, *, loop: bool, over: bool, barge_in: bool) -> None:
        self.play = play
        self.loop = loop and bool(sound)
        self.over = over
        self.barge_in = barge_in
        self.begun = False
        self._sound = sound
        self._at = 0

    def next(self) -> bytes | None:
        """The next 20 ms, the last filled up with silence; None at the end."""
        if self._at >= len(self._sound):
            if not self.loop:
                return None
            self._at = 0
        frame = self._sound[self._at : self._at + FRAME_SAMPLES]
        self._at += len(frame)
        missing = FRAME_SAMPLES - len(frame)
        if missing and self.loop:
            # A loop goes on without a hole, from its beginning.
            frame += self._sound[:missing]
            self._at = missing if len(self._sound) >= missing else 0
            missing = FRAME_SAMPLES - len(frame)
        return frame + SILENCE * missing if missing else frame

    @property
    def played_s(self) -> float:
        """Seconds since its (last) beginning."""
        return self._at / 8_000
