"""Writes recordings in a thread of its own: however long the disk takes, no packet waits for it."""

from __future__ import annotations

import threading
from collections import deque
from pathlib import Path
from queue import SimpleQueue

from dialer.media.events import Recorded
from dialer.media.file_work import CloseFile, FileWork, OpenFile, Samples
from dialer.telephony.media_server.recording_file import RecordingFile

MOST_BEHIND_OCTETS = 64 * 1024 * 1024
"""When the disk takes no more, so much of the recordings is kept in memory: 16 s of 250 calls."""


class _Open:
    __slots__ = ("failed", "file", "leg", "seconds")

    def __init__(self, leg: int) -> None:
        self.leg = leg
        self.file: RecordingFile | None = None
        self.failed = ""
        self.seconds = 0.0


class Disk:
    """`done`: what has become of recordings, in order; each is told once, complete or failed."""

    def __init__(self) -> None:
        self.done: deque[Recorded] = deque()
        self._work: SimpleQueue[FileWork | None] = SimpleQueue()
        self._waiting = 0
        self._written = 0
        self._open: dict[int, _Open] = {}
        self._busy = 0  # recordings begun and not told
        self._thread = threading.Thread(target=self._run, name="disk", daemon=True)
        self._thread.start()

    @property
    def is_busy(self) -> bool:
        """A recording is not over yet."""
        return self._busy > 0 or bool(self.done)

    @property
    def behind_octets(self) -> int:
        """What waits for the disk."""
        return self._waiting - self._written

    def put(self, work: FileWork) -> None:
        """To be done in its turn. Samples are left out while too much waits, which ends their recording."""
        if isinstance(work, OpenFile):
            self._busy += 1
        elif isinstance(work, Samples):
            if self.behind_octets > MOST_BEHIND_OCTETS:
                work = Samples(work.recording, b"")
            self._waiting += len(work.samples)
        self._work.put(work)

    def told(self) -> Recorded | None:
        """The next recording that is over."""
        if not self.done:
            return None
        self._busy -= 1
        return self.done.popleft()

    def close(self) -> None:
        """Write what waits, and end. Files of recordings that were not ended are closed as they are."""
        self._work.put(None)
        self._thread.join()

    def _run(self) -> None:
        while (work := self._work.get()) is not None:
            try:
                self._do(work)
            except OSError as error:
                self._fail(work.recording, error.strerror or str(error))
            if isinstance(work, Samples):
                self._written += len(work.samples)
        for left in self._open.values():
            if left.file is not None:
                left.file.close()

    def _do(self, work: FileWork) -> None:
        if isinstance(work, OpenFile):
            self._open[work.recording] = recording = _Open(work.leg)
            recording.file = RecordingFile(Path(work.path))
            return
        if isinstance(work, CloseFile):
            closed = self._open.pop(work.recording, None)
            if closed is not None and closed.file is not None:
                closed.file.close()
                self.done.append(Recorded(closed.leg, work.recording, closed.file.seconds))
            return
        found = self._open.get(work.recording)
        if found is not None and found.file is not None:
            if not work.samples:
                raise OSError("the disk is too slow")
            found.file.append(work.samples)

    def _fail(self, number: int, cause: str) -> None:
        failed = self._open.pop(number, None)
        if failed is None:
            return
        seconds = 0.0
        if failed.file is not None:
            seconds = failed.file.seconds
            failed.file.close()
        self.done.append(Recorded(failed.leg, number, seconds, cause))
