"""Who is calling, and what the call will meet: settled once, at the first INVITE, whatever is retransmitted."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

from dialer.clock import Clock
from dialer.sip import sdp
from dialer.sip.errors import MalformedMessage
from dialer.sip.message import Request
from dialer.sip.sdes import Crypto
from dialer.sip.uri import Uri
from sim_trunk.call_log import CallLog, CallLogEntry, EndedWith
from sim_trunk.callee import CallPlan, Plans, Quirk
from sim_trunk.callee_audio import CalleeAudio

MOST_CALLS = 50_000
"""Calls remembered at the same time: 1,500 a second, each for 64*T1. A flood beyond is turned away."""

MOST_NUMBERS = 1_000_000
"""Numbers whose calls are counted; any further one is always called for the first time."""

MOST_BRANCHES = 16
"""INVITE transactions of one call that are known again."""

MOST_OF_A_CALL_ID = 256
MOST_OF_A_NUMBER = 64
"""Characters kept; E.164 numbers have 16 at most."""


class Call:
    """One call from its INVITE on. `key`: the user agent's, 0 before it knows the call. `cause`: why the network
    ends it. `deaf_checks`: looks at its audio in a row that found nothing new, and `heard_packets` at the last.
    `keys`: the timer of the next key that is pressed. `crypto`: the keys of our audio, where the caller wants it
    protected."""

    __slots__ = (
        "audio",
        "branches",
        "bye_sent",
        "cause",
        "crypto",
        "deaf_checks",
        "entry",
        "heard_packets",
        "key",
        "keys",
        "offer",
        "plan",
        "timers",
        "watch",
    )

    def __init__(self, plan: CallPlan, entry: CallLogEntry) -> None:
        self.plan = plan
        self.entry = entry
        self.key = 0
        self.offer: sdp.Media | None = None
        self.crypto: tuple[Crypto, ...] = ()
        self.audio: CalleeAudio | None = None
        self.timers: list[asyncio.TimerHandle] = []
        self.keys: asyncio.TimerHandle | None = None
        self.watch: asyncio.TimerHandle | None = None
        self.bye_sent = False
        self.cause: EndedWith | None = None
        self.branches: set[bytes] = set()
        self.deaf_checks = 0
        self.heard_packets = 0

    def count_invite(self, branch: bytes) -> bool:
        """An INVITE of this call outside any dialog came. Whether it is a new transaction."""
        if branch in self.branches:
            self.entry.retransmissions += 1
            return False
        if len(self.branches) < MOST_BRANCHES:
            self.branches.add(branch)
        self.entry.invites += 1
        return True


class Reception:
    """All calls of which an INVITE may still be repeated, by Call-ID. `remember_s`: how long that is (64*T1).
    `is_open`: whether a call goes on; such ones are remembered beyond it."""

    def __init__(
        self, plans: Plans, call_log: CallLog, clock: Clock, remember_s: float, is_open: Callable[[Call], bool]
    ) -> None:
        self._plans = plans
        self._log = call_log
        self._clock = clock
        self._remember_s = remember_s
        self._is_open = is_open
        self._met: dict[str, Call] = {}
        self._met_at: deque[tuple[float, str]] = deque()
        self._called: dict[str, int] = {}

    def find(self, call_id: str) -> Call | None:
        """The call of this Call-ID, if it is remembered."""
        return self._met.get(call_id)

    def meet(self, request: Request, call_id: str, now: float) -> Call | None:
        """A new call; None when more are remembered, or its Call-ID is longer, than anybody makes in earnest.
        Raises `MalformedMessage`."""
        self._forget(now)
        if len(self._met) >= MOST_CALLS or len(call_id) > MOST_OF_A_CALL_ID:
            return None
        caller = _user_of(request.need(b"from").partition(b"<")[2].partition(b">")[0])
        number = _user_of(request.uri)
        nth_call = self._called.get(number, 0) + 1
        if nth_call > 1 or len(self._called) < MOST_NUMBERS:
            self._called[number] = nth_call
        at = self._clock.now()
        plan = self._plans.plan(number, nth_call, at)
        entry = CallLogEntry(call_id, number, caller, nth_call, at, plan.persona.value, plan.quirk.value)
        call = self._met[call_id] = Call(plan, entry)
        self._met_at.append((now, call_id))
        if plan.quirk is Quirk.NO_RESPONSE:
            self._log.write(entry)  # nothing more will ever become of it
        return call

    def _forget(self, now: float) -> None:
        """Calls whose INVITE can no longer be repeated, and that are not open any more."""
        while self._met_at and self._met_at[0][0] < now - self._remember_s:
            _, call_id = self._met_at.popleft()
            if self._is_open(self._met[call_id]):
                self._met_at.append((now, call_id))
            else:
                del self._met[call_id]


def _user_of(uri: bytes) -> str:
    """User part of a URI without a password: the number. Empty for a URI that does not parse; octets that are no
    UTF-8 are replaced."""
    try:
        user = Uri.parse(uri.decode("utf-8", "replace")).user
    except MalformedMessage:
        return ""
    number = user.partition(":")[0].partition(";")[0].replace("%2B", "+").replace("%2b", "+")
    return number[:MOST_OF_A_NUMBER]
