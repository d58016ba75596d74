"""What is to be done with files of recordings; whoever does it may take as long as the disk does."""

from __future__ import annotations

from lists.value import value


@value
class OpenFile:
    """A new file at `path` for a recording of `leg`."""

    recording: int
    leg: int
    path: str


@value
class Samples:
    """Stereo µ-law to append."""

    recording: int
    samples: bytes


@value
class CloseFile:
    """Nothing more comes for it."""

    recording: int


FileWork = OpenFile | Samples | CloseFile
