"""What calling and called sessions share once they are answered: hanging up, being hung up on, re-INVITE."""

from __future__ import annotations

from abc import ABC, abstractmethod
from enum import StrEnum
from typing import Protocol

from dialer.sip.call_notes import CallNote
from dialer.sip.client_transaction import ClientTransaction
from dialer.sip.dialog import Dialog
from dialer.sip.digest import Credentials, authorization, choose
from dialer.sip.errors import MalformedSdp, NoCommonCodec, UnusableChallenge
from dialer.sip.events import Address, Ended, Reoffered, SipEvent
from dialer.sip.identity import keyed_token
from dialer.sip.message import Request, Response
from dialer.sip.sdp import answer_again
from dialer.sip.server_transaction import ServerTransaction
from dialer.sip.transaction_layer import TransactionLayer

SDP_LINE = b"Content-Type: application/sdp\r\n"


class State(StrEnum):
    INVITING = "inviting"  # our INVITE is out, nothing came back
    PROCEEDING = "proceeding"  # a provisional came
    CANCEL_HELD = "cancel held back"  # to be cancelled as soon as a provisional comes
    CANCELLING = "cancelling"  # CANCEL is out
    RINGING = "ringing"  # somebody's INVITE is with us
    ANSWERED = "answered"  # our 200 is out, its ACK is not here
    ENDING = "ending"  # as answered, and to be hung up once the ACK is here
    UP = "up"  # confirmed
    LEAVING = "leaving"  # our BYE is out
    OVER = "over"


_LEAVING, _OVER = State.LEAVING, State.OVER  # see client_transaction


class Core(Protocol):
    """What a session needs of the user agent it lives in."""

    layer: TransactionLayer
    key: bytes
    takes_notes: bool

    def tell(self, event: SipEvent) -> None: ...

    def note(self, note: CallNote) -> None: ...

    def forget(self, session: Session) -> None: ...


class Session(ABC):
    """One call. `key`: the user's name for it. `session_id`: (Call-ID, our tag), under which requests of the
    far end find it. `local_sdp`: our last session description."""

    __slots__ = (
        "_bye_tried",
        "_ok_cseq",
        "_ok_gives_up_at",
        "_ok_interval_s",
        "_ok_sent",
        "core",
        "credentials",
        "dialog",
        "due_at",
        "key",
        "local_sdp",
        "session_id",
        "state",
    )

    def __init__(self, core: Core, key: int, session_id: tuple[bytes, bytes], state: State) -> None:
        self.core = core
        self.key = key
        self.session_id = session_id
        self.state = state
        self.dialog: Dialog | None = None
        self.credentials: Credentials | None = None
        self.local_sdp = b""
        self.due_at: float | None = None
        self._bye_tried = False
        self._ok_sent: ServerTransaction | None = None
        self._ok_cseq = 0
        self._ok_interval_s = 0.0
        self._ok_gives_up_at = 0.0

    # -- the 2xx to an INVITE of theirs, repeated until its ACK (§ 13.3.1.4, § 14.2) --

    def _await_ack(self, transaction: ServerTransaction, cseq: int, now: float) -> None:
        timers = self.core.layer.timers
        self._ok_sent = transaction
        self._ok_cseq = cseq  # not the dialog's last: other requests may overtake the ACK
        self._ok_interval_s = timers.t1_s
        self._ok_gives_up_at = now + timers.timeout_s
        self.core.layer.queue.wake(self, now + timers.t1_s)

    def _stop_awaiting_ack(self) -> None:
        self._ok_sent = None
        self.core.layer.queue.wake(self, None)

    def on_timer(self, now: float) -> None:
        if self._ok_sent is None:
            return
        if now >= self._ok_gives_up_at:
            self._stop_awaiting_ack()
            self.on_no_ack(now)
            return
        self._ok_sent.send_again(now)
        self._ok_interval_s = min(self._ok_interval_s * 2, self.core.layer.timers.t2_s)
        self.core.layer.queue.wake(self, min(now + self._ok_interval_s, self._ok_gives_up_at))

    def on_ack(self, request: Request, now: float) -> None:
        """An ACK within the dialog; one more than was waited for changes nothing."""
        if self._ok_sent is None or request.cseq[0] != self._ok_cseq:
            return
        self._stop_awaiting_ack()
        self._on_awaited_ack(request, now)

    def _on_awaited_ack(self, request: Request, now: float) -> None:
        if request.body:
            self.core.tell(Reoffered(self.key, request.body))  # their INVITE had no offer, so ours was answered

    def on_no_ack(self, now: float) -> None:
        """§ 14.2: without an ACK for the 2xx to a re-INVITE the dialog is ended."""
        if self.state is State.UP:
            self._leave(now)

    # -- hanging up (§ 15) --

    @abstractmethod
    def cancel(self, now: float) -> None:
        """Give up a call that was not answered."""

    @abstractmethod
    def hang_up(self, now: float) -> None:
        """End the call."""

    def _leave(self, now: float) -> None:
        """Send BYE; `Ended` when it is answered."""
        self.state = _LEAVING
        self._send_bye(now)

    def _send_bye(self, now: float, lines: bytes = b"") -> None:
        dialog = self.dialog
        if dialog is None:
            return
        layer = self.core.layer
        dialog.local_cseq += 1
        branch = dialog.next_branch(b"BYE", dialog.local_cseq)
        request = dialog.request(layer, b"BYE", dialog.local_cseq, lines=lines, branch=branch)
        layer.start_client(request, branch, b"BYE", dialog.next_hop, self, now)

    def on_response(self, transaction: ClientTransaction, response: Response, now: float) -> None:
        """A response to our BYE: any final one ends the call (§ 15.1.1), except a challenge we can answer."""
        if response.status < 200 or transaction.method != b"BYE":
            return
        if response.status in (401, 407) and not self._bye_tried and self.state is _LEAVING:
            lines = self._authorization(response, b"BYE")
            if lines:
                self._bye_tried = True
                self._send_bye(now, lines)
                return
        self._over(Ended(self.key, by_remote=False))

    def on_timeout(self, transaction: ClientTransaction, now: float) -> None:
        """Nobody answers our BYE: the call is over all the same (§ 15.1.1)."""
        self._over(Ended(self.key, by_remote=False))

    def on_bye(self, request: Request, transaction: ServerTransaction, now: float) -> None:
        """The far end hangs up (§ 15.1.2)."""
        transaction.respond(200, now)
        crossed = self.state is _LEAVING
        self._over(Ended(self.key, by_remote=not crossed, q850=None if crossed else request.q850))

    def _over(self, event: SipEvent | None) -> None:
        if self.state is _OVER:
            return
        self.state = _OVER
        if self._ok_sent is not None:
            self._stop_awaiting_ack()
        self.core.forget(self)
        if event is not None:
            self.core.tell(event)

    def _authorization(self, response: Response, method: bytes) -> bytes:
        """The header that answers a challenge, ended by CRLF; empty when we cannot."""
        if self.credentials is None or self.dialog is None:
            return b""
        return authorization_line(
            response, self.credentials, method, self.dialog.target, self.core.key, self.dialog.local_cseq + 1
        )

    # -- re-INVITE (§ 14.2) --

    def on_reinvite(self, request: Request, transaction: ServerTransaction, source: Address, now: float) -> None:
        """Take the other side's new description as long as ours can stay as it is."""
        if self.state is _LEAVING:
            transaction.respond(481, now)
            return
        if self.state is not State.UP or self._ok_sent is not None:
            # § 14.2: an INVITE while an earlier one is not finished.
            transaction.respond(500, now, lines=b"Retry-After: 2\r\n")
            return
        body = self.local_sdp
        if request.body:
            try:
                body = answer_again(self.local_sdp, request.body)
            except (MalformedSdp, NoCommonCodec):
                transaction.respond(488, now)
                return
        if self.dialog is not None:
            self.dialog.retarget(request, source)
        self.local_sdp = body
        lines = self.core.layer.contact_line + (SDP_LINE if body else b"")
        transaction.respond(200, now, lines=lines, body=body)
        self._await_ack(transaction, request.cseq[0], now)
        if request.body:
            self.core.tell(Reoffered(self.key, request.body))


def authorization_line(
    response: Response, credentials: Credentials, method: bytes, uri: bytes, key: bytes, number: int
) -> bytes:
    """Authorization for a 401, Proxy-Authorization for a 407 (§ 22.2, § 22.3), ended by CRLF; empty when no
    challenge of the response can be answered. `number`: the CSeq of the request to come, for the cnonce."""
    proxy = response.status == 407
    values = response.headers.get(b"proxy-authenticate" if proxy else b"www-authenticate", [])
    try:
        challenge = choose(values)
    except UnusableChallenge:
        return b""
    cnonce = keyed_token(key, b"cnonce", response.call_id, response.from_tag, method, b"%d" % number).decode()
    value = authorization(challenge, credentials, method.decode(), uri.decode("utf-8", "replace"), cnonce=cnonce)
    name = "Proxy-Authorization" if proxy else "Authorization"
    return f"{name}: {value}\r\n".encode()
