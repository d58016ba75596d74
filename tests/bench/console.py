"""The console: the real process on a terminal of its own, asking a served floor once a second."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time
from collections.abc import Iterator
from pathlib import Path

from dialer.api.endpoint import SOCKET_NAME
from tests.bench.measure import Result, calibrate

TARGET_SHARE = 12.0
COLUMNS, ROWS = 200, 50
START_WITHIN_S = 60.0
SETTLE_S = 3.0
SCREENS = {"floor": "1", "agents": "2", "calls": "3"}


def bench(
    seconds: float = 60.0, agents: int = 100, calls: int = 300, screens: tuple[str, ...] = ("floor",)
) -> list[Result]:
    """CPU time of the process (all threads, user and system) as a share of one core; its start is not in it.
    `screens`: which are looked at, each for so long."""
    with tempfile.TemporaryDirectory(prefix="dialer-console-") as folder, _service(Path(folder), agents, calls):
        return [_measure(Path(folder), screen, seconds) for screen in screens]


def _measure(home: Path, screen: str, seconds: float) -> Result:
    before_us = calibrate()
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    process = subprocess.Popen(
        [sys.executable, "-m", "dialer", "console", "--home", str(home)],
        stdin=slave,
        stdout=slave,
        stderr=slave,
        env=os.environ | {"TERM": "xterm-256color", "COLORTERM": "truecolor"},
        start_new_session=True,
    )
    os.close(slave)
    try:
        _read_until(master, b"live", process)
        started_s = _cpu_s(process.pid)
        os.write(master, SCREENS[screen].encode())
        _read(master, SETTLE_S)
        start_s, written, start = _cpu_s(process.pid), 0, time.monotonic()
        while (left := seconds - (time.monotonic() - start)) > 0:
            written += _read(master, min(1.0, left))
        took = time.monotonic() - start
        share = (_cpu_s(process.pid) - start_s) / took * 100.0
        process.send_signal(signal.SIGTERM)
        _read_until(master, b"", process)
        if process.wait(START_WITHIN_S) != 0:
            raise RuntimeError(f"the console ended with {process.returncode}")
    finally:
        process.kill()
        process.wait()
        os.close(master)
    note = f"{COLUMNS}×{ROWS}, {written / took / 1024:.1f} KiB/s to the terminal; start took {started_s:.2f} s CPU"
    calibration_us = (before_us + calibrate()) / 2
    return Result(
        f"console {screen}", share, "% of a core", TARGET_SHARE, None, "", calibration_us, round(took), note
    )


@contextlib.contextmanager
def _service(home: Path, agents: int, calls: int) -> Iterator[None]:
    command = [sys.executable, "-m", "tests.tui.service", str(home)]
    server = subprocess.Popen([*command, "--agents", str(agents), "--calls", str(calls), "--campaigns", "4"])
    try:
        deadline = time.monotonic() + START_WITHIN_S
        while not (home / SOCKET_NAME).exists():
            if server.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("the served floor did not come up")
            time.sleep(0.05)
        yield
    finally:
        server.terminate()
        server.wait()


def _cpu_s(pid: int) -> float:
    """utime + stime of proc(5), all threads."""
    fields = Path(f"/proc/{pid}/stat").read_text("ascii", "replace").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _read(master: int, seconds: float) -> int:
    """What comes within so long is read away; answers how many bytes."""
    end, count = time.monotonic() + seconds, 0
    while (left := end - time.monotonic()) > 0:
        if select.select([master], [], [], left)[0]:
            count += len(os.read(master, 65_536))
    return count


def _read_until(master: int, sign: bytes, process: subprocess.Popen[bytes]) -> None:
    """Until `sign` was written, or with an empty one until the process has closed its terminal."""
    seen, deadline = b"", time.monotonic() + START_WITHIN_S
    while not sign or sign not in seen:
        if time.monotonic() > deadline:
            raise RuntimeError(f"the console did not write {sign!r}: {seen[-400:]!r}")
        if select.select([master], [], [], 0.1)[0]:
            try:
                seen = seen[-4_096:] + os.read(master, 65_536)
            except OSError:  # EIO: the other end is closed
                if sign:
                    raise RuntimeError(f"the console ended: {seen[-400:]!r}") from None
                return
        elif not sign and process.poll() is not None:
            return
