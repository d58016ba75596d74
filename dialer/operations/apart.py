"""Starting a process that works for this one alone: Ctrl-C is not for it.

A terminal sends Ctrl-C to all processes in front of it. Python takes it from its first moment on, long before a
process could say that it does not want it, and reports where it was: a traceback among the words of the one that
was asked to stop. So it is blocked before the other process begins, which inherits that.
"""

from __future__ import annotations

import signal
from multiprocessing import resource_tracker
from multiprocessing.process import BaseProcess


def start_apart(process: BaseProcess) -> None:
    """Start it, never to be interrupted; to be ended by closing its pipe, or by killing it."""
    resource_tracker.ensure_running()  # of multiprocessing: starting it unblocks what is blocked
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        process.start()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
