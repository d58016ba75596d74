"""Dialogs (RFC 3261 § 12): who, in which order, by which way."""

from __future__ import annotations

from functools import lru_cache

from dialer.sip.errors import MalformedMessage
from dialer.sip.headers import uri_of
from dialer.sip.hop import STREAMS, TLS, Address, Hop, StreamHop, transport_of
from dialer.sip.message import Request, Response
from dialer.sip.transaction_layer import TransactionLayer
from dialer.sip.uri import Uri


class Dialog:
    """`local`, `remote`: the From and To values of our requests, tags included. `target`: the remote target, a
    URI. `routes`: the route set in the order of our requests. `next_hop`: where our requests are sent.
    `local_cseq`, `remote_cseq`: number of the last request sent or taken, None when there was none."""

    __slots__ = (
        "branch",
        "call_id",
        "local",
        "local_cseq",
        "local_tag",
        "next_hop",
        "remote",
        "remote_cseq",
        "remote_tag",
        "routes",
        "target",
    )

    def __init__(
        self,
        *,
        call_id: bytes,
        local: bytes,
        local_tag: bytes,
        remote: bytes,
        remote_tag: bytes,
        branch: bytes,
        target: bytes,
        routes: tuple[bytes, ...],
        local_cseq: int,
        remote_cseq: int | None,
        fallback: Hop,
    ) -> None:
        self.call_id = call_id
        self.local = local
        self.local_tag = local_tag
        self.remote = remote
        self.remote_tag = remote_tag
        self.branch = branch
        self.target = target
        self.routes = routes
        self.local_cseq = local_cseq
        self.remote_cseq = remote_cseq
        self.next_hop = self._next_hop(fallback)

    @classmethod
    def of_caller(
        cls,
        response: Response,
        *,
        local: bytes,
        local_tag: bytes,
        branch: bytes,
        default_target: bytes,
        fallback: Hop,
    ) -> Dialog:
        """The dialog that a 2xx to our INVITE makes (§ 12.1.2). `default_target`: for a 2xx without a usable
        Contact, against § 13.3.1.4, as some switches send. Raises MalformedMessage."""
        return cls(
            call_id=response.call_id,
            local=local,
            local_tag=local_tag,
            remote=response.need(b"to"),
            remote_tag=response.to_tag,
            branch=branch,
            target=_contact(response) or default_target,
            routes=tuple(reversed(response.elements(b"record-route"))),  # § 12.1.2: "in reverse order"
            local_cseq=response.cseq[0],
            remote_cseq=None,
            fallback=fallback,
        )

    @classmethod
    def of_callee(cls, invite: Request, *, local_tag: bytes, branch: bytes, source: Hop) -> Dialog:
        """The dialog that our answer to an INVITE makes (§ 12.1.1). Raises MalformedMessage."""
        return cls(
            call_id=invite.call_id,
            local=invite.need(b"to") + b";tag=" + local_tag,
            local_tag=local_tag,
            remote=invite.need(b"from"),
            remote_tag=invite.from_tag,
            branch=branch,
            target=_contact(invite) or uri_of(invite.need(b"from")),
            routes=tuple(invite.elements(b"record-route")),  # § 12.1.1: "preserving the order"
            local_cseq=0,
            remote_cseq=invite.cseq[0],
            fallback=source,
        )

    def next_branch(self, method: bytes, number: int) -> bytes:
        """A branch no other request of this call has."""
        return b"%b-%d%b" % (self.branch, number, b"A" if method == b"ACK" else method[:1].lower())

    def request(
        self,
        layer: TransactionLayer,
        method: bytes,
        number: int,
        *,
        lines: bytes = b"",
        branch: bytes = b"",
        body: bytes = b"",
    ) -> bytes:
        """A request of ours within the dialog (§ 12.2.1.1). `lines`: further headers, each ended by CRLF, that of
        a body's type among them."""
        uri, routes = self.target, self.routes
        if routes and not _is_loose(routes[0]):
            # § 12.2.1.1: a strict router goes into the Request-URI, and the target to the end of the route.
            uri, routes = uri_of(routes[0]), (*routes[1:], b"<" + self.target + b">")
        route_lines = b"".join([b"Route: %b\r\n" % route for route in routes])
        return (
            b"%b %b SIP/2.0\r\n%b%b\r\n%bMax-Forwards: 70\r\nFrom: %b\r\nTo: %b\r\nCall-ID: %b\r\n"
            b"CSeq: %d %b\r\n%b%bContent-Length: %d\r\n\r\n%b"
        ) % (
            method,
            uri,
            layer.via_start(self.next_hop),
            branch or self.next_branch(method, number),
            route_lines,
            self.local,
            self.remote,
            self.call_id,
            number,
            method,
            layer.user_agent_line,
            lines,
            len(body),
            body,
        )

    def takes(self, request: Request) -> bool:
        """Whether a request comes in order (§ 12.2.2: a lower CSeq number than the last is out of order)."""
        number = request.cseq[0]
        if self.remote_cseq is not None and number <= self.remote_cseq:
            return False
        self.remote_cseq = number
        return True

    def retarget(self, message: Request | Response, source: Hop) -> bool:
        """An INVITE or UPDATE within the dialog may move the remote target, by its Contact or that of its 2xx
        (§ 12.2.1.2, § 12.2.2, RFC 3311 § 5.1). Whether it did."""
        contact = _contact(message)
        if not contact:
            return False
        before = (self.target, self.next_hop)
        self.target = contact
        self.next_hop = self._next_hop(source)
        return before != (self.target, self.next_hop)

    def _next_hop(self, fallback: Hop) -> Hop:
        """§ 8.1.2: the first route, else the target; when that is a name, or of an IP version that the call did
        not come by, the way it went before. What names no transport keeps the one it has, and a connection that is
        there is used (RFC 5923, RFC 5626 § 4.2.1): who is behind an address translator can be reached by no
        other. What came over TLS never goes on in the clear, whatever it names: descriptions hold the keys of the
        audio."""
        try:
            found = _place_of(uri_of(self.routes[0]) if self.routes else self.target)
        except MalformedMessage:
            return fallback
        if found is None:
            return fallback
        address, transport = found
        if (":" in address[0]) != (":" in fallback[0]):
            return fallback
        if isinstance(fallback, StreamHop) and transport in ("", fallback.transport):
            same = address == (fallback.host, fallback.port)
            return StreamHop(*address, fallback.transport, fallback.name if same else "", fallback.flow)
        if transport_of(fallback) == TLS:
            return fallback
        return address if transport not in STREAMS else StreamHop(*address, transport)


@lru_cache(maxsize=1024)
def _place_of(uri: bytes) -> tuple[Address, str] | None:
    """Address and transport. Peers name themselves by the same few contacts and routes in all their calls."""
    parsed = Uri.parse(uri)
    return None if parsed.address is None else (parsed.address, parsed.transport)


def _contact(message: Request | Response) -> bytes | None:
    value = message.get(b"contact")
    if value is not None and b"," in value:
        values = message.elements(b"contact")
        value = values[0] if values else None
    if value is None:
        return None
    try:
        return uri_of(value)
    except MalformedMessage:
        return None


def _is_loose(route: bytes) -> bool:
    try:
        return Uri.parse(uri_of(route)).is_loose_router
    except MalformedMessage:
        return True
