"""The calls that come in: INVITE to our answer or refusal, as a table (RFC 3261 § 13.3, § 9.2)."""

from __future__ import annotations

from enum import StrEnum

from dialer.sip.dialog import Dialog
from dialer.sip.events import Acked, Address, Cancelled, Ended
from dialer.sip.identity import MAGIC_COOKIE, keyed_token
from dialer.sip.message import Request
from dialer.sip.order import check_lines, header_lines
from dialer.sip.server_transaction import ServerTransaction
from dialer.sip.session import SDP_LINE, Core, Session, State
from dialer.sip.transaction_layer import ALLOW_LINE


class Input(StrEnum):
    PROGRESS = "progress()"
    ANSWER = "answer()"
    REJECT = "reject()"
    HANG_UP = "bye()"
    CANCELLED = "CANCEL"
    ACKED = "ACK"
    NO_ACK = "64*T1 without ACK"


class Effect(StrEnum):
    SEND_PROVISIONAL = "send 1xx"
    SEND_OK = "send 200 until ACK"
    SEND_FINAL = "send 3xx-6xx"
    TELL_CANCELLED = "tell Cancelled, send 487 unless told otherwise"
    TELL_ACKED = "tell Acked"
    LEAVE = "send BYE"


S, On, Do = State, Input, Effect

TABLE: dict[tuple[State, Input], tuple[State, Effect | None]] = {
    (S.RINGING, On.PROGRESS): (S.RINGING, Do.SEND_PROVISIONAL),  # § 13.3.1.1
    (S.RINGING, On.ANSWER): (S.ANSWERED, Do.SEND_OK),  # § 13.3.1.4
    (S.RINGING, On.REJECT): (S.OVER, Do.SEND_FINAL),  # § 13.3.1.3
    (S.RINGING, On.HANG_UP): (S.OVER, Do.SEND_FINAL),  # nothing to hang up yet, so it is refused
    (S.RINGING, On.CANCELLED): (S.RINGING, Do.TELL_CANCELLED),  # § 9.2
    (S.ANSWERED, On.ACKED): (S.UP, Do.TELL_ACKED),  # § 13.3.1.4
    (S.ANSWERED, On.NO_ACK): (S.LEAVING, Do.LEAVE),  # § 13.3.1.4
    (S.ANSWERED, On.HANG_UP): (S.ENDING, None),  # § 15: the callee may not send BYE before the ACK
    (S.ENDING, On.ACKED): (S.LEAVING, Do.LEAVE),  # § 15
    (S.ENDING, On.NO_ACK): (S.LEAVING, Do.LEAVE),  # § 15: "or until the server transaction times out"
    (S.UP, On.HANG_UP): (S.LEAVING, Do.LEAVE),  # § 15.1.1
}
"""What is not in the table changes nothing: a CANCEL after the final response (§ 9.2), a second answer."""


class CalledSession(Session):
    """A call that came in. Raises MalformedMessage when the INVITE can make no
    dialog."""

    __slots__ = ("_auto_terminate", "_cancelled", "_invite", "_invite_cseq")

    def __init__(
        self, core: Core, key: int, invite: Request, transaction: ServerTransaction, source: Address, *, auto: bool
    ) -> None:
        tag = keyed_token(core.key, b"to-tag", invite.call_id, invite.from_tag, transaction.key[0])
        super().__init__(core, key, (invite.call_id, tag), State.RINGING)
        branch = MAGIC_COOKIE.encode() + keyed_token(core.key, b"branch", invite.call_id, tag)
        self.dialog = Dialog.of_callee(invite, local_tag=tag, branch=branch, source=source)
        self._auto_terminate = auto
        self._cancelled = False
        self._invite: ServerTransaction | None = transaction
        self._invite_cseq = invite.cseq[0]
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
        """Send 200 until it is acknowledged."""
        self._step(Input.ANSWER, now, status=200, lines=self._body_lines(body), body=body)

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

    def on_bye(self, request: Request, transaction: ServerTransaction, now: float) -> None:
        """In an early dialog the caller may send BYE as well as CANCEL: the INVITE gets 487 (§ 15.1.2)."""
        if self.state is State.RINGING:
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
        self.state = state
        if effect is Do.SEND_PROVISIONAL:
            self._respond(status, now, lines, body)
        elif effect is Do.SEND_OK:
            self.local_sdp = body
            self._respond(200, now, ALLOW_LINE + lines, body)
            if self._invite is not None:
                self._await_ack(self._invite, self._invite_cseq, now)
        elif effect is Do.TELL_CANCELLED:
            self._cancelled = True
            self.core.tell(Cancelled(self.key))
            if self._auto_terminate:
                self._step(Input.REJECT, now, status=487)
        elif effect is Do.TELL_ACKED:
            self._invite = None  # a call that is up needs it no more
            self.core.tell(Acked(self.key, body))
        elif effect is Do.LEAVE:
            self._send_bye(now)

    def _respond(self, status: int, now: float, lines: bytes, body: bytes = b"") -> None:
        if self._invite is not None:
            self._invite.respond(status, now, to_tag=self.session_id[1], lines=lines, body=body)

    def _body_lines(self, body: bytes) -> bytes:
        return self.core.layer.contact_line + SDP_LINE if body else self.core.layer.contact_line
