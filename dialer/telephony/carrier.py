"""The carrier side over SIP: calls over trunks, trunks that are asked and registered with, phones that register
with us, all of one user agent.

The engine's commands go in, its events come out (`placed_calls`). `left_calls` ends what a process before this one
left up.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import structlog

from dialer.engine.commands import (
    CallThird,
    CancelCall,
    CarrierCommand,
    HangUp,
    Hush,
    Join,
    Originate,
    PauseRecording,
    Speak,
    StartRecording,
)
from dialer.engine.events import CallEnded, TrunkFound
from dialer.ports.media import Media, MediaEvent
from dialer.sip.call_notes import CallNote
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
from dialer.sip.hop import Hop
from dialer.sip.identity import Identity
from dialer.telephony.agent_lines import AgentLines
from dialer.telephony.call_folders import CallFolders
from dialer.telephony.call_ledger import CallLedger
from dialer.telephony.guests import Guests
from dialer.telephony.hosts import Hosts
from dialer.telephony.left_calls import LeftCalls, LeftCallsReport
from dialer.telephony.phone_calls import FIRST_PHONE_KEY, PhoneCalls
from dialer.telephony.phones import Phones
from dialer.telephony.placed_calls import CarrierEvent, PlacedCalls
from dialer.telephony.probing import Probes
from dialer.telephony.prompt_desk import PromptDesk
from dialer.telephony.prompts import PromptShelf
from dialer.telephony.registrations import Registrations, Standing
from dialer.telephony.routes import Routes
from dialer.telephony.signalling import Signalling
from dialer.telephony.udp import Address
from dialer.trunks.trunk import Trunk

log = structlog.wrap_logger(logging.getLogger("dialer.telephony"))

PHONES_END_WITHIN_S = 1.0
"""T1, and as much again: nobody waits for them, and what has not ended is in the ledger for who comes after."""

LEFT_WITHIN_S = 33.0
"""64*T1 of the usual timers, and a second: what has not been answered by then never will be."""


class SipCarrier:
    """`post` gets the engine's events, in the loop's thread. `signalling` passes its events to `on_sip_event`,
    `media` to `on_media_event`. `ledger`: where calls are written down, closed with the carrier.
    `folders`: of the home that this is started in, if none are named. `carrier_opening.open_carrier` puts one
    together."""

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
        folders: CallFolders | None = None,
    ) -> None:
        folders = folders or CallFolders.of_home(Path())
        self._sip_counters = sip_counters if sip_counters is not None else {}
        self._post = post
        self._calls = PlacedCalls(signalling, media, routes, identity, self._tell, public_host, folders.recordings)
        self.audio = self._calls.audio
        self.prompts = PromptDesk(PromptShelf(folders.made), folders.prompts, media.tell)
        self._media = media
        self._signalling = signalling
        self._ledger = ledger
        self._routes = routes
        self._phones = phones or Phones("", (), bytes(16), signalling.now, signalling.now)
        self._phone_calls = PhoneCalls(signalling, self._phones, routes, identity, Hosts(media.hosts, public_host))
        self.lines = AgentLines(self._phone_calls, self._phones, self.audio, post, signalling.now)
        self.guests = Guests(self._phone_calls, self.audio, self._hang_up, self.lines.contact_over, self._post)
        self._fresh: asyncio.Task[None] | None = None
        self._left = LeftCalls(signalling, self._keep, routes.credentials_at)
        self.probes = Probes(signalling, routes)
        self._registrations = Registrations(signalling, routes)
        self._closed = False

    @property
    def open_calls(self) -> int:
        return len(self._calls)

    @property
    def address(self) -> Address:
        """Where our user agent listens."""
        return self._signalling.address

    @property
    def counters(self) -> dict[str, int]:
        """What was counted since the start: `sip_…` as of `UserAgent.counters`, `rtp_…` as of `Media.counters`,
        `rtp_hung_up_silent`: calls that were hung up because nothing came of the contact."""
        sip = {f"sip_{name}": count for name, count in self._sip_counters.items()}
        rtp = {f"rtp_{name}": count for name, count in self._media.counters.items()}
        return sip | rtp | {"rtp_hung_up_silent": self._calls.hung_up_silent}

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

    def new_key(self) -> int:
        """The number of a call to a third party that is going to be placed."""
        return self._phone_calls.new_key()

    def now(self) -> float:
        """The moment, as everything here counts it."""
        return self._signalling.now()

    def registration_of(self, trunk: str) -> Standing | None:
        """How it stands with a trunk that wants us registered; None for any other."""
        return self._registrations.of(trunk)

    def passed_over(self, trunk: str) -> tuple[tuple[Hop, float, bool], ...]:
        """As `Routes.passed_over`."""
        return self._routes.passed_over(trunk, self.now())

    def unresolved(self) -> dict[str, str]:
        """As `Routes.unresolved`. That one of them has been found is posted."""
        return self._routes.unresolved()

    def _found(self, trunk: str) -> None:
        self.register()
        self._post(TrunkFound(trunk, ""))

    def keep_names_fresh(self) -> None:
        """Look trunks' hosts up again when DNS says so, until `close`."""
        if self._fresh is None:
            self._fresh = asyncio.get_running_loop().create_task(self._routes.keep_fresh(self._found))

    async def hang_up_left(self, within_s: float = LEFT_WITHIN_S) -> LeftCallsReport:
        """Cancel or hang up the calls that the ledger says a process before this one left up. Dialing need not
        wait for it. To be called once."""
        left = self._ledger.left if self._ledger is not None else ()
        return await self._left.end(left, within_s)

    def _keep(self, notes: list[CallNote]) -> None:
        if self._ledger is not None:
            self._ledger.keep(notes)

    # --- the engine's commands ----------------------------------------------------------------------------

    def carry_out(self, command: CarrierCommand) -> None:
        """Never raises for what the network or the machine does: that comes as an event. A command for a call
        that is over is ignored, for commands cross events."""
        match command:
            case Originate():
                self._calls.place(command)
            case CancelCall() | HangUp():
                self._calls.give_up(command.attempt_id)
            case Join():
                self._calls.orders.join(command, self.lines.join)
            case Speak():
                self._calls.orders.speak(command)
            case StartRecording() | PauseRecording():
                self._calls.orders.record(command)
            case Hush():
                self._calls.orders.hush(command)
            case CallThird():
                self.guests.consult_outside(command)
        self._signalling.flush_soon()

    def _hang_up(self, attempt_id: int) -> None:
        self._calls.give_up(attempt_id)
        self._signalling.flush()

    def _tell(self, event: CarrierEvent) -> None:
        if isinstance(event, CallEnded):
            self.lines.contact_over(event.attempt_id)
            self.guests.contact_over(event.attempt_id)
        self._post(event)

    # --- what the media tells -----------------------------------------------------------------------------

    def on_media_event(self, event: MediaEvent) -> None:
        """Called with everything that the media port posts."""
        self.audio.on_media_event(event)
        self._calls.speech.on_media_event(event)
        self._calls.recordings.on_media_event(event)
        self.prompts.on_media_event(event)

    # --- what the network does ----------------------------------------------------------------------------

    def on_sip_event(self, event: SipEvent, now: float) -> None:
        """Called by the endpoint for each event of the user agent."""
        match event:
            case (
                Progress() | Accepted() | AcceptedAfterCancel() | Failed() | Ended() | Reoffered() | TargetFailed()
            ):
                if event.key >= FIRST_PHONE_KEY:
                    self._phone_calls.on_sip_event(event)
                else:
                    self._calls.on_sip_event(event, now)
            case LeftCallOver():
                self._left.over(event)
            case Probed():
                self.probes.answered(event)
            case Registered() | RegistrationFailed() | Unregistered():
                self._registrations.on_event(event, now)
            case BindingsChanged():
                self._phones.changed()
                self.lines.registered(event.name)
            case AnsweredLate():
                log.info("a call given up before was answered; hung up at once", call_id=event.call_id)
            case _:
                log.debug("not ours", event_kind=type(event).__name__)

    # --- the end ------------------------------------------------------------------------------------------

    async def hang_up_all(self, timeout_s: float) -> int:
        """Cancel or hang up every call and wait for their ends, at most `timeout_s` seconds. How many did not
        come to an end by themselves; these are ended here, with `CallEnded` by the dialer."""
        self._calls.give_up_all()
        self._signalling.flush()
        await self._calls.all_over(timeout_s)
        return self._calls.cut()

    async def close(self) -> None:
        """Hang up what is open, and close every socket. Phones and third parties are given a moment to answer, so
        that a lost BYE is sent once more. May be called twice."""
        if self._closed:
            return
        self._closed = True
        self._calls.give_up_all()
        self.lines.close()
        await self._phone_calls.close(PHONES_END_WITHIN_S)
        self._registrations.stop()
        self._signalling.flush()
        self.probes.close()
        self._calls.close()
        self._signalling.close()
        self.audio.close()
        await self._media.close()
        if self._ledger is not None:
            self._ledger.close()
        if self._fresh is not None:
            self._fresh.cancel()
            await asyncio.gather(self._fresh, return_exceptions=True)
        await self._signalling.wait_closed()
