"""A demo that does not get to end: its terminal is closed, or it is killed. What it started ends with it."""

from __future__ import annotations

import contextlib
import os
import pty
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.integration.test_demo import brisk_home, wait_for_answers

ENDS_WITHIN_S = 10.0


def children_of(pid: int) -> dict[int, str]:
    """By process id: what they were started as."""
    found = {}
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text("ascii").split():
            found[int(child)] = Path(f"/proc/{child}/cmdline").read_text("utf-8").replace("\0", " ")
    return found


def runs(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def read_what_is_shown(terminal: int) -> None:
    """Or whoever writes there waits."""
    with contextlib.suppress(OSError):  # nobody has the other end any more
        while select.select([terminal], [], [], 0.1)[0]:
            os.read(terminal, 65_536)


@pytest.mark.parametrize(
    "headless", [True, pytest.param(False, marks=pytest.mark.long)], ids=["headless", "console"]
)
@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGKILL])
def test_what_it_started_ends_with_it(tmp_path: Path, number: signal.Signals, headless: bool) -> None:
    home = brisk_home(tmp_path)
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "dialer", "demo", "--seconds", "60", "--agents", "2", "--leads", "50"),
            *(["--headless"] if headless else []),
            *("--home", str(home)),
        ],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    started: dict[int, str] = {}
    try:
        wait_for_answers(home, 1)
        wanted = {"sim_trunk", "media_server"} | (set() if headless else {"dialer console"})
        until = time.monotonic() + ENDS_WITHIN_S
        while not all(any(one in line for line in started.values()) for one in wanted):
            assert time.monotonic() < until, f"of {wanted} there are {started}"
            read_what_is_shown(ours)
            started = children_of(process.pid)
        if number is signal.SIGHUP:  # as the system does for a terminal that is closed: to all that belong to it
            os.killpg(process.pid, number)
        else:
            process.kill()
        assert process.wait(ENDS_WITHIN_S) == -number
        until = time.monotonic() + ENDS_WITHIN_S
        while any(runs(pid) for pid in started) and time.monotonic() < until:
            read_what_is_shown(ours)
        assert [line for pid, line in started.items() if runs(pid)] == []
    finally:
        os.close(ours)
        for pid in (process.pid, *started):
            if runs(pid):
                os.kill(pid, signal.SIGKILL)
        process.wait(ENDS_WITHIN_S)
