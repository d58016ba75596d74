"""We change a session: a new description by INVITE, or by UPDATE before the call is answered, and the refresh of
its timer, as a table (RFC 3261 § 14.1, RFC 3311 § 5.1, RFC 4028 § 7.4)."""

from __future__ import annotations

from enum import StrEnum

from dialer.sip.changeable import Changeable
from dialer.sip.client_transaction import ClientTransaction
from dialer.sip.errors import MalformedMessage
from dialer.sip.events import Renegotiated, RenegotiationFailed
from dialer.sip.extensions import parse_seconds
from dialer.sip.hop import Hop
from dialer.sip.identity import keyed_token
from dialer.sip.login import Answered
from dialer.sip.message import Response
from dialer.sip.sdp import continued, parse
from dialer.sip.session_timer import agreed_by, asking_lines, longer_interval
from dialer.sip.transaction_layer import ALLOW_LINE, SDP_LINE, SUPPORTED_LINE

MOST_WAITS = 10
"""So often one change gives way to the far end's; each time for some seconds."""

MOST_RETRY_AFTER_S = 10


class State(StrEnum):
    IDLE = "idle"  # nothing wanted, or all of it done
    ASKING = "asking"  # our request is out
    WAITING = "waiting"  # for our turn


class Input(StrEnum):
    WANTED = "a change is wanted"
    NOT_YET = "a change is wanted while the far end's is not finished"
    TURN = "the wait is over"
    AGREED = "2xx"
    PENDING = "491, or 500 with Retry-After"
    CHALLENGED = "401 or 407 that we can answer"
    TOO_BRIEF = "422 that we can follow"
    REFUSED = "other 3xx-6xx"
    GONE = "408, 481 or no answer"
    UNSENT = "it never left"


class Effect(StrEnum):
    ASK = "send INVITE or UPDATE"
    WAIT = "wait for our turn"
    KEEP = "keep what is agreed, tell it"
    TELL_REFUSED = "tell that it was refused"
    LEAVE = "tell that it was refused, send BYE"


S, On, Do = State, Input, Effect

TABLE: dict[tuple[State, Input], tuple[State, Effect | None]] = {
    (S.IDLE, On.WANTED): (S.ASKING, Do.ASK),  # § 14.1
    (S.IDLE, On.NOT_YET): (S.WAITING, Do.WAIT),  # § 14.1: not "while another INVITE transaction is in progress"
    (S.WAITING, On.TURN): (S.ASKING, Do.ASK),  # § 14.1: "the UAC SHOULD attempt the re-INVITE once more"
    (S.WAITING, On.NOT_YET): (S.WAITING, Do.WAIT),
    (S.ASKING, On.AGREED): (S.IDLE, Do.KEEP),
    (S.ASKING, On.PENDING): (S.WAITING, Do.WAIT),  # § 14.1, RFC 3311 § 5.3
    (S.ASKING, On.CHALLENGED): (S.ASKING, Do.ASK),  # § 22.2
    (S.ASKING, On.TOO_BRIEF): (S.ASKING, Do.ASK),  # RFC 4028 § 7.3
    (S.ASKING, On.REFUSED): (S.IDLE, Do.TELL_REFUSED),  # § 14.1: "the session parameters MUST remain unchanged"
    (S.ASKING, On.UNSENT): (S.IDLE, Do.TELL_REFUSED),  # § 8.1.3.1: as if 503 had come
    (S.ASKING, On.GONE): (S.IDLE, Do.LEAVE),  # § 12.2.1.2: "the UAC SHOULD terminate the dialog"
}
"""What is not in the table changes nothing; what is wanted while another change is under way comes after it."""


class OurChange:
    """All the changes we make in one session, one after the other."""

    __slots__ = (
        "_ack",
        "_ack_cseq",
        "_answered",
        "_asked_s",
        "_body",
        "_cseq",
        "_hop",
        "_least_s",
        "_login_lines",
        "_method",
        "_next_body",
        "_offer",
        "_session",
        "_waits",
        "due_at",
        "state",
    )

    def __init__(self, session: Changeable) -> None:
        self._session = session
        self.state = State.IDLE
        self.due_at: float | None = None
        self._body: bytes | None = None  # what is wanted; None: only a refresh
        self._offer = b""  # that, as it went out
        self._next_body: bytes | None = None
        self._method = b"INVITE"
        self._cseq = 0  # of our latest request
        self._waits = 0
        self._answered: Answered = {}
        self._asked_s = self._least_s = 0
        self._login_lines = b""
        self._ack = b""
        self._ack_cseq = 0
        self._hop: Hop = ("", 0)

    @property
    def is_asking(self) -> bool:
        """An INVITE or UPDATE of ours is out."""
        return self.state is State.ASKING

    @property
    def is_offering(self) -> bool:
        """It has an offer that is not answered."""
        return self.state is State.ASKING and not (self._method == b"UPDATE" and self._body is None)

    # -- commands --

    def offer(self, body: bytes, now: float) -> None:
        """Offer this; when something is under way, afterwards, and of several the last. Raises MalformedSdp,
        NoCommonCodec for what is no description of ours."""
        parse(continued(self._session.local_sdp, body))
        if self.state is State.ASKING:
            self._next_body = body
            return
        self._body = body
        if self.state is State.IDLE:
            self._begin(now)

    def refresh(self, now: float) -> None:
        """Keep the session alive; whatever is under way does that too."""
        if self.state is State.IDLE:
            self._body = None
            self._begin(now)

    def stop(self) -> None:
        """The session is over."""
        self._session.core.layer.queue.wake(self, None)
        self._next_body = None
        if self.state is State.WAITING:
            self.state = State.IDLE

    def _begin(self, now: float) -> None:
        self._waits = 0
        self._answered.clear()
        self._step(Input.NOT_YET if self._session.awaits_ack else Input.WANTED, None, now)

    # -- from the network --

    def on_timer(self, now: float) -> None:
        if self._session.dialog_for_changes() is None:
            self.stop()
        else:
            self._step(Input.NOT_YET if self._session.awaits_ack else Input.TURN, None, now)

    def on_response(self, transaction: ClientTransaction, response: Response, now: float) -> None:
        status = response.status
        if status < 200:
            return
        if status < 300 and transaction.method == b"INVITE":
            self._acknowledge(response)
        if response.cseq[0] != self._cseq:
            return  # the answer to a change before this one, once more
        if status < 300:
            self._step(Input.AGREED, response, now)
        elif status in (408, 481):
            self._step(Input.GONE, response, now)
        elif status == 491 or (status == 500 and response.get(b"retry-after") is not None):
            self._step(Input.PENDING if self._waits < MOST_WAITS else Input.REFUSED, response, now)
        elif status in (401, 407) and self._can_answer(response):
            self._step(Input.CHALLENGED, response, now)
        elif status == 422 and (longer_s := longer_interval(response, self._asked_s)):
            self._least_s = self._asked_s = longer_s
            self._step(Input.TOO_BRIEF, response, now)
        else:
            self._step(Input.REFUSED, response, now)

    def on_timeout(self, transaction: ClientTransaction, now: float) -> None:
        self._step(Input.GONE, None, now)

    def on_unsent(self, transaction: ClientTransaction, now: float) -> None:
        self._step(Input.UNSENT, None, now)

    def acknowledge_again(self, response: Response) -> None:
        """§ 13.2.2.4: the 2xx to our INVITE came again."""
        if self._ack and response.cseq[0] == self._ack_cseq:
            layer = self._session.core.layer
            layer.count("retransmissions_received")
            layer.send(self._ack, self._hop)

    # -- the table's machine --

    def _step(self, what: Input, response: Response | None, now: float) -> None:
        row = TABLE.get((self.state, what))
        if row is None:
            return
        self.state, effect = row
        session = self._session
        if effect is Do.ASK:
            self._ask(now)
        elif effect is Do.WAIT:
            self._waits += 1
            wait_s = session.core.layer.timers.t1_s if response is None else self._turn_after_s(response)
            session.core.layer.queue.wake(self, now + wait_s)
        elif effect is Do.KEEP and response is not None:
            self._keep(response, now)
        elif effect is not None:
            status = 408 if what is On.GONE else 503
            status = response.status if response is not None else status
            if self._body is not None and session.dialog_for_changes() is not None:
                session.core.tell(RenegotiationFailed(session.key, status))
            if effect is Do.LEAVE:
                session.leave(now)
        if self.state is State.IDLE and self._next_body is not None and session.dialog_for_changes() is not None:
            self._body, self._next_body = self._next_body, None
            self._begin(now)

    def _ask(self, now: float) -> None:
        session = self._session
        dialog = session.dialog_for_changes()
        if dialog is None:
            self.state = State.IDLE
            return
        early = not session.is_up
        by_update = early or (self._body is None and session.far_end_updates)
        self._method = method = b"UPDATE" if by_update else b"INVITE"
        body = b"" if by_update and self._body is None else session.local_sdp
        if self._body is not None and body:
            body = continued(body, self._body)
        self._offer = body
        layer = session.core.layer
        lines = layer.contact_line(dialog.next_hop) + ALLOW_LINE + SUPPORTED_LINE + self._interval_lines()
        dialog.local_cseq += 1
        self._cseq = dialog.local_cseq
        self._login_lines = session.login.lines(method, dialog.target) if session.login is not None else b""
        lines += self._login_lines
        if body:
            lines += SDP_LINE
        branch = dialog.next_branch(method, dialog.local_cseq)
        request = dialog.request(layer, method, dialog.local_cseq, lines=lines, branch=branch, body=body)
        layer.start_client(request, branch, method, dialog.next_hop, self, now)

    def _interval_lines(self) -> bytes:
        """RFC 4028 § 7.4: the interval and who refreshes stay as they are, unless a 422 wants more."""
        agreement = self._session.agreement
        if agreement is None:
            return b""
        if not self._asked_s or self._asked_s < agreement.interval_s:
            self._asked_s = agreement.interval_s
        return asking_lines(self._asked_s, self._least_s, "uac" if agreement.we_refresh else "uas")

    def _keep(self, response: Response, now: float) -> None:
        session = self._session
        dialog = session.dialog_for_changes()
        if dialog is None:
            return  # being hung up meanwhile
        if dialog.retarget(response, dialog.next_hop):
            session.retargeted()
        session.agree(agreed_by(response), response, now)
        if session.login is not None:
            session.login.accepted(response)
        if self._body is not None:
            session.local_sdp = self._offer
            session.remember(response.body, dialog)
            session.core.tell(Renegotiated(session.key, response.body))
            if "send" in parse(self._offer).direction:  # else the answer says only what we wanted ourselves
                session.note_hold(response.body)
        elif response.body:
            session.described_by(response.body, dialog)

    def _acknowledge(self, response: Response) -> None:
        """§ 13.2.2.4: each 2xx wants its ACK, also that of a call which is being hung up."""
        dialog, layer = self._session.dialog, self._session.core.layer
        if dialog is None:
            return
        number = response.cseq[0]
        if number == self._ack_cseq:
            self.acknowledge_again(response)
            return
        self._ack = dialog.request(layer, b"ACK", number, lines=self._login_lines)
        self._ack_cseq = number
        self._hop = dialog.next_hop
        layer.send(self._ack, self._hop)

    def _can_answer(self, response: Response) -> bool:
        login = self._session.login
        return login is not None and login.take(response, self._answered)

    def _turn_after_s(self, response: Response) -> float:
        """§ 14.1: 2.1 to 4 seconds for who made the Call-ID, else 0 to 2, in steps of 10 ms, at random: drawn from
        what the far end cannot guess. A 500 says itself when to come again."""
        if response.status == 500:
            try:
                return float(min(parse_seconds(response.get(b"retry-after") or b""), MOST_RETRY_AFTER_S))
            except MalformedMessage:
                return 1.0
        session = self._session
        token = keyed_token(session.core.key, b"glare", *session.session_id, b"%d" % response.cseq[0])
        drawn = int(token, 16)
        return 2.1 + drawn % 191 / 100 if session.owns_call_id else drawn % 201 / 100
