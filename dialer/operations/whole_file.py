"""Files that stand under their name only once they are whole."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO


@contextmanager
def whole_file(path: Path, encoding: str = "utf-8") -> Iterator[IO[str]]:
    """A text file to write; it replaces one of its name once the block is through, and is nothing if it fails.

    What is no plain file (a pipe, a device, `/dev/stdout`, a symbolic link) is written to as it stands:
    replacing it would put a file in its place. Raises `OSError`.
    """
    if path.is_symlink() or (path.exists() and not path.is_file()):
        with path.open("w", encoding=encoding, newline="") as stream:
            yield stream
        return
    unfinished = path.with_name(f"{path.name}.part")
    with unfinished.open("w", encoding=encoding, newline="") as stream:
        try:
            yield stream
            stream.close()
            unfinished.replace(path)
        finally:
            unfinished.unlink(missing_ok=True)
