"""What becomes of a request: taken by what it belongs to, begun as a call, or refused (RFC 3261 § 8.2)."""

from __future__ import annotations

from dialer.sip.call_table import CallTable
from dialer.sip.called_session import CalledSession
from dialer.sip.errors import MalformedMessage
from dialer.sip.events import BindingsChanged, DropReason, Incoming
from dialer.sip.extensions import SUPPORTED
from dialer.sip.headers import uri_of
from dialer.sip.hop import Hop
from dialer.sip.identity import keyed_token
from dialer.sip.message import Request
from dialer.sip.registrar import Registrar
from dialer.sip.server_transaction import ServerTransaction, key_of, stateless_response
from dialer.sip.session import OPTIONS_LINES
from dialer.sip.session_timer import TOO_BRIEF_LINES, reply_to
from dialer.sip.transaction_layer import ALLOW_LINE

MAX_OPEN_REQUESTS = 65_536
"""Server transactions kept, each for up to 64*T1 after its answer: 1,000 calls a second. Requests beyond are
answered 503 and forgotten, unless they end a call."""

MAX_OPEN_OCTETS = 128 * 1024 * 1024
"""What they may keep altogether."""

MAX_REQUEST_OCTETS = 16_384
"""Larger requests are answered 513 and forgotten: ten times what fits one packet."""

_NOT_ALLOWED = frozenset((b"MESSAGE", b"PUBLISH", b"REFER", b"REGISTER", b"SUBSCRIBE"))
_IN_DIALOG = frozenset((b"BYE", b"INFO", b"NOTIFY", b"PRACK", b"UPDATE"))
_ACCEPT_LINE = b"Accept: application/sdp\r\n"


class UasCore:
    """Everything as of `UserAgent`, which this is the serving half of."""

    __slots__ = (
        "_accept_calls",
        "_auto_terminate_cancelled",
        "_last_key",
        "_layer",
        "_max_open_requests",
        "_registrar",
        "_session_expires_s",
        "_table",
    )

    def __init__(
        self,
        table: CallTable,
        *,
        accept_calls: bool,
        auto_terminate_cancelled: bool,
        max_open_requests: int,
        session_expires_s: int,
        registrar: Registrar | None,
    ) -> None:
        self._table = table
        self._layer = table.layer
        self._accept_calls = accept_calls
        self._auto_terminate_cancelled = auto_terminate_cancelled
        self._max_open_requests = max_open_requests
        self._session_expires_s = session_expires_s
        self._registrar = registrar
        self._last_key = 0

    def receive(self, request: Request, octets: int, source: Hop, now: float) -> None:
        """`octets`: its size. Raises MalformedMessage."""
        if octets > MAX_REQUEST_OCTETS:
            self._turn_away(request, source, 513, b"", DropReason.TOO_LARGE)
            return
        request.require_basics()
        _, method = request.cseq
        key = key_of(request)
        if self._layer.absorb(request, key, now):
            return
        if request.method == b"ACK":
            session = self._table.sessions.get((request.call_id, request.to_tag))
            if session is not None and request.broken_by is None:
                session.on_ack(request, now)
            else:
                # A call just over may still be acknowledged once more: nothing to tell anybody.
                self._layer.count(DropReason.STRAY_ACK.value)
            return
        if request.method == b"INVITE" and not self._accept_calls and not request.to_tag:
            # Repeated until its ACK, the 403 would make us ten times the traffic that strangers make.
            self._turn_away(request, source, 403, b"", DropReason.UNWANTED_CALL)
            return
        full = len(self._layer.servers) >= self._max_open_requests or self._layer.open_octets >= MAX_OPEN_OCTETS
        if full and not self._ends_a_call(request):
            self._turn_away(request, source, 503, b"Retry-After: 10\r\n", DropReason.OVERLOAD)
            return
        transaction = self._layer.start_server(request, key, source)
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
                self._table.tell(BindingsChanged(reply.changed))
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
            self._layer.send(*stateless_response(request, source, status, self._loose_tag(request), lines))
        self._table.drop(source, reason)

    def _ends_a_call(self, request: Request) -> bool:
        """BYE within a dialog of ours or CANCEL for an INVITE that is with us. Raises MalformedMessage."""
        if request.method == b"BYE":
            return (request.call_id, request.to_tag) in self._table.sessions
        return request.method == b"CANCEL" and self._layer.cancelled(request) is not None

    def _cancelled(self, request: Request, transaction: ServerTransaction, now: float) -> None:
        invite = self._layer.cancelled(request)
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
        session = self._table.sessions.get((request.call_id, request.to_tag))
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
            key = self._last_key - 1
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
                self._table,
                key,
                request,
                transaction,
                source,
                reply,
                auto=self._auto_terminate_cancelled,
                wanted_s=self._session_expires_s,
            )
            transaction.respond(100, now)  # § 17.2.1
            self._last_key = key
            self._table.add(session)
            self._table.tell(incoming)

    def _refuse(
        self, transaction: ServerTransaction, request: Request, status: int, now: float, lines: bytes = b""
    ) -> None:
        self._layer.count("requests_refused")
        transaction.respond(status, now, to_tag=self._loose_tag(request), lines=lines)

    def _loose_tag(self, request: Request) -> bytes:
        """A To tag for a response outside any dialog (§ 8.2.6.2); none when the request has one."""
        if request.to_tag:
            return b""
        return keyed_token(self._table.key, b"loose-tag", request.call_id, request.from_tag)


def _is_dialable(uri: bytes) -> bool:
    return uri.partition(b":")[0].lower() in (b"sip", b"sips", b"tel")
