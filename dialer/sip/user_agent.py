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

from collections.abc import Mapping

from dialer.sip import order as orders
from dialer.sip.call_notes import CallNote, LeftCall
from dialer.sip.called_session import CalledSession
from dialer.sip.calling_session import CallingSession
from dialer.sip.digest import Credentials
from dialer.sip.errors import DuplicateCall, MalformedMessage
from dialer.sip.events import AnsweredLate, BindingsChanged, Dropped, DropReason, Incoming, SipEvent
from dialer.sip.extensions import SUPPORTED
from dialer.sip.headers import uri_of
from dialer.sip.hop import Address, Hop
from dialer.sip.identity import Identity, keyed_token
from dialer.sip.left_session import LeftSession
from dialer.sip.login import Login
from dialer.sip.message import Request, Response, parse_message
from dialer.sip.options_probe import OptionsProbe, ProbeOrder
from dialer.sip.order import InviteOrder
from dialer.sip.registrar import Registrar
from dialer.sip.registration import RegisterOrder, Registration
from dialer.sip.server_transaction import ServerTransaction, key_of, stateless_response
from dialer.sip.session import OPTIONS_LINES, Session
from dialer.sip.session_timer import TOO_BRIEF_LINES, reply_to
from dialer.sip.timers import SipTimers
from dialer.sip.transaction_layer import ALLOW_LINE, TransactionLayer
from dialer.sip.unwanted_answer import acknowledge_and_end, late_branch

MAX_NAMED_SOURCES = 1_024
"""So many source addresses get a `Dropped` event of their own; beyond, drops are only counted."""

MAX_OPEN_REQUESTS = 65_536
"""Server transactions kept, each for up to 64*T1 after its answer: 1,000 calls a second. Requests beyond are
answered 503 and forgotten, unless they end a call."""

MAX_OPEN_OCTETS = 128 * 1024 * 1024
"""What they may keep altogether."""

MAX_REQUEST_OCTETS = 16_384
"""Larger requests are answered 513 and forgotten: ten times what fits one packet."""

_PADDING = b"\r\n\0 "
_NOT_ALLOWED = frozenset((b"MESSAGE", b"PUBLISH", b"REFER", b"REGISTER", b"SUBSCRIBE"))
_IN_DIALOG = frozenset((b"BYE", b"INFO", b"NOTIFY", b"PRACK", b"UPDATE"))
_ACCEPT_LINE = b"Accept: application/sdp\r\n"

MAX_LOGINS = 1_024
"""Servers whose challenges are remembered; when there are more, all are asked anew."""


class UserAgent:
    """`local`: our address as the far end sees it, in Via and Contact. `product`: in User-Agent and Server.
    `auto_terminate_cancelled`: answer 487 by ourselves when a call that came in is cancelled. `key`: the
    installation's secret, 16 to 64 octets, for tags and branches of calls that come in, and to know calls of
    ours again (`Identity` of the same key) of which nothing is kept any more. `accept_calls`: False answers 403
    to every new INVITE. `max_open_requests`: server transactions kept at the same time. `takes_notes`: whether
    somebody keeps what `notes_to_keep` tells of the calls we place. `session_expires_s`: the session interval we
    ask for of calls that come in, 90 or more; 0: only what the caller asks for (RFC 4028). `listening`: addresses
    that differ from `local`, by transport (`udp`, `tcp`, `tls`): what the far end sees when it is not what we are
    bound to, and where we take connections. `registrar`: takes REGISTER; None: nobody
    does."""

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
        listening: Mapping[str, Address] | None = None,
        registrar: Registrar | None = None,
    ) -> None:
        if not 16 <= len(key) <= 64:
            raise ValueError(f"a user agent's key has 16 to 64 octets, not {len(key)}")
        self.layer = TransactionLayer(local, timers or SipTimers(), product, contact_user, listening)
        self.key = key
        self._identity = Identity(key)
        self._max_open_requests = max_open_requests
        self._auto_terminate_cancelled = auto_terminate_cancelled
        self._accept_calls = accept_calls
        self._events: list[SipEvent] = []
        self.takes_notes = takes_notes
        self._notes: list[CallNote] = []
        self._left: dict[tuple[bytes, bytes], LeftSession] = {}
        self._registrar = registrar
        self._registrations: dict[str, Registration] = {}
        self._calls: dict[int, Session] = {}
        self._probes: dict[int, OptionsProbe] = {}
        self._sessions: dict[tuple[bytes, bytes], Session] = {}
        self._last_called_key = 0
        self._named_sources: set[Hop] = set()
        self._session_expires_s = session_expires_s
        self._logins: dict[tuple[Credentials, Hop], Login] = {}

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
            elif len(data) > MAX_REQUEST_OCTETS:
                self._turn_away(message, source, 513, b"", DropReason.TOO_LARGE)
            else:
                self._receive_request(message, source, now)
        except MalformedMessage as error:
            self._drop(source, DropReason(error.reason))

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
        notes, self._notes = self._notes, []
        return notes

    def unsent(self, data: bytes, now: float) -> None:
        """A datagram of `datagrams_to_send` could not be sent, and not for want of room. A new call ends at once
        by that; whatever is sent again may come through then."""
        if data[:7] != b"INVITE ":
            return
        transaction = self.layer.clients.get((parse_message(data).branch, b"INVITE"))
        if transaction is not None:
            transaction.not_sent(now)

    def connection_failed(self, hop: Hop, now: float) -> None:
        """A connection that something was sent on, or to be sent on, could not be made or has ended. A new call
        fails by that, or goes to its next server; calls in progress go on."""
        self.layer.connection_failed(hop, now)

    def next_events(self) -> list[SipEvent]:
        """What happened, in order; drains."""
        events, self._events = self._events, []
        return events

    # -- the user's side: a key whose call is over is no error, for commands cross events --

    def invite(self, order: InviteOrder, now: float) -> None:
        """Place a call. Raises InvalidOrder, DuplicateCall."""
        orders.check(order)
        if order.key in self._calls or (order.branch.encode(), b"INVITE") in self.layer.clients:
            raise DuplicateCall(f"call {order.key} exists")
        session = CallingSession(self, order, now)
        self._calls[order.key] = session
        self._sessions[session.session_id] = session

    def cancel(self, key: int, now: float) -> None:
        """Give up a call before its answer: `Failed` or `AcceptedAfterCancel` follows. CANCEL waits for a
        provisional response. A call already answered is hung up."""
        if (session := self._calls.get(key)) is not None:
            session.cancel(now)

    def bye(self, key: int, now: float) -> None:
        """Hang up: `Ended` follows. A call of ours that is not answered yet is cancelled, one that came in is
        refused; a 200 of ours still without its ACK holds the BYE back."""
        if (session := self._calls.get(key)) is not None:
            session.hang_up(now)

    def hold(self, key: int, now: float, direction: str = "sendonly") -> None:
        """The far end of an answered call shall hear what we play and not be heard (`sendonly`), or neither
        (`inactive`); RFC 3264 § 8.4. `Renegotiated` or `RenegotiationFailed` follows. Raises ValueError for
        another direction, MalformedSdp when we never described the session."""
        if (session := self._calls.get(key)) is not None:
            session.redirect(direction, now)

    def resume(self, key: int, now: float) -> None:
        """The opposite of `hold`."""
        self.hold(key, now, "sendrecv")

    def reoffer(self, key: int, body: bytes, now: float) -> None:
        """Offer a new description, by INVITE in an answered call, by UPDATE where the far end has answered
        reliably before; otherwise nothing happens. `Renegotiated` or `RenegotiationFailed` follows."""
        if (session := self._calls.get(key)) is not None:
            session.reoffer(body, now)

    def progress(self, key: int, status: int, now: float, body: bytes = b"") -> None:
        """Send a provisional response, 101–199, to a call that came in; with a description, or when the caller
        requires it, reliably where the caller can (RFC 3262)."""
        if not 101 <= status <= 199:
            raise ValueError(f"a provisional response has a status of 101 to 199, not {status}")
        if isinstance(session := self._calls.get(key), CalledSession):
            session.progress(status, body, now)

    def answer(self, key: int, body: bytes, now: float) -> None:
        """Send 200 to a call that came in: `Acked` follows, or after 64·T1 without it BYE and `Ended`."""
        if isinstance(session := self._calls.get(key), CalledSession):
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
        if isinstance(session := self._calls.get(key), CalledSession):
            session.reject(status, q850, extra_headers, now)

    def end_left(self, call: LeftCall, now: float, credentials: Credentials | None = None) -> None:
        """End a call that a process before this one placed: `LeftCallOver` follows, at the latest after 64*T1, or
        twice that when an answer came meanwhile. `credentials`: for a BYE that is challenged. Raises
        MalformedMessage for octets that are no call, DuplicateCall for one that is being ended already."""
        session = LeftSession(self, call, credentials)
        known = session.transaction_key in self.layer.clients or session.session_id in self._left
        if known or session.session_id in self._sessions:
            raise DuplicateCall(f"call {call.key} is open, or being ended already")
        self._left[session.session_id] = session
        session.begin(now)

    def probe(self, order: ProbeOrder, now: float) -> None:
        """Ask by OPTIONS whether somebody is there: `Probed` follows. Raises InvalidOrder, DuplicateCall."""
        if order.key in self._probes:
            raise DuplicateCall(f"probe {order.key} is under way")
        self._probes[order.key] = OptionsProbe(self, order, now)

    def forget_probe(self, key: int) -> None:
        self._probes.pop(key, None)

    def register(self, order: RegisterOrder, now: float) -> None:
        """Register and stay so: `Registered` and `RegistrationFailed` tell how it goes. Raises InvalidOrder,
        DuplicateCall for a name that is in use."""
        if order.name in self._registrations:
            raise DuplicateCall(f"registration {order.name} exists")
        self._registrations[order.name] = Registration(self, order, now)

    def unregister(self, name: str, now: float) -> None:
        """Take a registration back: `Unregistered` follows."""
        if (registration := self._registrations.get(name)) is not None:
            registration.stop(now)

    def open_calls(self) -> int:
        """Calls that are not over, either way."""
        return len(self._calls)

    def is_idle(self) -> bool:
        """No call, no registration and no transaction is kept any more."""
        return not (
            self._calls
            or self._registrations
            or self._sessions
            or self._left
            or self.layer.clients
            or self.layer.servers
        )

    # -- the sessions' side --

    def tell(self, event: SipEvent) -> None:
        self._events.append(event)

    def note(self, note: CallNote) -> None:
        if self.takes_notes:
            self._notes.append(note)

    def login(self, credentials: Credentials, server: Hop) -> Login:
        """The same for all calls of one account at one server: what that asked once it need not ask again."""
        login = self._logins.get((credentials, server))
        if login is None:
            if len(self._logins) >= MAX_LOGINS:
                self._logins.clear()
            login = self._logins[credentials, server] = Login(credentials, self.key)
        return login

    def forget_registration(self, name: str) -> None:
        self._registrations.pop(name, None)

    def forget_left(self, session: LeftSession) -> None:
        self._left.pop(session.session_id, None)

    def forget(self, session: Session) -> None:
        self._calls.pop(session.key, None)
        self._sessions.pop(session.session_id, None)

    # -- responses --

    def _receive_response(self, response: Response, source: Hop, now: float) -> None:
        if response.broken_by is not None:
            truncated = response.broken_by.startswith("body shorter")
            self._drop(source, DropReason.TRUNCATED if truncated else DropReason.MALFORMED)
            return
        response.require_basics()
        transaction = self.layer.client_of(response)
        answers = 200 <= response.status < 300 and response.cseq[1] == b"INVITE"
        if transaction is not None and not (answers and transaction.state == "completed"):
            transaction.receive(response, now)
            return
        if answers:
            # § 13.2.2.4: as long as the dialog lives, its 2xx is acknowledged, also after timer M.
            session = self._sessions.get((response.call_id, response.from_tag))
            if session is not None and session.dialog is not None:
                session.on_success_again(response, now)
                return
            left = self._left.get((response.call_id, response.from_tag))
            if left is not None:
                left.on_success(response, now)
                return
            if self._identity.owns(response.call_id, response.from_tag):
                self._answered_too_late(response, source, now)
                return
        self._drop(source, DropReason.STRAY_RESPONSE)

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
            branch=late_branch(self.key, response),
            default_target=uri_of(response.need(b"to")),
            fallback=source,
            now=now,
        )
        if ended.bye_sent:
            self.tell(AnsweredLate(response.call_id.decode("utf-8", "replace")))

    # -- requests --

    def _receive_request(self, request: Request, source: Hop, now: float) -> None:
        request.require_basics()
        _, method = request.cseq
        key = key_of(request)
        if self.layer.absorb(request, key, now):
            return
        if request.method == b"ACK":
            session = self._sessions.get((request.call_id, request.to_tag))
            if session is not None and request.broken_by is None:
                session.on_ack(request, now)
            else:
                # A call just over may still be acknowledged once more: nothing to tell anybody.
                self.layer.count(DropReason.STRAY_ACK.value)
            return
        if request.method == b"INVITE" and not self._accept_calls and not request.to_tag:
            # Repeated until its ACK, the 403 would make us ten times the traffic that strangers make.
            self._turn_away(request, source, 403, b"", DropReason.UNWANTED_CALL)
            return
        full = len(self.layer.servers) >= self._max_open_requests or self.layer.open_octets >= MAX_OPEN_OCTETS
        if full and not self._ends_a_call(request):
            self._turn_away(request, source, 503, b"Retry-After: 10\r\n", DropReason.OVERLOAD)
            return
        transaction = self.layer.start_server(request, key, source)
        try:
            self._serve(request, method, transaction, source, now)
        except MalformedMessage:
            self._refuse(transaction, request, 400, now)  # a header that only this use of it had to parse

    def _serve(
        self, request: Request, method: bytes, transaction: ServerTransaction, source: Hop, now: float
    ) -> None:
        """Answer a new request, or pass it to whom it is for. `method`: the CSeq's. Raises MalformedMessage,
        then with nothing answered and nobody told."""
        if method != request.method:
            request.broken_by = request.broken_by or "CSeq names another method"
        if request.broken_by is not None:
            self._refuse(transaction, request, 505 if request.broken_by == "version" else 400, now)
        elif request.method == b"CANCEL":
            self._cancelled(request, transaction, now)
        elif request.method == b"REGISTER" and self._registrar is not None:
            reply = self._registrar.handle(request, source, now)
            transaction.respond(reply.status, now, to_tag=self._loose_tag(request), lines=reply.lines)
            if reply.changed:
                self.tell(BindingsChanged(reply.changed))
        elif request.method not in (b"INVITE", b"OPTIONS") and request.method not in _IN_DIALOG:
            if request.method == b"REFER" and request.to_tag:
                self._in_dialog(request, transaction, source, now)
            else:
                self._refuse(transaction, request, 405 if request.method in _NOT_ALLOWED else 501, now, ALLOW_LINE)
        elif unknown := [tag for tag in request.elements(b"require") if tag.lower() not in SUPPORTED]:
            self._refuse(
                transaction, request, 420, now, b"Unsupported: " + b", ".join(unknown) + b"\r\n"
            )  # § 8.2.2.3
        elif request.to_tag:
            self._in_dialog(request, transaction, source, now)
        elif request.method == b"INVITE":
            self._called(request, transaction, source, now)
        elif request.method == b"OPTIONS" and not _is_dialable(request.uri):
            self._refuse(transaction, request, 416, now)  # § 8.2.2.1
        elif request.method == b"OPTIONS":
            transaction.respond(200, now, to_tag=self._loose_tag(request), lines=OPTIONS_LINES)  # § 11.2
        else:
            self._refuse(transaction, request, 481, now)  # § 15.1.2, and of no dialog of ours

    def _turn_away(self, request: Request, source: Hop, status: int, lines: bytes, reason: DropReason) -> None:
        """Answer and keep nothing (§ 8.2.7); an ACK is not answered. Raises MalformedMessage."""
        request.require_basics()
        if request.method != b"ACK":
            self.layer.send(*stateless_response(request, source, status, self._loose_tag(request), lines))
        self._drop(source, reason)

    def _ends_a_call(self, request: Request) -> bool:
        """BYE within a dialog of ours or CANCEL for an INVITE that is with us. Raises MalformedMessage."""
        if request.method == b"BYE":
            return (request.call_id, request.to_tag) in self._sessions
        return request.method == b"CANCEL" and self.layer.cancelled(request) is not None

    def _cancelled(self, request: Request, transaction: ServerTransaction, now: float) -> None:
        invite = self.layer.cancelled(request)
        if invite is None:
            self._refuse(transaction, request, 481, now)  # § 9.2
            return
        user = invite.user
        # § 9.2: the To tag of the CANCEL's response should be that of the INVITE's.
        tag = self._loose_tag(request)
        if tag and isinstance(user, CalledSession):
            tag = user.session_id[1]
        transaction.respond(200, now, to_tag=tag)
        if user is not None:
            user.on_cancel(now)

    def _in_dialog(self, request: Request, transaction: ServerTransaction, source: Hop, now: float) -> None:
        session = self._sessions.get((request.call_id, request.to_tag))
        dialog = session.dialog_with(request.from_tag) if session is not None else None
        if session is None or dialog is None:
            self._refuse(transaction, request, 481, now)  # § 12.2.2, OPTIONS too: that is how calls are probed
        elif not dialog.takes(request):
            self._refuse(transaction, request, 500, now)  # § 12.2.2
        else:
            session.on_request(request, dialog, transaction, source, now)

    def _called(self, request: Request, transaction: ServerTransaction, source: Hop, now: float) -> None:
        content_type = (request.get(b"content-type") or b"application/sdp").partition(b";")[0].strip().lower()
        if not _is_dialable(request.uri):
            self._refuse(transaction, request, 416, now)  # § 8.2.2.1
        elif request.body and content_type != b"application/sdp":
            self._refuse(transaction, request, 415, now, _ACCEPT_LINE)  # § 8.2.3
        elif (reply := reply_to(request, self._session_expires_s, None)).too_brief:
            self._refuse(transaction, request, 422, now, TOO_BRIEF_LINES)  # RFC 4028 § 9
        else:
            key = self._last_called_key - 1
            incoming = Incoming(
                key=key,
                call_id=request.call_id.decode("utf-8", "replace"),
                from_uri=uri_of(request.need(b"from")).decode("utf-8", "replace"),
                to_uri=uri_of(request.need(b"to")).decode("utf-8", "replace"),
                request_uri=request.uri.decode("utf-8", "replace"),
                body=request.body,
                source=source,
            )
            session = CalledSession(
                self,
                key,
                request,
                transaction,
                source,
                reply,
                auto=self._auto_terminate_cancelled,
                wanted_s=self._session_expires_s,
            )
            transaction.respond(100, now)  # § 17.2.1
            self._last_called_key = key
            self._calls[key] = session
            self._sessions[session.session_id] = session
            self.tell(incoming)

    def _refuse(
        self, transaction: ServerTransaction, request: Request, status: int, now: float, lines: bytes = b""
    ) -> None:
        self.layer.count("requests_refused")
        transaction.respond(status, now, to_tag=self._loose_tag(request), lines=lines)

    def _loose_tag(self, request: Request) -> bytes:
        """A To tag for a response outside any dialog (§ 8.2.6.2); none when the request has one."""
        if request.to_tag:
            return b""
        return keyed_token(self.key, b"loose-tag", request.call_id, request.from_tag)

    # -- what is no use to anybody --

    def _drop(self, source: Hop, reason: DropReason) -> None:
        self.layer.count(reason.value)
        if source not in self._named_sources and len(self._named_sources) < MAX_NAMED_SOURCES:
            self._named_sources.add(source)
            self.tell(Dropped(source, reason))


def _is_dialable(uri: bytes) -> bool:
    return uri.partition(b":")[0].lower() in (b"sip", b"sips", b"tel")
