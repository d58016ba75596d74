"""Results that go to a file or to standard output."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from dialer.errors import EnvironmentFault, InputError


@contextmanager
def output_to(path: Path | None) -> Iterator[IO[str]]:
    """Standard output for None. A file appears under its name only once it is whole; one of that name is
    replaced. Raises `InputError` when it cannot be made, `EnvironmentFault` when the disk fails."""
    if path is None:
        yield sys.stdout
        return
    if path.is_dir():
        raise InputError(f"--output: {path} is a directory; give the name of a file")
    unfinished = path.with_name(f"{path.name}.part")
    try:
        stream = unfinished.open("w", encoding="utf-8", newline="")
    except OSError as error:
        raise InputError(f"--output: {path} cannot be written: {error.strerror}") from error
    try:
        with stream:
            yield stream
        unfinished.replace(path)
    except OSError as error:
        raise EnvironmentFault(f"{path}: cannot be written: {error.strerror}") from error
    finally:
        unfinished.unlink(missing_ok=True)
