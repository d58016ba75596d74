"""The simulated carrier on the wire: real SIP and RTP, every call played by its `CallPlan`.

What the plan means for the wire is in `callee.py`, shared with the twin; here are the sockets, the timers, and
the quirks that only exist on a wire (a lost ACK, BYEs that cross, a network that never answers).
"""

from __future__ import annotations

import asyncio
import logging
import random
import secrets

from dialer.clock import Clock, monotonic
from dialer.sip import sdp
from dialer.sip.errors import MalformedMessage, RemoteError
from dialer.sip.events import Acked, Cancelled, Ended, Incoming, Reoffered, SipEvent
from dialer.sip.message import Request, parse_message
from dialer.sip.sdes import OFFER_OCTETS, agreed, offered
from dialer.sip.timers import SipTimers
from dialer.sip.user_agent import UserAgent
from dialer.telephony.endpoint import SipEndpoint
from dialer.telephony.errors import AddressUnavailable
from dialer.telephony.udp import Address
from sim_trunk.call_log import CallLog, EndedWith, HungUpBy
from sim_trunk.call_sound import CallSound
from sim_trunk.callee import (
    REFUSED_BY_CALLEE,
    Plans,
    Quirk,
    Step,
    cancel_step,
    heard_end_s,
    invite_steps,
    unheard_end_s,
)
from sim_trunk.callee_audio import AudioFloor
from sim_trunk.reception import Call, Reception
from sim_trunk.utterances import Tones, Voices

log = logging.getLogger("sim_trunk")

NO_ANSWER = 19
NO_CIRCUIT = 34
"""Q.850: no answer from the user alerted; no circuit or channel available."""

RINGS_AT_MOST_S = 300.0
"""Then the network gives up, as a proxy's timer C does (RFC 3261 § 16.6: more than three minutes). Callers that
vanish without CANCEL would fill the carrier for good."""


MEDIA_TIMEOUT_S = 60.0
"""An answered call whose caller sends no audio for so long is ended, as session border controllers do."""

LOOKS = 4
"""Looks at a call's audio within the time-out."""


class SimulatedCarrier:
    """Listens on `host`:`port` (0: any) until closed. `max_calls`: beyond so many open calls, 503. `clock`: for
    the log and the population's hours. `media_timeout_s`: a caller silent for so long, and up to a quarter longer,
    is hung up on. `voices`: what is said; tones unless given. Raises `AddressUnavailable`."""

    def __init__(
        self,
        host: str,
        port: int,
        plans: Plans,
        call_log: CallLog,
        *,
        key: bytes,
        rng: random.Random,
        clock: Clock,
        timers: SipTimers | None = None,
        max_calls: int = 2_000,
        media_timeout_s: float = MEDIA_TIMEOUT_S,
        voices: Voices | None = None,
    ) -> None:
        self._log = call_log
        self._clock = clock
        self._max_calls = max_calls
        self._look_every_s = media_timeout_s / LOOKS
        self._loop = asyncio.get_running_loop()
        self._calls: dict[int, Call] = {}
        self._reception = Reception(
            plans, call_log, clock, (timers or SipTimers()).timeout_s, lambda call: call.key in self._calls
        )
        self._ack_losers: dict[str, None] = {}
        self._closed = False
        self._endpoint = SipEndpoint(
            host,
            port,
            lambda local: UserAgent(
                local,
                timers=timers,
                product="rightparty simulated carrier",
                contact_user="carrier",
                auto_terminate_cancelled=False,
                key=key,
                accept_calls=True,
            ),
            self._on_event,
            monotonic,
            intercept=self._intercept,
        )
        self._audio = AudioFloor(self.address[0], rng)
        self._sound = CallSound(self._audio, voices or Tones(), self._heard)

    @property
    def address(self) -> Address:
        return self._endpoint.address

    @property
    def open_calls(self) -> int:
        return len(self._calls)

    @property
    def open_audio(self) -> int:
        return self._audio.open_count

    def close(self) -> None:
        """Every socket and timer closed; calls still open are logged as ended by nobody. May be called twice."""
        if self._closed:
            return
        self._closed = True
        for call in tuple(self._calls.values()):
            self._finish(call, HungUpBy.NOBODY, None)
        self._endpoint.close()
        self._audio.close()

    # --- before the user agent: what a network does to signalling ------------------------------------------

    def _intercept(self, data: bytes, source: Address, now: float) -> bool:
        """Whether the user agent shall see a datagram."""
        method = data[:4]
        if method == b"INVI" or (method == b"ACK " and self._ack_losers) or method == b"BYE ":
            try:
                request = parse_message(data)
                call_id = request.call_id.decode("utf-8", "replace")
                if isinstance(request, Request) and request.broken_by is None:
                    return self._let_through(request, call_id, now)
            except MalformedMessage:
                return True  # the user agent answers it, or counts it
        return True

    def _let_through(self, request: Request, call_id: str, now: float) -> bool:
        if request.method == b"INVITE":
            call = self._reception.find(call_id)
            if call is None and not request.to_tag:
                call = self._reception.meet(request, call_id, now)
            if call is not None and not request.to_tag:
                self._count(call, request.branch)
            return call is None or call.plan.quirk is not Quirk.NO_RESPONSE
        if request.method == b"ACK":
            lost = call_id in self._ack_losers
            self._ack_losers.pop(call_id, None)
            return not lost
        call = self._reception.find(call_id)
        if call is not None and call.plan.quirk is Quirk.BYE_CROSSING and call.key in self._calls:
            self._hang_up(call)  # ours leaves before theirs is answered
        return True

    def _count(self, call: Call, branch: bytes) -> None:
        is_over = call.plan.quirk is Quirk.NO_RESPONSE or (call.key and call.key not in self._calls)
        if call.count_invite(branch) and is_over and call.entry.invites > 1:
            self._log.write(call.entry)  # its line is out already; placed again, it needs another

    # --- the user agent's events ----------------------------------------------------------------------------

    def _on_event(self, event: SipEvent, now: float) -> None:
        if isinstance(event, Incoming):
            self._incoming(event)
            return
        call = self._calls.get(event.key) if isinstance(event, Cancelled | Acked | Ended | Reoffered) else None
        if call is None:
            return
        match event:
            case Cancelled():
                self._stop_timers(call)
                call.cause = EndedWith.CANCEL
                self._play(call, cancel_step(call.plan), HungUpBy.CALLER)
                call.cause = None
            case Acked():
                self._acked(call, event.body)
            case Ended():
                self._ended(call, event)
            case Reoffered():
                call.crypto = event.crypto
                self._sound.moved(call, event.body)

    def _incoming(self, event: Incoming) -> None:
        call = self._reception.find(event.call_id)
        if call is None:
            self._endpoint.core.reject(event.key, 503, self._endpoint.now(), NO_CIRCUIT)
            return
        if call.key:
            # The same Call-ID once more is a call on its way twice (RFC 3261 §8.2.2.2).
            self._endpoint.core.reject(event.key, 482, self._endpoint.now())
            return
        call.key = event.key
        full = len(self._calls) >= self._max_calls
        self._calls[event.key] = call
        try:
            if event.body:
                call.offer = sdp.parse(event.body)
                call.entry.sdp = f"{call.offer.address}:{call.offer.port}"
                call.crypto = offered(secrets.token_bytes(OFFER_OCTETS)) if call.offer.crypto else ()
                agreed(call.crypto, call.offer.crypto, required=call.offer.secure)
        except RemoteError as error:
            log.warning("call %s: %s", event.call_id, error)
            self._play(call, Step(0.0, 488), HungUpBy.NETWORK)
            return
        if full:
            self._play(call, Step(0.0, 503, NO_CIRCUIT), HungUpBy.NETWORK)
            return
        give_up = Step(RINGS_AT_MOST_S, 480, NO_ANSWER)
        for step in (*invite_steps(call.plan), give_up):
            by = HungUpBy.CALLEE if step.status in REFUSED_BY_CALLEE else HungUpBy.NETWORK
            call.timers.append(self._loop.call_later(step.after_s, self._play_later, call, step, by))

    def _play_later(self, call: Call, step: Step, by: HungUpBy) -> None:
        self._play(call, step, by)
        self._endpoint.flush()

    def _play(self, call: Call, step: Step, by: HungUpBy) -> None:
        """Send one response. `by`: who ends the call, if it ends it."""
        core, now = self._endpoint.core, self._endpoint.now()
        if step.status < 200:
            call.entry.provisional = step.status
            body = self._sound.early(call) if step.status == 183 else b""
            core.progress(call.key, step.status, now, body)
        elif step.status < 300:
            self._answer(call)
        else:
            call.entry.final, call.entry.q850 = step.status, step.q850
            core.reject(call.key, step.status, now, step.q850, self._more_headers(step))
            self._finish(call, by, call.cause or EndedWith.FINAL)

    def _more_headers(self, step: Step) -> tuple[tuple[str, str], ...]:
        if step.moved_to:
            host, port = self.address
            return (("Contact", f"<sip:{step.moved_to}@{host}:{port}>"),)
        return () if step.retry_after_s is None else (("Retry-After", f"{step.retry_after_s:.0f}"),)

    def _ended(self, call: Call, event: Ended) -> None:
        if call.bye_sent and call.plan.quirk is Quirk.BYE_CROSSING:
            by = HungUpBy.BOTH
        elif event.by_remote:
            by = HungUpBy.CALLER
        else:
            by = HungUpBy.CALLEE if call.bye_sent and call.cause is None else HungUpBy.NETWORK
        if by is HungUpBy.NETWORK:
            self._finish(call, by, call.cause or EndedWith.NO_ACK)
        else:
            self._finish(call, by, EndedWith.BYE)

    # --- an answered call -----------------------------------------------------------------------------------

    def _answer(self, call: Call) -> None:
        core, now = self._endpoint.core, self._endpoint.now()
        try:
            body = self._sound.describe(call)
        except AddressUnavailable as error:
            log.error("call %s cannot be answered: %s", call.entry.call_id, error)
            self._play(call, Step(0.0, 503, NO_CIRCUIT), HungUpBy.NETWORK)
            return
        call.entry.final = 200
        call.entry.answered_at = self._clock.now()
        if call.plan.quirk is Quirk.LOST_ACK:
            self._ack_losers[call.entry.call_id] = None
        core.answer(call.key, body, now)
        if call.audio is not None:
            call.audio.listen()
            self._sound.speak(call, call.plan.persona)
        self._set_end(call, unheard_end_s(call.plan))
        call.watch = self._loop.call_later(self._look_every_s, self._look_for_audio, call)

    def _look_for_audio(self, call: Call) -> None:
        """A caller that is gone sends nothing: that is how a network finds out."""
        packets = call.audio.packets_in if call.audio is not None else 0
        call.deaf_checks = call.deaf_checks + 1 if packets == call.heard_packets else 0
        call.heard_packets = packets
        if call.deaf_checks < LOOKS:
            call.watch = self._loop.call_later(self._look_every_s, self._look_for_audio, call)
            return
        call.watch = None
        if not call.bye_sent and call.entry.acked_at is not None:  # without an ACK the user agent ends it
            call.cause = EndedWith.NO_RTP
            self._hang_up_later(call)

    def _acked(self, call: Call, body: bytes) -> None:
        call.entry.acked_at = self._clock.now()
        if call.offer is not None or not body:
            return
        try:
            call.offer = sdp.parse(body)  # the INVITE had none, so the ACK brings the answer
        except RemoteError as error:
            log.warning("call %s: %s", call.entry.call_id, error)
            return
        call.entry.sdp = f"{call.offer.address}:{call.offer.port}"
        self._sound.speak(call, call.plan.persona)

    def _heard(self, call: Call) -> None:
        """The first packet of an agent or a prompt: a person's talk begins."""
        call.entry.heard_at = self._clock.now()
        end_s = heard_end_s(call.plan)
        if end_s is not None:
            self._set_end(call, end_s)
            self._press_later(call, 0)

    def _press_later(self, call: Call, nth: int) -> None:
        if nth < len(call.plan.presses):
            call.keys = self._loop.call_later(call.plan.presses[nth][0], self._press, call, nth)

    def _press(self, call: Call, nth: int) -> None:
        """A key, and the talk begins anew: somebody waits for what comes of it. Nobody presses any at an agent."""
        if call.audio is not None and call.audio.hears_agent:
            return
        key = call.plan.presses[nth][1]
        payload_type = None if call.offer is None else call.offer.telephone_event
        if call.audio is not None and payload_type is not None:
            call.audio.press(key, payload_type)
            call.entry.pressed += key
        if not call.bye_sent:
            self._set_end(call, call.plan.talk_s)
        self._press_later(call, nth + 1)

    def _set_end(self, call: Call, after_s: float) -> None:
        self._stop_timers(call)
        call.timers.append(self._loop.call_later(after_s, self._hang_up_later, call))

    def _hang_up_later(self, call: Call) -> None:
        self._hang_up(call)
        self._endpoint.flush()

    def _hang_up(self, call: Call) -> None:
        if not call.bye_sent:
            call.bye_sent = True
            self._endpoint.core.bye(call.key, self._endpoint.now())

    # --- the end --------------------------------------------------------------------------------------------

    def _finish(self, call: Call, by: HungUpBy, how: EndedWith | None) -> None:
        """`how` None: it was still open when the carrier stopped."""
        self._stop_timers(call)
        for timer in (call.watch, call.keys):
            if timer is not None:
                timer.cancel()
        call.watch = call.keys = None
        entry = call.entry
        if call.audio is not None:
            entry.rtp_in, entry.rtp_out = call.audio.packets_in, call.audio.packets_out
            call.audio.close()
        if how is not None:
            entry.ended_at = self._clock.now()
            entry.ended_with = how.value
        entry.ended_by = by.value
        self._calls.pop(call.key, None)
        self._ack_losers.pop(entry.call_id, None)
        self._log.write(entry)

    def _stop_timers(self, call: Call) -> None:
        for timer in call.timers:
            timer.cancel()
        call.timers.clear()
