"""One SIP user agent without I/O: datagrams in, datagrams and events out, time as an argument.

    agent.receive_datagram(data, source, now)
    agent.handle_timer(now)              # when agent.next_deadline() has come
    keep(agent.notes_to_keep())          # before any of these datagrams leaves
    for data, destination in agent.datagrams_to_send(): ...
    for event in agent.next_events(): ...

Every call into it may leave datagrams, events and another deadline behind: drain and ask after each.
`now` is in seconds and never goes back.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from dialer.sip import order as orders
from dialer.sip.call_notes import CallNote, LeftCall
from dialer.sip.call_table import CallTable
from dialer.sip.called_session import CalledSession
from dialer.sip.calling_session import CallingSession
from dialer.sip.digest import Credentials
from dialer.sip.errors import DuplicateCall, MalformedMessage
from dialer.sip.events import AnsweredLate, DropReason, SipEvent
from dialer.sip.headers import uri_of
from dialer.sip.hop import Address, Hop
from dialer.sip.identity import Identity
from dialer.sip.left_session import LeftSession
from dialer.sip.message import Response, parse_message
from dialer.sip.options_probe import OptionsProbe, ProbeOrder
from dialer.sip.order import InviteOrder
from dialer.sip.registrar import Registrar
from dialer.sip.registration import RegisterOrder, Registration
from dialer.sip.timers import SipTimers
from dialer.sip.transaction_layer import TransactionLayer
from dialer.sip.uas_core import MAX_OPEN_REQUESTS, UasCore
from dialer.sip.unwanted_answer import acknowledge_and_end, late_branch

_MAY_FAIL = re.compile(rb"(INVITE|OPTIONS|REGISTER) [^\r\n]+\r\nVia: [^\r\n]*;branch=([^;\r\n]+)\r\n")
_PADDING = b"\r\n\0 "


class UserAgent:
    """`local`: our address as the far end sees it, in Via and Contact. `product`: in User-Agent and Server.
    `auto_terminate_cancelled`: answer 487 by ourselves when a call that came in is cancelled. `key`: the
    installation's secret, 16 to 64 octets, for tags and branches of calls that come in, and to know calls of
    ours again (`Identity` of the same key) of which nothing is kept any more. `accept_calls`: False answers 403
    to every new INVITE. `max_open_requests`: server transactions kept at the same time. `takes_notes`: whether
    somebody keeps what `notes_to_keep` tells of the calls we place. `session_expires_s`: the session interval we
    ask for of calls that come in, 90 or more; 0: only what the caller asks for (RFC 4028). `listening`: addresses
    that differ from `local`, with their transport (`udp`, `tcp`, `tls`): what the far end sees when it is not what
    we are bound to, where we take connections, and where we are for the other IP version. `registrar`: takes
    REGISTER; None: nobody does."""

    def __init__(
        self,
        local: Address,
        *,
        timers: SipTimers | None = None,
        product: str = "rightparty",
        contact_user: str = "dialer",
        auto_terminate_cancelled: bool = True,
        key: bytes,
        accept_calls: bool = False,
        max_open_requests: int = MAX_OPEN_REQUESTS,
        takes_notes: bool = False,
        session_expires_s: int = 0,
        listening: Iterable[tuple[str, Address]] = (),
        registrar: Registrar | None = None,
    ) -> None:
        if not 16 <= len(key) <= 64:
            raise ValueError(f"a user agent's key has 16 to 64 octets, not {len(key)}")
        self.layer = TransactionLayer(local, timers or SipTimers(), product, contact_user, listening)
        self._identity = Identity(key)
        self.table = CallTable(self.layer, key, takes_notes=takes_notes)
        self._uas = UasCore(
            self.table,
            accept_calls=accept_calls,
            auto_terminate_cancelled=auto_terminate_cancelled,
            max_open_requests=max_open_requests,
            session_expires_s=session_expires_s,
            registrar=registrar,
        )

    # -- the world's side --

    @property
    def counters(self) -> dict[str, int]:
        """How often since the start: each `DropReason`, `datagrams_received`, `keepalives`,
        `retransmissions_sent`, `retransmissions_received`, `forked_answers`, `late_answers`,
        `requests_refused`."""
        return self.layer.counters

    def receive_datagram(self, data: bytes, source: Hop, now: float) -> None:
        """Whatever came in on the socket, or one message of a connection; never raises for what it contains."""
        layer = self.layer
        layer.counters["datagrams_received"] += 1
        if data[:1] in _PADDING and not data.strip(_PADDING):
            layer.counters["keepalives"] += 1  # RFC 5626 § 3.5.1, and what older switches send
            return
        try:
            message = parse_message(data)
            if isinstance(message, Response):
                self._receive_response(message, source, now)
            else:
                self._uas.receive(message, len(data), source, now)
        except MalformedMessage as error:
            self.table.drop(source, DropReason(error.reason))

    def handle_timer(self, now: float) -> None:
        """Do what is due at `now`."""
        self.layer.queue.fire(now)

    def next_deadline(self) -> float | None:
        """When `handle_timer` wants to be called; None: not at all."""
        return self.layer.queue.next_deadline()

    def datagrams_to_send(self) -> list[tuple[bytes, Hop]]:
        """What is to be sent, in order; drains."""
        outbox, self.layer.outbox = self.layer.outbox, []
        return outbox

    def notes_to_keep(self) -> list[CallNote]:
        """What must outlive this process before the datagrams to send may leave, in order; drains."""
        notes, self.table.notes = self.table.notes, []
        return notes

    def unsent(self, data: bytes, now: float) -> None:
        """A datagram of `datagrams_to_send` could not be sent, and not for want of room. A new call ends at once
        by that; whatever is sent again may come through then."""
        if data[:7] != b"INVITE ":
            return
        transaction = self.layer.clients.get((parse_message(data).branch, b"INVITE"))
        if transaction is not None:
            transaction.not_sent(now)

    def came_back(self, sent: bytes, now: float) -> None:
        """The network could not deliver a datagram (ICMP; § 18.4). `sent`: its beginning. A request that waits for
        its first answer fails by that, or goes to its next server; what ends a call is sent on, for whoever
        restarts may still have the call. Only by its branch, which nobody can forge who has not seen it."""
        found = _MAY_FAIL.match(sent)
        if found is not None and (transaction := self.layer.clients.get((found[2], found[1]))) is not None:
            transaction.fail(now)

    def connection_failed(self, hop: Hop, now: float) -> None:
        """A connection that something was sent on, or to be sent on, could not be made or has ended. A new call
        fails by that, or goes to its next server; calls in progress go on."""
        self.layer.connection_failed(hop, now)

    def next_events(self) -> list[SipEvent]:
        """What happened, in order; drains."""
        events, self.table.events = self.table.events, []
        return events

    # -- the user's side: a key whose call is over is no error, for commands cross events --

    def invite(self, order: InviteOrder, now: float) -> None:
        """Place a call. Raises InvalidOrder, DuplicateCall."""
        orders.check(order)
        if order.key in self.table.calls or (order.branch.encode(), b"INVITE") in self.layer.clients:
            raise DuplicateCall(f"call {order.key} exists")
        self.table.add(CallingSession(self.table, order, now))

    def cancel(self, key: int, now: float) -> None:
        """Give up a call before its answer: `Failed` or `AcceptedAfterCancel` follows. CANCEL waits for a
        provisional response. A call already answered is hung up."""
        if (session := self.table.calls.get(key)) is not None:
            session.cancel(now)

    def bye(self, key: int, now: float) -> None:
        """Hang up: `Ended` follows. A call of ours that is not answered yet is cancelled, one that came in is
        refused; a 200 of ours still without its ACK holds the BYE back."""
        if (session := self.table.calls.get(key)) is not None:
            session.hang_up(now)

    def hold(self, key: int, now: float, direction: str = "sendonly") -> None:
        """The far end of an answered call shall hear what we play and not be heard (`sendonly`), or neither
        (`inactive`); RFC 3264 § 8.4. `Renegotiated` or `RenegotiationFailed` follows. Raises ValueError for
        another direction, MalformedSdp when we never described the session."""
        if (session := self.table.calls.get(key)) is not None:
            session.redirect(direction, now)

    def resume(self, key: int, now: float) -> None:
        """The opposite of `hold`."""
        self.hold(key, now, "sendrecv")

    def reoffer(self, key: int, body: bytes, now: float) -> None:
        """Offer a new description, by INVITE in an answered call, by UPDATE where the far end has answered
        reliably before; otherwise nothing happens. `Renegotiated` or `RenegotiationFailed` follows."""
        if (session := self.table.calls.get(key)) is not None:
            session.reoffer(body, now)

    def progress(self, key: int, status: int, now: float, body: bytes = b"") -> None:
        """Send a provisional response, 101–199, to a call that came in; with a description, or when the caller
        requires it, reliably where the caller can (RFC 3262)."""
        if not 101 <= status <= 199:
            raise ValueError(f"a provisional response has a status of 101 to 199, not {status}")
        if isinstance(session := self.table.calls.get(key), CalledSession):
            session.progress(status, body, now)

    def answer(self, key: int, body: bytes, now: float) -> None:
        """Send 200 to a call that came in: `Acked` follows, or after 64·T1 without it BYE and `Ended`."""
        if isinstance(session := self.table.calls.get(key), CalledSession):
            session.answer(body, now)

    def reject(
        self,
        key: int,
        status: int,
        now: float,
        q850: int | None = None,
        extra_headers: tuple[tuple[str, str], ...] = (),
    ) -> None:
        """Send a final response, 300–699, to a call that came in. `q850`: cause, 0–127. Raises InvalidOrder."""
        if not 300 <= status <= 699:
            raise ValueError(f"a refusal has a status of 300 to 699, not {status}")
        if isinstance(session := self.table.calls.get(key), CalledSession):
            session.reject(status, q850, extra_headers, now)

    def end_left(self, call: LeftCall, now: float, credentials: Credentials | None = None) -> None:
        """End a call that a process before this one placed: `LeftCallOver` follows, at the latest after 64*T1, or
        twice that when an answer came meanwhile. `credentials`: for a BYE that is challenged. Raises
        MalformedMessage for octets that are no call, DuplicateCall for one that is being ended already."""
        session = LeftSession(self.table, call, credentials)
        known = session.transaction_key in self.layer.clients or session.session_id in self.table.left
        if known or session.session_id in self.table.sessions:
            raise DuplicateCall(f"call {call.key} is open, or being ended already")
        self.table.left[session.session_id] = session
        session.begin(now)

    def probe(self, order: ProbeOrder, now: float) -> None:
        """Ask by OPTIONS whether somebody is there: `Probed` follows. Raises InvalidOrder, DuplicateCall."""
        if order.key in self.table.probes:
            raise DuplicateCall(f"probe {order.key} is under way")
        self.table.probes[order.key] = OptionsProbe(self.table, order, now)

    def register(self, order: RegisterOrder, now: float) -> None:
        """Register and stay so: `Registered` and `RegistrationFailed` tell how it goes. Raises InvalidOrder,
        DuplicateCall for a name that is in use."""
        if order.name in self.table.registrations:
            raise DuplicateCall(f"registration {order.name} exists")
        self.table.registrations[order.name] = Registration(self.table, order, now)

    def unregister(self, name: str, now: float) -> None:
        """Take a registration back: `Unregistered` follows."""
        if (registration := self.table.registrations.get(name)) is not None:
            registration.stop(now)

    def open_calls(self) -> int:
        """Calls that are not over, either way."""
        return len(self.table.calls)

    def is_idle(self) -> bool:
        """No call, no registration and no transaction is kept any more."""
        return self.table.is_empty() and not (self.layer.clients or self.layer.servers)

    # -- responses --

    def _receive_response(self, response: Response, source: Hop, now: float) -> None:
        if response.broken_by is not None:
            truncated = response.broken_by.startswith("body shorter")
            self.table.drop(source, DropReason.TRUNCATED if truncated else DropReason.MALFORMED)
            return
        response.require_basics()
        transaction = self.layer.client_of(response)
        answers = 200 <= response.status < 300 and response.cseq[1] == b"INVITE"
        if transaction is not None and not (answers and transaction.state == "completed"):
            transaction.receive(response, now)
            return
        if answers:
            # § 13.2.2.4: as long as the dialog lives, its 2xx is acknowledged, also after timer M.
            session = self.table.sessions.get((response.call_id, response.from_tag))
            if session is not None and session.dialog is not None:
                session.on_success_again(response, now)
                return
            left = self.table.left.get((response.call_id, response.from_tag))
            if left is not None:
                left.on_success(response, now)
                return
            if self._identity.owns(response.call_id, response.from_tag):
                self._answered_too_late(response, source, now)
                return
        self.table.drop(source, DropReason.STRAY_RESPONSE)

    def _answered_too_late(self, response: Response, source: Hop, now: float) -> None:
        """A 2xx to a call of ours that was given up (64*T1 after CANCEL, or before a restart) or refused by
        another branch of a fork. Whoever picked up shall not be left listening to nobody; all that is needed is
        in the response."""
        self.layer.count("late_answers")
        ended = acknowledge_and_end(
            self.layer,
            response,
            local=response.need(b"from"),
            local_tag=response.from_tag,
            branch=late_branch(self.table.key, response),
            default_target=uri_of(response.need(b"to")),
            fallback=source,
            now=now,
        )
        if ended.bye_sent:
            self.table.tell(AnsweredLate(response.call_id.decode("utf-8", "replace")))
