"""What a benchmark reports, and the machine it ran on."""

from __future__ import annotations

import os
import platform
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

CALIBRATION_LOOPS = 3_000


@dataclass(frozen=True, slots=True)
class Result:
    """`figure` in `unit`, of our process. `target`: what issue 2 asks for, None where it asks for nothing. `peer`:
    the same figure of something that does only what cannot be avoided (`peer_name`), measured in the same run.
    `calibration_us`: the machine's speed while it ran, see `calibrate`. `higher_is_better`: of the figure."""

    name: str
    figure: float
    unit: str
    target: float | None
    peer: float | None
    peer_name: str
    calibration_us: float
    count: int
    note: str = ""
    higher_is_better: bool = False

    @property
    def ratio(self) -> float | None:
        """Figure over peer."""
        return None if not self.peer else self.figure / self.peer

    def as_dict(self) -> dict[str, object]:
        return {**asdict(self), "ratio": self.ratio}

    def __str__(self) -> str:
        words = [f"{self.name}: {self.figure:.4g} {self.unit}"]
        if self.target is not None:
            words.append(f"target {'≥' if self.higher_is_better else '≤'} {self.target:g}")
        if self.peer is not None:
            words.append(f"{self.peer_name} {self.peer:.4g} (×{self.ratio or 0.0:.2f})")
        words.append(f"calibration {self.calibration_us:.1f} µs, {self.count} times")
        return ", ".join(words) + (f"\n    {self.note}" if self.note else "")


def calibrate() -> float:
    """Microseconds of `sum(range(1000))` now, by CPU time: runs of different days and machines compare by it."""
    start = time.process_time()
    for _ in range(CALIBRATION_LOOPS):
        sum(range(1000))
    return (time.process_time() - start) / CALIBRATION_LOOPS * 1e6


class Stopwatch:
    """CPU seconds of this process (user and system, all threads), with the calibration around them."""

    def __init__(self) -> None:
        self._before_us = calibrate()
        self._start = time.process_time()
        self.cpu_s = 0.0
        self.calibration_us = self._before_us

    def stop(self) -> float:
        """Seconds since it was made."""
        self.cpu_s = time.process_time() - self._start
        self.calibration_us = (self._before_us + calibrate()) / 2
        return self.cpu_s


def machine() -> dict[str, object]:
    """Where and when."""
    return {
        "cpu": _cpu_model(),
        "cores": os.cpu_count(),
        "kernel": platform.release(),
        "python": platform.python_version(),
        "date": datetime.now(UTC).isoformat(timespec="minutes"),
        "load": [round(value, 2) for value in os.getloadavg()],
    }


def _cpu_model() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return platform.processor()
    return next(
        (line.partition(":")[2].strip() for line in text.splitlines() if line.startswith("model name")), "?"
    )


_SCHED_CLOCK = 2
"""To the nanosecond (clock_getcpuclockid(3), as Linux numbers its clocks); /proc counts in hundredths."""


def cpu_s(pid: int) -> float:
    """CPU seconds of a process of ours until now: user and system, all its threads."""
    return time.clock_gettime(~pid << 3 | _SCHED_CLOCK)


def resident_mb(pid: int) -> float:
    """Memory of a process of ours."""
    pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1024**2
