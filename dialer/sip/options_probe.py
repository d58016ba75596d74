"""An OPTIONS outside any dialog (RFC 3261 § 11): is anybody there, and would they take our calls?"""

from __future__ import annotations

from typing import Protocol

from dialer.sip.client_transaction import ClientTransaction
from dialer.sip.digest import Credentials
from dialer.sip.errors import InvalidOrder
from dialer.sip.events import Probed, SipEvent
from dialer.sip.hop import Hop
from dialer.sip.identity import MAGIC_COOKIE, keyed_token
from dialer.sip.login import Answered, Login
from dialer.sip.message import Response
from dialer.sip.transaction_layer import TransactionLayer
from lists.value import value

_UNFIT = frozenset(' \t\r\n\0<>"')


@value
class ProbeOrder:
    """`key`: chosen by the caller, unique among probes under way, not negative. `uri`: who is asked,
    `from_uri`: who asks. `destination`: where the OPTIONS is sent. `credentials`: for a 401 or 407, tried
    once. `serial`: never the same twice in one process."""

    key: int
    serial: int
    uri: str
    from_uri: str
    destination: Hop
    credentials: Credentials | None = None


class Core(Protocol):
    """What a probe needs of the user agent."""

    layer: TransactionLayer
    key: bytes

    def tell(self, event: SipEvent) -> None: ...
    def login(self, credentials: Credentials, server: Hop) -> Login: ...
    def forget_probe(self, key: int) -> None: ...


class OptionsProbe:
    """One question and its answer: `Probed` follows, at the latest after 64*T1 (again that for each time
    it was challenged). Raises InvalidOrder."""

    def __init__(self, core: Core, order: ProbeOrder, now: float) -> None:
        if order.key < 0 or not order.uri or not order.from_uri or _UNFIT & set(order.uri + order.from_uri):
            raise InvalidOrder(f"probe {order.key}: a key that is not negative, and two URIs without blanks")
        self._core = core
        self._order = order
        self._token = keyed_token(core.key, b"options", b"%d" % order.serial, repr(now).encode()).decode()
        self._login = core.login(order.credentials, order.destination) if order.credentials is not None else None
        self._answered: Answered = {}
        self._cseq = 0
        self._send(now)

    def on_response(self, transaction: ClientTransaction, response: Response, now: float) -> None:
        if response.status < 200:
            return
        login = self._login
        if response.status in (401, 407) and login is not None and login.take(response, self._answered):
            self._send(now)
            return
        self._over(response.status, response.decoded_headers())

    def on_timeout(self, transaction: ClientTransaction, now: float) -> None:
        self._over(None, ())

    def on_unsent(self, transaction: ClientTransaction, now: float) -> None:
        self._over(None, ())

    def _over(self, status: int | None, headers: tuple[tuple[str, str], ...]) -> None:
        self._core.forget_probe(self._order.key)
        self._core.tell(Probed(self._order.key, status, headers, challenged=self._cseq > 1))

    def _send(self, now: float) -> None:
        order, layer = self._order, self._core.layer
        self._cseq += 1
        uri, destination = order.uri.encode(), order.destination
        branch = f"{MAGIC_COOKIE}o{self._token}-{self._cseq}".encode()
        request = b"OPTIONS %b SIP/2.0\r\n%b%b\r\n%b%b%b%bContent-Length: 0\r\n\r\n" % (
            uri,
            layer.via_start(destination),
            branch,
            (
                f"Max-Forwards: 70\r\nFrom: <{order.from_uri}>;tag=o{self._token}\r\nTo: <{order.uri}>\r\n"
                f"Call-ID: o{self._token}\r\nCSeq: {self._cseq} OPTIONS\r\nAccept: application/sdp\r\n"
            ).encode(),
            layer.contact_line(destination),
            layer.user_agent_line,
            self._login.lines(b"OPTIONS", uri) if self._login is not None else b"",
        )
        layer.start_client(request, branch, b"OPTIONS", destination, self, now)
