"""Places calls over SIP trunks and joins them with agents' lines: the engine's commands in, its events out.

    Originate ──► INVITE ──► CallProgress* ──► CallAnswered ──► CallEnded
        └──► CallFault (nothing left)   └──────────────────────────┘

Every originated attempt comes to exactly one `CallEnded` or `CallFault`, whatever the network does. What a process
before this one left up is ended by `left_calls.py`.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable, Iterable, Mapping

import structlog

from campaigns.record import EndedBy
from dialer.engine.commands import CancelCall, HangUp, Join, Originate
from dialer.engine.events import AudioFlowing, CallAnswered, CallEnded, CallFault, CallProgress, MediaRoomChanged
from dialer.media.events import LegFigures
from dialer.ports.media import Media, MediaEvent, NoMediaRoom
from dialer.sip import sdp
from dialer.sip.call_notes import CallNote
from dialer.sip.errors import LocalError, MalformedSdp, RemoteError
from dialer.sip.events import (
    Accepted,
    AcceptedAfterCancel,
    AnsweredLate,
    BindingsChanged,
    Ended,
    Failed,
    LeftCallOver,
    Probed,
    Progress,
    Registered,
    RegistrationFailed,
    Reoffered,
    SipEvent,
    TargetFailed,
    Unregistered,
)
from dialer.sip.hop import STREAMS, bracketed, shown
from dialer.sip.identity import Identity
from dialer.sip.order import ANONYMOUS, InviteOrder, identity_headers
from dialer.sip.timers import SipTimers
from dialer.sip.user_agent import UserAgent
from dialer.telephony.call_audio import CallAudio
from dialer.telephony.call_ledger import CallLedger
from dialer.telephony.errors import NoSuchLeg, TelephonyError
from dialer.telephony.fault_log import FaultLog
from dialer.telephony.final_response import moved_to, retry_after_s
from dialer.telephony.left_calls import LeftCalls, LeftCallsReport
from dialer.telephony.names import Names
from dialer.telephony.phones import Phones
from dialer.telephony.probing import Probes
from dialer.telephony.registrations import Registrations, Standing
from dialer.telephony.routes import Routes, resolve_routes
from dialer.telephony.signalling import Signalling
from dialer.telephony.sip_side import SipSide, open_endpoint
from dialer.telephony.udp import Address
from dialer.trunks.trunk import Trunk

log = structlog.wrap_logger(logging.getLogger("dialer.telephony"))

CallEvent = CallProgress | CallAnswered | CallEnded | CallFault | AudioFlowing
CarrierEvent = CallEvent | MediaRoomChanged

ALERTING = frozenset({180, 181, 182, 183})
BY_CALLEE = frozenset({486, 600, 603, 607})
"""Refusals that a person or their phone speaks; every other final status is the network's."""


LEFT_WITHIN_S = 33.0
"""64*T1 of the usual timers, and a second: what has not been answered by then never will be."""

_DIALABLE = re.compile(r"[+0-9A-Za-z*._~-]+")


class _Call:
    """`answered`: a 200 was seen. `given_up`: we want it to end. `audible`: its audio can be joined."""

    __slots__ = ("answered", "answered_at", "audible", "call_id", "given_up", "trunk")

    def __init__(self, call_id: str, trunk: str) -> None:
        self.call_id = call_id
        self.trunk = trunk
        self.answered = False
        self.given_up = False
        self.audible = False
        self.answered_at = 0.0


class SipCarrier:
    """`post` gets the engine's events, in the loop's thread. `signalling` passes its events to `on_sip_event`,
    `media` to `audio.on_media_event`.
    `ledger`: where calls are written down, closed with the carrier. `open_carrier` puts one together."""

    def __init__(
        self,
        signalling: Signalling,
        media: Media,
        routes: Routes,
        identity: Identity,
        post: Callable[[CarrierEvent], None],
        ledger: CallLedger | None = None,
        sip_counters: Mapping[str, int] | None = None,
        public_host: str = "",
        phones: Phones | None = None,
    ) -> None:
        self._sip_counters = sip_counters if sip_counters is not None else {}
        self.audio = CallAudio(
            media, self._audio_flows, self._audio_lost, self._room_changed, self._audio_measured
        )
        self._media = media
        self._signalling = signalling
        self._ledger = ledger
        self._routes = routes
        self._public_host = public_host
        self._phones = phones
        self._fresh: asyncio.Task[None] | None = None
        self._left = LeftCalls(signalling, self._keep, self._routes.credentials_at)
        self.probes = Probes(signalling, self._routes)
        self._registrations = Registrations(signalling, routes)
        self._faults = FaultLog()
        self._identity = identity
        self._post = post
        self._calls: dict[int, _Call] = {}
        self._closed = False
        self._emptied: asyncio.Event | None = None

    @property
    def open_calls(self) -> int:
        return len(self._calls)

    @property
    def address(self) -> Address:
        """Where our user agent listens."""
        return self._signalling.address

    @property
    def counters(self) -> dict[str, int]:
        """What was counted since the start: `sip_…` as of `UserAgent.counters`, `rtp_…` as of `Media.counters`."""
        sip = {f"sip_{name}": count for name, count in self._sip_counters.items()}
        return sip | {f"rtp_{name}": count for name, count in self._media.counters.items()}

    async def ready(self) -> None:
        """Returns when the audio of calls can be carried; those left behind can be ended before. Raises
        `NoMediaRoom` when it never will be."""
        await self._media.ready()

    async def set_trunks(self, trunks: Iterable[Trunk]) -> None:
        """Place calls over these trunks and no others from now on. Calls in progress go on, over a trunk that is
        no more as well. Raises `HostUnresolved`, then nothing has changed."""
        await self._routes.set_trunks(trunks)
        self.register()

    def register(self) -> None:
        """Register with the trunks that want it."""
        self._registrations.follow()
        self._signalling.flush()

    @property
    def registrations(self) -> tuple[Standing, ...]:
        """How it stands with the trunks that want us registered."""
        return self._registrations.standings

    def keep_names_fresh(self) -> None:
        """Look trunks' hosts up again when DNS says so, until `close`."""
        if self._fresh is None:
            self._fresh = asyncio.get_running_loop().create_task(self._routes.keep_fresh())

    async def hang_up_left(self, within_s: float = LEFT_WITHIN_S) -> LeftCallsReport:
        """Cancel or hang up the calls that the ledger says a process before this one left up. Dialing need not
        wait for it. To be called once."""
        left = self._ledger.left if self._ledger is not None else ()
        return await self._left.end(left, within_s)

    def _keep(self, notes: list[CallNote]) -> None:
        if self._ledger is not None:
            self._ledger.keep(notes)

    # --- the engine's commands ----------------------------------------------------------------------------

    def carry_out(self, command: Originate | CancelCall | HangUp | Join) -> None:
        """Never raises for what the network or the machine does: that comes as an event. A command for a call
        that is over is ignored, for commands cross events."""
        match command:
            case Originate():
                self._originate(command)
            case CancelCall() | HangUp():
                self._give_up(command.attempt_id)
            case Join():
                self._join(command)
        self._signalling.flush()

    def _originate(self, command: Originate) -> None:
        attempt_id = command.attempt_id
        if attempt_id in self._calls:
            # The attempt's one end belongs to the call that is open.
            log.error("attempt is open already; not placed twice", attempt=attempt_id)
            return
        try:
            if self._closed:
                raise TelephonyError("the carrier is closed")
            order = self._order(command)
            self._calls[attempt_id] = _Call(command.call_id, command.trunk)
            self._signalling.core.invite(order, self._signalling.now())
        except (TelephonyError, LocalError, NoMediaRoom) as error:
            self._faults.fault(
                command.trunk,
                "call could not be placed",
                attempt=attempt_id,
                call_id=command.call_id,
                cause=str(error),
            )
            self._forget(attempt_id)
            self._post(CallFault(attempt_id, str(error)))
        else:
            self._trace(attempt_id, "placed", trunk=command.trunk, number=command.number)

    def _order(self, command: Originate) -> InviteOrder:
        route = self._routes.of(command.trunk)
        for text in (command.number, command.caller_id):
            if not _DIALABLE.fullmatch(text):
                raise TelephonyError(f"{text!r} cannot be the user part of a SIP URI")
        trunk, attempt_id = route.trunk, command.attempt_id
        port = self.audio.open_contact(attempt_id)
        hops = self._routes.hops(trunk.name, self._signalling.now())
        target = f"sip:{command.number}@{trunk.place}"
        if trunk.transport in STREAMS:
            target += f";transport={trunk.transport}"
        own_host = self._public_host or self.audio.host
        domain = trunk.from_domain or bracketed(own_host)
        caller = f"sip:{command.caller_id}@{domain}"
        return InviteOrder(
            key=attempt_id,
            call_id=command.call_id,
            from_tag=self._identity.tag(attempt_id),
            branch=self._identity.branch(attempt_id),
            request_uri=target,
            from_uri=ANONYMOUS if command.withhold else caller,
            to_uri=target,
            destination=hops[0],
            body=sdp.offer(own_host, port, attempt_id),
            credentials=route.credentials,
            extra_headers=identity_headers(
                caller, asserted=trunk.asserted_identity, withhold=command.withhold, domain=domain
            ),
            session_expires_s=trunk.session_expires_s,
            alternatives=hops[1:],
            tcp_when_large=not trunk.transport,
        )

    def _give_up(self, attempt_id: int) -> None:
        call = self._calls.get(attempt_id)
        if call is None:
            return
        now = self._signalling.now()
        call.given_up = True
        self._trace(attempt_id, "hanging up" if call.answered else "cancelling")
        if call.answered:
            self._signalling.core.bye(attempt_id, now)
        else:
            self._signalling.core.cancel(attempt_id, now)

    def _join(self, command: Join) -> None:
        call = self._calls.get(command.attempt_id)
        if call is None or call.given_up:
            return
        try:
            if not call.audible:
                raise NoSuchLeg(f"attempt {command.attempt_id} has no audio")
            self.audio.join(command.attempt_id, command.agent_id)
        except NoSuchLeg as error:
            # Nobody would hear anybody: better an honest end than a call in silence.
            self._faults.fault(
                command.agent_id,
                "cannot join a call with an agent",
                attempt=command.attempt_id,
                call_id=call.call_id,
                agent=command.agent_id,
                cause=str(error),
            )
            self._give_up(command.attempt_id)

    # --- what the media tells -----------------------------------------------------------------------------

    def _audio_flows(self, attempt_id: int, latency_s: float) -> None:
        self._post(AudioFlowing(attempt_id, latency_s))

    def _audio_measured(self, attempt_id: int, figures: LegFigures) -> None:
        if figures.received or figures.sent:
            self._faults.trace(
                "audio",
                attempt=attempt_id,
                received=figures.received,
                lost=figures.lost,
                jitter_ms=figures.max_jitter_ms,
                sent=figures.sent,
                far_lost=figures.far_lost,
                round_trip_ms=figures.round_trip_ms,
            )

    def _room_changed(self, calls: int) -> None:
        self._post(MediaRoomChanged(calls))

    def _audio_lost(self, cause: str, attempts: tuple[int, ...]) -> None:
        """Whoever carried their audio has gone: nobody hears anybody any more."""
        self._faults.fault(
            "media", "the audio of calls was lost; they are hung up", calls=len(attempts), cause=cause
        )
        for attempt_id in attempts:
            self._give_up(attempt_id)
        self._signalling.flush()

    # --- what the network does ----------------------------------------------------------------------------

    def on_sip_event(self, event: SipEvent, now: float) -> None:
        """Called by the endpoint for each event of the user agent."""
        match event:
            case Progress():
                if event.key in self._calls and event.status in ALERTING:
                    self._trace(event.key, "alerting", status=event.status)
                    self._post(CallProgress(event.key, event.status))
            case Accepted():
                self._accepted(event, now)
            case AcceptedAfterCancel():
                call = self._calls.get(event.key)
                if call is not None and not call.answered:
                    call.answered = call.given_up = True
                    self._trace(event.key, "answered after cancelling")
                    self._post(CallAnswered(event.key))
            case Failed():
                self._failed(event)
            case Ended():
                self._ended(event)
            case Reoffered():
                self._moved(event)
            case TargetFailed():
                self._routes.failed(event.target, now)
                self._trace(event.key, "next server", failed=shown(event.target), status=event.status)
            case LeftCallOver():
                self._left.over(event)
            case Probed():
                self.probes.answered(event)
            case Registered() | RegistrationFailed() | Unregistered():
                self._registrations.on_event(event, now)
            case BindingsChanged():
                if self._phones is not None:
                    self._phones.changed()
            case AnsweredLate():
                log.info("a call given up before was answered; hung up at once", call_id=event.call_id)
            case _:
                log.debug("not ours", event_kind=type(event).__name__)

    def _accepted(self, event: Accepted, now: float) -> None:
        call = self._calls.get(event.key)
        if call is None or call.answered:
            return
        call.answered = True
        call.answered_at = now
        try:
            self._set_remote(event.key, event.body, now)
            call.audible = True
        except (RemoteError, NoSuchLeg) as error:
            # A person may have picked up, so this is an answer, though one we have to leave at once.
            self._faults.fault(
                call.trunk,
                "call was answered without usable audio",
                attempt=event.key,
                call_id=call.call_id,
                cause=str(error),
            )
        self._post(CallAnswered(event.key))
        if not call.audible or call.given_up:
            self._give_up(event.key)

    def _failed(self, event: Failed) -> None:
        call = self._calls.get(event.key)
        if call is None:
            return
        if event.unsent:
            self._trace(event.key, "could not be sent")
            self._forget(event.key)
            fault = f"the INVITE could not be sent over trunk {call.trunk!r}; the log says why"
            self._post(CallFault(event.key, fault))
            return
        status = None if event.timeout else event.status
        if call.given_up and status in (None, 487):
            by = EndedBy.DIALER
        else:
            by = EndedBy.CALLEE if status in BY_CALLEE else EndedBy.NETWORK
        self._over(
            event.key,
            by,
            status,
            event.q850,
            cause_by=event.cause_by,
            retry_after_s=retry_after_s(status, event.headers),
            moved_to=moved_to(status, event.headers),
        )

    def _ended(self, event: Ended) -> None:
        call = self._calls.get(event.key)
        if call is None:
            return
        by_callee = event.by_remote and not call.given_up
        self._over(event.key, EndedBy.CALLEE if by_callee else EndedBy.DIALER, None, event.q850)

    def _moved(self, event: Reoffered) -> None:
        call = self._calls.get(event.key)
        if call is None or not call.audible:
            return
        try:
            self._set_remote(event.key, event.body, call.answered_at)
        except (RemoteError, NoSuchLeg) as error:
            self._faults.fault(
                call.trunk,
                "new session description ignored",
                attempt=event.key,
                call_id=call.call_id,
                cause=str(error),
            )

    def _set_remote(self, attempt_id: int, body: bytes, answered_at: float) -> None:
        media = sdp.parse(body)
        if (":" in media.address) != (":" in self.audio.host):
            raise MalformedSdp(f"audio at {media.address}, and ours is at {self.audio.host}: not one IP version")
        self.audio.connect_contact(attempt_id, media, answered_at)

    def _over(
        self,
        attempt_id: int,
        by: EndedBy,
        status: int | None,
        q850: int | None,
        *,
        cause_by: str = "",
        retry_after_s: float | None = None,
        moved_to: str = "",
    ) -> None:
        self._trace(attempt_id, "ended", by=by.value, status=status, q850=q850)
        self._forget(attempt_id)
        ended = CallEnded(
            attempt_id,
            by.value,
            status,
            q850,
            cause_by=cause_by,
            retry_after_s=retry_after_s,
            moved_to=moved_to,
        )
        self._post(ended)

    def _forget(self, attempt_id: int) -> None:
        self._calls.pop(attempt_id, None)
        self.audio.close_contact(attempt_id)
        if not self._calls and self._emptied is not None:
            self._emptied.set()

    def _trace(self, attempt_id: int, event: str, **more: object) -> None:
        if (call := self._calls.get(attempt_id)) is not None:
            self._faults.trace(event, attempt=attempt_id, call_id=call.call_id, **more)

    # --- the end ------------------------------------------------------------------------------------------

    async def hang_up_all(self, timeout_s: float) -> int:
        """Cancel or hang up every call and wait for their ends, at most `timeout_s` seconds. How many did not
        come to an end by themselves; these are ended here, with `CallEnded` by the dialer."""
        for attempt_id in tuple(self._calls):
            self._give_up(attempt_id)
        self._signalling.flush()
        if self._calls:
            self._emptied = asyncio.Event()
            try:
                async with asyncio.timeout(timeout_s):
                    await self._emptied.wait()
            except TimeoutError:
                log.warning("calls did not end in time", calls=len(self._calls), within_s=timeout_s)
            finally:
                self._emptied = None
        return self._cut()

    async def close(self) -> None:
        """Hang up what is open, without waiting for answers, and close every socket. May be called twice."""
        if self._closed:
            return
        for attempt_id in tuple(self._calls):
            self._give_up(attempt_id)
        self._registrations.stop()
        self._signalling.flush()
        self._closed = True
        self.probes.close()
        self._cut()
        self._signalling.close()
        self.audio.close()
        await self._media.close()
        if self._ledger is not None:
            self._ledger.close()
        if self._fresh is not None:
            self._fresh.cancel()
            await asyncio.gather(self._fresh, return_exceptions=True)
        await self._signalling.wait_closed()

    def _cut(self) -> int:
        left = tuple(self._calls)
        for attempt_id in left:
            self._over(attempt_id, EndedBy.DIALER, None, None)
        return len(left)


OpenMedia = Callable[[str, Callable[[MediaEvent], None]], Media]
"""Starts whoever carries the audio, on a host, with somebody to tell what happens."""


async def open_carrier(
    *,
    host: str,
    port: int,
    trunks: Iterable[Trunk],
    open_media: OpenMedia,
    key: bytes,
    post: Callable[[CarrierEvent], None],
    monotonic: Callable[[], float],
    timers: SipTimers | None = None,
    ledger: CallLedger | None = None,
    side: SipSide | None = None,
    names: Names | None = None,
    phones: Phones | None = None,
) -> SipCarrier:
    """A carrier that speaks SIP on `host`:`port`, with the audio of `open_media` on the same host. Port 0: see
    `open_endpoint`.

    `key`: the installation's secret, 16 to 64 octets. `monotonic`: seconds. `ledger`: where calls are written
    down; after opening, `SipCarrier.hang_up_left` ends those found in it. `side`: what besides UDP. `names`:
    who looks hosts up. `phones`: agents' phones, which may register here. Raises `AddressUnavailable`,
    `HostUnresolved`, `CertificateUnusable`, `MediaUnavailable`."""
    side = side or SipSide()
    names = names or Names(ipv6=":" in host)
    routes = await resolve_routes(trunks, names)
    carrier: SipCarrier | None = None

    def on_event(event: SipEvent, now: float) -> None:
        if carrier is not None:  # before, no call can be ours
            carrier.on_sip_event(event, now)

    def on_media_event(event: MediaEvent) -> None:
        if carrier is not None:
            carrier.audio.on_media_event(event)

    def make_core(local: Address, listening: Mapping[str, Address]) -> UserAgent:
        return UserAgent(
            local,
            timers=timers,
            key=key,
            takes_notes=ledger is not None,
            listening=listening,
            registrar=phones.registrar if phones is not None else None,
        )

    endpoint = await open_endpoint(host, port, side, make_core, on_event, monotonic, ledger)
    try:
        media = open_media(endpoint.address[0], on_media_event)  # a name would go into our offers
    except TelephonyError:
        endpoint.close()
        raise
    carrier = SipCarrier(
        endpoint,
        media,
        Routes(routes, names),
        Identity(key),
        post,
        ledger,
        endpoint.core.counters,
        public_host=side.public_host,
        phones=phones,
    )
    carrier.keep_names_fresh()
    carrier.register()
    return carrier
