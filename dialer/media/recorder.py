"""Which legs are recorded, and what is to be done with their files."""

from __future__ import annotations

from dialer.media.file_work import CloseFile, FileWork, OpenFile, Samples
from dialer.media.leg import Leg
from dialer.media.orders import Record
from dialer.media.recording import Recording


class Recorder:
    """Of all legs. Work with files goes to `files`."""

    def __init__(self, files: list[FileWork]) -> None:
        self._files = files

    def start(self, leg: Leg, order: Record, now: float) -> None:
        """Into a new file, instead of the present one."""
        self.end(leg, now)
        leg.recording = Recording(order.recording, now)
        self._files.append(OpenFile(order.recording, leg.leg, order.path))

    def pause(self, leg: Leg, *, on: bool) -> None:
        """Silence from now on, or sound again."""
        if leg.recording is not None:
            leg.recording.paused = on

    def write(self, leg: Leg, now: float) -> None:
        """What is complete by now."""
        if leg.recording is not None:
            samples = leg.recording.take(now)
            if samples:
                self._files.append(Samples(leg.recording.recording, samples))

    def end(self, leg: Leg, now: float) -> None:
        """The rest is written; nothing happens when the leg is not recorded."""
        if leg.recording is not None:
            recording = leg.recording.recording
            self._files.append(Samples(recording, leg.recording.finish(now)))
            self._files.append(CloseFile(recording))
            leg.recording = None

    def failed(self, leg: Leg, recording: int) -> None:
        """Its file takes no more."""
        if leg.recording is not None and leg.recording.recording == recording:
            leg.recording = None
