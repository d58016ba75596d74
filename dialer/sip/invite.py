"""The INVITEs of one call until it is answered: the first, and the ones after a challenge or a 422, or to the next
server (RFC 3261 § 13.2.1, § 22.2; RFC 3263 § 4.3; RFC 4028 § 7.3)."""

from __future__ import annotations

from typing import NamedTuple

from dialer.sip.headers import quote
from dialer.sip.hop import TCP, Hop, StreamHop
from dialer.sip.login import Login
from dialer.sip.order import InviteOrder, header_lines
from dialer.sip.session_timer import asking_lines
from dialer.sip.transaction_layer import ALLOW_LINE, SDP_LINE, SUPPORTED_LINE, TransactionLayer

MAX_TRIES = 10
"""INVITEs of one call, whatever the servers ask for."""

MAX_PACKET = 1_300
"""Octets of a request that may go over UDP where the path's MTU is not known (§ 18.1.1)."""

TIMER_ONLY_LINE = b"Supported: timer\r\n"
"""Without an offer of ours, a reliable provisional would bring one, and its PRACK would have to answer it."""


class Written(NamedTuple):
    """An INVITE for the wire. `start`: what its CANCEL has to repeat, should somebody else have to send that."""

    branch: bytes
    start: bytes
    whole: bytes


class Invites:
    """`target`: where the last one went. `cseq`, `login_lines`: of the last one. `least_s`: the session interval
    that a 422 wanted at least."""

    __slots__ = ("_by_udp", "_others", "_tries", "cseq", "least_s", "login_lines", "order", "target")

    def __init__(self, order: InviteOrder) -> None:
        self.order = order
        self.target: Hop = order.destination
        self.cseq = 0
        self.login_lines = b""
        self.least_s = 0
        self._others = order.alternatives
        self._by_udp = False
        self._tries = 0

    @property
    def may_go_on(self) -> bool:
        return self._tries < MAX_TRIES

    @property
    def has_elsewhere(self) -> bool:
        """Another server may take the call (RFC 3263 § 4.3); over UDP when a connection was only wanted for
        size."""
        return self._tries < MAX_TRIES and bool(self._others)

    def go_elsewhere(self) -> None:
        """The next one goes to the next server: the same request, under another branch (RFC 3263 § 4.3)."""
        self.target, *others = self._others
        self._others = tuple(others)
        self.cseq -= 1

    def write(self, layer: TransactionLayer, login: Login | None, wanted_s: int) -> Written:
        """The next one, to `target`. `wanted_s`: the session interval to ask for, 0 for none."""
        order = self.order
        self.cseq += 1
        self._tries += 1
        if login is not None:
            self.login_lines = login.lines(b"INVITE", order.request_uri.encode())
        # Identity.branch(attempt, n) names the nth the same way.
        branch = (order.branch if self._tries == 1 else f"{order.branch}-{self._tries}").encode()
        lines = self.login_lines
        if wanted_s:
            lines += asking_lines(wanted_s, self.least_s)
        written = self._to(self.target, layer, branch, lines)
        too_large = len(written.whole) > MAX_PACKET and order.tcp_when_large and not self._by_udp
        if too_large and type(self.target) is tuple:
            self._others = (self.target, *self._others)  # § 18.1.1: over UDP all the same, when TCP fails
            self._by_udp = True
            self.target = StreamHop(self.target[0], self.target[1], TCP)
            written = self._to(self.target, layer, branch, lines)
        return written

    def _to(self, hop: Hop, layer: TransactionLayer, branch: bytes, lines: bytes) -> Written:
        order = self.order
        start = b"INVITE %b SIP/2.0\r\n%b%b\r\n%b" % (
            order.request_uri.encode(),
            layer.via_start(hop),
            branch,
            (
                f"Max-Forwards: 70\r\nFrom: {from_value(order)}\r\nTo: <{order.to_uri}>\r\n"
                f"Call-ID: {order.call_id}\r\nCSeq: {self.cseq} INVITE\r\n"
            ).encode(),
        )
        contact_line = layer.contact_line(hop)
        if order.request_uri[:5].lower() == "sips:":  # § 8.1.1.8: then the Contact has to be one as well
            contact_line = contact_line.replace(b"<sip:", b"<sips:").replace(b";transport=tls", b"")
        whole = b"%b%b%b%b%b%b%bContent-Length: %d\r\n\r\n%b" % (
            start,
            contact_line,
            ALLOW_LINE,
            SUPPORTED_LINE if order.body else TIMER_ONLY_LINE,
            layer.user_agent_line,
            header_lines(order.extra_headers) if order.extra_headers else b"",
            lines + SDP_LINE if order.body else lines,
            len(order.body),
            order.body,
        )
        return Written(branch, start, whole)


def from_value(order: InviteOrder) -> str:
    """Of the From header, with our tag."""
    name = f"{quote(order.display_name)} " if order.display_name else ""
    return f"{name}<{order.from_uri}>;tag={order.from_tag}"
