"""One registration with a carrier, kept until it is not wanted any more, as a table (RFC 3261 § 10.2, RFC 5626 §
4.5)."""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol

from dialer.sip.client_transaction import ClientTransaction
from dialer.sip.digest import Credentials
from dialer.sip.errors import InvalidOrder, MalformedMessage
from dialer.sip.events import Registered, RegistrationFailed, SipEvent, Unregistered
from dialer.sip.extensions import parse_seconds
from dialer.sip.headers import NameAddr
from dialer.sip.hop import Hop
from dialer.sip.identity import MAGIC_COOKIE, keyed_token
from dialer.sip.login import Answered, Login
from dialer.sip.message import Response
from dialer.sip.transaction_layer import TransactionLayer
from lists.value import value

BACKOFF_S = 30.0
BACKOFF_MOST_S = 1_800.0
"""RFC 5626 § 4.5: after each failure in a row twice as long, half of it to all of it at random."""

MARGIN_S = 64.0
"""Refreshed so long before it expires, or half way when that is later: a lost server and the wait after it fit
in."""

KEEP_ALIVE_S = 25.0
"""Between CRLFs over UDP, that address translators on the way forget nothing (RFC 5626 § 3.5.1 has STUN there,
which next to no carrier answers)."""

MAX_TRIES = 5
"""Requests in a row, whatever the server asks for."""


@value
class RegisterOrder:
    """`name`: the user's, unique among registrations. `registrar`: a URI (`sip:carrier.example`). `aor`: the
    address of record (`sip:account@carrier.example`). `destination`: where it is sent. `expires_s`: what is asked
    for, 60 to 86,400."""

    name: str
    registrar: str
    aor: str
    destination: Hop
    credentials: Credentials | None
    expires_s: int = 3_600


class State(StrEnum):
    ASKING = "asking"  # REGISTER is out
    REGISTERED = "registered"
    WAITING = "waiting"  # to try again after a failure
    STOPPING = "stopping"  # REGISTER is out, and is to be taken back
    LEAVING = "leaving"  # REGISTER with Expires: 0 is out
    OVER = "over"


class Input(StrEnum):
    ACCEPTED = "2xx"
    CHALLENGED = "401 or 407 that we can answer"
    TOO_BRIEF = "423 that we can follow"
    REFUSED = "other 3xx-6xx"
    LOST = "no answer"
    TURN = "the time has come"
    STOP = "unregister()"


class Effect(StrEnum):
    ASK = "send REGISTER"
    KEEP = "tell Registered, wait for the refresh"
    BACK_OFF = "tell RegistrationFailed, wait"
    TAKE_BACK = "send REGISTER with Expires: 0"
    TELL_OVER = "tell Unregistered"


S, On, Do = State, Input, Effect

TABLE: dict[tuple[State, Input], tuple[State, Effect | None]] = {
    (S.ASKING, On.ACCEPTED): (S.REGISTERED, Do.KEEP),  # § 10.2.4
    (S.ASKING, On.CHALLENGED): (S.ASKING, Do.ASK),  # § 22.2
    (S.ASKING, On.TOO_BRIEF): (S.ASKING, Do.ASK),  # § 10.2.8
    (S.ASKING, On.REFUSED): (S.WAITING, Do.BACK_OFF),  # RFC 5626 § 4.5
    (S.ASKING, On.LOST): (S.WAITING, Do.BACK_OFF),
    (S.ASKING, On.STOP): (S.STOPPING, None),  # § 10.2: not while an earlier one has no answer
    (S.REGISTERED, On.TURN): (S.ASKING, Do.ASK),  # § 10.2.4: "refresh"
    (S.REGISTERED, On.STOP): (S.LEAVING, Do.TAKE_BACK),  # § 10.2.2
    (S.WAITING, On.TURN): (S.ASKING, Do.ASK),
    (S.WAITING, On.STOP): (S.LEAVING, Do.TAKE_BACK),  # what was registered before may still stand
    (S.STOPPING, On.ACCEPTED): (S.LEAVING, Do.TAKE_BACK),
    (S.STOPPING, On.CHALLENGED): (S.OVER, Do.TELL_OVER),
    (S.STOPPING, On.TOO_BRIEF): (S.OVER, Do.TELL_OVER),
    (S.STOPPING, On.REFUSED): (S.OVER, Do.TELL_OVER),
    (S.STOPPING, On.LOST): (S.OVER, Do.TELL_OVER),
    (S.LEAVING, On.ACCEPTED): (S.OVER, Do.TELL_OVER),
    (S.LEAVING, On.CHALLENGED): (S.LEAVING, Do.TAKE_BACK),
    (S.LEAVING, On.TOO_BRIEF): (S.OVER, Do.TELL_OVER),
    (S.LEAVING, On.REFUSED): (S.OVER, Do.TELL_OVER),
    (S.LEAVING, On.LOST): (S.OVER, Do.TELL_OVER),
}
"""What is not in the table changes nothing."""


class Core(Protocol):
    """What a registration needs of the user agent it lives in."""

    layer: TransactionLayer
    key: bytes

    def tell(self, event: SipEvent) -> None: ...

    def login(self, credentials: Credentials, server: Hop) -> Login: ...

    def forget_registration(self, name: str) -> None: ...


class Registration:
    """Making it is sending the first REGISTER. Raises InvalidOrder."""

    __slots__ = (
        "_answered",
        "_asked_s",
        "_call_id",
        "_core",
        "_cseq",
        "_due_for",
        "_expires_at",
        "_failures",
        "_login",
        "_order",
        "_tag",
        "_tries",
        "due_at",
        "state",
    )

    def __init__(self, core: Core, order: RegisterOrder, now: float) -> None:
        if not 60 <= order.expires_s <= 86_400:
            raise InvalidOrder(f"registration {order.name}: {order.expires_s} s, not 60 to 86,400")
        if any(char in text for text in (order.registrar, order.aor) for char in ' \t\r\n\0<>"'):
            raise InvalidOrder(f"registration {order.name}: white space, brackets or quotes in a URI")
        self._core = core
        self._order = order
        self._login = core.login(order.credentials, order.destination) if order.credentials is not None else None
        name = order.name.encode()
        # Of this run alone: after another one a lower CSeq under the same Call-ID would be refused (§ 10.3 step
        # 7).
        run = b"%d" % int(now * 1_000)
        self._call_id = b"".join(keyed_token(core.key, part, name, run) for part in (b"register-1", b"register-2"))
        self._tag = keyed_token(core.key, b"register-tag", name, run)
        self._cseq = 0
        self._asked_s = order.expires_s
        self._answered: Answered = {}
        self._tries = 0
        self._failures = 0
        self._expires_at: float | None = None  # of what the registrar has of us
        self._due_for = 0.0
        self.due_at: float | None = None
        self.state = State.ASKING
        self._begin(now)

    # -- commands --

    def stop(self, now: float) -> None:
        """Take it back; `Unregistered` follows."""
        self._step(Input.STOP, None, now)

    # -- from the network and the clock --

    def on_timer(self, now: float) -> None:
        if now < self._due_for:
            self._core.layer.send(b"\r\n\r\n", self._order.destination)
            self._wake(now)
            return
        self._step(Input.TURN, None, now)

    def on_response(self, transaction: ClientTransaction, response: Response, now: float) -> None:
        status = response.status
        if status < 200:
            return
        if status < 300:
            self._step(Input.ACCEPTED, response, now)
        elif self._tries >= MAX_TRIES:
            self._step(Input.REFUSED, response, now)
        elif status in (401, 407) and self._login is not None and self._login.take(response, self._answered):
            self._step(Input.CHALLENGED, response, now)
        elif status == 423 and self._asked_s < (least_s := _seconds(response, b"min-expires")) <= 86_400:
            self._asked_s = least_s
            self._step(Input.TOO_BRIEF, response, now)
        else:
            self._step(Input.REFUSED, response, now)

    def on_timeout(self, transaction: ClientTransaction, now: float) -> None:
        self._step(Input.LOST, None, now)

    def on_unsent(self, transaction: ClientTransaction, now: float) -> None:
        self._step(Input.LOST, None, now)

    # -- the table's machine --

    def _step(self, what: Input, response: Response | None, now: float) -> None:
        row = TABLE.get((self.state, what))
        if row is None:
            return
        self.state, effect = row
        if what in (Input.TURN, Input.STOP):
            self._tries = 0
            self._answered.clear()
        if effect is Do.ASK:
            self._ask(self._asked_s, now)
        elif effect is Do.TAKE_BACK:
            self._core.layer.queue.wake(self, None)
            self._ask(0, now)
        elif effect is Do.KEEP and response is not None:
            self._keep(response, now)
        elif effect is Do.BACK_OFF:
            self._back_off(response, now)
        elif effect is Do.TELL_OVER:
            self._core.layer.queue.wake(self, None)
            self._core.forget_registration(self._order.name)
            self._core.tell(Unregistered(self._order.name))

    def _begin(self, now: float) -> None:
        self._tries = 0
        self._answered.clear()
        self._ask(self._asked_s, now)

    def _ask(self, expires_s: int, now: float) -> None:
        order, layer = self._order, self._core.layer
        self._cseq += 1
        self._tries += 1
        branch = MAGIC_COOKIE.encode() + keyed_token(self._core.key, b"branch", self._call_id, b"%d" % self._cseq)
        uri = order.registrar.encode()
        lines = self._login.lines(b"REGISTER", uri) if self._login is not None else b""
        contact = layer.contact_line(order.destination).rstrip(b"\r\n")
        request = (
            b"REGISTER %b SIP/2.0\r\n%b%b\r\nMax-Forwards: 70\r\n"
            b"From: <%b>;tag=%b\r\nTo: <%b>\r\nCall-ID: %b\r\nCSeq: %d REGISTER\r\n"
            b"%b;expires=%d\r\nExpires: %d\r\nSupported: path\r\n%b%bContent-Length: 0\r\n\r\n"
        ) % (
            uri,
            layer.via_start(order.destination),
            branch,
            order.aor.encode(),
            self._tag,
            order.aor.encode(),
            self._call_id,
            self._cseq,
            contact,
            expires_s,
            expires_s,
            layer.user_agent_line,
            lines,
        )
        layer.start_client(request, branch, b"REGISTER", order.destination, self, now)

    def _keep(self, response: Response, now: float) -> None:
        if self._login is not None:
            self._login.accepted(response)
        expires_s = self._granted(response)
        if expires_s <= 0:  # registered for no time at all: as good as refused
            self.state = State.WAITING
            self._back_off(response, now)
            return
        self._failures = 0
        self._expires_at = now + expires_s
        self._core.tell(Registered(self._order.name, expires_s))
        self._due_for = now + max(expires_s / 2, expires_s - MARGIN_S)
        self._wake(now)

    def _wake(self, now: float) -> None:
        """At the refresh, or for a keep-alive before it."""
        over_udp = type(self._order.destination) is tuple
        at = min(self._due_for, now + KEEP_ALIVE_S) if over_udp else self._due_for
        self._core.layer.queue.wake(self, at)

    def _granted(self, response: Response) -> int:
        """§ 10.2.4: that of our Contact, which may be one of several; else the Expires header; else what we
        asked."""
        ours = self._core.layer.contact_line(self._order.destination).split(b"<")[1].split(b">")[0].lower()
        for element in response.elements(b"contact"):
            try:
                contact = NameAddr.parse(element)
            except MalformedMessage:
                continue
            if contact.uri.lower().encode() != ours:
                continue
            for param in contact.params.split(";"):
                name, _, text = param.partition("=")
                if name.strip().lower() == "expires" and text.strip().isdigit():
                    return min(int(text.strip()[:9]), 2**31)
        return _seconds(response, b"expires", self._asked_s)

    def _back_off(self, response: Response | None, now: float) -> None:
        most_s = min(BACKOFF_S * 2**self._failures, BACKOFF_MOST_S)
        self._failures = min(self._failures + 1, 16)
        token = keyed_token(self._core.key, b"register-wait", self._call_id, b"%d" % self._cseq)
        wait_s = most_s * (0.5 + int(token, 16) % 1_000 / 2_000)
        if response is not None:
            wait_s = max(wait_s, min(_seconds(response, b"retry-after"), BACKOFF_MOST_S))
        stands = self._expires_at is not None and self._expires_at > now
        status = response.status if response is not None else 408
        self._core.tell(RegistrationFailed(self._order.name, status, wait_s, stands))
        self._due_for = now + wait_s
        self._core.layer.queue.wake(self, self._due_for)


def _seconds(response: Response, name: bytes, default: int = 0) -> int:
    text = response.get(name)
    try:
        return parse_seconds(text) if text is not None else default
    except MalformedMessage:
        return default
