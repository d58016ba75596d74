"""Provisional responses of a call that came in, repeated until their PRACK (RFC 3262 § 3)."""

from __future__ import annotations

from collections import deque
from typing import Protocol

from dialer.sip.identity import keyed_token
from dialer.sip.timers import SipTimers, TimerQueue

MAX_WAITING = 16
"""Provisionals kept back until the one before is acknowledged; of more the oldest is dropped."""


class Sender(Protocol):
    """The session whose provisionals these are."""

    def send_provisional(self, status: int, lines: bytes, body: bytes, now: float, *, again: bool) -> None: ...

    def on_no_prack(self, now: float) -> None: ...


class ReliableProvisionals:
    """One is on its way at a time, for "the UAS MUST NOT send a second reliable provisional response until the
    first is acknowledged", and later ones arrive in order that way too. `number`: of the INVITE's CSeq. `secret`:
    octets that nobody outside knows, for the first RSeq."""

    __slots__ = (
        "_body",
        "_gives_up_at",
        "_interval_s",
        "_lines",
        "_number",
        "_queue",
        "_rseq",
        "_sender",
        "_status",
        "_timers",
        "_waiting",
        "described",
        "due_at",
    )

    def __init__(
        self, sender: Sender, queue: TimerQueue, timers: SipTimers, number: int, secret: tuple[bytes, bytes]
    ) -> None:
        self._sender = sender
        self._queue = queue
        self._timers = timers
        self._number = number
        # § 3: "chosen uniformly between 1 and 2**31 - 1".
        self._rseq = int(keyed_token(secret[0], b"rseq", secret[1]), 16) % (2**31 - 1)
        self._waiting: deque[tuple[int, bytes, bytes]] = deque(maxlen=MAX_WAITING)
        self._status = 0
        self._lines = self._body = b""
        self._interval_s = self._gives_up_at = 0.0
        self.due_at: float | None = None
        self.described = b""
        """The description that a provisional held and the far end acknowledged."""

    @property
    def holds_answer_back(self) -> bool:
        """§ 3: with a description unacknowledged, "the UAS MUST delay sending the 2xx"."""
        return bool(self._body) or any(body for _, _, body in self._waiting)

    def send(self, status: int, lines: bytes, body: bytes, now: float) -> None:
        """Now, or as soon as the one before is acknowledged."""
        if self._status:
            self._waiting.append((status, lines, body))
            return
        self._rseq += 1
        self._status, self._body = status, body
        self._lines = b"Require: 100rel\r\nRSeq: %d\r\n%b" % (self._rseq, lines)
        self._interval_s = self._timers.t1_s
        self._gives_up_at = now + self._timers.timeout_s
        self._sender.send_provisional(status, self._lines, body, now, again=False)
        self._queue.wake(self, now + self._interval_s)

    def acknowledge(self, rack: tuple[int, int, bytes], now: float) -> bool:
        """Whether a PRACK is for the one that waits; then the next goes out."""
        if not self._status or rack != (self._rseq, self._number, b"INVITE"):
            return False
        self._status = 0
        self.described = self._body or self.described
        self._lines = self._body = b""
        self._queue.wake(self, None)
        return True

    def send_next(self, now: float) -> None:
        """What was kept back, once the PRACK is answered."""
        if self._waiting and not self._status:
            self.send(*self._waiting.popleft(), now)

    def stop(self) -> None:
        """A final response went out: nothing is repeated any more (§ 3)."""
        self._status = 0
        self._waiting.clear()
        self._queue.wake(self, None)

    def on_timer(self, now: float) -> None:
        if now >= self._gives_up_at:
            self.stop()
            self._sender.on_no_prack(now)
            return
        self._sender.send_provisional(self._status, self._lines, self._body, now, again=True)
        self._interval_s *= 2  # § 3: doubled, and not capped by T2
        self._queue.wake(self, min(now + self._interval_s, self._gives_up_at))
