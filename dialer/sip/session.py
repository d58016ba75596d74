"""What calling and called sessions share: the requests within their dialogs, hanging up and being hung up on, and
how long the session may last."""

from __future__ import annotations

from abc import ABC, abstractmethod
from enum import StrEnum
from typing import ClassVar, Protocol

from dialer.sip import info, their_change
from dialer.sip.call_notes import CallNote
from dialer.sip.client_transaction import ClientTransaction
from dialer.sip.dialog import Dialog
from dialer.sip.digest import Credentials
from dialer.sip.events import Digits, Ended, Expired, Held, Reoffered, Resumed, SipEvent
from dialer.sip.hop import Hop
from dialer.sip.login import Answered, Login
from dialer.sip.message import Message, Request, Response
from dialer.sip.our_change import OurChange
from dialer.sip.sdp import parse, redirected
from dialer.sip.server_transaction import ServerTransaction
from dialer.sip.session_timer import Agreement, SessionTimer
from dialer.sip.transaction_layer import ALLOW_LINE, SUPPORTED_LINE, TransactionLayer

OPTIONS_LINES = ALLOW_LINE + SUPPORTED_LINE + b"Accept: application/sdp\r\n"
"""§ 11.2."""


class State(StrEnum):
    INVITING = "inviting"  # our INVITE is out, nothing came back
    PROCEEDING = "proceeding"  # a provisional came
    CANCEL_HELD = "cancel held back"  # to be cancelled as soon as a provisional comes
    CANCELLING = "cancelling"  # CANCEL is out
    RINGING = "ringing"  # somebody's INVITE is with us
    ANSWER_HELD = "answer held back"  # to be answered as soon as our description is acknowledged
    ANSWERED = "answered"  # our 200 is out, its ACK is not here
    ENDING = "ending"  # as answered, and to be hung up once the ACK is here
    UP = "up"  # confirmed
    LEAVING = "leaving"  # our BYE is out
    OVER = "over"


_LEAVING, _OVER, _UP = State.LEAVING, State.OVER, State.UP  # see client_transaction


class Core(Protocol):
    """What a session needs of the user agent it lives in."""

    layer: TransactionLayer
    key: bytes
    takes_notes: bool

    def tell(self, event: SipEvent) -> None: ...

    def note(self, note: CallNote) -> None: ...

    def forget(self, session: Session) -> None: ...

    def login(self, credentials: Credentials, server: Hop) -> Login: ...


class Session(ABC):
    """One call. `key`: the user's name for it. `session_id`: (Call-ID, our tag), under which requests of the
    far end find it. `local_sdp`: our last session description. `direction`: what we want of the audio, as in SDP.
    `held`: the far end wants none of ours. `login`: our credentials at whoever challenges. `wanted_s`: the session
    interval we ask for, 0 for none."""

    owns_call_id: ClassVar[bool]
    """Who made the Call-ID waits longer after a glare (§ 14.1)."""

    __slots__ = (
        "_bye_answered",
        "_ok_cseq",
        "_ok_gives_up_at",
        "_ok_interval_s",
        "_ok_offers",
        "_ok_sent",
        "_timer",
        "_updates",
        "change",
        "core",
        "dialog",
        "direction",
        "due_at",
        "held",
        "key",
        "local_sdp",
        "login",
        "session_id",
        "state",
        "wanted_s",
    )

    def __init__(self, core: Core, key: int, session_id: tuple[bytes, bytes], state: State) -> None:
        self.core = core
        self.key = key
        self.session_id = session_id
        self.state = state
        self.dialog: Dialog | None = None
        self.login: Login | None = None
        self.local_sdp = b""
        self.direction = "sendrecv"
        self.held = False
        self.wanted_s = 0
        self.change: OurChange | None = None
        self.due_at: float | None = None
        self._bye_answered: Answered | None = None
        self._timer: SessionTimer | None = None
        self._updates = False
        self._ok_sent: ServerTransaction | None = None
        self._ok_cseq = 0
        self._ok_interval_s = 0.0
        self._ok_gives_up_at = 0.0
        self._ok_offers = False

    @property
    def is_up(self) -> bool:
        return self.state is _UP

    @property
    def is_leaving(self) -> bool:
        return self.state is _LEAVING

    # -- requests of the far end within a dialog (§ 12.2.2) --

    def dialog_with(self, remote_tag: bytes) -> Dialog | None:
        """The dialog of this call with one far end."""
        dialog = self.dialog
        return dialog if dialog is not None and dialog.remote_tag == remote_tag else None

    def on_request(
        self, request: Request, dialog: Dialog, transaction: ServerTransaction, source: Hop, now: float
    ) -> None:
        """A request in order, other than ACK and CANCEL. Raises MalformedMessage, then with nothing answered."""
        match request.method:
            case b"BYE":
                self.on_bye(request, transaction, now)
            case b"INVITE":
                their_change.take_invite(self, request, transaction, source, now)
            case b"UPDATE":
                their_change.take_update(self, dialog, request, transaction, source, now)
            case b"PRACK":
                self.on_prack(request, transaction, now)
            case b"INFO":
                status, lines, digits = info.judge(request)
                transaction.respond(status, now, lines=lines)
                if digits:
                    self.core.tell(Digits(self.key, digits))
            case b"REFER":
                transaction.respond(603, now)  # transfers are ours to make: docs/reference/sip.md
            case b"NOTIFY":
                transaction.respond(481, now)  # RFC 6665 § 4.1.3: of no subscription of ours
            case _:
                transaction.respond(200, now, lines=OPTIONS_LINES)

    def on_prack(self, request: Request, transaction: ServerTransaction, now: float) -> None:
        """RFC 3262 § 3: a PRACK for nothing that waits for one."""
        transaction.respond(481, now)

    # -- the 2xx to an INVITE of theirs, repeated until its ACK (§ 13.3.1.4, § 14.2) --

    @property
    def awaits_ack(self) -> bool:
        return self._ok_sent is not None

    @property
    def is_offering(self) -> bool:
        """A description of ours is out that has no answer (RFC 3264 § 4)."""
        change = self.change
        return (change is not None and change.is_offering) or (self._ok_sent is not None and self._ok_offers)

    def await_ack(self, transaction: ServerTransaction, cseq: int, now: float, *, offers: bool = False) -> None:
        """Repeat the 200 just sent until its ACK. `offers`: it holds an offer, and the ACK will answer it."""
        timers = self.core.layer.timers
        self._ok_sent = transaction
        self._ok_cseq = cseq  # not the dialog's last: other requests may overtake the ACK
        self._ok_interval_s = timers.t1_s
        self._ok_gives_up_at = now + timers.timeout_s
        self._ok_offers = offers
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
            self.described_by(request.body, self.dialog)  # their INVITE had no offer, so ours was answered

    def on_no_ack(self, now: float) -> None:
        """§ 14.2: without an ACK for the 2xx to a re-INVITE the dialog is ended."""
        self.leave(now)

    # -- descriptions --

    def is_described(self, dialog: Dialog) -> bool:
        """Both sides have described the session in this dialog, so that either may offer anew (RFC 3311 § 5.1)."""
        return self.state is _UP

    def remember(self, body: bytes, dialog: Dialog) -> None:  # noqa: B027 -- most need nothing
        """The far end's description in a dialog, while that is early."""

    def described_by(self, body: bytes, dialog: Dialog | None) -> None:
        """The far end's new description stands."""
        if dialog is not None:
            self.remember(body, dialog)
        crypto = parse(self.local_sdp).crypto if b"\na=crypto:" in self.local_sdp else ()
        self.core.tell(Reoffered(self.key, body, crypto))
        self.note_hold(body)

    def note_hold(self, body: bytes) -> None:
        """Tell when the far end's description begins or ends a hold."""
        held = their_change.holds(body, self.held)
        if held != self.held:
            self.held = held
            self.core.tell(Held(self.key) if held else Resumed(self.key))

    def redirect(self, direction: str, now: float) -> None:
        """Hold the far end (`sendonly`, `inactive`), or talk again (`sendrecv`). Raises ValueError, MalformedSdp,
        NoCommonCodec."""
        body = redirected(self.local_sdp, direction)
        self.direction = direction
        self.reoffer(body, now)

    def reoffer(self, body: bytes, now: float) -> None:
        """Offer a new description; not while the call is not answered and nothing is agreed, nor when it is
        over."""
        if not body or self.dialog_for_changes() is None:
            return
        if self.change is None:
            self.change = OurChange(self)
        self.change.offer(body, now)

    def dialog_for_changes(self) -> Dialog | None:
        """Where we may change the session now, None when we may not."""
        return self.dialog if self.state is _UP else None

    def retargeted(self) -> None:  # noqa: B027 -- most need nothing
        """The far end moved its target."""

    # -- how long the session may last (RFC 4028) --

    @property
    def agreement(self) -> Agreement | None:
        return self._timer.agreement if self._timer is not None else None

    @property
    def far_end_updates(self) -> bool:
        """The far end takes UPDATE, as far as it said so."""
        return self._updates

    def agree(self, agreement: Agreement | None, message: Message, now: float) -> None:
        """An INVITE or UPDATE was agreed on. `message`: the far end's part of it."""
        if agreement is None and self._timer is None:
            return
        if allow := message.elements(b"allow"):
            self._updates = b"UPDATE" in allow
        if self._timer is None:
            self._timer = SessionTimer(self.core.layer.queue, self)
        self._timer.start(agreement, now)

    def refresh(self, now: float) -> None:
        """Half of the session's interval is over, and the refresh is ours."""
        if self.dialog_for_changes() is None:
            return
        if self.change is None:
            self.change = OurChange(self)
        self.change.refresh(now)

    def expire(self, now: float) -> None:
        """Nobody refreshed the session in time."""
        if self.state is _UP:
            self.core.tell(Expired(self.key))
            self.leave(now)

    # -- hanging up (§ 15) --

    @abstractmethod
    def cancel(self, now: float) -> None:
        """Give up a call that was not answered."""

    @abstractmethod
    def hang_up(self, now: float) -> None:
        """End the call."""

    def leave(self, now: float) -> None:
        """Send BYE to a call that is up; `Ended` when it is answered."""
        if self.state is _UP:
            self.state = _LEAVING
            self._send_bye(now)

    def _send_bye(self, now: float) -> None:
        dialog = self.dialog
        if dialog is None:
            return
        if self._timer is not None:
            self._timer.stop()
        layer = self.core.layer
        dialog.local_cseq += 1
        branch = dialog.next_branch(b"BYE", dialog.local_cseq)
        lines = self.login.lines(b"BYE", dialog.target) if self.login is not None else b""
        request = dialog.request(layer, b"BYE", dialog.local_cseq, lines=lines, branch=branch)
        layer.start_client(request, branch, b"BYE", dialog.next_hop, self, now)

    def on_response(self, transaction: ClientTransaction, response: Response, now: float) -> None:
        """A response to our BYE: any final one ends the call (§ 15.1.1), except a challenge we can answer."""
        if response.status < 200 or transaction.method != b"BYE":
            return
        if response.status in (401, 407) and self.state is _LEAVING and self.login is not None:
            if self._bye_answered is None:
                self._bye_answered = {}
            if self.login.take(response, self._bye_answered):
                self._send_bye(now)
                return
        self._over(Ended(self.key, by_remote=False))

    def on_timeout(self, transaction: ClientTransaction, now: float) -> None:
        """Nobody answers our BYE: the call is over all the same (§ 15.1.1)."""
        if transaction.method == b"BYE":
            self._over(Ended(self.key, by_remote=False))

    def on_unsent(self, transaction: ClientTransaction, now: float) -> None:
        """It cannot even be sent (§ 8.1.3.1)."""
        self.on_timeout(transaction, now)

    def on_success_again(self, response: Response, now: float) -> None:
        """A 2xx to an INVITE of ours that was answered already: it wants its ACK again (§ 13.2.2.4)."""
        if self.change is not None:
            self.change.acknowledge_again(response)

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
        if self._timer is not None:
            self._timer.stop()
        if self.change is not None:
            self.change.stop()
        self.core.forget(self)
        if event is not None:
            self.core.tell(event)
