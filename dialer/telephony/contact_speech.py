"""What is said to contacts without an agent: the turns of call flows and messages, on the contact's leg.

Speak ──► Play ──► Playing: SpeechBegan ──► Played / Collected / Recorded: SpeechOver
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from campaigns.prompt import prompt_name
from campaigns.retention import recording_name
from dialer.calls.walk import Turn, TurnEnd
from dialer.engine.commands import Speak
from dialer.engine.events import SpeechBegan, SpeechOver
from dialer.media.events import Collected, LegFigures, Played, Playing, Recorded
from dialer.media.gather import GatherEnd
from dialer.media.orders import Collect, Play, Record, StopCollecting, StopPlaying, StopRecording
from dialer.ports.media import MediaEvent, MediaLost
from dialer.telephony.call_audio import CallAudio
from lists.client import client_of

SpeechEvent = SpeechBegan | SpeechOver

_ENDS = {
    GatherEnd.COMPLETE.value: TurnEnd.COMPLETE,
    GatherEnd.PAUSE.value: TurnEnd.PAUSE,
    GatherEnd.NOTHING.value: TurnEnd.NOTHING,
}


class _Speech:
    """A turn that is under way. `number`: of its play, its gathering and its recording. `answered_at`: moment of
    the 200. `plays`: its prompt is not over. `collected`: the digits, while that is so. `file`: what is
    recorded."""

    __slots__ = ("answered_at", "attempt_id", "campaign", "collected", "file", "leg", "number", "plays", "turn")

    def __init__(self, command: Speak, leg: int, number: int, answered_at: float) -> None:
        self.attempt_id = command.attempt_id
        self.campaign = command.campaign
        self.turn: Turn = command.turn
        self.leg = leg
        self.number = number
        self.answered_at = answered_at
        self.plays = command.turn.prompt is not None
        self.collected: Collected | None = None
        self.file = ""


class ContactSpeech:
    """All turns under way. `recordings`: the folder of all recordings. `clock`: seconds UTC, for their names."""

    def __init__(
        self,
        audio: CallAudio,
        post: Callable[[SpeechEvent], None],
        recordings: Path,
        clock: Callable[[], float],
    ) -> None:
        self._audio = audio
        self._post = post
        self._recordings = recordings
        self._clock = clock
        self._by_leg: dict[int, _Speech] = {}
        self._number = 0

    def speak(self, command: Speak) -> None:
        """Begin a turn. Raises `NoSuchLeg`."""
        leg = self._audio.leg_of_contact(command.attempt_id)
        self._number += 1
        answered_at = self._audio.answered_at(command.attempt_id)
        speech = self._by_leg[leg] = _Speech(command, leg, self._number, answered_at)
        turn, tell = command.turn, self._audio.media.tell
        if turn.prompt is not None:
            name = prompt_name(client_of(command.campaign), turn.prompt)
            tell(Play(leg, speech.number, name, barge_in=turn.barge_in))
        if turn.digits:
            tell(Collect(leg, speech.number, turn.digits, turn.finish, turn.timeout_s, turn.between_s))
        elif turn.prompt is None:
            self._said(speech)

    def hush(self, attempt_id: int) -> None:
        """End what is said, without a word about it. Raises `NoSuchLeg`."""
        leg = self._audio.leg_of_contact(attempt_id)
        speech = self._by_leg.pop(leg, None)
        if speech is not None:
            tell = self._audio.media.tell
            tell(StopPlaying(leg))
            tell(StopCollecting(leg))
            if speech.file:
                tell(StopRecording(leg))

    def on_media_event(self, event: MediaEvent) -> None:
        """Called with everything that the media port posts."""
        match event:
            case LegFigures():
                self._by_leg.pop(event.leg, None)
            case MediaLost():
                self._by_leg.clear()
            case Playing() | Played() | Collected() | Recorded():
                speech = self._by_leg.get(event.leg)
                if speech is not None:
                    self._hear(speech, event)
            case _:
                pass

    def _hear(self, speech: _Speech, event: Playing | Played | Collected | Recorded) -> None:
        match event:
            case Playing() if event.play == speech.number:
                after_s = event.at - speech.answered_at
                self._post(SpeechBegan(speech.attempt_id, speech.turn.turn, after_s))
            case Played() if event.play == speech.number:
                speech.plays = False
                if event.end == "failed":
                    self._over(speech, TurnEnd.FAILED)
                elif speech.collected is not None:
                    self._over(speech, _ENDS[speech.collected.end], speech.collected.digits)
                elif event.end == "finished" and not speech.turn.digits:
                    self._said(speech)
            case Collected() if event.gather == speech.number and event.end in _ENDS:
                if speech.file:
                    self._audio.media.tell(StopRecording(speech.leg))
                elif speech.plays:
                    speech.collected = event  # no digit ends this prompt
                else:
                    self._over(speech, _ENDS[event.end], event.digits)
            case Collected() if event.gather == speech.number and speech.file:
                self._over(speech, TurnEnd.LEFT, speech.file)  # the leg is over; its file is closed by itself
            case Recorded() if event.recording == -speech.number:
                self._over(speech, TurnEnd.FAILED if event.failed else TurnEnd.RECORDED, speech.file)
            case _:
                pass  # of the turn before

    def _said(self, speech: _Speech) -> None:
        """Nothing more is to be said, and no digits are wanted."""
        turn = speech.turn
        if not turn.record_s:
            self._over(speech, TurnEnd.PLAYED)
            return
        part = f"turn{turn.turn}"
        speech.file = recording_name(speech.campaign, speech.attempt_id, self._clock(), part)
        tell = self._audio.media.tell
        # Below zero, apart from the recordings of whole calls.
        tell(Record(speech.leg, -speech.number, str(self._recordings / speech.file)))
        tell(Collect(speech.leg, speech.number, 1, "", turn.record_s, turn.record_s))

    def _over(self, speech: _Speech, end: TurnEnd, heard: str = "") -> None:
        del self._by_leg[speech.leg]
        self._post(SpeechOver(speech.attempt_id, speech.turn.turn, end.value, heard))
