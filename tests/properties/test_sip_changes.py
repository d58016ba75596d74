"""Two user agents that ring, answer, hold, resume, refresh and hang up as hypothesis likes, over a network that
loses, doubles, delays and overtakes. Whatever happens, nothing raises, each call ends once on each side, and
nothing is left behind; without loss both sides end up with the same idea of the session."""

from __future__ import annotations

import random
from heapq import heappop, heappush
from typing import Any

from hypothesis import event, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from dialer.sip import sdp
from dialer.sip.events import (
    Accepted,
    AcceptedAfterCancel,
    Address,
    Digits,
    Ended,
    Expired,
    Failed,
    Incoming,
    Renegotiated,
    RenegotiationFailed,
    Reoffered,
    SipEvent,
)
from dialer.sip.hop import Hop
from dialer.sip.order import InviteOrder
from dialer.sip.session import Session
from dialer.sip.user_agent import UserAgent
from tests.unit.sip.peer import IDENTITY, IDENTITY_KEY, LOCAL, REMOTE

CALLER, CALLEE = LOCAL, REMOTE
SIDES = st.sampled_from([CALLER, CALLEE])


def fits(offered: sdp.Media, answered: sdp.Media) -> bool:
    """One sends only what the other receives (RFC 3264 § 6.1)."""
    sends, receives = "send" in answered.direction, "recv" in answered.direction
    return sends <= ("recv" in offered.direction) and receives <= ("send" in offered.direction)


class Pair(RuleBasedStateMachine):
    """One call after the other between two agents."""

    @initialize(
        loss=st.sampled_from([0.0, 0.0, 0.1, 0.4]),
        doubling=st.sampled_from([0.0, 0.3]),
        delay_s=st.sampled_from([0.0, 0.05, 1.0]),
        seed=st.integers(0, 2**32),
        caller_s=st.sampled_from([0, 0, 90, 100]),
        callee_s=st.sampled_from([0, 120]),
        answered=st.sampled_from([True, True, True, False]),
        described=st.booleans(),
    )
    def open(self, loss: float, doubling: float, delay_s: float, seed: int, **call: Any) -> None:
        self.loss, self.doubling, self.delay_s = loss, doubling, delay_s
        self.random = random.Random(seed)
        self.caller_s: int = call["caller_s"]
        self.agents = {
            CALLER: UserAgent(CALLER, key=IDENTITY_KEY),
            CALLEE: UserAgent(CALLEE, key=b"b" * 16, accept_calls=True, session_expires_s=call["callee_s"]),
        }
        self.told: dict[Address, list[SipEvent]] = {CALLER: [], CALLEE: []}
        self.heap: list[tuple[float, int, bytes, Address, Hop]] = []
        self.count = 0
        self.now = 0.0
        self.calls = 0
        self.incoming = 0  # the callee's key of the last call, 0: none yet
        self.call(call["answered"], call["described"])

    # -- the world --

    def _drain(self) -> None:
        for address, agent in self.agents.items():
            for data, destination in agent.datagrams_to_send():
                for _ in range(2 if self.random.random() < self.doubling else 1):
                    if self.random.random() >= self.loss:
                        self.count += 1
                        at = self.now + self.random.random() * self.delay_s
                        heappush(self.heap, (at, self.count, data, address, destination))
            for told in agent.next_events():
                self.told[address].append(told)
                if isinstance(told, Incoming):
                    self.incoming = told.key

    def _run_until(self, moment: float) -> None:
        self._drain()
        for _ in range(100_000):
            deadlines = [d for agent in self.agents.values() if (d := agent.next_deadline()) is not None]
            due = min([*deadlines, *(entry[0] for entry in self.heap[:1])], default=moment + 1)
            if due > moment:
                self.now = moment
                return
            self.now = max(self.now, due)
            while self.heap and self.heap[0][0] <= self.now:
                _, _, data, source, destination = heappop(self.heap)
                self.agents[destination[:2]].receive_datagram(data, source, self.now)
                self._drain()
            for agent in self.agents.values():
                agent.handle_timer(self.now)
            self._drain()
        raise AssertionError("the network never comes to rest")

    def _key(self, side: Address) -> int:
        return self.calls if side == CALLER else self.incoming

    # -- what may happen --

    @rule(answered=st.booleans(), described=st.booleans())
    def call(self, answered: bool, described: bool) -> None:
        """Another, once the caller has none; after early media or without, answered at once, or later if at
        all."""
        if self.agents[CALLER].table.calls:
            return
        self._place()
        self._run_until(self.now + 2.0)
        if described:
            self.ring(True, 183)
            self._run_until(self.now + 2.0)
        if answered:
            self.answer()
            self._run_until(self.now + 2.0)

    def _place(self) -> None:
        self.calls += 1
        n = self.calls
        order = InviteOrder(
            key=n,
            call_id=IDENTITY.call_id(n),
            from_tag=IDENTITY.tag(n),
            branch=IDENTITY.branch(n),
            request_uri="sip:+442079460001@127.0.0.9:5070",
            from_uri="sip:+442079460999@127.0.0.1",
            to_uri="sip:+442079460001@127.0.0.9",
            destination=CALLEE,
            body=sdp.offer("127.0.0.1", 4000, n),
            credentials=None,
            session_expires_s=self.caller_s,
        )
        self.agents[CALLER].invite(order, self.now)
        self._drain()

    @rule(described=st.booleans(), status=st.sampled_from([180, 183]))
    def ring(self, described: bool, status: int) -> None:
        body = sdp.offer("127.0.0.9", 4100, 7, payload_types=(0,)) if described else b""
        self.agents[CALLEE].progress(self.incoming, status, self.now, body)
        self._drain()

    @rule()
    def answer(self) -> None:
        self.agents[CALLEE].answer(self.incoming, sdp.offer("127.0.0.9", 4100, 7, payload_types=(0,)), self.now)
        self._drain()

    @rule(side=SIDES, direction=st.sampled_from(["sendonly", "inactive", "sendrecv"]))
    def redirect(self, side: Address, direction: str) -> None:
        key = self._key(side)
        if any(isinstance(it, Accepted) and it.key == self.calls for it in self.told[CALLER]):
            self.agents[side].hold(key, self.now, direction)
            self._drain()

    @rule(side=SIDES)
    def reoffer(self, side: Address) -> None:
        host, port = ("127.0.0.1", 4500) if side == CALLER else ("127.0.0.9", 4600)
        self.agents[side].reoffer(self._key(side), sdp.offer(host, port, 99, payload_types=(0,)), self.now)
        self._drain()

    @rule(how=st.sampled_from(["cancel", "refuse", "hang up", "be hung up on"]), often=st.integers(0, 2))
    def end(self, how: str, often: int) -> None:
        if often:
            return
        if how == "cancel":
            self.agents[CALLER].cancel(self.calls, self.now)
        elif how == "refuse":
            self.agents[CALLEE].reject(self.incoming, 486, self.now)
        else:
            side = CALLER if how == "hang up" else CALLEE
            self.agents[side].bye(self._key(side), self.now)
        self._drain()

    @rule(seconds=st.sampled_from([0.02, 0.3, 1.0, 5.0, 40.0, 200.0]))
    def wait(self, seconds: float) -> None:
        self._run_until(self.now + seconds)

    # -- what must hold --

    def teardown(self) -> None:
        if not hasattr(self, "agents"):
            return
        if self.loss == 0.0:
            self._agree()
        for agent in self.agents.values():
            for key in tuple(agent.table.calls):
                agent.bye(key, self.now)
        self._run_until(self.now + 1_000.0)
        for side, agent in self.agents.items():
            for key in tuple(agent.table.calls):  # a call whose INVITE arrived after the caller had given it up
                agent.bye(key, self.now)
            self._run_until(self.now + 1_000.0)
            assert agent.is_idle(), side
            assert len(agent.layer.queue) == 0
        for key in range(1, self.calls + 1):
            mine = [it for it in self.told[CALLER] if getattr(it, "key", None) == key]
            ends = [type(it) for it in mine if isinstance(it, Failed | Ended)]
            assert len(ends) == 1, mine
            assert isinstance(mine[-1], Failed | Ended)
            answers = [it for it in mine if isinstance(it, Accepted | AcceptedAfterCancel)]
            assert len(answers) == (ends == [Ended])
        for side in (CALLER, CALLEE):
            for kind in {type(told).__name__ for told in self.told[side]}:
                event(f"{kind} told to the {'caller' if side == CALLER else 'callee'}")
            ended = [told.key for told in self.told[side] if isinstance(told, Ended)]
            assert len(ended) == len(set(ended))
            assert not any(isinstance(told, Digits) for told in self.told[side])

    def _agree(self) -> None:
        """Once everything that is under way has come to its end, both sides mean the same."""
        self._run_until(self.now + 35.0)
        for _ in range(60):  # a refresh may be under way just now
            self._run_until(self.now + 0.5)
            ours, theirs = (self._up(side) for side in (CALLER, CALLEE))
            if ours is None or theirs is None or ours.session_id[0] != theirs.session_id[0]:
                return
            if all(session.change is None or session.change.state == "idle" for session in (ours, theirs)):
                break
        assert ours is not None
        assert theirs is not None
        assert ours.state == theirs.state == "up"
        for session in (ours, theirs):
            assert session.change is None or session.change.state == "idle"
        if any(isinstance(e, Renegotiated | Reoffered) and e.key == ours.key for e in self.told[CALLER]):
            one, other = sdp.parse(ours.local_sdp), sdp.parse(theirs.local_sdp)
            assert fits(one, other) or fits(other, one), (one.direction, other.direction)
            for session, description, far in ((ours, one, other), (theirs, other, one)):
                if "send" in description.direction:
                    assert session.held == far.is_held
        for session, side in ((ours, CALLER), (theirs, CALLEE)):
            mine = [it for it in self.told[side] if getattr(it, "key", None) == session.key]
            failed = [it for it in mine if isinstance(it, RenegotiationFailed | Expired)]
            assert all(self._overtaken(it) for it in failed)

    def _overtaken(self, told: SipEvent) -> bool:
        """An UPDATE that a later PRACK has overtaken is out of order, and refused (RFC 3261 § 12.2.2)."""
        return self.delay_s > 0.0 and isinstance(told, RenegotiationFailed) and told.status == 500

    def _up(self, side: Address) -> Session | None:
        session = self.agents[side].table.calls.get(self._key(side))
        return session if session is not None and session.state == "up" else None


TestPair = Pair.TestCase
TestPair.settings = settings(max_examples=100, stateful_step_count=25, deadline=None)
