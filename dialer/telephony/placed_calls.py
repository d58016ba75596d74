"""The calls we placed: what the engine asks for, what the network makes of it, and what the engine is told.

    Originate ──► INVITE ──► CallProgress* ──► CallAnswered ──► CallEnded
        └──► CallFault (nothing left)   └──────────────────────────┘

Every originated attempt comes to exactly one `CallEnded` or `CallFault`, whatever the network does.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable
from pathlib import Path

import structlog

from campaigns.amd import AmdPolicy
from dialer.clock import SystemClock
from dialer.engine.commands import Originate
from dialer.engine.events import (
    AudioFlowing,
    BeepEnded,
    CallAnswered,
    CallEnded,
    CallFault,
    CallProgress,
    ContactHeld,
    Detected,
    MediaRoomChanged,
    ThirdAnswered,
    ThirdOver,
    TrunkFound,
)
from dialer.media import events as media
from dialer.ports.media import Media, NoMediaRoom
from dialer.sip.errors import LocalError, RemoteError
from dialer.sip.events import Accepted, AcceptedAfterCancel, Ended, Failed, Progress, Reoffered, TargetFailed
from dialer.sip.hop import shown
from dialer.sip.identity import Identity
from dialer.sip.sdes import OFFER_OCTETS, offered
from dialer.telephony.agent_lines import LineEvent
from dialer.telephony.call_audio import CallAudio
from dialer.telephony.call_orders import CallOrders
from dialer.telephony.contact_recordings import ContactRecordings, RecordingEvent
from dialer.telephony.contact_speech import ContactSpeech, SpeechEvent
from dialer.telephony.errors import NoSuchLeg, TelephonyError
from dialer.telephony.fault_log import CallLog
from dialer.telephony.final_response import retry_after_s
from dialer.telephony.hosts import Hosts
from dialer.telephony.measured_ends import MeasuredEnds
from dialer.telephony.placed_call import PlacedCall, audio_of
from dialer.telephony.routes import Routes
from dialer.telephony.signalling import Signalling
from dialer.telephony.trunk_invite import check_dialable, invite_over

log = structlog.wrap_logger(logging.getLogger("dialer.telephony"))

CallEvent = (
    CallProgress
    | CallAnswered
    | CallEnded
    | CallFault
    | Detected
    | BeepEnded
    | AudioFlowing
    | ContactHeld
    | SpeechEvent
    | RecordingEvent
)
CarrierEvent = CallEvent | MediaRoomChanged | TrunkFound | LineEvent | ThirdAnswered | ThirdOver
SipCallEvent = Progress | Accepted | AcceptedAfterCancel | Failed | Ended | Reoffered | TargetFailed

ALERTING = frozenset({180, 181, 182, 183})
RECORDINGS = Path("recordings")


class PlacedCalls:
    """`orders`: what may be wanted of a call that is up. `media` passes its events to `audio.on_media_event`.
    `public_host`: see `Hosts`. Whoever gives a command flushes the signalling afterwards."""

    def __init__(
        self,
        signalling: Signalling,
        media: Media,
        routes: Routes,
        identity: Identity,
        post: Callable[[CarrierEvent], None],
        public_host: str = "",
        recordings: Path = RECORDINGS,
        clock: Callable[[], float] | None = None,
    ) -> None:
        self.audio = CallAudio(
            media,
            self._audio_flows,
            self._audio_lost,
            self._room_changed,
            self._audio_measured,
            self._audio_heard,
            self._audio_silent,
            self._audio_held,
        )
        self.hung_up_silent = 0
        """Calls that were hung up because nothing came of the contact any more."""
        self.recordings = ContactRecordings(self.audio, post, recordings)
        self._ends = MeasuredEnds(self._tell_end)
        self.speech = ContactSpeech(self.audio, post, recordings, clock or SystemClock().now)
        self._signalling = signalling
        self._routes = routes
        self._identity = identity
        self._post = post
        self._hosts = Hosts(media.hosts, public_host)
        self._calls: dict[int, PlacedCall] = {}
        self._log = CallLog(self._calls)
        self.orders = CallOrders(self._calls, self.speech, self.recordings, self._log, self.give_up)
        self._closed = False
        self._emptied: asyncio.Event | None = None

    def __len__(self) -> int:
        """Calls that are not over."""
        return len(self._calls)

    # --- what the engine wants ----------------------------------------------------------------------------

    def place(self, command: Originate) -> None:
        """Never raises: `CallFault` says that nothing left."""
        attempt_id = command.attempt_id
        if attempt_id in self._calls:
            # The attempt's one end belongs to the call that is open.
            log.error("attempt is open already; not placed twice", attempt=attempt_id)
            return
        try:
            if self._closed:
                raise TelephonyError("the carrier is closed")
            route = self._routes.of(command.trunk)
            check_dialable(command)
            hops = self._routes.hops(command.trunk, self._signalling.now())
            host = self._hosts.facing(hops[0][0])
            audio_at = self._hosts.shown(host), self.audio.open_contact(attempt_id, host)
            crypto = offered(secrets.token_bytes(OFFER_OCTETS)) if route.trunk.srtp != "off" else ()
            order = invite_over(route, hops, command, self._identity, audio_at, crypto)
            required = route.trunk.srtp == "required"
            self._calls[attempt_id] = PlacedCall(command, host, crypto, srtp_required=required)
            self._signalling.core.invite(order, self._signalling.now())
        except (TelephonyError, LocalError, NoMediaRoom) as error:
            self._log.call_fault(command.trunk, "call could not be placed", command, error)
            self._forget(attempt_id)
            self._post(CallFault(attempt_id, str(error)))
        else:
            self._log.call(attempt_id, "placed", trunk=command.trunk, number=command.number)

    def give_up(self, attempt_id: int) -> None:
        """Cancel or hang up. Nothing happens when the call is over."""
        call = self._calls.get(attempt_id)
        if call is None:
            return
        now = self._signalling.now()
        call.given_up = True
        self._log.call(attempt_id, "hanging up" if call.answered else "cancelling")
        if call.answered:
            self._signalling.core.bye(attempt_id, now)
        else:
            self._signalling.core.cancel(attempt_id, now)

    # --- what the media tells -----------------------------------------------------------------------------

    def _audio_flows(self, attempt_id: int, latency_s: float) -> None:
        self._post(AudioFlowing(attempt_id, latency_s))

    def _audio_heard(self, attempt_id: int, said: media.Heard) -> None:
        call = self._calls.get(attempt_id)
        if call is None:
            return
        if said.failed:
            self._log.fault("media", "a call cannot be listened to", attempt=attempt_id, cause=said.cause)
            return
        self._log.call(attempt_id, "heard", verdict=said.verdict, cause=said.cause, at_s=said.at_s)
        detected = call.hear(said)
        if detected is not None:
            self._post(detected)

    def _audio_measured(self, attempt_id: int, figures: media.LegFigures) -> None:
        self._ends.tell(attempt_id, audio_of(figures))
        if figures.received or figures.sent:
            self._log.trace(
                "audio",
                attempt=attempt_id,
                received=figures.received,
                lost=figures.lost,
                jitter_ms=figures.max_jitter_ms,
                sent=figures.sent,
                far_lost=figures.far_lost,
                round_trip_ms=figures.round_trip_ms,
            )

    def _room_changed(self, calls: int, lost: bool) -> None:
        self._post(MediaRoomChanged(calls, lost))

    def _audio_lost(self, cause: str, attempts: tuple[int, ...]) -> None:
        """Whoever carried their audio has gone: nobody hears anybody any more."""
        self._log.fault("media", "the audio of calls was lost; they are hung up", calls=len(attempts), cause=cause)
        self._ends.tell_all()
        for attempt_id in attempts:
            self.give_up(attempt_id)
        self._signalling.flush()

    def _audio_held(self, attempt_id: int, on: bool) -> None:
        self._post(ContactHeld(attempt_id, on))

    def _audio_silent(self, attempt_id: int, seconds: float) -> None:
        """The contact's far end has gone without a BYE, or its audio does not reach us: nobody is there to talk
        to."""
        call = self._calls.get(attempt_id)
        if call is not None and not call.given_up:
            call.silent_s = seconds
            self.hung_up_silent += 1
            self.give_up(attempt_id)
            self._signalling.flush()

    # --- what the network does ----------------------------------------------------------------------------

    def on_sip_event(self, event: SipCallEvent, now: float) -> None:
        match event:
            case Progress():
                if event.key in self._calls and event.status in ALERTING:
                    self._log.call(event.key, "alerting", status=event.status)
                    self._hear_early(event)
                    self._post(CallProgress(event.key, event.status))
            case Accepted():
                self._accepted(event, now)
            case AcceptedAfterCancel():
                call = self._calls.get(event.key)
                if call is not None and not call.answered:
                    call.answered = call.given_up = True
                    self._log.call(event.key, "answered after cancelling")
                    self._post(CallAnswered(event.key))
            case Failed():
                self._failed(event)
            case Ended():
                self._ended(event)
            case Reoffered():
                self._moved(event)
            case TargetFailed():
                self._routes.failed(event.target, now, retry_after_s(event.status, event.headers))
                self._log.call(event.key, "next server", failed=shown(event.target), status=event.status)

    def _hear_early(self, event: Progress) -> None:
        call = self._calls[event.key]
        if not event.body or call.answered or call.given_up:
            return
        try:
            self.audio.hear_early(event.key, *call.session(event.body))
        except (RemoteError, NoSuchLeg) as error:
            self._log.call(event.key, "early media not heard", cause=str(error))

    def _accepted(self, event: Accepted, now: float) -> None:
        call = self._calls.get(event.key)
        if call is None or call.answered:
            return
        call.answered = True
        call.answered_at = now
        try:
            self._set_remote(event.key, call, event.body, now)
            call.audible = True
            if call.amd.policy is not AmdPolicy.OFF and not call.given_up:
                self.audio.look_for_machine(event.key, call.amd)
        except (RemoteError, NoSuchLeg) as error:
            # A person may have picked up, so this is an answer, though one we have to leave at once.
            call.fault = f"no usable audio: {error}"
            self._log.call_fault(call.trunk, "call was answered without usable audio", call, error)
        self._post(CallAnswered(event.key))
        if not call.audible or call.given_up:
            self.give_up(event.key)

    def _failed(self, event: Failed) -> None:
        call = self._calls.get(event.key)
        if call is None:
            return
        if event.unsent:
            self._log.call(event.key, "could not be sent")
            self._forget(event.key)
            fault = f"the INVITE could not be sent over trunk {call.trunk!r}; the log says why"
            self._post(CallFault(event.key, fault))
        else:
            self._over(call.refused(event))

    def _ended(self, event: Ended) -> None:
        call = self._calls.get(event.key)
        if call is not None:
            self._over(call.hung_up(event))

    def _moved(self, event: Reoffered) -> None:
        call = self._calls.get(event.key)
        if call is None or not call.audible:
            return
        call.crypto = event.crypto
        try:
            self._set_remote(event.key, call, event.body, call.answered_at)
        except (RemoteError, NoSuchLeg) as error:
            self._log.call_fault(call.trunk, "new session description ignored", call, error)

    def _set_remote(self, attempt_id: int, call: PlacedCall, body: bytes, answered_at: float) -> None:
        session, keys = call.session(body)
        self.audio.connect_contact(attempt_id, session, answered_at, keys)

    def _over(self, ended: CallEnded) -> None:
        attempt_id = ended.attempt_id
        self._log.call(attempt_id, "ended", by=ended.by, status=ended.status, q850=ended.q850)
        if self.audio.is_measured(attempt_id):
            self._ends.wait_for(ended)
            self._forget(attempt_id)
        else:
            self._forget(attempt_id)
            self._tell_end(ended)

    def _tell_end(self, ended: CallEnded) -> None:
        self._post(ended)
        self._look_whether_all_over()

    def _forget(self, attempt_id: int) -> None:
        self._calls.pop(attempt_id, None)
        self.audio.close_contact(attempt_id)
        self._look_whether_all_over()

    def _look_whether_all_over(self) -> None:
        if not self._calls and not self._ends and self._emptied is not None:
            self._emptied.set()

    # --- the end ------------------------------------------------------------------------------------------

    def give_up_all(self) -> None:
        for attempt_id in tuple(self._calls):
            self.give_up(attempt_id)

    async def all_over(self, timeout_s: float) -> None:
        """Returns when no call is open any more, at the latest after `timeout_s` seconds."""
        if not self._calls and not self._ends:
            return
        self._emptied = asyncio.Event()
        try:
            async with asyncio.timeout(timeout_s):
                await self._emptied.wait()
        except TimeoutError:
            log.warning("calls did not end in time", calls=len(self._calls), within_s=timeout_s)
        finally:
            self._emptied = None

    def cut(self) -> int:
        """Whatever is still open is over, by the dialer, whether or not the far end knows; how many were."""
        left = tuple(self._calls.values())
        for call in left:
            self._over(call.cut())
        self._ends.tell_all()
        return len(left)

    def close(self) -> None:
        """As `cut`, and no call can be placed any more."""
        self._closed = True
        self.cut()
