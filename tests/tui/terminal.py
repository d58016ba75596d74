"""A program on a terminal of its own, as its user would have it: what it writes is read, keys are sent to it."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

START_WITHIN_S = 60.0


class Terminal:
    """`python -m dialer …` on a new pseudo-terminal, which is its controlling one. A context manager."""

    def __init__(self, *arguments: str, columns: int = 80, rows: int = 24, term: str = "xterm-256color") -> None:
        self._master, slave = pty.openpty()
        self._slave = slave  # kept open, so that what state it is left in can be read
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.modes_before = self.modes
        self.written = b""
        self.process = subprocess.Popen(
            [sys.executable, "-m", "dialer", *arguments],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=os.environ | {"TERM": term, "COLORTERM": "truecolor"},
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509 - no threads here
        )

    @property
    def modes(self) -> list[Any]:
        """The terminal's settings (termios)."""
        return termios.tcgetattr(self._slave)

    def send(self, keys: str) -> None:
        os.write(self._master, keys.encode())

    def read(self, seconds: float) -> int:
        """Read for so long what is written; answers how many bytes it was."""
        end, count = time.monotonic() + seconds, 0
        while (left := end - time.monotonic()) > 0:
            count += self._read_once(left)
        return count

    def read_until(self, sign: str, within_s: float = START_WITHIN_S) -> None:
        """Read until `sign` was written, since the last time it was waited for."""
        end = time.monotonic() + within_s
        while sign.encode() not in self.written:
            if time.monotonic() > end or self.process.poll() is not None:
                raise AssertionError(f"{sign!r} was not written: {self.written[-2_000:]!r}")
            self._read_once(0.1)
        self.written = self.written[self.written.index(sign.encode()) + len(sign.encode()) :]

    def wait(self, within_s: float = START_WITHIN_S) -> int:
        """The exit status; what is written meanwhile is read."""
        end = time.monotonic() + within_s
        while self.process.poll() is None:
            if time.monotonic() > end:
                raise AssertionError("it did not end")
            self._read_once(0.05)
        self.read(0.05)
        return self.process.returncode

    def hang_up(self) -> None:
        """The terminal goes away, as when its window is closed."""
        os.close(self._slave)
        os.close(self._master)
        self._slave = self._master = -1

    def cpu_s(self) -> float:
        """CPU time it has used: utime + stime of proc(5), all threads."""
        text = Path(f"/proc/{self.process.pid}/stat").read_text("ascii", "replace")
        fields = text.rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def _read_once(self, seconds: float) -> int:
        if not select.select([self._master], [], [], seconds)[0]:
            return 0
        data = os.read(self._master, 65_536)
        self.written = (self.written + data)[-262_144:]
        return len(data)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.kill()
        self.process.wait()
        if self._master >= 0:
            self.hang_up()
