"""A caller killed at any moment, in any weather, and started again from its notes: the callee's calls all end, in
fair weather at once."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from dialer.sip.call_notes import CallNote, CallOver, DialogUp, InviteSent, LeftCall
from dialer.sip.events import Cancelled, Ended, Incoming, LeftCallOver, LeftEnd, SipEvent
from dialer.sip.timers import SipTimers
from dialer.sip.user_agent import UserAgent
from tests.properties.test_sip_network import PLANS, Network, Plan, Weather
from tests.unit.sip.peer import IDENTITY_KEY, LOCAL

TIMERS = SipTimers()


def left_calls(notes: list[CallNote]) -> list[LeftCall]:
    """As `dialer.telephony.call_ledger` reads them."""
    calls: dict[bytes, LeftCall] = {}
    for note in notes:
        if isinstance(note, InviteSent):
            calls[note.call_id] = LeftCall(note.key, note.call_id, note.destination, note.invite)
        elif isinstance(note, DialogUp):
            known = calls[note.call_id]
            calls[note.call_id] = LeftCall(
                known.key, known.call_id, known.destination, known.invite, note.ack, note.next_hop
            )
        else:
            assert isinstance(note, CallOver)
            calls.pop(note.call_id, None)
    return list(calls.values())


class Killed(Network):
    """The caller dies at `kill_s` and is back `down_s` later. Its socket is closed meanwhile. `sends`: of the
    datagrams that were to leave at the moment of its death so many still did."""

    def __init__(self, weather: Weather, plans: list[Plan], seed: int, kill_s: float, down_s: float, sends: int):
        super().__init__(weather, plans, seed)
        self.caller.table.takes_notes = True
        self.notes: list[CallNote] = []
        self.dying_sends = sends
        self.killed_at: float | None = None
        self.back_at: float | None = None
        self.left: list[LeftCall] = []
        self.open_since: dict[int, float] = {}
        """Calls at the callee's, by the moment they came."""
        self.ended_at: dict[int, float] = {}
        self.at(kill_s, "kill", down_s)

    def _drain(self) -> None:
        self.notes += self.caller.notes_to_keep()
        super()._drain()

    def _kill(self, down_s: float) -> None:
        # Whatever the caller would do at this moment is noted, and only some of it sent.
        self.caller.handle_timer(self.now)
        for key in range(1, len(self.plans) + 1):
            self.caller.cancel(key, self.now)
        self.notes += self.caller.notes_to_keep()
        for data, destination in self.caller.datagrams_to_send()[: self.dying_sends]:
            self.at(self.now, "deliver", data, LOCAL, destination)
        self.killed_at = self.now
        self.caller = self.agents[LOCAL] = UserAgent(LOCAL, key=IDENTITY_KEY)  # nothing reaches it: see _deliver
        self.at(self.now + down_s, "start")

    def _start(self) -> None:
        self.back_at = self.now
        self.caller.table.takes_notes = True
        self.left = left_calls(self.notes)
        for call in self.left:
            self.caller.end_left(call, self.now)

    def _react(self, event: SipEvent) -> None:
        super()._react(event)
        if isinstance(event, Incoming):
            self.open_since[event.key] = self.now
        elif isinstance(event, Ended | Cancelled) and event.key < 0:
            self.ended_at.setdefault(event.key, self.now)

    def _final(self, key: int, answers: bool) -> None:
        super()._final(key, answers)
        if not answers:
            self.ended_at.setdefault(key, self.now)

    @property
    def is_down(self) -> bool:
        return self.killed_at is not None and self.back_at is None

    def _invite(self, key: int) -> None:
        if self.killed_at is None:
            super()._invite(key)

    def _cancel(self, key: int) -> None:
        if self.killed_at is None:
            super()._cancel(key)

    def _deliver(self, data: bytes, source: tuple[str, int], destination: tuple[str, int]) -> None:
        if not (self.is_down and destination == LOCAL):
            super()._deliver(data, source, destination)


# Nobody at the callee ever hangs up in the time looked at, and some ring for ever.
STAYING = st.lists(
    st.builds(
        Plan,
        cancel_s=st.one_of(st.none(), st.floats(0.0, 8.0)),
        ring_s=st.one_of(st.none(), st.floats(0.0, 5.0)),
        final_s=st.one_of(st.floats(0.0, 15.0), st.just(500.0)),
        answers=st.booleans(),
        caller_hangs_up_s=st.one_of(st.none(), st.floats(0.1, 20.0)),
        callee_hangs_up_s=st.just(400.0),
    ),
    min_size=1,
    max_size=5,
)


def play(network: Killed) -> None:
    network.run()
    assert network.caller.is_idle()
    assert network.callee.is_idle()
    told = network.told[LOCAL]
    over = [event.key for event in told if isinstance(event, LeftCallOver)]
    assert sorted(over) == sorted(call.key for call in network.left)  # each left call once
    assert left_calls([*network.notes]) == []


@settings(max_examples=100, deadline=None)
@given(
    PLANS,
    st.builds(Weather, loss=st.floats(0.0, 0.4), doubling=st.floats(0.0, 0.4), delay_s=st.floats(0.0, 2.0)),
    st.integers(0, 2**32),
    st.floats(0.0, 20.0),
    st.floats(0.0, 40.0),
    st.integers(0, 3),
)
def test_any_weather(
    plans: list[Plan], weather: Weather, seed: int, kill_s: float, down_s: float, sends: int
) -> None:
    play(Killed(weather, plans, seed, kill_s, down_s, sends))


@settings(max_examples=150, deadline=None)
@given(STAYING, st.integers(0, 2**32), st.floats(0.0, 20.0), st.floats(0.0, 11.0), st.integers(0, 3))
def test_in_fair_weather_every_call_ends_at_once(
    plans: list[Plan], seed: int, kill_s: float, down_s: float, sends: int
) -> None:
    """Within one interval between an unacknowledged 200 and its repetition (T2) of being back, whatever was on its
    way; nobody hangs up at the callee's end."""
    network = Killed(Weather(0.0, 0.2, 0.05), plans, seed, kill_s, down_s, sends)
    play(network)
    assert network.back_at is not None
    late = {
        key: network.ended_at.get(key, 1e9) - network.back_at
        for key in network.open_since
        if network.ended_at.get(key, 1e9) > network.back_at + TIMERS.t2_s + 0.5
    }
    assert late == {}
    ends = {event.end for event in network.told[LOCAL] if isinstance(event, LeftCallOver)}
    assert ends <= {LeftEnd.CANCELLED, LeftEnd.HUNG_UP, LeftEnd.GONE}
