"""The calls that come in: INVITE to our answer or refusal, as a table (RFC 3261 § 13.3, § 9.2)."""

from __future__ import annotations

from enum import StrEnum

from dialer.sip import their_change
from dialer.sip.dialog import Dialog
from dialer.sip.events import Acked, Cancelled, Ended, SipEvent
from dialer.sip.extensions import RELIABLE, option_tags, parse_rack
from dialer.sip.hop import Hop
from dialer.sip.identity import MAGIC_COOKIE, keyed_token
from dialer.sip.message import Request
from dialer.sip.order import check_lines, header_lines
from dialer.sip.reliable_provisionals import ReliableProvisionals
from dialer.sip.server_transaction import ServerTransaction
from dialer.sip.session import Core, Session, State
from dialer.sip.session_timer import Reply
from dialer.sip.transaction_layer import ALLOW_LINE, SDP_LINE, SUPPORTED_LINE


class Input(StrEnum):
    PROGRESS = "progress()"
    ANSWER = "answer()"
    ANSWER_EARLY = "answer() before a description of ours is acknowledged"
    PRACKED = "PRACK for that description"
    NO_PRACK = "64*T1 without PRACK"
    REJECT = "reject()"
    HANG_UP = "bye()"
    CANCELLED = "CANCEL"
    ACKED = "ACK"
    NO_ACK = "64*T1 without ACK"


class Effect(StrEnum):
    SEND_PROVISIONAL = "send 1xx"
    SEND_OK = "send 200 until ACK"
    SEND_FINAL = "send 3xx-6xx"
    GIVE_UP = "send 504, tell Ended"
    TELL_CANCELLED = "tell Cancelled, send 487 unless told otherwise"
    TELL_ACKED = "tell Acked"
    LEAVE = "send BYE"


S, On, Do = State, Input, Effect

TABLE: dict[tuple[State, Input], tuple[State, Effect | None]] = {
    (S.RINGING, On.PROGRESS): (S.RINGING, Do.SEND_PROVISIONAL),  # § 13.3.1.1
    (S.RINGING, On.ANSWER): (S.ANSWERED, Do.SEND_OK),  # § 13.3.1.4
    (S.RINGING, On.ANSWER_EARLY): (S.ANSWER_HELD, None),  # RFC 3262 § 3
    (S.RINGING, On.NO_PRACK): (
        S.OVER,
        Do.GIVE_UP,
    ),  # RFC 3262 § 3: "SHOULD reject … with a 5xx"
    (S.RINGING, On.REJECT): (S.OVER, Do.SEND_FINAL),  # § 13.3.1.3
    (S.RINGING, On.HANG_UP): (S.OVER, Do.SEND_FINAL),  # nothing to hang up yet, so it is refused
    (S.RINGING, On.CANCELLED): (S.RINGING, Do.TELL_CANCELLED),  # § 9.2
    (S.ANSWER_HELD, On.PRACKED): (S.ANSWERED, Do.SEND_OK),  # RFC 3262 § 3
    (S.ANSWER_HELD, On.NO_PRACK): (S.OVER, Do.GIVE_UP),
    (S.ANSWER_HELD, On.REJECT): (S.OVER, Do.SEND_FINAL),
    (S.ANSWER_HELD, On.HANG_UP): (S.OVER, Do.SEND_FINAL),
    (S.ANSWER_HELD, On.CANCELLED): (S.RINGING, Do.TELL_CANCELLED),  # § 9.2: no final response is out
    (S.ANSWERED, On.ACKED): (S.UP, Do.TELL_ACKED),  # § 13.3.1.4
    (S.ANSWERED, On.NO_ACK): (S.LEAVING, Do.LEAVE),  # § 13.3.1.4
    (S.ANSWERED, On.HANG_UP): (S.ENDING, None),  # § 15: the callee may not send BYE before the ACK
    (S.ENDING, On.ACKED): (S.LEAVING, Do.LEAVE),  # § 15
    (S.ENDING, On.NO_ACK): (S.LEAVING, Do.LEAVE),  # § 15: "or until the server transaction times out"
    (S.UP, On.HANG_UP): (S.LEAVING, Do.LEAVE),  # § 15.1.1
}
"""What is not in the table changes nothing: a CANCEL after the final response (§ 9.2), a second answer."""


class CalledSession(Session):
    """A call that came in. `reply`: what is answered to its session timer. `wanted_s`: the session interval we
    would ask for. Raises MalformedMessage when the INVITE can make no dialog."""

    owns_call_id = False

    __slots__ = (
        "_auto_terminate",
        "_body",
        "_cancelled",
        "_invite",
        "_offered",
        "_reliable",
        "_reply",
        "_required",
    )

    def __init__(
        self,
        core: Core,
        key: int,
        invite: Request,
        transaction: ServerTransaction,
        source: Hop,
        reply: Reply,
        *,
        auto: bool,
        wanted_s: int = 0,
    ) -> None:
        tag = keyed_token(core.key, b"to-tag", invite.call_id, invite.from_tag, transaction.key[0])
        super().__init__(core, key, (invite.call_id, tag), State.RINGING)
        branch = MAGIC_COOKIE.encode() + keyed_token(core.key, b"branch", invite.call_id, tag)
        self.dialog = Dialog.of_callee(invite, local_tag=tag, branch=branch, source=source)
        self.wanted_s = wanted_s
        self._auto_terminate = auto
        self._cancelled = False
        self._invite: tuple[ServerTransaction, Request] | None = (transaction, invite)
        self._offered = bool(invite.body)
        self._body = b""  # of the answer that is held back
        self._reply = reply
        self._reliable: ReliableProvisionals | None = None
        self._required = RELIABLE in option_tags(invite, b"require")
        if self._required or RELIABLE in option_tags(invite, b"supported"):
            layer = core.layer
            self._reliable = ReliableProvisionals(self, layer.queue, layer.timers, invite.cseq[0], (core.key, tag))
        transaction.user = self

    # -- commands --

    def cancel(self, now: float) -> None:
        self.hang_up(now)

    def hang_up(self, now: float) -> None:
        self._step(Input.HANG_UP, now, status=487 if self._cancelled else 480)

    def progress(self, status: int, body: bytes, now: float) -> None:
        """Send a provisional response, 101–199; makes the dialog early (§ 12.1)."""
        self._step(Input.PROGRESS, now, status=status, lines=self._body_lines(body), body=body)

    def answer(self, body: bytes, now: float) -> None:
        """Send 200 until it is acknowledged. A description that a reliable provisional brought stands, and `body`
        is not sent any more (RFC 3261 § 13.2.1)."""
        held = self._reliable is not None and self._reliable.holds_answer_back
        self._body = body
        self._step(Input.ANSWER_EARLY if held else Input.ANSWER, now)

    def reject(
        self, status: int, q850: int | None, extra_headers: tuple[tuple[str, str], ...], now: float
    ) -> None:
        """Send a final response, 300–699. `q850`: cause for a Reason header (RFC 3326). Raises InvalidOrder."""
        check_lines(extra_headers)
        lines = header_lines(extra_headers) if extra_headers else b""
        if q850 is not None:
            lines += b"Reason: Q.850;cause=%d\r\n" % q850
        self._step(Input.REJECT, now, status=status, lines=lines)

    # -- from the network --

    def on_cancel(self, now: float) -> None:
        """A CANCEL matched our INVITE transaction (§ 9.2)."""
        if not self._cancelled:
            self._step(Input.CANCELLED, now, status=487)

    def _on_awaited_ack(self, request: Request, now: float) -> None:
        if self.state is State.UP:
            super()._on_awaited_ack(request, now)
        else:
            self._step(Input.ACKED, now, body=request.body)

    def on_no_ack(self, now: float) -> None:
        if self.state is State.UP:
            super().on_no_ack(now)
        else:
            self._step(Input.NO_ACK, now)

    def on_prack(self, request: Request, transaction: ServerTransaction, now: float) -> None:
        """RFC 3262 § 3, § 5. Raises MalformedMessage."""
        reliable = self._reliable
        rack = parse_rack(request.need(b"rack"))
        described = reliable is not None and bool(reliable.described)
        if reliable is None or not reliable.acknowledge(rack, now):
            transaction.respond(481, now)
            return
        answer: bytes | None = b""
        if request.body and self._offered and described:
            # § 5: a new offer, allowed once the first is answered reliably.
            answer = their_change.take_offer_of_prack(self, request.body)
        if answer is None:
            transaction.respond(488, now)
        else:
            transaction.respond(200, now, lines=SDP_LINE if answer else b"", body=answer)
            if request.body and (answer or not self._offered):
                self.described_by(request.body, self.dialog)
        if self.state is State.ANSWER_HELD and not reliable.holds_answer_back:
            self._step(Input.PRACKED, now)
        else:
            reliable.send_next(now)

    def on_no_prack(self, now: float) -> None:
        """64*T1 after a reliable provisional."""
        self._step(Input.NO_PRACK, now)

    def is_described(self, dialog: Dialog) -> bool:
        if self.state in (State.RINGING, State.ANSWER_HELD):
            return self._reliable is not None and bool(self._reliable.described)
        return self.state in (State.ANSWERED, State.UP)

    def dialog_for_changes(self) -> Dialog | None:
        if self.state is State.RINGING and self.dialog is not None and self.is_described(self.dialog):
            return self.dialog
        return super().dialog_for_changes()

    def on_bye(self, request: Request, transaction: ServerTransaction, now: float) -> None:
        """In an early dialog the caller may send BYE as well as CANCEL: the INVITE gets 487 (§ 15.1.2)."""
        if self.state in (State.RINGING, State.ANSWER_HELD):
            self._respond(487, now, b"")
            transaction.respond(200, now)
            self._over(Ended(self.key, by_remote=True, q850=request.q850))
            return
        super().on_bye(request, transaction, now)

    # -- the table's machine --

    def _step(self, what: Input, now: float, *, status: int = 0, lines: bytes = b"", body: bytes = b"") -> None:
        row = TABLE.get((self.state, what))
        if row is None:
            return
        state, effect = row
        if effect is Do.SEND_FINAL:
            self._respond(status, now, lines)
            self._over(None)
            return
        if effect is Do.GIVE_UP:
            self._respond(504, now, b"")
            self._over(Ended(self.key, by_remote=False))
            return
        self.state = state
        if effect is Do.SEND_PROVISIONAL:
            if self._reliable is not None and (self._required or body):
                if body and not self._reliable.described:
                    self.local_sdp = body
                self._reliable.send(status, lines, body, now)
            else:
                self._respond(status, now, lines, body)
        elif effect is Do.SEND_OK:
            self._send_ok(now)
        elif effect is Do.TELL_CANCELLED:
            self._cancelled = True
            self.core.tell(Cancelled(self.key))
            if self._auto_terminate:
                self._step(Input.REJECT, now, status=487)
        elif effect is Do.TELL_ACKED:
            if self._invite is not None:
                self.agree(self._reply.agreement, self._invite[1], now)
            self._invite = self._reliable = None  # a call that is up needs them no more
            self.core.tell(Acked(self.key, body))
        elif effect is Do.LEAVE:
            self._send_bye(now)

    def _send_ok(self, now: float) -> None:
        body = self._body
        if self._reliable is not None:
            if self._reliable.described:
                body = b""
            self._reliable.stop()
        if body:
            self.local_sdp = body
        self._respond(200, now, ALLOW_LINE + SUPPORTED_LINE + self._reply.lines + self._body_lines(body), body)
        if self._invite is not None:
            transaction, invite = self._invite
            self.await_ack(transaction, invite.cseq[0], now, offers=bool(body) and not self._offered)

    def send_provisional(self, status: int, lines: bytes, body: bytes, now: float, *, again: bool) -> None:
        """A reliable one, with the lines that make it so."""
        if again:
            self.core.layer.count("retransmissions_sent")
        self._respond(status, now, lines, body)

    def _respond(self, status: int, now: float, lines: bytes, body: bytes = b"") -> None:
        if self._invite is not None:
            self._invite[0].respond(status, now, to_tag=self.session_id[1], lines=lines, body=body)

    def _body_lines(self, body: bytes) -> bytes:
        contact_line = self.core.layer.contact_line(self.dialog.next_hop) if self.dialog is not None else b""
        return contact_line + SDP_LINE if body else contact_line

    def _over(self, event: SipEvent | None) -> None:
        if self._reliable is not None:
            self._reliable.stop()
        super()._over(event)
