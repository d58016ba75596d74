"""A workbook's sheet turned into a CSV file, in a process whose memory is bounded.

A workbook comes from strangers, and a few bytes of it can ask for any amount of memory. What does not fit ends
that process, not this one.
"""

from __future__ import annotations

import os
import resource
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path

from dialer.operations.apart import start_apart
from lists.errors import ListError, ListFileError
from lists.workbook import SIGNATURE, Sheet, check_parts, write_sheet

MEMORY = 3 << 30
"""Bytes that the process may map."""


def is_workbook(path: Path) -> bool:
    """By its first bytes; what cannot be read is not."""
    try:
        if not path.is_file():
            return False
        with path.open("rb") as file:
            return file.read(4) == SIGNATURE
    except OSError:
        return False


@contextmanager
def sheet_as_text(path: Path, wanted: str | None) -> Iterator[tuple[Path, Sheet]]:
    """The sheet as CSV in UTF-8, there as long as the block lasts: its lines are the sheet's rows. Raises
    `ListFileError`, `OptionError`."""
    with tempfile.TemporaryDirectory(prefix="dialer-list-") as folder:
        text = Path(folder) / "sheet.csv"
        yield text, _convert(path, wanted, text)


def _convert(path: Path, wanted: str | None, text: Path) -> Sheet:
    context = get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_work, args=(theirs, path, wanted, text), name="dialer-sheet", daemon=True)
    start_apart(process)
    theirs.close()
    try:
        said: Sheet | ListError = ours.recv()
    except EOFError as error:
        limit = f"{MEMORY >> 30} GB"
        raise ListFileError(
            path, f"cannot be read as a workbook within {limit} of memory; save the sheet as CSV UTF-8"
        ) from error
    finally:
        ours.close()
        process.kill()
        process.join()
        process.close()
    if isinstance(said, ListError):
        raise said
    return said


def _work(theirs: Connection, path: Path, wanted: str | None, text: Path) -> None:
    """In the other process."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # what calamine says of memory it does not get is for nobody
    try:
        check_parts(path)
        with text.open("w", encoding="utf-8", newline="") as out:
            sheet = write_sheet(path, wanted, out)
        theirs.send(sheet)
    except ListError as error:
        theirs.send(error)
    except OSError as error:
        theirs.send(ListFileError(path, f"cannot be unpacked: {error.strerror}"))
