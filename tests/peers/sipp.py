"""Runs SIPp as the other end of our trunk, on loopback, and reads what it saw."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

from tests.peers.ports import free_ports, listens

HOST = "127.0.0.1"
SCENARIOS = Path(__file__).parent / "scenarios"
LIMIT_S = 20.0
_BLOCK = re.compile(r"(?:UDP|TCP) message (sent|received) .*?\n\n(.*?)(?=\n-{20,}|\Z)", re.DOTALL)


@dataclass
class Sipp:
    """One run. `port`: its SIP port. `messages` once it has ended."""

    port: int
    process: asyncio.subprocess.Process
    folder: Path

    async def succeeds(self) -> None:
        """It ends by itself, with every call as its scenario wants it."""
        async with asyncio.timeout(LIMIT_S):
            status = await self.process.wait()
        assert status == 0, f"SIPp ended with {status}:\n{self._text('errors')}\n{self._text('messages')}"

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until its log of messages satisfies the condition."""
        async with asyncio.timeout(LIMIT_S):
            while not condition():
                await asyncio.sleep(0.01)

    def messages(self, direction: str, start: str) -> list[str]:
        """Messages it sent or received whose first line begins so, in order, retransmissions included."""
        return [
            text.lstrip()
            for way, text in _BLOCK.findall(self._text("messages"))
            if way == direction and text.lstrip().startswith(start)
        ]

    def _text(self, name: str) -> str:
        path = self.folder / name
        return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""


def header(message: str, name: str) -> str:
    """First value of a header; fails when there is none."""
    found = re.search(rf"^{name}:\s*(.*?)\s*$", message, re.MULTILINE | re.IGNORECASE)
    assert found is not None, f"no {name} in\n{message}"
    return found[1]


def branch(message: str) -> str:
    """Branch of the top Via."""
    found = re.search(r"branch=([^;\s]+)", header(message, "Via"))
    assert found is not None
    return found[1]


@contextlib.asynccontextmanager
async def sipp(
    folder: Path, *arguments: str, calls: int = 1, host: str = HOST, kind: str = "udp"
) -> AsyncIterator[Sipp]:
    """SIPp with these arguments (a scenario, keys, a target), ended at the latest with the block. `kind`: which of
    the kernel's tables of sockets will show that it listens."""
    port, control, media = free_ports(3)
    process = await asyncio.create_subprocess_exec(
        "sipp",
        *arguments,
        *("-i", host, "-p", str(port), "-mi", host, "-mp", str(media)),
        *("-ci", HOST, "-cp", str(control)),
        *("-m", str(calls), "-nostdin", "-timeout", f"{LIMIT_S:g}", "-timeout_error", "-deadcall_wait", "0"),
        *("-trace_msg", "-message_file", str(folder / "messages")),
        *("-trace_err", "-error_file", str(folder / "errors")),
        cwd=folder,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        await _listening(port, process, kind)
        yield Sipp(port, process, folder)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def scenario(name: str) -> tuple[str, str]:
    """Arguments that choose one of our scenario files."""
    return "-sf", str(SCENARIOS / f"{name}.xml")


def refusing(folder: Path, status: int, cause: str) -> tuple[str, str]:
    """Arguments for the scenario that refuses so. SIPp wants the status in the file, not as a key."""
    text = (SCENARIOS / "refuse.xml").read_text(encoding="utf-8")
    path = folder / "refuse.xml"
    path.write_text(text.replace("[status]", str(status)).replace("[cause]", cause), encoding="utf-8")
    return "-sf", str(path)


def answering_late(folder: Path, after_s: float) -> tuple[str, str]:
    """Arguments for the scenario that answers what was cancelled, so long after the CANCEL."""
    text = (SCENARIOS / "answer_after_cancel.xml").read_text(encoding="utf-8")
    answer = '<send retrans="500">'
    assert text.count(answer) == 1
    path = folder / "answer_late.xml"
    path.write_text(text.replace(answer, f'<pause milliseconds="{after_s * 1e3:.0f}"/>{answer}'), encoding="utf-8")
    return "-sf", str(path)


async def _listening(port: int, process: asyncio.subprocess.Process, kind: str) -> None:
    """Until the kernel shows that the port listens: SIPp says nothing when it is ready."""
    async with asyncio.timeout(LIMIT_S):
        while process.returncode is None and not listens(port, kind):
            await asyncio.sleep(0.01)
