"""Server transactions (RFC 3261 § 17.2, with the Accepted state of RFC 6026), as two tables; reliable
transports do without some of their timers."""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol

from dialer.sip.headers import split_list
from dialer.sip.hop import DEFAULT_TLS_PORT, TLS, Hop, StreamHop
from dialer.sip.message import Request
from dialer.sip.timers import SipTimers, TimerQueue
from dialer.sip.uri import DEFAULT_PORT


class State(StrEnum):
    TRYING = "trying"
    PROCEEDING = "proceeding"
    COMPLETED = "completed"
    CONFIRMED = "confirmed"
    ACCEPTED = "accepted"
    TERMINATED = "terminated"


class Input(StrEnum):
    REQUEST = "request again"
    ACK = "ACK"
    SEND_PROVISIONAL = "1xx from the core"
    SEND_SUCCESS = "2xx from the core"
    SEND_FAILURE = "3xx-6xx from the core"
    TIMER_G = "timer G"
    TIMER_H = "timer H"
    TIMER_I = "timer I"
    TIMER_J = "timer J"
    TIMER_L = "timer L"


class Effect(StrEnum):
    SEND = "send the response"
    RESEND = "send the last response again"
    START_G_H = "start G and H"
    BACK_OFF = "restart G, doubled up to T2"
    START_I = "stop G and H, start I"
    START_J = "start J"
    START_L = "start L"


S, On, Do = State, Input, Effect
Table = dict[tuple[State, Input], tuple[State, tuple[Effect, ...]]]

INVITE: Table = {
    (S.PROCEEDING, On.REQUEST): (S.PROCEEDING, (Do.RESEND,)),  # § 17.2.1: the most recent provisional
    (S.PROCEEDING, On.SEND_PROVISIONAL): (S.PROCEEDING, (Do.SEND,)),  # § 17.2.1
    (S.PROCEEDING, On.SEND_SUCCESS): (S.ACCEPTED, (Do.SEND, Do.START_L)),  # RFC 6026 § 7.1
    (S.PROCEEDING, On.SEND_FAILURE): (S.COMPLETED, (Do.SEND, Do.START_G_H)),  # § 17.2.1
    (S.COMPLETED, On.REQUEST): (S.COMPLETED, (Do.RESEND,)),  # § 17.2.1
    (S.COMPLETED, On.TIMER_G): (S.COMPLETED, (Do.RESEND, Do.BACK_OFF)),  # § 17.2.1: MIN(2*T1, T2)
    (S.COMPLETED, On.TIMER_H): (S.TERMINATED, ()),  # § 17.2.1: the ACK never came
    (S.COMPLETED, On.ACK): (S.CONFIRMED, (Do.START_I,)),  # § 17.2.1
    (S.CONFIRMED, On.TIMER_I): (S.TERMINATED, ()),  # § 17.2.1
    (S.ACCEPTED, On.SEND_SUCCESS): (S.ACCEPTED, (Do.SEND,)),  # RFC 6026 § 7.1: the core sends the 2xx again
    (S.ACCEPTED, On.TIMER_L): (S.TERMINATED, ()),  # RFC 6026 § 7.1
}

NON_INVITE: Table = {
    (S.TRYING, On.SEND_PROVISIONAL): (S.PROCEEDING, (Do.SEND,)),  # § 17.2.2
    (S.TRYING, On.SEND_SUCCESS): (S.COMPLETED, (Do.SEND, Do.START_J)),  # § 17.2.2
    (S.TRYING, On.SEND_FAILURE): (S.COMPLETED, (Do.SEND, Do.START_J)),  # § 17.2.2
    (S.PROCEEDING, On.REQUEST): (S.PROCEEDING, (Do.RESEND,)),  # § 17.2.2
    (S.PROCEEDING, On.SEND_PROVISIONAL): (S.PROCEEDING, (Do.SEND,)),  # § 17.2.2
    (S.PROCEEDING, On.SEND_SUCCESS): (S.COMPLETED, (Do.SEND, Do.START_J)),  # § 17.2.2
    (S.PROCEEDING, On.SEND_FAILURE): (S.COMPLETED, (Do.SEND, Do.START_J)),  # § 17.2.2
    (S.COMPLETED, On.REQUEST): (S.COMPLETED, (Do.RESEND,)),  # § 17.2.2
    (S.COMPLETED, On.TIMER_J): (S.TERMINATED, ()),  # § 17.2.2
}
"""What is in neither table changes nothing: a request again while accepted or confirmed is absorbed, a second
final response of the core is discarded."""

_EXPIRY = {
    id(INVITE): {S.COMPLETED: On.TIMER_H, S.CONFIRMED: On.TIMER_I, S.ACCEPTED: On.TIMER_L},
    id(NON_INVITE): {S.COMPLETED: On.TIMER_J},
}

REASONS = {
    100: b"Trying",
    180: b"Ringing",
    181: b"Call Is Being Forwarded",
    182: b"Queued",
    183: b"Session Progress",
    200: b"OK",
    302: b"Moved Temporarily",
    400: b"Bad Request",
    401: b"Unauthorized",
    403: b"Forbidden",
    404: b"Not Found",
    405: b"Method Not Allowed",
    407: b"Proxy Authentication Required",
    408: b"Request Timeout",
    410: b"Gone",
    415: b"Unsupported Media Type",
    416: b"Unsupported URI Scheme",
    480: b"Temporarily Unavailable",
    420: b"Bad Extension",
    422: b"Session Interval Too Small",
    423: b"Interval Too Brief",
    469: b"Bad Info Package",
    481: b"Call/Transaction Does Not Exist",
    483: b"Too Many Hops",
    484: b"Address Incomplete",
    486: b"Busy Here",
    487: b"Request Terminated",
    488: b"Not Acceptable Here",
    491: b"Request Pending",
    500: b"Server Internal Error",
    501: b"Not Implemented",
    503: b"Service Unavailable",
    504: b"Server Time-out",
    505: b"Version Not Supported",
    513: b"Message Too Large",
    600: b"Busy Everywhere",
    603: b"Decline",
    604: b"Does Not Exist Anywhere",
    607: b"Unwanted",
    608: b"Rejected",
}

ServerKey = tuple[bytes, str, bytes]
"""Branch, sent-by and method of a request; the method of an ACK counts as INVITE (§ 17.2.3)."""


def key_of(request: Request, method: bytes | None = None) -> ServerKey:
    """What a request is matched by. A branch without the magic cookie (RFC 2543), or of nothing else, is no name
    of a transaction: the rest of § 17.2.3 stands in for it. Raises MalformedMessage."""
    via = request.via
    branch = via.branch
    if not branch.startswith(b"z9hG4bK") or len(branch) == len(b"z9hG4bK"):  # RFC 4475 § 3.2.1
        branch = b"|".join(
            (request.uri, request.from_tag, request.call_id, b"%d" % request.cseq[0], request.need(b"via"))
        )
    if method is None:
        method = b"INVITE" if request.method == b"ACK" else request.method
    return branch, f"{via.host}:{via.port or DEFAULT_PORT}", method


class Wire(Protocol):
    """What a transaction needs of the layer it lives in."""

    timers: SipTimers
    queue: TimerQueue
    server_line: bytes

    def send(self, data: bytes, destination: Hop) -> None: ...

    def count(self, name: str) -> None: ...

    def forget_server(self, transaction: ServerTransaction) -> None: ...


class Cancellable(Protocol):
    """Who is told that a CANCEL came for its INVITE."""

    def on_cancel(self, now: float) -> None: ...


class ServerTransaction:
    """One request that came in and what it was answered. `destination`: where responses go (§ 18.2.2,
    RFC 3581 § 4). `user`: the session that owns an INVITE. `octets`: what it keeps."""

    __slots__ = (
        "_expires_at",
        "_head",
        "_interval_s",
        "_last",
        "_reliable",
        "_resend_at",
        "_table",
        "_to",
        "_wire",
        "destination",
        "due_at",
        "key",
        "octets",
        "state",
        "user",
    )

    def __init__(self, wire: Wire, request: Request, key: ServerKey, source: Hop) -> None:
        self._wire = wire
        self.key = key
        is_invite = request.method == b"INVITE"
        self._table = INVITE if is_invite else NON_INVITE
        self.state = State.PROCEEDING if is_invite else State.TRYING
        self.due_at: float | None = None
        self._resend_at: float | None = None
        self._expires_at: float | None = None
        self._interval_s = wire.timers.t1_s
        self._last = b""
        self.user: Cancellable | None = None
        self._reliable = type(source) is not tuple
        self._head, self._to, self.destination = _response_head(request, source)
        self.octets = 2 * len(self._head)  # roughly: the response repeats it

    def receive(self, what: Input, now: float) -> None:
        """The same request again, or the ACK of a final response."""
        self._step(what, b"", now)

    def respond(
        self, status: int, now: float, *, to_tag: bytes = b"", lines: bytes = b"", body: bytes = b""
    ) -> None:
        """Answer. `lines`: further headers, each ended by CRLF. A response that has no place any more (a second
        final) is discarded, as the table says."""
        if status != 100:
            lines = self._wire.server_line + lines
        response = _response(status, self._head, self._to, to_tag, lines, body)
        what = (
            Input.SEND_PROVISIONAL if status < 200 else Input.SEND_SUCCESS if status < 300 else Input.SEND_FAILURE
        )
        self._step(what, response, now)

    def send_again(self, now: float) -> None:
        """The core sends its 2xx to an INVITE again (§ 13.3.1.4)."""
        if self.state is State.ACCEPTED:
            self._wire.count("retransmissions_sent")
            self._step(Input.SEND_SUCCESS, self._last, now)

    def on_timer(self, now: float) -> None:
        if self._expires_at is not None and self._expires_at <= now:
            self._step(_EXPIRY[id(self._table)][self.state], b"", now)
        elif self._resend_at is not None and self._resend_at <= now:
            self._step(Input.TIMER_G, b"", now)
        else:
            self._arm()

    def _step(self, what: Input, response: bytes, now: float) -> None:
        row = self._table.get((self.state, what))
        if row is None:
            return
        self.state, effects = row
        timers = self._wire.timers
        for effect in effects:
            if effect is Effect.SEND:
                self._last = response
                self._wire.send(response, self.destination)
            elif effect is Effect.RESEND:
                if self._last:
                    self._wire.send(self._last, self.destination)
                    self._wire.count("retransmissions_sent")
            elif effect is Effect.START_G_H:
                # § 17.2.1: G is for unreliable transports.
                self._resend_at = None if self._reliable else now + timers.t1_s
                self._expires_at = now + timers.timeout_s
            elif effect is Effect.BACK_OFF:
                self._interval_s = min(self._interval_s * 2, timers.t2_s)
                self._resend_at = now + self._interval_s
            elif effect is Effect.START_I:
                self._resend_at = None  # § 17.2.1: I is 0 over reliable transports
                self._expires_at = now if self._reliable else now + timers.t4_s
            elif effect is Effect.START_J:
                self._resend_at = None  # § 17.2.2: J is 0 over reliable transports
                self._expires_at = now if self._reliable else now + timers.timeout_s
            else:
                self._resend_at, self._expires_at = None, now + timers.timeout_s  # L
        if self.state is State.TERMINATED:
            self._wire.queue.wake(self, None)
            self._wire.forget_server(self)
            self.user = None
        else:
            self._arm()

    def _arm(self) -> None:
        resend_at, expires_at = self._resend_at, self._expires_at
        if resend_at is None or (expires_at is not None and expires_at < resend_at):
            self._wire.queue.wake(self, expires_at)
        else:
            self._wire.queue.wake(self, resend_at)


def stateless_response(
    request: Request, source: Hop, status: int, to_tag: bytes, lines: bytes
) -> tuple[bytes, Hop]:
    """A response of which nothing is kept (§ 8.2.7), and where it goes. Raises MalformedMessage."""
    head, to, destination = _response_head(request, source)
    return _response(status, head, to, to_tag, lines, b""), destination


def _response(status: int, head: bytes, to: bytes, to_tag: bytes, lines: bytes, body: bytes) -> bytes:
    return b"SIP/2.0 %d %b\r\n%bTo: %b\r\n%bContent-Length: %d\r\n\r\n%b" % (
        status,
        REASONS.get(status, b"Unassigned"),
        head,
        to + b";tag=" + to_tag if to_tag else to,
        lines,
        len(body),
        body,
    )


def _without(via: bytes, *names: bytes) -> bytes:
    """A Via value less what its sender put where only we may write."""
    return b";".join(part for part in via.split(b";") if part.partition(b"=")[0].strip().lower() not in names)


def _response_head(request: Request, source: Hop) -> tuple[bytes, bytes, Hop]:
    """(the lines a response copies, the To value, where it goes): § 8.2.6.2, § 18.2.1, § 18.2.2, RFC 3581 § 4."""
    via = request.via
    vias = request.headers[b"via"]
    first, *more = split_list(vias[0]) if b"," in vias[0] else (vias[0],)
    port = via.port or DEFAULT_PORT
    if via.rport is not None:
        # RFC 3581 § 4: received is added even when it equals the sent-by, and the port goes in.
        first = _without(first, b"rport", b"received")
        first += b";received=%b;rport=%d" % (source[0].encode(), source[1])
        port = source[1]
    elif via.host.strip("[]") != source[0]:
        first = _without(first, b"received") + b";received=" + source[0].encode()
    lines = [b"Via: " + value for value in (first, *more, *vias[1:])]
    if request.method == b"INVITE":
        lines += [b"Record-Route: " + value for value in request.headers.get(b"record-route", ())]
    lines += [
        b"From: " + request.need(b"from"),
        b"Call-ID: " + request.call_id,
        b"CSeq: " + request.need(b"cseq"),
        b"",
    ]
    destination: Hop = (source[0], port)
    if isinstance(source, StreamHop):
        # § 18.2.2: the connection that the request came by, or while that is gone a new one to the sent-by.
        default_port = DEFAULT_TLS_PORT if source.transport == TLS else DEFAULT_PORT
        destination = source._replace(port=via.port or default_port)
    return b"\r\n".join(lines), request.need(b"to"), destination
