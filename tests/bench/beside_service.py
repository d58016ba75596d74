"""`dialer run` as it is, which writes down how late it was: `python -m tests.bench.beside_service HOME SAMPLES`.

SAMPLES, when it has ended: a JSON object with, under each name, pairs of the moment (seconds UTC) and seconds.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from dialer.app.serve import Ready, run_service
from dialer.live.runner import LiveRunner
from dialer.live.service import LiveService
from dialer.ports.store import Answer, SaveAttempt, Write
from dialer.storage.writer import Writer

TICK_S = 0.01
Samples = dict[str, list[tuple[float, float]]]


def time_journal(samples: Samples) -> None:
    """From the engine's wish to save an attempt until the event loop is told that it is committed."""
    submit = Writer.submit

    def timed(self: Writer, write: Write, done: Callable[[Answer | Exception], None]) -> None:
        if not isinstance(write, SaveAttempt):
            submit(self, write, done)
            return
        asked = time.perf_counter()

        def answered(answer: Answer | Exception) -> None:
            samples["journal"].append((time.time(), time.perf_counter() - asked))
            done(answer)

        submit(self, write, answered)

    Writer.submit = timed  # type: ignore[method-assign]


def time_deadlines(samples: Samples) -> None:
    """From a deadline of the engine until it is woken for it."""
    wake = LiveRunner._wake

    def timed(self: Any) -> None:
        deadline, now = self._engine.next_deadline(), self._clock.now()
        if deadline is not None and deadline <= now:
            samples["lateness"].append((now, now - deadline))
        wake(self)

    LiveRunner._wake = timed  # type: ignore[method-assign]


def time_loop(samples: Samples) -> None:
    """What anything that happens may have to wait for the event loop: a timer each `TICK_S`."""
    start = LiveService.start

    async def timed(self: LiveService) -> tuple[str, ...]:
        def tick(due: float) -> None:
            samples["loop"].append((time.time(), max(0.0, loop.time() - due)))
            loop.call_later(TICK_S, tick, loop.time() + TICK_S)

        loop = asyncio.get_running_loop()
        tick(loop.time())
        return await start(self)

    LiveService.start = timed  # type: ignore[method-assign]


def main(home: Path, samples_file: Path) -> None:
    samples: Samples = {"journal": [], "lateness": [], "loop": []}
    time_journal(samples)
    time_deadlines(samples)
    time_loop(samples)

    def say(ready: Ready) -> None:
        print("ready", flush=True)

    run_service(home, on_ready=say)
    samples_file.write_text(json.dumps(samples))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
