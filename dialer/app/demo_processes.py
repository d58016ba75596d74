"""What the demo runs beside itself: the simulated carrier, and the console on the terminal."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from dialer.errors import EnvironmentFault

HOST = "127.0.0.1"
CARRIER_READY_WITHIN_S = 30.0
CARRIER_ENDS_WITHIN_S = 5.0
CONSOLE_ENDS_WITHIN_S = 5.0


class Console:
    """`dialer console` on the terminal, a process of its own, over the demo's control socket. It leaves by itself
    when the service ends, so the block lasts longer than the service."""

    def __init__(self) -> None:
        self._left: asyncio.Task[None] | None = None
        self._process: asyncio.subprocess.Process | None = None

    async def open(self, home: Path, ends_at: float, on_left: Callable[[], None]) -> None:
        """Show it. `ends_at`: seconds UTC, when the demo stops dialing; `on_left`: somebody left it before."""
        process = self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "dialer", "console", "--home", str(home)),
            *("--until-service-ends", "--ends-at", f"{ends_at:.3f}"),
        )

        async def until_left() -> None:
            await process.wait()
            on_left()

        self._left = asyncio.create_task(until_left())

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._left is None or self._process is None:
            return
        try:
            async with asyncio.timeout(CONSOLE_ENDS_WITHIN_S):
                await asyncio.shield(self._left)
        except TimeoutError:
            self._process.terminate()
            await self._left


@contextlib.asynccontextmanager
async def carrier(population: Path, seed: int, log: Path) -> AsyncIterator[tuple[str, int]]:
    """The simulated carrier as a process of its own, as a carrier would be. Yields its SIP address."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "sim_trunk", "--listen", f"{HOST}:0", "--json", "--seed", str(seed)),
        *("--population", str(population), "--log", str(log), "--until-stdin-closes"),
        stdin=asyncio.subprocess.PIPE,  # nothing is written there: it closes with us, however we end
        stdout=asyncio.subprocess.PIPE,
        # Ctrl-C on the terminal is for us: the carrier has to stay until our calls have ended.
        start_new_session=True,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
    )
    try:
        yield await _address(process)
    finally:
        if process.returncode is None:
            process.terminate()
            try:
                async with asyncio.timeout(CARRIER_ENDS_WITHIN_S):
                    await process.wait()
            except TimeoutError:
                process.kill()
                await process.wait()


async def _address(process: asyncio.subprocess.Process) -> tuple[str, int]:
    if process.stdout is None:
        raise EnvironmentFault("the simulated carrier has no output to read")
    try:
        async with asyncio.timeout(CARRIER_READY_WITHIN_S):
            line = await process.stdout.readline()
        ready = json.loads(line)
        return str(ready["host"]), int(ready["port"])
    except (TimeoutError, ValueError, KeyError) as error:
        raise EnvironmentFault("the simulated carrier did not start; its own message is above") from error
