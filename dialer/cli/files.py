"""Results that go to a file or to standard output."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from dialer.errors import EnvironmentFault, InputError
from dialer.operations.whole_file import whole_file


@contextmanager
def output_to(path: Path | None) -> Iterator[IO[str]]:
    """Standard output for None. A file appears under its name only once it is whole; one of that name is
    replaced. Raises `InputError` when it cannot be made, `EnvironmentFault` when the disk fails."""
    if path is None:
        yield sys.stdout
        return
    if path.is_dir():
        raise InputError(f"--output: {path} is a directory; give the name of a file")
    opened = False
    try:
        with whole_file(path) as stream:
            opened = True
            yield stream
    except OSError as error:
        if opened:
            raise EnvironmentFault(f"{path}: cannot be written: {error.strerror}") from error
        raise InputError(f"--output: {path} cannot be written: {error.strerror}") from error
