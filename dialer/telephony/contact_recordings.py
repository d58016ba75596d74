"""Recordings of conversations: both sides, on the contact's leg.

StartRecording ──► (Play the announcement ──► Played) ──► Record: RecordingBegan ──► Recorded
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

import structlog

from dialer.engine.commands import PauseRecording, StartRecording
from dialer.engine.events import RecordingBegan, RecordingFailed
from dialer.media import orders as do
from dialer.media.events import LegFigures, Played, Recorded
from dialer.ports.media import MediaEvent, MediaLost
from dialer.telephony.call_audio import CallAudio

log = structlog.wrap_logger(logging.getLogger("dialer.telephony"))

RecordingEvent = RecordingBegan | RecordingFailed


class ContactRecordings:
    """`folder`: of all recordings. A recording has the number of its attempt, an announcement the same below zero:
    call flows number theirs in their own way."""

    def __init__(self, audio: CallAudio, post: Callable[[RecordingEvent], None], folder: Path) -> None:
        self._audio = audio
        self._post = post
        self._folder = folder
        self._announced: dict[int, StartRecording] = {}

    def start(self, command: StartRecording) -> None:
        """Raises `NoSuchLeg`."""
        leg = self._audio.leg_of_contact(command.attempt_id)
        if command.announcement:
            self._announced[leg] = command
            self._audio.media.tell(do.Play(leg, -command.attempt_id, command.announcement))
        else:
            self._record(leg, command)

    def pause(self, command: PauseRecording) -> None:
        """Raises `NoSuchLeg`."""
        leg = self._audio.leg_of_contact(command.attempt_id)
        self._audio.media.tell(do.PauseRecording(leg, command.on))

    def on_media_event(self, event: MediaEvent) -> None:
        """Called with everything that the media port posts."""
        match event:
            case LegFigures():
                self._announced.pop(event.leg, None)
            case MediaLost():
                self._announced.clear()
            case Played():
                command = self._announced.get(event.leg)
                if command is not None and event.play == -command.attempt_id:
                    self._played(event, command)
            case Recorded() if event.failed and event.recording > 0:
                log.error("a recording is not complete", attempt=event.recording, cause=event.failed)
                self._post(RecordingFailed(event.recording, event.failed, kept=event.seconds > 0.0))
            case _:
                pass

    def _played(self, event: Played, command: StartRecording) -> None:
        del self._announced[event.leg]
        if event.end == "finished":
            self._record(event.leg, command)
        elif self._audio.is_measured(command.attempt_id):  # a call that is over lacks no recording
            why = "cannot be played" if event.end == "failed" else "was not played to its end"
            self._post(RecordingFailed(command.attempt_id, f"the announcement {why}", kept=False))

    def _record(self, leg: int, command: StartRecording) -> None:
        self._audio.media.tell(do.Record(leg, command.attempt_id, str(self._folder / command.name)))
        self._post(RecordingBegan(command.attempt_id, command.name))
