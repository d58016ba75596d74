"""A new home: a directory with commented examples to start from."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from dialer.errors import EnvironmentFault, HomeError

DIRECTORIES = ("campaigns", "lists", "prompts", "recordings", "reports")


def make_home(home: Path, files: Mapping[str, bytes]) -> tuple[Path, ...]:
    """Write `files` (path below the home → content) into a new home, and answer their paths.

    Nothing is ever overwritten: `HomeError` when the directory has anything in it, `EnvironmentFault` when it
    cannot be written. A directory that is there and empty is used.
    """
    try:
        if home.exists() and not home.is_dir():
            raise HomeError(home, "is a file; give the name of a directory that does not exist yet")
        if home.is_dir() and any(home.iterdir()):
            raise HomeError(home, "is not empty, and nothing is overwritten; give another directory, or empty it")
        for name in DIRECTORIES:
            (home / name).mkdir(parents=True, exist_ok=True)
        written = []
        for name, content in files.items():
            path = home / name
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("xb") as out:
                out.write(content)
            written.append(path)
    except OSError as error:
        raise EnvironmentFault(f"{error.filename or home}: cannot be written: {error.strerror}") from error
    return tuple(written)
