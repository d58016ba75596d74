"""`python -m sim_trunk`: the simulated SIP trunk alone (the same as `dialer carrier`)."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import signal
import sys
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any, TextIO

from dialer.clock import SystemClock
from dialer.telephony.errors import TelephonyError
from dialer.telephony.udp import Address
from sim_trunk.call_log import CallLog
from sim_trunk.callee import Plans
from sim_trunk.errors import SimTrunkError
from sim_trunk.population import load_population
from sim_trunk.server import SimulatedCarrier
from sim_trunk.utterances import Tones, Voices

DEFAULT_LISTEN = "127.0.0.1:5080"


def parse_listen(text: str) -> Address:
    """`HOST:PORT`, port 0 to 65535. Raises argparse.ArgumentTypeError."""
    host, colon, port = text.rpartition(":")
    if not colon or not host or not port.isascii() or not port.isdigit() or int(port) > 65_535:
        raise argparse.ArgumentTypeError(f"{text!r} is not HOST:PORT, such as {DEFAULT_LISTEN}")
    return host, int(port)


def parser() -> argparse.ArgumentParser:
    """The options, shared with `dialer carrier`."""
    options = argparse.ArgumentParser(
        prog="dialer carrier", description="A simulated SIP trunk: real SIP and RTP, invented people."
    )
    options.add_argument(
        "--listen",
        type=parse_listen,
        default=parse_listen(DEFAULT_LISTEN),
        metavar="HOST:PORT",
        help=f"SIP over UDP; port 0 takes any free one (default {DEFAULT_LISTEN})",
    )
    options.add_argument(
        "--population", type=Path, metavar="FILE", help="who answers when (default: the bundled one)"
    )
    options.add_argument("--seed", type=int, default=0, help="the same seed meets the same people (default 0)")
    options.add_argument("--log", type=Path, metavar="FILE", help="append one line of JSON per call")
    options.add_argument(
        "--max-calls", type=int, default=2_000, help="503 beyond so many open calls (default 2000)"
    )
    options.add_argument(
        "--until-stdin-closes",
        action="store_true",
        help="end with the other end of the pipe that is its standard input: with whoever started it",
    )
    options.add_argument("--json", action="store_true", help="say where it listens as one JSON document")
    return options


async def run_carrier(
    listen: Address,
    plans: Plans,
    *,
    stop: asyncio.Event,
    seed: int,
    log_path: Path | None,
    ready: Callable[[Address], None],
    max_calls: int,
    voices: Voices,
) -> None:
    """The carrier until `stop` is set. `ready` is told the bound address. `log_path`: the log is appended to.
    Raises `AddressUnavailable`, OSError for a log that cannot be written."""
    rng = random.Random(seed)
    stream: TextIO | None = None if log_path is None else log_path.open("a", encoding="utf-8")
    try:
        carrier = SimulatedCarrier(
            *listen,
            plans,
            CallLog(stream),
            key=rng.randbytes(32),
            rng=rng,
            clock=SystemClock(),
            max_calls=max_calls,
            voices=voices,
        )
        try:
            ready(carrier.address)
            await stop.wait()
        finally:
            carrier.close()
    finally:
        if stream is not None:
            stream.close()


def main(argv: Sequence[str] | None = None) -> int:
    """Run until SIGTERM or SIGINT. Exit status 0, or 2 for wrong input."""
    args = parser().parse_args(argv)
    try:
        plans = load_population(args.population, args.seed)
        voices = _voices(plans.spec.greetings, args.seed)
    except (SimTrunkError, OSError) as error:
        print(error, file=sys.stderr)
        return 2

    def ready(address: Address) -> None:
        if args.json:
            said = {
                "listening": f"{address[0]}:{address[1]}",
                "host": address[0],
                "port": address[1],
                "seed": args.seed,
            }
            print(json.dumps(said), flush=True)
        else:
            print(f"simulated carrier listening on {address[0]}:{address[1]} (SIP over UDP)", flush=True)

    async def serve() -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stop.set)
        if args.until_stdin_closes:
            loop.add_reader(sys.stdin, _read_to_the_end, stop.set)
        await run_carrier(
            args.listen,
            plans,
            stop=stop,
            seed=args.seed,
            log_path=args.log,
            ready=ready,
            max_calls=args.max_calls,
            voices=voices,
        )

    try:
        _run(serve)
    except (TelephonyError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def _read_to_the_end(at_end: Callable[[], None]) -> None:
    if not os.read(sys.stdin.fileno(), 4_096):
        at_end()


def _voices(greetings: bool, seed: int) -> Voices:
    """Raises `NoSpeech`."""
    if not greetings:
        return Tones()
    from sim_trunk.spoken import Greetings  # with all that makes sound of texts

    return Greetings(seed)


def _run(main: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """On uvloop where it is installed: half the cost of the audio."""
    try:
        import uvloop
    except ImportError:
        asyncio.run(main())
        return
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main())


if __name__ == "__main__":
    sys.exit(main())
