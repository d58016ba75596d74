"""One recording on disk: a WAV file that can be played at any moment.

The header is written anew after each piece of sound, so that it never claims more than there is: after a kill -9
at most the last piece is missing.
"""

from __future__ import annotations

import os
from pathlib import Path

from dialer.media.rtp import CLOCK_HZ
from dialer.media.wav import HEADER_OCTETS, MAX_DATA_OCTETS, header

CHANNELS = 2
OWNER_ONLY = 0o600


class RecordingFile:
    """A new file at `path`; folders are made. Raises OSError, `FileExistsError` when there is one already."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        self._descriptor = os.open(path, flags, OWNER_ONLY)
        self._data_octets = 0
        try:
            self._write(header(CHANNELS, 0), 0)
        except OSError:
            self.close()
            raise

    @property
    def seconds(self) -> float:
        """Length of what can be played."""
        return self._data_octets / CHANNELS / CLOCK_HZ

    def append(self, samples: bytes) -> None:
        """Stereo µ-law. Raises OSError; what was written before can still be played."""
        if not samples:
            return
        if self._data_octets + len(samples) > MAX_DATA_OCTETS:
            raise OSError("a WAV file holds no more")
        self._write(samples, HEADER_OCTETS + self._data_octets)
        self._write(header(CHANNELS, self._data_octets + len(samples)), 0)
        self._data_octets += len(samples)

    def _write(self, data: bytes, at: int) -> None:
        view = memoryview(data)
        while view:
            written = os.pwrite(self._descriptor, view, at)
            view, at = view[written:], at + written

    def close(self) -> None:
        os.close(self._descriptor)
