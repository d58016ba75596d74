"""Client transactions (RFC 3261 § 17.1, with the Accepted state of RFC 6026), as two tables; reliable
transports do without some of their timers."""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol

from dialer.sip.hop import Hop
from dialer.sip.message import Response
from dialer.sip.timers import SipTimers, TimerQueue


class State(StrEnum):
    CALLING = "calling"
    TRYING = "trying"
    PROCEEDING = "proceeding"
    COMPLETED = "completed"
    ACCEPTED = "accepted"
    TERMINATED = "terminated"


class Input(StrEnum):
    PROVISIONAL = "1xx"
    SUCCESS = "2xx"
    FAILURE = "3xx-6xx"
    UNSENT = "the request never left"
    TIMER_A = "timer A"
    TIMER_B = "timer B"
    TIMER_D = "timer D"
    TIMER_E = "timer E"
    TIMER_F = "timer F"
    TIMER_K = "timer K"
    TIMER_M = "timer M"


class Effect(StrEnum):
    PASS = "pass the response up"  # noqa: S105 -- an effect, not a password
    ACK = "send ACK"
    RESEND = "send the request again"
    BACK_OFF = "restart A, doubled"
    BACK_OFF_TO_T2 = "restart E, doubled up to T2"
    SLOW_DOWN = "restart E with T2"
    STOP_RESENDING = "stop A and B"
    START_D = "start D"
    START_K = "start K"
    START_M = "start M"
    TIMED_OUT = "tell that no answer came"
    TELL_UNSENT = "tell that it never left"


S, On, Do = State, Input, Effect
Table = dict[tuple[State, Input], tuple[State, tuple[Effect, ...]]]

INVITE: Table = {
    (S.CALLING, On.TIMER_A): (S.CALLING, (Do.RESEND, Do.BACK_OFF)),  # § 17.1.1.2: "reset with a value of 2*T1"
    (S.CALLING, On.TIMER_B): (S.TERMINATED, (Do.TIMED_OUT,)),  # § 17.1.1.2
    (S.CALLING, On.UNSENT): (S.TERMINATED, (Do.TELL_UNSENT,)),  # § 17.1.4
    (S.CALLING, On.PROVISIONAL): (S.PROCEEDING, (Do.STOP_RESENDING, Do.PASS)),  # § 17.1.1.2
    (S.CALLING, On.SUCCESS): (S.ACCEPTED, (Do.START_M, Do.PASS)),  # RFC 6026 § 7.2
    (S.CALLING, On.FAILURE): (S.COMPLETED, (Do.ACK, Do.START_D, Do.PASS)),  # § 17.1.1.2
    (S.PROCEEDING, On.PROVISIONAL): (S.PROCEEDING, (Do.PASS,)),  # § 17.1.1.2
    (S.PROCEEDING, On.SUCCESS): (S.ACCEPTED, (Do.START_M, Do.PASS)),  # RFC 6026 § 7.2
    (S.PROCEEDING, On.FAILURE): (S.COMPLETED, (Do.ACK, Do.START_D, Do.PASS)),  # § 17.1.1.2
    (S.PROCEEDING, On.TIMER_B): (S.TERMINATED, (Do.TIMED_OUT,)),  # § 9.1: 64*T1 after a CANCEL
    (S.COMPLETED, On.FAILURE): (S.COMPLETED, (Do.ACK,)),  # § 17.1.1.2: "MUST cause the ACK to be re-passed"
    (S.COMPLETED, On.TIMER_D): (S.TERMINATED, ()),  # § 17.1.1.2
    (S.ACCEPTED, On.SUCCESS): (S.ACCEPTED, (Do.PASS,)),  # RFC 6026 § 7.2: each 2xx goes to the core
    (S.ACCEPTED, On.TIMER_M): (S.TERMINATED, ()),  # RFC 6026 § 7.2
}

NON_INVITE: Table = {
    (S.TRYING, On.TIMER_E): (S.TRYING, (Do.RESEND, Do.BACK_OFF_TO_T2)),  # § 17.1.2.2: MIN(2*T1, T2)
    (S.TRYING, On.TIMER_F): (S.TERMINATED, (Do.TIMED_OUT,)),  # § 17.1.2.2
    (S.TRYING, On.UNSENT): (S.TERMINATED, (Do.TELL_UNSENT,)),  # § 17.1.4
    (S.TRYING, On.PROVISIONAL): (S.PROCEEDING, (Do.SLOW_DOWN, Do.PASS)),  # § 17.1.2.2
    (S.TRYING, On.SUCCESS): (S.COMPLETED, (Do.START_K, Do.PASS)),  # § 17.1.2.2
    (S.TRYING, On.FAILURE): (S.COMPLETED, (Do.START_K, Do.PASS)),  # § 17.1.2.2
    (S.PROCEEDING, On.TIMER_E): (S.PROCEEDING, (Do.RESEND, Do.SLOW_DOWN)),  # § 17.1.2.2: "reset to T2"
    (S.PROCEEDING, On.TIMER_F): (S.TERMINATED, (Do.TIMED_OUT,)),  # § 17.1.2.2
    (S.PROCEEDING, On.PROVISIONAL): (S.PROCEEDING, (Do.PASS,)),  # § 17.1.2.2, figure 6
    (S.PROCEEDING, On.SUCCESS): (S.COMPLETED, (Do.START_K, Do.PASS)),  # § 17.1.2.2
    (S.PROCEEDING, On.FAILURE): (S.COMPLETED, (Do.START_K, Do.PASS)),  # § 17.1.2.2
    (S.COMPLETED, On.TIMER_K): (S.TERMINATED, ()),  # § 17.1.2.2
}
"""What is in neither table changes nothing: a provisional after a final, a second final of another class."""

_EXPIRY = {
    id(INVITE): {
        S.CALLING: On.TIMER_B,
        S.PROCEEDING: On.TIMER_B,
        S.COMPLETED: On.TIMER_D,
        S.ACCEPTED: On.TIMER_M,
    },
    id(NON_INVITE): {S.TRYING: On.TIMER_F, S.PROCEEDING: On.TIMER_F, S.COMPLETED: On.TIMER_K},
}


# Python 3.11 takes ten times as long for `Class.MEMBER` as for a name of the module, and each datagram wants many.
_PROVISIONAL, _SUCCESS, _FAILURE = Input.PROVISIONAL, Input.SUCCESS, Input.FAILURE
_PASS, _ACK, _STOP_RESENDING, _RESEND = Effect.PASS, Effect.ACK, Effect.STOP_RESENDING, Effect.RESEND
_START_D, _START_K, _START_M = Effect.START_D, Effect.START_K, Effect.START_M
_CALLING, _TRYING, _TERMINATED = State.CALLING, State.TRYING, State.TERMINATED


class TransactionUser(Protocol):
    """Who gets the responses."""

    def on_response(self, transaction: ClientTransaction, response: Response, now: float) -> None: ...

    def on_timeout(self, transaction: ClientTransaction, now: float) -> None: ...

    def on_unsent(self, transaction: ClientTransaction, now: float) -> None: ...


class Wire(Protocol):
    """What a transaction needs of the layer it lives in."""

    timers: SipTimers
    queue: TimerQueue

    def send(self, data: bytes, destination: Hop) -> None: ...

    def count(self, name: str) -> None: ...

    def forget_client(self, transaction: ClientTransaction) -> None: ...


class ClientTransaction:
    """One request on its way. Starting it is sending it, unless an INVITE was `sent_before`, by a process that is
    dead. `request`: the octets, sent again as they are; `branch` and `method` are what responses are matched by
    (§ 17.1.3). `user` None: nobody cares."""

    __slots__ = (
        "_expires_at",
        "_interval_s",
        "_reliable",
        "_resend_at",
        "_table",
        "_wire",
        "branch",
        "destination",
        "due_at",
        "method",
        "request",
        "state",
        "user",
    )

    def __init__(
        self,
        wire: Wire,
        request: bytes,
        branch: bytes,
        method: bytes,
        destination: Hop,
        user: TransactionUser | None,
        now: float,
        *,
        sent_before: bool = False,
    ) -> None:
        timers = wire.timers
        self._wire = wire
        self.request = request
        self.branch = branch
        self.method = method
        self.destination = destination
        self.user = user
        self.due_at: float | None = None
        is_invite = method == b"INVITE"
        self._table = INVITE if is_invite else NON_INVITE
        self.state = _CALLING if is_invite else _TRYING
        self._interval_s = timers.t1_s
        self._reliable = type(destination) is not tuple
        # § 17.1.1.2, § 17.1.2.2: A and E are for unreliable transports.
        self._resend_at: float | None = None if self._reliable else now + timers.t1_s
        self._expires_at: float | None = now + timers.timeout_s  # B or F
        if sent_before:
            # Whether a provisional came is not known. The INVITE is not sent again: if it was lost, it would ring
            # a phone that nobody is there to talk to.
            self.state, self._resend_at = State.PROCEEDING, None
        else:
            wire.send(request, destination)
        self._arm()

    def receive(self, response: Response, now: float) -> None:
        """A response that matches this transaction."""
        status = response.status
        what = _PROVISIONAL if status < 200 else _SUCCESS if status < 300 else _FAILURE
        self._step(what, response, now)

    def not_sent(self, now: float) -> None:
        """The request could not be sent. That ends an INVITE of which nothing was sent before (§ 17.1.4);
        everything else is left to the retransmissions."""
        if self.method == b"INVITE" and self._interval_s == self._wire.timers.t1_s:
            self._step(Input.UNSENT, None, now)

    def fail(self, now: float) -> None:
        """Its transport failed (§ 17.1.4)."""
        self._step(Input.UNSENT, None, now)

    def expire_after_cancel(self, now: float) -> None:
        """§ 9.1: without a final response 64*T1 after its CANCEL, the transaction is given up."""
        if self.state in (State.CALLING, State.PROCEEDING):
            self._expires_at = now + self._wire.timers.timeout_s
            self._arm()

    def on_timer(self, now: float) -> None:
        if self._expires_at is not None and self._expires_at <= now:
            self._step(_EXPIRY[id(self._table)][self.state], None, now)
        elif self._resend_at is not None and self._resend_at <= now:
            self._step(Input.TIMER_A if self._table is INVITE else Input.TIMER_E, None, now)
        else:
            self._arm()

    def _step(self, what: Input, response: Response | None, now: float) -> None:
        row = self._table.get((self.state, what))
        if row is None:
            return
        self.state, effects = row
        timers = self._wire.timers
        for effect in effects:
            if effect is _PASS:
                if self.user is not None and response is not None:
                    self.user.on_response(self, response, now)
            elif effect is _ACK:
                if response is not None:
                    self._wire.send(ack_for_failure(self.request, response), self.destination)
            elif effect is _STOP_RESENDING:
                self._resend_at = self._expires_at = None
            elif effect is _START_M:
                self._resend_at, self._expires_at = None, now + timers.timeout_s
                self.request = b""  # never sent again: no need to keep it as long as the call may last
            elif effect is _START_D:
                self._resend_at = None  # § 17.1.1.2: D is 0 over reliable transports
                self._expires_at = now if self._reliable else now + timers.d_s
            elif effect is _START_K:
                self._resend_at = None  # § 17.1.2.2: K is 0 over reliable transports
                self._expires_at = now if self._reliable else now + timers.t4_s
            elif effect is _RESEND:
                self._wire.send(self.request, self.destination)
                self._wire.count("retransmissions_sent")
            elif effect is Effect.TIMED_OUT:
                if self.user is not None:
                    self.user.on_timeout(self, now)
            elif effect is Effect.TELL_UNSENT:
                if self.user is not None:
                    self.user.on_unsent(self, now)
            elif not self._reliable:
                self._interval_s = self._next_interval(effect)
                self._resend_at = now + self._interval_s
        if self.state is _TERMINATED:
            self._wire.queue.wake(self, None)
            self._wire.forget_client(self)
            self.user = None
        else:
            self._arm()

    def _next_interval(self, effect: Effect) -> float:
        if effect is Effect.BACK_OFF:
            return self._interval_s * 2
        t2_s = self._wire.timers.t2_s
        return t2_s if effect is Effect.SLOW_DOWN else min(self._interval_s * 2, t2_s)

    def _arm(self) -> None:
        resend_at, expires_at = self._resend_at, self._expires_at
        if resend_at is None or (expires_at is not None and expires_at < resend_at):
            self._wire.queue.wake(self, expires_at)
        else:
            self._wire.queue.wake(self, resend_at)


def ack_for_failure(invite: bytes, response: Response) -> bytes:
    """The ACK of a final response outside 200–299: Request-URI, Call-ID, From, the one Via, CSeq number and
    Route of the INVITE, To of the response (§ 17.1.1.3)."""
    return derived_request(invite, b"ACK", to=response.get(b"to"))


def derived_request(invite: bytes, method: bytes, *, to: bytes | None = None) -> bytes:
    """An ACK or CANCEL that goes the way of the INVITE of ours whose octets are given (§ 9.1, § 17.1.1.3)."""
    lines = invite.partition(b"\r\n\r\n")[0].split(b"\r\n")
    out = [method + lines[0][6:]]
    for line in lines[1:]:
        name = line.partition(b":")[0]
        if name in (b"Via", b"From", b"Call-ID", b"Max-Forwards", b"Route"):
            out.append(line)
        elif name == b"To":
            out.append(line if to is None else b"To: " + to)
        elif name == b"CSeq":
            out.append(line[: line.rindex(b" ") + 1] + method)
    out.append(b"Content-Length: 0\r\n\r\n")
    return b"\r\n".join(out)
