"""Two user agents over a network that loses, doubles, delays and overtakes. However it behaves, each call ends
once on each side, and nothing is left behind."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass
from heapq import heappop, heappush

from hypothesis import given, settings
from hypothesis import strategies as st

from dialer.sip.events import (
    Accepted,
    AcceptedAfterCancel,
    Acked,
    Address,
    Cancelled,
    Ended,
    Failed,
    Incoming,
    Progress,
    SipEvent,
)
from dialer.sip.sdp import offer
from dialer.sip.user_agent import UserAgent
from tests.unit.sip.peer import ANSWER, IDENTITY_KEY, LOCAL, REMOTE, order


@dataclass(frozen=True)
class Plan:
    """What one call does, in seconds after its INVITE; None: never. `answers`: by a 200, else 486."""

    cancel_s: float | None
    ring_s: float | None
    final_s: float
    answers: bool
    caller_hangs_up_s: float | None
    callee_hangs_up_s: float | None


@dataclass(frozen=True)
class Weather:
    """Shares of datagrams lost and doubled; the longest delay in seconds."""

    loss: float
    doubling: float
    delay_s: float


class Network:
    """Both agents and all that is on its way, in virtual time."""

    def __init__(self, weather: Weather, plans: list[Plan], seed: int) -> None:
        self.weather = weather
        self.plans = plans
        self.random = random.Random(seed)
        self.caller = UserAgent(LOCAL, key=IDENTITY_KEY)
        self.callee = UserAgent(REMOTE, key=b"b" * 16, accept_calls=True)
        self.agents: dict[Address, UserAgent] = {LOCAL: self.caller, REMOTE: self.callee}
        self.told: dict[Address, list[SipEvent]] = {LOCAL: [], REMOTE: []}
        self.heap: list[tuple[float, int, str, tuple[object, ...]]] = []
        self.counter = 0
        self.plan_of: dict[int, Plan] = {}
        self.now = 0.0

    def at(self, moment: float, what: str, *arguments: object) -> None:
        self.counter += 1
        heappush(self.heap, (moment, self.counter, what, arguments))

    def run(self) -> None:
        for key, plan in enumerate(self.plans, 1):
            self.at(0.1 * key, "invite", key)
            if plan.cancel_s is not None:
                self.at(0.1 * key + plan.cancel_s, "cancel", key)
        for _ in range(200_000):
            deadlines = [d for agent in self.agents.values() if (d := agent.next_deadline()) is not None]
            if not self.heap and not deadlines:
                return
            moment = min([*deadlines, *(entry[0] for entry in self.heap[:1])])
            self.now = max(self.now, moment)
            while self.heap and self.heap[0][0] <= self.now:
                _, _, what, arguments = heappop(self.heap)
                getattr(self, f"_{what}")(*arguments)
                self._drain()
            for agent in self.agents.values():
                agent.handle_timer(self.now)
            self._drain()
        raise AssertionError("the network never comes to rest")

    def _drain(self) -> None:
        for address, agent in self.agents.items():
            for data, destination in agent.datagrams_to_send():
                copies = 2 if self.random.random() < self.weather.doubling else 1
                for _ in range(copies):
                    if self.random.random() >= self.weather.loss:
                        delay = self.random.random() * self.weather.delay_s
                        self.at(self.now + delay, "deliver", data, address, destination)
            for event in agent.next_events():
                self.told[address].append(event)
                self._react(event)

    def _react(self, event: SipEvent) -> None:
        if isinstance(event, Incoming):
            plan = self.plans[int(event.body.split(b"o=- ")[1].split()[0]) - 1]
            self.plan_of[event.key] = plan
            if plan.ring_s is not None:
                self.at(self.now + plan.ring_s, "ring", event.key)
            self.at(self.now + plan.final_s, "final", event.key, plan.answers)
        elif isinstance(event, Accepted):
            plan = self.plans[event.key - 1]
            # Somebody hangs up sooner or later; the caller at the latest.
            self.at(self.now + (plan.caller_hangs_up_s or 100.0), "hang_up", LOCAL, event.key)
        elif isinstance(event, Acked) and (hold_s := self.plan_of[event.key].callee_hangs_up_s) is not None:
            self.at(self.now + hold_s, "hang_up", REMOTE, event.key)
        elif isinstance(event, Acked):
            self.at(
                self.now + 200.0, "hang_up", REMOTE, event.key
            )  # its own limit, should the BYE be lost for good

    def _invite(self, key: int) -> None:
        self.caller.invite(order(key, body=offer("127.0.0.1", 4000, key)), self.now)

    def _cancel(self, key: int) -> None:
        self.caller.cancel(key, self.now)

    def _ring(self, key: int) -> None:
        self.callee.progress(key, 180, self.now)

    def _final(self, key: int, answers: bool) -> None:
        if answers:
            self.callee.answer(key, ANSWER, self.now)
        else:
            self.callee.reject(key, 486, self.now)

    def _hang_up(self, address: Address, key: int) -> None:
        self.agents[address].bye(key, self.now)

    def _deliver(self, data: bytes, source: Address, destination: Address) -> None:
        self.agents[destination].receive_datagram(data, source, self.now)


PLANS = st.lists(
    st.builds(
        Plan,
        cancel_s=st.one_of(st.none(), st.floats(0.0, 12.0)),
        ring_s=st.one_of(st.none(), st.floats(0.0, 5.0)),
        final_s=st.floats(0.0, 15.0),
        answers=st.booleans(),
        caller_hangs_up_s=st.one_of(st.none(), st.floats(0.1, 20.0)),
        callee_hangs_up_s=st.one_of(st.none(), st.floats(0.0, 20.0)),
    ),
    min_size=1,
    max_size=6,
)


def check(network: Network) -> None:
    """What holds in any weather."""
    network.run()
    assert network.caller.is_idle()
    assert network.callee.is_idle()
    assert len(network.caller.layer.queue) == len(network.callee.layer.queue) == 0
    told = network.told[LOCAL]
    for key in range(1, len(network.plans) + 1):
        mine = [event for event in told if getattr(event, "key", None) == key]
        kinds = [type(event) for event in mine if not isinstance(event, Progress)]
        assert kinds in ([Failed], [Accepted, Ended], [AcceptedAfterCancel, Ended]), mine
        after = [type(event) for event in mine].index(kinds[0])
        assert Progress not in [type(event) for event in mine[after:]]
    once = [event for event in network.told[REMOTE] if isinstance(event, Incoming | Acked | Ended | Cancelled)]
    called = Counter((type(event), event.key) for event in once)
    assert set(called.values()) <= {1}


@settings(max_examples=120, deadline=None)
@given(
    PLANS,
    st.builds(Weather, loss=st.floats(0.0, 0.5), doubling=st.floats(0.0, 0.5), delay_s=st.floats(0.0, 2.0)),
    st.integers(0, 2**32),
)
def test_any_weather(plans: list[Plan], weather: Weather, seed: int) -> None:
    check(Network(weather, plans, seed))


@settings(max_examples=30, deadline=None)
@given(PLANS, st.integers(0, 2**32))
def test_total_silence(plans: list[Plan], seed: int) -> None:
    network = Network(Weather(1.0, 0.0, 0.0), plans, seed)
    check(network)
    assert {(e.status, e.timeout) for e in network.told[LOCAL] if isinstance(e, Failed)} == {(408, True)}


@settings(max_examples=80, deadline=None)
@given(PLANS, st.integers(0, 2**32))
def test_fair_weather_both_sides_agree(plans: list[Plan], seed: int) -> None:
    """Without loss, what the caller was told is what the callee did."""
    network = Network(Weather(0.0, 0.2, 0.05), plans, seed)
    check(network)
    accepted = sum(isinstance(event, Accepted | AcceptedAfterCancel) for event in network.told[LOCAL])
    acked = sum(isinstance(event, Acked) for event in network.told[REMOTE])
    ended = [sum(isinstance(event, Ended) for event in network.told[side]) for side in (LOCAL, REMOTE)]
    assert ended == [accepted, accepted]
    # A BYE may overtake the ACK; then the call ends without `Acked`.
    assert acked <= accepted
    failed = [event.status for event in network.told[LOCAL] if isinstance(event, Failed)]
    assert set(failed) <= {486, 487}


@settings(max_examples=20, deadline=None)
@given(PLANS, st.integers(0, 2**32))
def test_the_same_again(plans: list[Plan], seed: int) -> None:
    weather = Weather(0.2, 0.2, 1.0)
    one, two = Network(weather, plans, seed), Network(weather, plans, seed)
    one.run()
    two.run()
    assert one.told == two.told
    assert one.caller.counters == two.caller.counters
