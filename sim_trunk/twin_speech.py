"""One turn of a prompt in virtual time: what the media process does, without sound."""

from __future__ import annotations

from collections.abc import Callable

from campaigns.retention import recording_name
from dialer.calls.walk import TurnEnd
from dialer.engine.commands import Speak
from dialer.engine.events import Event, SpeechBegan, SpeechOver
from dialer.media.gather import Gather, GatherEnd
from sim_trunk.timeline import Timeline

_ENDS = {
    GatherEnd.COMPLETE: TurnEnd.COMPLETE,
    GatherEnd.PAUSE: TurnEnd.PAUSE,
    GatherEnd.NOTHING: TurnEnd.NOTHING,
}


class TwinSpeech:
    """`lasts_s`: length of the prompt. `answered_at`: of the call, seconds UTC."""

    def __init__(
        self, timeline: Timeline, command: Speak, lasts_s: float, answered_at: float, post: Callable[[Event], None]
    ) -> None:
        self._timeline = timeline
        self._command = command
        self._turn = turn = command.turn
        self._post = post
        self._answered_at = answered_at
        self._playing = turn.prompt is not None
        self._file = ""
        self._over = False
        self._gather: Gather | None = None
        self._gathered: GatherEnd | None = None  # while the prompt is still heard
        if turn.digits:
            self._gather = Gather(0, turn.digits, turn.finish, turn.timeout_s, turn.between_s)
        if self._playing:
            timeline.after(0.0, self._begin, None)
        timeline.after(lasts_s if self._playing else 0.0, self._played, None)

    def stop(self) -> None:
        """Another turn takes its place, or the call is over."""
        self._over = True

    def leave(self) -> None:
        """The person has hung up: what they said until then is recorded."""
        if not self._over and self._file:
            self._end(TurnEnd.LEFT, self._file)
        self.stop()

    def press(self, key: str) -> None:
        """A key of the person called."""
        if self._over:
            return
        if self._file:
            self._end(TurnEnd.RECORDED, self._file)
            return
        if self._playing and self._turn.barge_in:
            self._playing = False
        if self._gather is not None and self._gathered is None:
            self._look(self._gather.press(key, self._timeline.now))

    def _begin(self, _: None) -> None:
        if not self._over:
            after_s = self._timeline.now - self._answered_at
            self._post(SpeechBegan(self._command.attempt_id, self._turn.turn, after_s))

    def _played(self, _: None) -> None:
        if self._over:
            return
        self._playing = False
        now = self._timeline.now
        if self._gather is not None:
            self._gather.begin(now)
            self._look(self._gathered)
        elif self._turn.record_s:
            part = f"turn{self._turn.turn}"
            self._file = recording_name(self._command.campaign, self._command.attempt_id, now, part)
            self._timeline.after(self._turn.record_s, self._recorded, None)
        else:
            self._end(TurnEnd.PLAYED)

    def _look(self, end: GatherEnd | None) -> None:
        if self._playing:
            self._gathered = end
        elif end is not None and self._gather is not None:
            self._end(_ENDS[end], self._gather.digits)
        elif self._gather is not None and self._gather.deadline is not None:
            self._timeline.after(self._gather.deadline - self._timeline.now, self._wait, self._gather)

    def _wait(self, gather: Gather) -> None:
        if not self._over and not self._playing:
            end = gather.wait(self._timeline.now)
            if end is not None:
                self._look(end)

    def _recorded(self, _: None) -> None:
        if not self._over:
            self._end(TurnEnd.RECORDED, self._file)

    def _end(self, end: TurnEnd, heard: str = "") -> None:
        self._over = True
        self._post(SpeechOver(self._command.attempt_id, self._turn.turn, end.value, heard))
