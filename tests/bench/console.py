"""The console: the real process on a terminal of its own, asking a served floor once a second."""

from __future__ import annotations

import signal
import tempfile
import time
from pathlib import Path

from tests.bench.measure import Result, calibrate
from tests.tui.service import served
from tests.tui.terminal import Terminal

TARGET_SHARE = 12.0
COLUMNS, ROWS = 200, 50
SETTLE_S = 3.0
SCREENS = {"floor": "1", "agents": "2", "calls": "3"}


def bench(
    seconds: float = 60.0, agents: int = 100, calls: int = 300, screens: tuple[str, ...] = ("floor",)
) -> list[Result]:
    """CPU time of the process (all threads, user and system) as a share of one core; its start is not in it.
    `screens`: which are looked at, each for so long."""
    floor = ("--campaigns", "4", "--agents", str(agents), "--calls", str(calls))
    with tempfile.TemporaryDirectory(prefix="dialer-console-") as folder, served(Path(folder), *floor):
        return [_measure(Path(folder), screen, seconds) for screen in screens]


def _measure(home: Path, screen: str, seconds: float) -> Result:
    before_us = calibrate()
    with Terminal("console", "--home", str(home), columns=COLUMNS, rows=ROWS) as terminal:
        terminal.read_until("live")
        start_up_s = terminal.cpu_s()
        terminal.send(SCREENS[screen])
        terminal.read(SETTLE_S)
        before_s, start = terminal.cpu_s(), time.monotonic()
        written = terminal.read(seconds)
        took = time.monotonic() - start
        share = (terminal.cpu_s() - before_s) / took * 100.0
        terminal.process.send_signal(signal.SIGTERM)
        if terminal.wait() != 0:
            raise RuntimeError(f"the console ended with {terminal.process.returncode}")
    note = f"{COLUMNS}×{ROWS}, {written / took / 1024:.1f} KiB/s to the terminal; start-up {start_up_s:.2f} s CPU"
    calibration_us = (before_us + calibrate()) / 2
    name = f"console {screen}"
    return Result(name, share, "% of a core", TARGET_SHARE, None, "", calibration_us, round(took), note)
