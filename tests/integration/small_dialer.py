"""A dialer of a few lines, to be killed: a carrier with its ledger, and calls placed as the arguments say.

    python -m tests.integration.small_dialer dial HOME TRUNK_PORT MOMENT NUMBER…
    python -m tests.integration.small_dialer end HOME TRUNK_PORT [NUMBER]

Says one JSON array a line: where it listens, each event, and of `end` what became of the calls left behind.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import sys
import time
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

from dialer.engine.commands import CancelCall, HangUp, Originate
from dialer.engine.events import CallAnswered, CallEnded, CallProgress
from dialer.sip.call_notes import CallNote, DialogUp, InviteSent
from dialer.sip.identity import Identity
from dialer.sip.timers import SipTimers
from dialer.telephony.call_ledger import CallLedger, open_call_ledger
from dialer.telephony.carrier import SipCarrier
from dialer.telephony.carrier_opening import open_carrier
from dialer.telephony.media_process import start_media_process
from dialer.telephony.placed_calls import CallEvent, CarrierEvent
from dialer.trunks.trunk import Trunk
from tests.integration.floor import FIRST_PORT, HOST, KEY

TIMERS = SipTimers(t1_s=0.1, t2_s=0.4, t4_s=0.5)
MOMENTS = (
    "invite noted",  # and not sent
    "invite sent",
    "ringing",
    "cancel sent",
    "answer came",  # and not noted
    "answer noted",  # and not acknowledged
    "talking",
    "bye sent",
)


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def say(*words: object) -> None:
    os.write(1, json.dumps(words).encode() + b"\n")


def deadly(ledger: CallLedger, moment: str) -> None:
    """The process ends itself at a moment that nobody else could hit: between noting and sending."""
    really_keep = ledger.keep

    def keep(notes: Iterable[CallNote]) -> None:
        notes = tuple(notes)
        if moment == "answer came" and any(isinstance(note, DialogUp) for note in notes):
            die()
        really_keep(notes)
        if moment == "invite noted" and any(isinstance(note, InviteSent) for note in notes):
            die()
        if moment == "answer noted" and any(isinstance(note, DialogUp) for note in notes):
            die()

    ledger.keep = keep  # type: ignore[method-assign]


def place(carrier: SipCarrier, attempt_id: int, number: str) -> None:
    call_id = Identity(KEY).call_id(attempt_id)
    carrier.carry_out(Originate(attempt_id, call_id, number, "sim", "+4930231259"))


async def dial(home: Path, port: int, moment: str, numbers: list[str]) -> None:
    """Place the calls and die at the moment; nothing else ends it."""
    loop = asyncio.get_running_loop()
    ledger = open_call_ledger(home / "calls")
    deadly(ledger, moment)

    def on_event(event: CarrierEvent) -> None:
        if not isinstance(event, CallEvent):
            return
        say(type(event).__name__, event.attempt_id)
        if isinstance(event, CallProgress) and moment == "ringing":
            die()
        if isinstance(event, CallAnswered) and moment == "talking":
            die()
        if isinstance(event, CallProgress) and moment == "cancel sent":
            carrier.carry_out(CancelCall(event.attempt_id))
            loop.call_soon(die)  # what was asked for is sent before the loop gets there, and nothing read
        if isinstance(event, CallAnswered) and moment == "bye sent":
            carrier.carry_out(HangUp(event.attempt_id))
            loop.call_soon(die)

    carrier = await opened(ledger, port, on_event)
    await carrier.ready()
    say("listening", carrier.address[1])
    for attempt_id, number in enumerate(numbers, 1):
        place(carrier, attempt_id, number)
    if moment == "invite sent":
        asyncio.get_running_loop().call_soon(die)  # behind the INVITE, which leaves with the end of this turn
    await asyncio.Event().wait()


async def end(home: Path, port: int, numbers: list[str]) -> None:
    """End what was left while placing calls of its own, until these are over as well."""
    over = asyncio.Event()
    mine = set(range(1_001, 1_001 + len(numbers)))

    def on_event(event: CarrierEvent) -> None:
        if not isinstance(event, CallEvent):
            return
        say(type(event).__name__, event.attempt_id)
        if isinstance(event, CallEnded):
            mine.discard(event.attempt_id)
            over.set()

    carrier = await opened(open_call_ledger(home / "calls"), port, on_event)
    say("listening", carrier.address[1])
    ending = asyncio.create_task(carrier.hang_up_left())
    await carrier.ready()
    for attempt_id, number in zip(tuple(mine), numbers, strict=True):
        place(carrier, attempt_id, number)
    while mine:
        over.clear()
        await over.wait()
    report = await ending
    say("left", [[attempt_id, how.value] for attempt_id, how in report.ends])
    await carrier.close()


async def opened(ledger: CallLedger, port: int, post: Callable[[CarrierEvent], None]) -> SipCarrier:
    """A carrier with this ledger and one trunk."""
    return await open_carrier(
        host=HOST,
        port=0,
        trunks=[Trunk("sim", HOST, port)],
        open_media=partial(
            start_media_process,
            ports=(FIRST_PORT, FIRST_PORT + 398),
            rng=random.Random(1),
            monotonic=time.monotonic,
        ),
        key=KEY,
        post=post,
        monotonic=time.monotonic,
        timers=TIMERS,
        ledger=ledger,
    )


if __name__ == "__main__":
    task, folder, trunk_port, *rest = sys.argv[1:]
    if task == "dial":
        asyncio.run(dial(Path(folder), int(trunk_port), rest[0], rest[1:]))
    else:
        asyncio.run(end(Path(folder), int(trunk_port), rest))
