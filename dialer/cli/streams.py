"""The standard streams as a shell hands them over: closed, full, in another encoding."""

from __future__ import annotations

import io
import os
import sys
from contextlib import suppress
from typing import TextIO

_UTF_8 = ("utf-8", "utf8")


def prepare() -> None:
    """Make the three streams usable, once, before anything is opened or written.

    One that is closed (`>&-`) is the null device from here on: the next file opened, a database perhaps, would
    else get its number and what is meant for people. What goes into a file or a pipe is UTF-8 in every locale, as
    every document of ours; a terminal of another encoding gets a `?` for what it cannot show.
    """
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free: this one
    if sys.stdin is None:
        sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - as the interpreter would have
    sys.stdout = _writable(sys.stdout, 1)
    sys.stderr = _writable(sys.stderr, 2)


def _writable(stream: TextIO | None, number: int) -> TextIO:
    if stream is None:
        return open(number, "w", encoding="utf-8", closefd=False)
    if isinstance(stream, io.TextIOWrapper) and stream.encoding.lower() not in _UTF_8:
        if stream.isatty():
            stream.reconfigure(errors="replace")
        else:
            stream.reconfigure(encoding="utf-8")
    return stream


def flush() -> OSError | None:
    """Write out what standard output holds back; the failure if it cannot be, and then nothing of it is tried
    again at the interpreter's end."""
    try:
        sys.stdout.flush()
    except OSError as error:
        discard()
        return error
    return None


def discard() -> None:
    """What standard output still holds, and whatever else is said there, goes nowhere."""
    with suppress(OSError, ValueError):  # ValueError: a stream without a number, as tests have
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, sys.stdout.fileno())
        os.close(null)
