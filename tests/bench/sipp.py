"""SIPp as the callee of a benchmark: its own `uas` scenario, which answers everything at once, or one of ours."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.peers.ports import free_ports, listens

HOST = "127.0.0.1"
SCENARIOS = Path(__file__).parent / "scenarios"
READY_WITHIN_S = 10.0
ENDS_WITHIN_S = 5.0


def is_installed() -> bool:
    return shutil.which("sipp") is not None


@contextlib.contextmanager
def uas(scenario: str = "") -> Iterator[tuple[str, int]]:
    """A callee for as long as the block lasts; yields its address. `scenario`: a file of ours, `busy` or
    `ringing`."""
    port, control = free_ports(2)
    told = ("-sf", str(SCENARIOS / f"{scenario}.xml")) if scenario else ("-sn", "uas")
    with tempfile.TemporaryDirectory() as folder:
        process = subprocess.Popen(
            [
                *("sipp", *told, "-i", HOST, "-p", str(port), "-ci", HOST, "-cp", str(control)),
                *("-nostdin", "-nd", "-deadcall_wait", "0", "-buff_size", "4000000"),
                *("-watchdog_interval", "0"),  # it would end itself on a busy machine
            ],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            _wait_until_bound(port, process)
            yield HOST, port
            if process.poll() is not None:
                raise RuntimeError(f"sipp ended before the benchmark did: status {process.returncode}")
        finally:
            process.terminate()
            try:
                process.wait(ENDS_WITHIN_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait_until_bound(port: int, process: subprocess.Popen[bytes]) -> None:
    """SIPp says nothing when it is ready; the kernel's table does."""
    give_up_at = time.monotonic() + READY_WITHIN_S
    while not listens(port, "udp"):
        if process.poll() is not None or time.monotonic() > give_up_at:
            raise RuntimeError("sipp did not start")
        time.sleep(0.02)
