"""The calls we place: INVITE to answer or refusal, as a table (RFC 3261 § 13.2, § 9.1, § 22)."""

from __future__ import annotations

from enum import StrEnum

from dialer.sip.call_notes import CallOver, DialogUp, InviteSent
from dialer.sip.client_transaction import ClientTransaction, derived_request
from dialer.sip.dialog import Dialog
from dialer.sip.early_dialogs import EarlyDialogs, is_reliable
from dialer.sip.errors import MalformedMessage
from dialer.sip.events import Accepted, AcceptedAfterCancel, Failed, Progress, SipEvent, TargetFailed
from dialer.sip.hop import Hop
from dialer.sip.invite import Invites, from_value
from dialer.sip.login import Answered
from dialer.sip.message import Request, Response
from dialer.sip.order import InviteOrder
from dialer.sip.server_transaction import ServerTransaction
from dialer.sip.session import Core, Session, State
from dialer.sip.session_timer import agreed_by, longer_interval
from dialer.sip.unwanted_answer import acknowledge_and_end


class Input(StrEnum):
    TRYING = "100"
    PROVISIONAL = "101-199"
    ANSWERED = "first 2xx"
    REFUSED = "3xx-6xx"
    CHALLENGED = "401 or 407 that we can answer"
    TOO_BRIEF = "422 that we can follow"
    GO_ELSEWHERE = "unsent, unanswered or 503, and another server is left"
    TIMED_OUT = "no final response"
    UNSENT = "the INVITE never left"
    CANCEL = "cancel()"
    HANG_UP = "bye()"


class Effect(StrEnum):
    TELL_PROGRESS = "tell Progress"
    ESTABLISH = "send ACK, tell Accepted"
    ESTABLISH_AND_LEAVE = "send ACK, tell AcceptedAfterCancel, send BYE"
    SEND_CANCEL = "send CANCEL"
    INVITE_AGAIN = "send INVITE with credentials"
    INVITE_ELSEWHERE = "tell TargetFailed, send INVITE to the next server"
    INVITE_LONGER = "send INVITE with a longer session interval"
    TELL_FAILED = "tell Failed"
    TELL_TIMEOUT = "tell Failed, timed out"
    TELL_UNSENT = "tell Failed, never sent"
    LEAVE = "send BYE"


S, On, Do = State, Input, Effect

TABLE: dict[tuple[State, Input], tuple[State, Effect | None]] = {
    (S.INVITING, On.TRYING): (S.PROCEEDING, None),
    (S.INVITING, On.PROVISIONAL): (S.PROCEEDING, Do.TELL_PROGRESS),  # § 13.2.2.1
    (S.INVITING, On.ANSWERED): (S.UP, Do.ESTABLISH),  # § 13.2.2.4
    (S.INVITING, On.REFUSED): (S.OVER, Do.TELL_FAILED),  # § 13.2.2.3
    (S.INVITING, On.CHALLENGED): (S.INVITING, Do.INVITE_AGAIN),  # § 22.2
    (S.INVITING, On.TOO_BRIEF): (S.INVITING, Do.INVITE_LONGER),  # RFC 4028 § 7.3
    (S.INVITING, On.GO_ELSEWHERE): (S.INVITING, Do.INVITE_ELSEWHERE),  # RFC 3263 § 4.3
    (S.INVITING, On.TIMED_OUT): (S.OVER, Do.TELL_TIMEOUT),  # § 8.1.3.1
    (S.INVITING, On.UNSENT): (S.OVER, Do.TELL_UNSENT),  # § 8.1.3.1: as if 503 had come
    (S.INVITING, On.CANCEL): (S.CANCEL_HELD, None),  # § 9.1: "MUST NOT be sent" before a provisional
    (S.INVITING, On.HANG_UP): (S.CANCEL_HELD, None),
    (S.PROCEEDING, On.PROVISIONAL): (S.PROCEEDING, Do.TELL_PROGRESS),  # § 13.2.2.1
    (S.PROCEEDING, On.ANSWERED): (S.UP, Do.ESTABLISH),  # § 13.2.2.4
    (S.PROCEEDING, On.REFUSED): (S.OVER, Do.TELL_FAILED),  # § 13.2.2.3
    (S.PROCEEDING, On.CHALLENGED): (S.INVITING, Do.INVITE_AGAIN),  # § 22.2
    (S.PROCEEDING, On.TOO_BRIEF): (S.INVITING, Do.INVITE_LONGER),  # RFC 4028 § 7.3
    (S.PROCEEDING, On.GO_ELSEWHERE): (S.INVITING, Do.INVITE_ELSEWHERE),  # RFC 3263 § 4.3
    (S.PROCEEDING, On.TIMED_OUT): (S.OVER, Do.TELL_TIMEOUT),  # § 8.1.3.1
    (S.PROCEEDING, On.CANCEL): (S.CANCELLING, Do.SEND_CANCEL),  # § 9.1
    (S.PROCEEDING, On.HANG_UP): (S.CANCELLING, Do.SEND_CANCEL),  # § 15: not answered, so CANCEL
    (S.CANCEL_HELD, On.TRYING): (S.CANCELLING, Do.SEND_CANCEL),  # § 9.1
    (S.CANCEL_HELD, On.PROVISIONAL): (S.CANCELLING, Do.SEND_CANCEL),  # § 9.1
    (S.CANCEL_HELD, On.ANSWERED): (
        S.LEAVING,
        Do.ESTABLISH_AND_LEAVE,
    ),  # § 9.1: too late to CANCEL
    (S.CANCEL_HELD, On.REFUSED): (S.OVER, Do.TELL_FAILED),
    (S.CANCEL_HELD, On.CHALLENGED): (S.OVER, Do.TELL_FAILED),  # nobody wants the call any more
    (S.CANCEL_HELD, On.TOO_BRIEF): (S.OVER, Do.TELL_FAILED),
    (S.CANCEL_HELD, On.TIMED_OUT): (S.OVER, Do.TELL_TIMEOUT),
    (S.CANCEL_HELD, On.UNSENT): (S.OVER, Do.TELL_UNSENT),
    (S.CANCELLING, On.ANSWERED): (S.LEAVING, Do.ESTABLISH_AND_LEAVE),  # § 9.1, § 13.2.2.4: crossed, so ACK and BYE
    (S.CANCELLING, On.REFUSED): (S.OVER, Do.TELL_FAILED),  # § 9.1: 487, as a rule
    (S.CANCELLING, On.CHALLENGED): (S.OVER, Do.TELL_FAILED),
    (S.CANCELLING, On.TOO_BRIEF): (S.OVER, Do.TELL_FAILED),
    (S.CANCELLING, On.TIMED_OUT): (S.OVER, Do.TELL_TIMEOUT),  # § 9.1: 64*T1 after the CANCEL
    (S.UP, On.CANCEL): (S.LEAVING, Do.LEAVE),  # the user's command crossed the answer's event
    (S.UP, On.HANG_UP): (S.LEAVING, Do.LEAVE),  # § 15.1.1
}
"""What is not in the table changes nothing; 2xx after the first are `_another_success`'s."""


# Members by names of the module: see client_transaction.
_TRYING, _PROVISIONAL, _ANSWERED, _HANG_UP = Input.TRYING, Input.PROVISIONAL, Input.ANSWERED, Input.HANG_UP
_TELL_PROGRESS, _TELL_FAILED, _TELL_TIMEOUT = Effect.TELL_PROGRESS, Effect.TELL_FAILED, Effect.TELL_TIMEOUT
_ESTABLISH, _ESTABLISH_AND_LEAVE, _LEAVE = Effect.ESTABLISH, Effect.ESTABLISH_AND_LEAVE, Effect.LEAVE
_OVER = State.OVER
_SEND_CANCEL, _INVITE_AGAIN, _INVITE_LONGER = Effect.SEND_CANCEL, Effect.INVITE_AGAIN, Effect.INVITE_LONGER


class CallingSession(Session):
    """A call we place. Sending its INVITE is starting it. Raises InvalidOrder where `order.check` does."""

    owns_call_id = True

    __slots__ = (
        "_ack",
        "_answered",
        "_cseq",
        "_early",
        "_forks",
        "_invite",
        "_invites",
        "_login_lines",
    )

    def __init__(self, core: Core, order: InviteOrder, now: float) -> None:
        super().__init__(core, order.key, (order.call_id.encode(), order.from_tag.encode()), State.INVITING)
        if order.credentials is not None:
            self.login = core.login(order.credentials, order.destination)
        self.local_sdp = order.body
        self.wanted_s = order.session_expires_s
        self._invites: Invites | None = Invites(order)
        self._ack = b""
        self._forks: dict[bytes, tuple[bytes, Hop]] | None = None
        self._early: EarlyDialogs | None = None
        self._answered: Answered | None = None
        self._cseq = 0
        self._login_lines = b""
        self._invite: ClientTransaction | None = self._send_invite(self._invites, now)

    def _send_invite(self, invites: Invites, now: float) -> ClientTransaction:
        core = self.core
        written = invites.write(core.layer, self.login, self.wanted_s)
        if core.takes_notes:
            core.note(InviteSent(self.key, self.session_id[0], invites.target, written.start))
        return core.layer.start_client(written.whole, written.branch, b"INVITE", invites.target, self, now)

    def _has_elsewhere(self) -> bool:
        inviting = self.state in (State.INVITING, State.PROCEEDING)
        return inviting and self._invites is not None and self._invites.has_elsewhere

    # -- commands --

    def cancel(self, now: float) -> None:
        self._step(Input.CANCEL, None, now)

    def hang_up(self, now: float) -> None:
        self._step(_HANG_UP, None, now)

    # -- from the INVITE's transactions --

    def on_response(self, transaction: ClientTransaction, response: Response, now: float) -> None:
        if transaction.method != b"INVITE":
            super().on_response(transaction, response, now)
            return
        status = response.status
        if status < 200:
            if status == 100:
                self._step(_TRYING, response, now)
            elif not is_reliable(response) or self._take_reliable(response, now):
                self._step(_PROVISIONAL, response, now)
        elif status >= 300:
            self._step(self._kind_of(response), response, now)
        elif self.dialog is None:
            self._step(_ANSWERED, response, now)
        else:
            self.on_success_again(response, now)

    def _kind_of(self, response: Response) -> Input:
        """Of a refusal."""
        if self._invites is not None and self._invites.may_go_on:
            if response.status in (401, 407) and self.login is not None:
                if self._answered is None:
                    self._answered = {}
                if self.login.take(response, self._answered):
                    return Input.CHALLENGED
            elif response.status == 503 and self._has_elsewhere():
                return Input.GO_ELSEWHERE
            elif response.status == 422 and self.wanted_s and longer_interval(response, self.wanted_s):
                return Input.TOO_BRIEF
        return Input.REFUSED

    def _take_reliable(self, response: Response, now: float) -> bool:
        """Whether a reliable provisional is news. It is acknowledged whatever becomes of the call (RFC 3262 §
        4)."""
        invites = self._invites
        if invites is None:
            return False
        order = invites.order
        if not order.body:
            return True  # we offered no such thing; taken for an unreliable one
        if self._early is None:
            self._early = EarlyDialogs(
                self.core.layer,
                local=from_value(order).encode(),
                local_tag=self.session_id[1],
                branch=order.branch.encode(),
                default_target=order.request_uri.encode(),
                fallback=invites.target,
            )
        return self._early.take(response, self.login, now)

    def dialog_with(self, remote_tag: bytes) -> Dialog | None:
        if self.dialog is None and self._early is not None and (early := self._early.of(remote_tag)) is not None:
            return early.dialog
        return super().dialog_with(remote_tag)

    def is_described(self, dialog: Dialog) -> bool:
        if self.dialog is None and self._early is not None:
            early = self._early.of(dialog.remote_tag)
            return early is not None and bool(early.answer)
        return super().is_described(dialog)

    def remember(self, body: bytes, dialog: Dialog) -> None:
        if self.dialog is None and self._early is not None and (early := self._early.of(dialog.remote_tag)):
            early.answer = body or early.answer

    def dialog_for_changes(self) -> Dialog | None:
        if self.state is State.PROCEEDING and self._early is not None and (early := self._early.described):
            return early.dialog
        return super().dialog_for_changes()

    def on_timeout(self, transaction: ClientTransaction, now: float) -> None:
        if transaction.method == b"INVITE":
            self._step(Input.GO_ELSEWHERE if self._has_elsewhere() else Input.TIMED_OUT, None, now)
        else:
            super().on_timeout(transaction, now)

    def on_unsent(self, transaction: ClientTransaction, now: float) -> None:
        """The INVITE could not be sent, and nothing of it was sent before."""
        if transaction.method == b"INVITE":
            self._step(Input.GO_ELSEWHERE if self._has_elsewhere() else Input.UNSENT, None, now)
        else:
            super().on_unsent(transaction, now)

    def on_success_again(self, response: Response, now: float) -> None:
        """A 2xx after the first: the same again is acknowledged again (§ 13.2.2.4), one of another branch of a
        fork is acknowledged and ended (§ 13.2.2.4: "MAY ... BYE")."""
        dialog = self.dialog
        if dialog is None:
            return
        if response.cseq[0] != self._cseq:
            super().on_success_again(response, now)
            return
        layer = self.core.layer
        tag = response.to_tag
        if tag == dialog.remote_tag:
            layer.count("retransmissions_received")
            layer.send(self._ack, dialog.next_hop)
            return
        if self._forks is None:
            self._forks = {}
        known = self._forks.get(tag)
        if known is not None:
            layer.send(*known)
            return
        layer.count("forked_answers")
        ended = acknowledge_and_end(
            layer,
            response,
            local=dialog.local,
            local_tag=dialog.local_tag,
            # Each fork is a dialog of its own, so the CSeq may repeat; the branch may not.
            branch=b"%b-f%d" % (dialog.branch, len(self._forks) + 1),
            default_target=dialog.target,
            fallback=dialog.next_hop,
            ack_lines=self._login_lines,
            now=now,
        )
        self._forks[tag] = (ended.ack, ended.next_hop)

    def on_bye(self, request: Request, transaction: ServerTransaction, now: float) -> None:
        if self.dialog is None:
            transaction.respond(481, now)  # § 15: the callee may not end an early dialog by BYE
        else:
            super().on_bye(request, transaction, now)

    def retargeted(self) -> None:
        dialog = self.dialog
        if dialog is not None and self.core.takes_notes:
            # As if it were acknowledged now: a BYE made of this goes where the far end is.
            ack = dialog.request(self.core.layer, b"ACK", self._cseq, lines=self._login_lines)
            self.core.note(DialogUp(dialog.call_id, dialog.next_hop, ack))

    def _over(self, event: SipEvent | None) -> None:
        if self.core.takes_notes and self.state is not _OVER:
            self.core.note(CallOver(self.session_id[0]))
        super()._over(event)

    # -- the table's machine --

    def _step(self, what: Input, response: Response | None, now: float) -> None:
        row = TABLE.get((self.state, what))
        if row is None:
            return
        state, effect = row
        if effect is _TELL_FAILED and response is not None:
            headers, by = response.decoded_headers(), response.cause_by
            self._over(Failed(self.key, response.status, response.q850, headers=headers, cause_by=by))
            return
        if effect is _TELL_TIMEOUT:
            self._over(Failed(self.key, 408, timeout=True))
            return
        if effect is Do.TELL_UNSENT:
            self._over(Failed(self.key, 503, unsent=True))
            return
        self.state = state
        if effect is _TELL_PROGRESS and response is not None:
            self.core.tell(Progress(self.key, response.status, response.body))
        elif effect is _ESTABLISH and response is not None:
            to_tag, body = self._establish(response)
            self.core.tell(Accepted(self.key, body, to_tag))
            self.agree(agreed_by(response), response, now)
        elif effect is _ESTABLISH_AND_LEAVE and response is not None:
            to_tag, body = self._establish(response)
            self.core.tell(AcceptedAfterCancel(self.key, body, to_tag))
            self._send_bye(now)
        elif effect is _SEND_CANCEL:
            self._send_cancel(now)
        elif effect is _LEAVE:
            self._send_bye(now)
        elif (invites := self._invites) is not None:
            if effect is Do.INVITE_ELSEWHERE:
                status, headers = (
                    (response.status, response.decoded_headers()) if response is not None else (408, ())
                )
                self.core.tell(TargetFailed(self.key, invites.target, status, headers))
                invites.go_elsewhere()
            elif effect is _INVITE_LONGER and response is not None:
                self.wanted_s = invites.least_s = longer_interval(response, self.wanted_s)
            elif effect is not _INVITE_AGAIN:
                return
            self._invite = self._send_invite(invites, now)

    def _establish(self, response: Response) -> tuple[str, bytes]:
        """(the far end's tag, its description)."""
        invites = self._invites
        if invites is None:
            raise MalformedMessage("answered twice")
        order = invites.order
        layer = self.core.layer
        dialog = Dialog.of_caller(
            response,
            local=from_value(order).encode(),
            local_tag=self.session_id[1],
            branch=order.branch.encode(),
            default_target=order.request_uri.encode(),
            fallback=invites.target,
        )
        body = response.body
        if self._early is not None and (early := self._early.of(dialog.remote_tag)) is not None:
            # § 13.2.2.4: the early dialog is confirmed, with the route set of the 2xx.
            dialog.branch = early.dialog.branch
            dialog.local_cseq = early.dialog.local_cseq
            dialog.remote_cseq = early.dialog.remote_cseq
            body = early.answer or body  # § 13.2.1: what a 2xx says after a reliable answer is ignored
        self.dialog = dialog
        # § 13.2.2.4: "The ACK MUST contain the same credentials as the INVITE."
        self._cseq, self._login_lines = invites.cseq, invites.login_lines
        self._ack = dialog.request(layer, b"ACK", self._cseq, lines=self._login_lines)
        if self.core.takes_notes:
            self.core.note(DialogUp(dialog.call_id, dialog.next_hop, self._ack))
        layer.send(self._ack, dialog.next_hop)
        self._invites = self._invite = self._early = None  # an answered call needs them no more
        if self.login is not None:
            self.login.accepted(response)
        return dialog.remote_tag.decode("ascii", "replace"), body

    def _send_cancel(self, now: float) -> None:
        invite = self._invite
        if invite is None:
            return
        request = derived_request(invite.request, b"CANCEL")
        self.core.layer.start_client(request, invite.branch, b"CANCEL", invite.destination, None, now)
        invite.expire_after_cancel(now)
