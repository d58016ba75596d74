"""One campaign dialed live: engine, carrier, journal and floor put together, from start to the last record."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Iterable, Sequence

from dialer.clock import Clock, monotonic
from dialer.engine.commands import (
    CampaignEnded,
    CloseAttempt,
    Command,
    Notice,
    NotifyAgent,
    SaveAgentTime,
)
from dialer.engine.engine import Engine
from dialer.engine.events import CampaignOpened, CutRequested, DrainRequested, Event
from dialer.live.floor_view import FloorView, FloorWatcher
from dialer.live.runner import LiveRunner
from dialer.ports.store import Journal
from dialer.sip.identity import Identity
from dialer.telephony.carrier import SipCarrier, open_carrier
from dialer.telephony.port_pool import PortPool
from dialer.telephony.udp import Address
from dialer.trunks.trunk import Trunk

CUT_WITHIN_S = 10.0
"""After a cut, calls that do not end by themselves are ended here after this long."""

SETTLE_S = 60.0
"""And the campaign's last records are awaited at most this long (the engine tries failed writes again)."""


class LiveSession:
    """A running campaign. `open_session` makes one; it starts dialing at `start`, and `close` lets go of all."""

    def __init__(self, opened: CampaignOpened, engine: Engine, clock: Clock) -> None:
        self._opened = opened
        self._engine = engine
        self._clock = clock
        self._ended = asyncio.Event()
        self._agent_listeners: list[Callable[[NotifyAgent], None]] = []
        self._floor = FloorWatcher(opened.campaign.name)
        self._runner: LiveRunner | None = None
        self._carrier: SipCarrier | None = None

    @property
    def campaign(self) -> str:
        return self._opened.campaign.name

    @property
    def reason(self) -> str:
        """Why the campaign ended; empty while it runs."""
        return "" if self._floor.ended is None else self._floor.ended.reason

    @property
    def notices(self) -> Sequence[Notice]:
        return self._floor.notices

    @property
    def carrier(self) -> SipCarrier:
        if self._carrier is None:
            raise RuntimeError("the session is not open")
        return self._carrier

    def connect(self, runner: LiveRunner, carrier: SipCarrier) -> None:
        """Join the two halves that need each other."""
        self._runner, self._carrier = runner, carrier

    def listen(self, listener: Callable[[NotifyAgent], None]) -> None:
        """Tell `listener` every change of an agent's state."""
        self._agent_listeners.append(listener)

    def post(self, event: Event) -> None:
        """Tell the engine something, in the event loop's thread."""
        if self._runner is not None:
            self._runner.post(event)

    def look(self) -> FloorView:
        """The floor at this moment."""
        return self._floor.look(self._engine, self._clock.now())

    # --- life ---------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Begin dialing."""
        self.post(self._opened)

    def drain(self) -> None:
        """No new calls; those in progress finish."""
        if not self.reason:
            self.post(DrainRequested(self.campaign))

    def cut(self) -> None:
        """Hang up everything now, and record it."""
        if not self.reason:
            self.post(CutRequested(self.campaign))

    async def ended(self, timeout_s: float | None) -> bool:
        """Wait until the campaign has ended and its records are committed; False when that took longer."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._ended.wait()
        except TimeoutError:
            return False
        return True

    async def finish(self, drain_s: float) -> bool:
        """Drain for at most `drain_s`, then cut, then wait for the last records. True when all is on record."""
        self.drain()
        if await self.ended(drain_s):
            return True
        self.cut()
        if await self.ended(CUT_WITHIN_S):
            return True
        await self.carrier.hang_up_all(CUT_WITHIN_S)
        return await self.ended(SETTLE_S)

    async def close(self) -> None:
        """Let go of sockets and timers. Calls still open are hung up without waiting."""
        if self._carrier is not None:
            await self._carrier.close()
        if self._runner is not None:
            self._runner.close()

    # --- what the runner tells ----------------------------------------------------------------------------

    def agent_changed(self, change: NotifyAgent) -> None:
        self._floor.agent_changed(change)
        for listener in self._agent_listeners:
            listener(change)

    def notice(self, notice: Notice) -> None:
        self._floor.notice(notice)

    def campaign_ended(self, ended: CampaignEnded) -> None:
        self._floor.campaign_ended(ended)
        self._ended.set()

    def on_record(self, saved: CloseAttempt | SaveAgentTime) -> None:
        self._floor.on_record(saved)


async def open_session(
    opened: CampaignOpened,
    *,
    trunks: Iterable[Trunk],
    journal: Journal,
    next_attempt_id: int,
    key: bytes,
    clock: Clock,
    listen: Address,
    media_ports: tuple[int, int],
    seed: int,
    log_event: Callable[[Event, float, list[Command]], None] | None = None,
) -> LiveSession:
    """Open the SIP side and join everything; nothing is dialed before `LiveSession.start`.

    `journal` must answer in this loop's thread. `key`: the installation's secret. `listen`: our SIP address,
    RTP uses the same host. `seed`: for SSRCs. Raises `AddressUnavailable`, `HostUnresolved`.
    """
    trunks = tuple(trunks)
    engine = Engine(trunks, next_attempt_id=next_attempt_id, call_id_of=Identity(key).call_id)
    session = LiveSession(opened, engine, clock)
    carrier = await open_carrier(
        host=listen[0],
        port=listen[1],
        trunks=trunks,
        ports=PortPool(*media_ports),
        key=key,
        post=session.post,
        monotonic=monotonic,
        rng=random.Random(seed),
    )
    session.connect(LiveRunner(engine, carrier, journal, session, clock, log_event=log_event), carrier)
    return session
