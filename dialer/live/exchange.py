"""The exchange: engine, carrier and journal joined, from the opened SIP side until the last record is written."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import structlog

from dialer.clock import Clock, monotonic
from dialer.engine.commands import Command
from dialer.engine.engine import Engine
from dialer.engine.events import Event
from dialer.errors import EnvironmentFault
from dialer.live.reloading import line_rules_of, phones_of, sip_side_of
from dialer.live.runner import LiveRunner
from dialer.live.stopping import Stopping
from dialer.live.watch import FloorWatch
from dialer.ports.store import Journal
from dialer.settings import Settings
from dialer.telephony.call_folders import CallFolders
from dialer.telephony.call_ledger import CallLedger, open_call_ledger
from dialer.telephony.carrier import SipCarrier
from dialer.telephony.carrier_opening import open_carrier
from dialer.telephony.line_sounds import make_line_sounds
from dialer.telephony.media_process import start_media_process
from dialer.telephony.phones import Phones
from dialer.trunks.trunk import Trunk

_log = structlog.wrap_logger(logging.getLogger("dialer.live"))

LEDGER_NAME = "open-calls"
"""Beside the database: the calls that are open, for whoever comes after a kill."""


PHONES_NAME = "phones"
"""Beside it: where agents' phones are that register with us."""

SOUNDS_NAME = "sounds"
"""And what they hear besides people."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """`watch`: told what the engine says to people. `stopping`: how it ends."""

    ledger: CallLedger
    carrier: SipCarrier
    phones: Phones
    watch: FloorWatch
    runner: LiveRunner
    stopping: Stopping

    async def hang_up_left(self) -> None:
        """Calls that a killed process left at the carrier, while this one dials already."""
        if self.ledger.left:
            report = await self.carrier.hang_up_left()
            _log.warning("calls left behind by the process before", ends=str(report))

    def give_up(self) -> None:
        """What the engine knows is out of date: it is asked nothing any more, so that nothing is dialed; what is
        up is hung up by `stopping`."""
        self.runner.close()
        self.stopping.give_up()

    async def close(self) -> None:
        """Let go of sockets and timers. Calls still open are hung up without waiting."""
        await self.carrier.close()
        self.runner.close()
        self.ledger.close()


async def open_exchange(
    home: Path,
    settings: Settings,
    trunks: Iterable[Trunk],
    engine: Engine,
    journal: Journal,
    watch: FloorWatch,
    clock: Clock,
    *,
    key: bytes,
    rng: random.Random,
    post: Callable[[Event], None],
    look_at_clock: Callable[[], Event | None],
    log_event: Callable[[Event, float, list[Command]], None] | None,
) -> Exchange:
    """Open the SIP side. `post` must come to `LiveRunner.post` of the answer; what happens before there is one is
    nobody's. `key`: see `open_carrier`. Raises `AddressUnavailable`, `LedgerUnavailable`, `MediaUnavailable`,
    `EnvironmentFault`."""
    ledger = open_call_ledger(home / LEDGER_NAME)
    try:
        sounds = await asyncio.to_thread(make_line_sounds, home / SOUNDS_NAME, settings.hold_music)
    except OSError as error:
        ledger.close()
        raise EnvironmentFault(f"{home / SOUNDS_NAME} cannot be written to: {error.strerror}") from error
    realm = settings.sip.public_address or settings.sip_listen.host
    phones = Phones(
        realm,
        phones_of(settings),
        key,
        monotonic,
        clock.now,
        home / PHONES_NAME,
        md5_only=settings.sip.phones_md5_only,
    )
    try:
        carrier = await open_carrier(
            host=settings.sip_listen.host,
            port=settings.sip_listen.port,
            trunks=trunks,
            open_media=partial(start_media_process, ports=settings.media_ports, rng=rng, monotonic=monotonic),
            key=key,
            post=post,
            monotonic=monotonic,
            ledger=ledger,
            side=sip_side_of(settings),
            phones=phones,
            folders=CallFolders.of_home(home),
        )
    except BaseException:
        ledger.close()
        raise
    carrier.audio.contact_silent_s = settings.contact_silent_s
    carrier.lines.rules = line_rules_of(settings)
    carrier.audio.use_sounds(sounds)
    runner = LiveRunner(engine, carrier, journal, watch, clock, look_at_clock=look_at_clock, log_event=log_event)
    return Exchange(ledger, carrier, phones, watch, runner, Stopping(engine.state, carrier, post))
