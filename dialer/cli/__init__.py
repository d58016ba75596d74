"""The command line. `docs/reference/commands.md` is its reference."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

INTERRUPTED = 130  # as in `dialer.errors`, which is loaded with the program


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and answer its exit status. `argv`: without the program's name; the process's when None."""
    # The pacer's products are small: threads for them only wait for each other, 15 ms each on a busy machine.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    with _ends_at_once():
        from dialer.cli.program import run
    return run(argv)


@contextmanager
def _ends_at_once() -> Iterator[None]:
    """Ctrl-C while the program is loaded, a third of a second: nothing has been begun, so it ends without a word
    about where. Later ones are `KeyboardInterrupt`, also where Python could only report and drop it (in a
    callback of the collector, say)."""
    if signal.getsignal(signal.SIGINT) is not signal.default_int_handler:  # ignored, in the background of a script
        yield
        return
    signal.signal(signal.SIGINT, lambda *_: os._exit(INTERRUPTED))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        sys.unraisablehook = _keep_interrupt


def _keep_interrupt(unraisable: Any) -> None:
    if issubclass(unraisable.exc_type, KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)
    else:
        sys.__unraisablehook__(unraisable)
