"""Ends one call of a process that died, as a table: CANCEL or BYE made of what that process wrote down.

It is not known what reached the far end. So a call that was not answered is cancelled at once, and then watched
for 64*T1: an answer that was on its way is acknowledged and hung up, and an INVITE that arrives behind its own
CANCEL (refused 481 for that) is ended by BYE as soon as it rings; another CANCEL would be taken for the refused
one (RFC 3261 § 17.2.2), but the caller may end an early dialog by BYE (§ 15).
"""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol

from dialer.sip.call_notes import CallNote, CallOver, LeftCall
from dialer.sip.client_transaction import ClientTransaction, derived_request
from dialer.sip.dialog import Dialog
from dialer.sip.digest import Credentials
from dialer.sip.errors import MalformedMessage
from dialer.sip.events import LeftCallOver, LeftEnd, SipEvent
from dialer.sip.headers import uri_of
from dialer.sip.hop import Hop
from dialer.sip.login import Answered, Login
from dialer.sip.message import Request, Response, parse_message
from dialer.sip.transaction_layer import TransactionLayer
from dialer.sip.unwanted_answer import acknowledge_and_end, late_branch

USED_BEFORE = 10_000
"""CSeq numbers after the INVITE's that the dead process may have used: for PRACK, holding, and refreshing a
session for days. A gap is no error (§ 12.2.2); a number below the last one taken would be."""


class State(StrEnum):
    CANCELLING = "cancelling"  # CANCEL is out
    CANCELLED = "cancelled"  # it was taken; the INVITE's final response is to come
    UNKNOWN = "unknown"  # it was refused: nobody knows the INVITE, or nobody yet
    LEAVING = "leaving"  # BYE is out
    OVER = "over"


class Input(StrEnum):
    CANCEL_TAKEN = "2xx to CANCEL"
    CANCEL_REFUSED = "3xx-6xx to CANCEL"
    CANCEL_LOST = "no answer to CANCEL"
    RINGING = "1xx with a tag"
    ANSWERED = "2xx to INVITE"
    TERMINATED = "487 to INVITE"
    REFUSED = "other 3xx-6xx to INVITE"
    NO_FINAL = "64*T1 without a final response to INVITE"
    BYE_TAKEN = "2xx to BYE"
    BYE_UNKNOWN = "481 or 408 to BYE"
    BYE_CHALLENGED = "401 or 407 to BYE that we can answer"
    BYE_REFUSED = "other 3xx-6xx to BYE"
    BYE_LOST = "no answer to BYE"


class Effect(StrEnum):
    ACKNOWLEDGE_AND_LEAVE = "send ACK, send BYE"
    LEAVE_EARLY = "send BYE in the early dialog"
    LEAVE_AGAIN = "send BYE with credentials"
    TELL_CANCELLED = "tell that it was cancelled"
    TELL_HUNG_UP = "tell that it was hung up"
    TELL_GONE = "tell that it was over already"
    TELL_REFUSED = "tell that the far end would not"
    TELL_UNANSWERED = "tell that no answer came"


S, On, Do = State, Input, Effect

TABLE: dict[tuple[State, Input], tuple[State, Effect | None]] = {
    (S.CANCELLING, On.CANCEL_TAKEN): (S.CANCELLED, None),  # § 9.1: 487 is to follow
    (S.CANCELLING, On.CANCEL_REFUSED): (S.UNKNOWN, None),  # § 9.2: 481
    (S.CANCELLING, On.CANCEL_LOST): (S.OVER, Do.TELL_UNANSWERED),
    (S.CANCELLING, On.ANSWERED): (S.LEAVING, Do.ACKNOWLEDGE_AND_LEAVE),  # § 13.2.2.4
    (S.CANCELLING, On.TERMINATED): (S.OVER, Do.TELL_CANCELLED),  # it overtook the CANCEL's 200
    (S.CANCELLING, On.REFUSED): (S.OVER, Do.TELL_GONE),
    (S.CANCELLING, On.NO_FINAL): (S.OVER, Do.TELL_UNANSWERED),
    (S.CANCELLED, On.ANSWERED): (S.LEAVING, Do.ACKNOWLEDGE_AND_LEAVE),  # § 9.1: they crossed
    (S.CANCELLED, On.TERMINATED): (S.OVER, Do.TELL_CANCELLED),
    (S.CANCELLED, On.REFUSED): (S.OVER, Do.TELL_GONE),
    (S.CANCELLED, On.NO_FINAL): (
        S.OVER,
        Do.TELL_CANCELLED,
    ),  # § 9.1: "consider the original transaction cancelled"
    (S.UNKNOWN, On.RINGING): (S.LEAVING, Do.LEAVE_EARLY),  # § 15
    (S.UNKNOWN, On.ANSWERED): (S.LEAVING, Do.ACKNOWLEDGE_AND_LEAVE),
    (S.UNKNOWN, On.TERMINATED): (S.OVER, Do.TELL_GONE),
    (S.UNKNOWN, On.REFUSED): (S.OVER, Do.TELL_GONE),
    (S.UNKNOWN, On.NO_FINAL): (S.OVER, Do.TELL_GONE),
    (S.LEAVING, On.ANSWERED): (S.LEAVING, Do.ACKNOWLEDGE_AND_LEAVE),  # § 13.2.2.4: the ACK was lost, or never sent
    (S.LEAVING, On.BYE_TAKEN): (S.OVER, Do.TELL_HUNG_UP),
    (S.LEAVING, On.BYE_UNKNOWN): (S.OVER, Do.TELL_GONE),  # § 12.2.1.2
    (S.LEAVING, On.BYE_CHALLENGED): (S.LEAVING, Do.LEAVE_AGAIN),  # § 22
    (S.LEAVING, On.BYE_REFUSED): (S.OVER, Do.TELL_REFUSED),
    (S.LEAVING, On.BYE_LOST): (S.OVER, Do.TELL_UNANSWERED),
    (S.OVER, On.ANSWERED): (S.OVER, Do.ACKNOWLEDGE_AND_LEAVE),  # whoever picked up shall not be left alone
}
"""What is not in the table changes nothing."""

_ENDS = {
    Do.TELL_CANCELLED: LeftEnd.CANCELLED,
    Do.TELL_HUNG_UP: LeftEnd.HUNG_UP,
    Do.TELL_GONE: LeftEnd.GONE,
    Do.TELL_REFUSED: LeftEnd.REFUSED,
    Do.TELL_UNANSWERED: LeftEnd.UNANSWERED,
}


class Core(Protocol):
    """What a left session needs of the user agent it lives in."""

    layer: TransactionLayer
    key: bytes

    def tell(self, event: SipEvent) -> None: ...

    def note(self, note: CallNote) -> None: ...

    def forget_left(self, session: LeftSession) -> None: ...

    def login(self, credentials: Credentials, server: Hop) -> Login: ...


class LeftSession:
    """`begin` starts ending the call. `session_id`: (Call-ID, our tag). `credentials`: for a BYE that is
    challenged. Raises MalformedMessage for a call whose octets are no INVITE, or no ACK."""

    __slots__ = (
        "_answered",
        "_branch",
        "_call",
        "_core",
        "_dialog_ack",
        "_login",
        "_next_cseq",
        "_next_hop",
        "_tag",
        "session_id",
        "state",
    )

    def __init__(self, core: Core, call: LeftCall, credentials: Credentials | None) -> None:
        invite = _read(call.invite, b"INVITE")
        number, _ = invite.cseq
        self._core = core
        self._call = call
        self._login = core.login(credentials, call.destination) if credentials is not None else None
        self._answered: Answered = {}
        self._branch = invite.branch
        self._dialog_ack = call.ack
        self._next_hop = call.next_hop or call.destination
        self._tag = b""  # the far end's, once the dialog is acknowledged
        if call.ack:
            ack = _read(call.ack, b"ACK")
            (number, _), self._tag = ack.cseq, ack.to_tag
        self._next_cseq = number + USED_BEFORE + 1
        self.session_id = (invite.call_id, invite.from_tag)
        if not self._branch or not self.session_id[1]:
            raise MalformedMessage("an INVITE without branch or tag")
        self.state = S.LEAVING if call.ack else S.CANCELLING

    @property
    def transaction_key(self) -> tuple[bytes, bytes]:
        """Of the INVITE."""
        return self._branch, b"INVITE"

    def begin(self, now: float) -> None:
        """Send ACK and BYE, or CANCEL."""
        layer, call = self._core.layer, self._call
        if call.ack:
            layer.send(call.ack, self._next_hop)  # it may never have left; once more does no harm (§ 13.2.2.4)
            self._send_bye(now)
            return
        layer.resume_invite(call.invite, self._branch, call.destination, self, now)
        cancel = derived_request(call.invite, b"CANCEL")
        layer.start_client(cancel, self._branch, b"CANCEL", call.destination, self, now)

    # -- from the transactions --

    def on_response(self, transaction: ClientTransaction, response: Response, now: float) -> None:
        if transaction.method == b"INVITE":
            self._step(_of_invite(response), response, now)
        elif response.status < 200:
            return
        elif transaction.method == b"CANCEL":
            self._step(On.CANCEL_TAKEN if response.status < 300 else On.CANCEL_REFUSED, response, now)
        elif (
            response.status in (401, 407)
            and self._login is not None
            and self._login.take(response, self._answered)
        ):
            self._step(On.BYE_CHALLENGED, response, now)
        else:
            self._step(_of_bye(response), response, now)

    def on_timeout(self, transaction: ClientTransaction, now: float) -> None:
        lost = {b"INVITE": On.NO_FINAL, b"CANCEL": On.CANCEL_LOST}
        self._step(lost.get(transaction.method, On.BYE_LOST), None, now)

    def on_unsent(self, transaction: ClientTransaction, now: float) -> None:
        self.on_timeout(transaction, now)

    def on_success(self, response: Response, now: float) -> None:
        """A 2xx to the INVITE of which no transaction is kept."""
        self._step(On.ANSWERED, response, now)

    # -- the table's machine --

    def _step(self, what: Input | None, response: Response | None, now: float) -> None:
        row = TABLE.get((self.state, what)) if what is not None else None
        if row is None:
            return
        self.state, effect = row
        if effect is None:
            return
        if (end := _ENDS.get(effect)) is not None:
            self._core.forget_left(self)
            self._core.note(CallOver(self.session_id[0]))
            self._core.tell(LeftCallOver(self._call.key, self.session_id[0].decode("utf-8", "replace"), end))
        elif response is not None and effect is Do.ACKNOWLEDGE_AND_LEAVE:
            self._acknowledge_and_leave(response, now)
        elif response is not None and effect is Do.LEAVE_EARLY:
            dialog = Dialog.of_caller(
                response,
                local=response.need(b"from"),
                local_tag=self.session_id[1],
                branch=self._branch,
                default_target=uri_of(response.need(b"to")),
                fallback=self._call.destination,
            )
            # Not sent, only the model of the BYE; an answer may still come, and has its own.
            self._dialog_ack = dialog.request(self._core.layer, b"ACK", dialog.local_cseq)
            self._next_hop = dialog.next_hop
            self._send_bye(now)
        elif response is not None and effect is Do.LEAVE_AGAIN:
            self._send_bye(now)

    def _acknowledge_and_leave(self, response: Response, now: float) -> None:
        layer = self._core.layer
        if self._tag and response.to_tag == self._tag:
            layer.count("retransmissions_received")
            layer.send(self._dialog_ack, self._next_hop)
            return
        ended = acknowledge_and_end(
            layer,
            response,
            local=response.need(b"from"),
            local_tag=self.session_id[1],
            branch=late_branch(self._core.key, response),
            default_target=uri_of(response.need(b"to")),
            fallback=self._call.destination,
            user=self,
            now=now,
        )
        self._dialog_ack, self._next_hop, self._tag = ended.ack, ended.next_hop, response.to_tag

    def _can_answer(self, response: Response) -> bool:
        return self._login is not None and self._login.take(response, self._answered)

    def _send_bye(self, now: float) -> None:
        number = self._next_cseq
        self._next_cseq += 1
        layer = self._core.layer
        branch = b"%b-l%db" % (self._branch, number)
        lines = layer.user_agent_line
        if self._login is not None:
            lines += self._login.lines(b"BYE", self._dialog_ack.split(b" ", 2)[1])
        bye = _bye(self._dialog_ack, layer.via_start(self._next_hop) + branch, number, lines)
        layer.start_client(bye, branch, b"BYE", self._next_hop, self, now)


def _of_invite(response: Response) -> Input | None:
    status = response.status
    if status < 200:
        return On.RINGING if status > 100 and response.to_tag else None
    if status < 300:
        return On.ANSWERED
    return On.TERMINATED if status == 487 else On.REFUSED


def _of_bye(response: Response) -> Input:
    if response.status < 300:
        return On.BYE_TAKEN
    return On.BYE_UNKNOWN if response.status in (408, 481) else On.BYE_REFUSED


def _read(octets: bytes, method: bytes) -> Request:
    """The start of a request of ours, as it was written down. Raises MalformedMessage."""
    message = parse_message(octets.rstrip(b"\r\n") + b"\r\n\r\n")
    if not isinstance(message, Request) or message.method != method or message.broken_by is not None:
        raise MalformedMessage(f"not the start of an {method.decode()}: {octets[:40]!r}")
    message.require_basics()
    return message


def _bye(ack: bytes, via: bytes, number: int, last_lines: bytes) -> bytes:
    """The BYE of the dialog that an ACK of ours belongs to (§ 12.2.1.1): the same target, routes and tags."""
    first, *lines = ack.partition(b"\r\n\r\n")[0].split(b"\r\n")
    out = [b"BYE" + first[3:], via]
    out += [
        line
        for line in lines
        if line.partition(b":")[0] in (b"Route", b"Max-Forwards", b"From", b"To", b"Call-ID")
    ]
    return b"%b\r\nCSeq: %d BYE\r\n%bContent-Length: 0\r\n\r\n" % (b"\r\n".join(out), number, last_lines)
