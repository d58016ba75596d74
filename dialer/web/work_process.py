"""One piece of long work, in a process of its own (`dialer.web.worker`)."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import Callable

import structlog
from pydantic import ValidationError

from dialer.web.work import Order, Said

log = structlog.get_logger("dialer.web")

LINE_LIMIT = 16 * 1024 * 1024
END_WITHIN_S = 5.0


async def carry_out(order: Order, progress: Callable[[Said], None]) -> tuple[Said, int]:
    """The last thing that its process said, a result or a fault, and its exit status. `progress` is told how far
    it is. Cancelled, it ends the process."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "dialer.web.worker",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=LINE_LIMIT,
        start_new_session=True,  # Ctrl-C on the service's terminal is the service's to deal with
    )
    try:
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("the worker was started without pipes")
        process.stdin.write(order.model_dump_json().encode())
        process.stdin.close()
        said = Said()
        async for line in process.stdout:
            try:
                said = Said.model_validate_json(line)
            except ValidationError:
                log.warning("a worker said something that is no answer", kind=order.work.kind, size=len(line))
                continue
            if said.done is not None:
                progress(said)
        return said, await process.wait()
    finally:
        await _end(process)


async def _end(process: asyncio.subprocess.Process) -> None:
    """Ask it to end, then make it."""
    if process.returncode is not None:
        return
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
    try:
        async with asyncio.timeout(END_WITHIN_S):
            await process.wait()
    except TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
