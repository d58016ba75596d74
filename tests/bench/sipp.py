"""SIPp as the callee of a benchmark: its own `uas` scenario, which answers everything at once, or one of ours."""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

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
    port, control = _free_ports(2)
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


def _free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        socks = [stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) for _ in range(count)]
        for sock in socks:
            sock.bind((HOST, 0))
        return [int(sock.getsockname()[1]) for sock in socks]


def _wait_until_bound(port: int, process: subprocess.Popen[bytes]) -> None:
    """SIPp says nothing when it is ready; the kernel's table does."""
    wanted = f":{port:04X} "
    give_up_at = time.monotonic() + READY_WITHIN_S
    while wanted not in Path("/proc/net/udp").read_text(encoding="ascii"):
        if process.poll() is not None or time.monotonic() > give_up_at:
            raise RuntimeError("sipp did not start")
        time.sleep(0.02)
