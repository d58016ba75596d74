"""Every state × input of both client transactions, against grids written from the figures of RFC 3261 and
RFC 6026 rather than from the tables under test."""

from __future__ import annotations

import pytest

from dialer.sip import client_transaction
from dialer.sip.client_transaction import ClientTransaction, State, derived_request
from dialer.sip.message import Response, parse_message
from dialer.sip.timers import SipTimers
from dialer.sip.transaction_layer import TransactionLayer
from tests.unit.sip.peer import REMOTE, Wire, request, response

REQUESTS = {name: request(name, branch="z9hG4bKx") for name in ("INVITE", "BYE")}


class Listener:
    def __init__(self) -> None:
        self.heard: list[str] = []

    def on_response(self, transaction: ClientTransaction, response: Response, now: float) -> None:
        self.heard.append(f"{response.status // 100}xx")

    def on_timeout(self, transaction: ClientTransaction, now: float) -> None:
        self.heard.append("timeout")

    def on_unsent(self, transaction: ClientTransaction, now: float) -> None:
        self.heard.append("unsent")


class Bench:
    """One transaction in a layer of its own."""

    def __init__(self, method: str) -> None:
        self.layer = TransactionLayer(("127.0.0.9", 5070), SipTimers(), "test", "test")
        self.listener = Listener()
        self.method = method
        self.now = 0.0
        self.transaction = self.layer.start_client(
            REQUESTS[method], b"z9hG4bKx", method.encode(), REMOTE, self.listener, 0.0
        )

    def feed(self, what: str) -> None:
        """`1xx` … `6xx`: a response; `resend` or `expire`: time until the timer that does it."""
        if what.endswith("xx"):
            status = int(what[0]) * 100
            data = response(Wire.read(REQUESTS[self.method]), status)
            parsed = parse_message(data)
            assert isinstance(parsed, Response)
            self.transaction.receive(parsed, self.now)
        elif what == "resend":
            deadline = self.layer.queue.next_deadline()
            if deadline is not None and self.transaction._resend_at == deadline:
                self.now = deadline
                self.layer.queue.fire(self.now)
        else:
            while self.transaction.state is not State.TERMINATED:
                deadline = self.layer.queue.next_deadline()
                if deadline is None:
                    break
                self.now = deadline
                self.layer.queue.fire(self.now)

    def sent(self) -> list[str]:
        sent = [Wire.read(data).method for data, _ in self.layer.outbox]
        self.layer.outbox.clear()
        return sent


ROADS = {
    "INVITE": {"calling": [], "proceeding": ["1xx"], "completed": ["4xx"], "accepted": ["2xx"]},
    "BYE": {"trying": [], "proceeding": ["1xx"], "completed": ["2xx"]},
}
"""How each state is reached."""

# (method, state, input): next state, sent, told. Retransmissions on the way to an expiry are not looked at.
GRID: dict[tuple[str, str, str], tuple[str, list[str], list[str]]] = {
    ("INVITE", "calling", "1xx"): ("proceeding", [], ["1xx"]),
    ("INVITE", "calling", "2xx"): ("accepted", [], ["2xx"]),
    ("INVITE", "calling", "3xx"): ("completed", ["ACK"], ["3xx"]),
    ("INVITE", "calling", "4xx"): ("completed", ["ACK"], ["4xx"]),
    ("INVITE", "calling", "6xx"): ("completed", ["ACK"], ["6xx"]),
    ("INVITE", "calling", "resend"): ("calling", ["INVITE"], []),
    ("INVITE", "calling", "expire"): ("terminated", ["INVITE"] * 6, ["timeout"]),
    ("INVITE", "proceeding", "1xx"): ("proceeding", [], ["1xx"]),
    ("INVITE", "proceeding", "2xx"): ("accepted", [], ["2xx"]),
    ("INVITE", "proceeding", "3xx"): ("completed", ["ACK"], ["3xx"]),
    ("INVITE", "proceeding", "4xx"): ("completed", ["ACK"], ["4xx"]),
    ("INVITE", "proceeding", "6xx"): ("completed", ["ACK"], ["6xx"]),
    ("INVITE", "proceeding", "resend"): ("proceeding", [], []),
    ("INVITE", "proceeding", "expire"): ("proceeding", [], []),
    ("INVITE", "completed", "1xx"): ("completed", [], []),
    ("INVITE", "completed", "2xx"): ("completed", [], []),
    ("INVITE", "completed", "3xx"): ("completed", ["ACK"], []),
    ("INVITE", "completed", "4xx"): ("completed", ["ACK"], []),
    ("INVITE", "completed", "6xx"): ("completed", ["ACK"], []),
    ("INVITE", "completed", "resend"): ("completed", [], []),
    ("INVITE", "completed", "expire"): ("terminated", [], []),
    ("INVITE", "accepted", "1xx"): ("accepted", [], []),
    ("INVITE", "accepted", "2xx"): ("accepted", [], ["2xx"]),
    ("INVITE", "accepted", "3xx"): ("accepted", [], []),
    ("INVITE", "accepted", "4xx"): ("accepted", [], []),
    ("INVITE", "accepted", "6xx"): ("accepted", [], []),
    ("INVITE", "accepted", "resend"): ("accepted", [], []),
    ("INVITE", "accepted", "expire"): ("terminated", [], []),
    ("BYE", "trying", "1xx"): ("proceeding", [], ["1xx"]),
    ("BYE", "trying", "2xx"): ("completed", [], ["2xx"]),
    ("BYE", "trying", "3xx"): ("completed", [], ["3xx"]),
    ("BYE", "trying", "4xx"): ("completed", [], ["4xx"]),
    ("BYE", "trying", "6xx"): ("completed", [], ["6xx"]),
    ("BYE", "trying", "resend"): ("trying", ["BYE"], []),
    ("BYE", "trying", "expire"): ("terminated", ["BYE"] * 10, ["timeout"]),
    ("BYE", "proceeding", "1xx"): ("proceeding", [], ["1xx"]),
    ("BYE", "proceeding", "2xx"): ("completed", [], ["2xx"]),
    ("BYE", "proceeding", "3xx"): ("completed", [], ["3xx"]),
    ("BYE", "proceeding", "4xx"): ("completed", [], ["4xx"]),
    ("BYE", "proceeding", "6xx"): ("completed", [], ["6xx"]),
    ("BYE", "proceeding", "resend"): ("proceeding", ["BYE"], []),
    ("BYE", "proceeding", "expire"): ("terminated", ["BYE"] * 7, ["timeout"]),
    ("BYE", "completed", "1xx"): ("completed", [], []),
    ("BYE", "completed", "2xx"): ("completed", [], []),
    ("BYE", "completed", "3xx"): ("completed", [], []),
    ("BYE", "completed", "4xx"): ("completed", [], []),
    ("BYE", "completed", "6xx"): ("completed", [], []),
    ("BYE", "completed", "resend"): ("completed", [], []),
    ("BYE", "completed", "expire"): ("terminated", [], []),
}


@pytest.mark.parametrize(("method", "state", "what"), sorted(GRID))
def test_state_and_input(method: str, state: str, what: str) -> None:
    bench = Bench(method)
    for step in ROADS[method][state]:
        bench.feed(step)
    assert bench.transaction.state == state
    bench.sent()
    bench.listener.heard.clear()
    bench.feed(what)
    after, sent, told = GRID[method, state, what]
    assert (bench.transaction.state, bench.sent(), bench.listener.heard) == (after, sent, told)


def test_the_grid_covers_every_row_of_the_tables() -> None:
    for method, table in (("INVITE", client_transaction.INVITE), ("BYE", client_transaction.NON_INVITE)):
        reached = {state for name, state, _ in GRID if name == method}
        assert {str(state) for state, _ in table} == reached


def moments(method: str, first: str | None = None) -> list[float]:
    """When the request leaves, until it is given up."""
    bench = Bench(method)
    if first:
        bench.feed(first)
    times = [0.0]
    while (deadline := bench.layer.queue.next_deadline()) is not None:
        bench.layer.outbox.clear()
        bench.layer.queue.fire(deadline)
        times += [deadline] * len(bench.layer.outbox)
    return times


def test_timer_a_doubles_without_end() -> None:
    assert moments("INVITE") == [0.0, 0.5, 1.5, 3.5, 7.5, 15.5, 31.5]


def test_timer_e_doubles_up_to_t2() -> None:
    assert moments("BYE") == [0.0, 0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5]


def test_timer_e_is_t2_once_proceeding() -> None:
    assert moments("BYE", "1xx") == [0.0, 4.0, 8.0, 12.0, 16.0, 20.0, 24.0, 28.0]


@pytest.mark.parametrize(
    ("method", "first", "lifetime"), [("INVITE", "4xx", 32.0), ("INVITE", "2xx", 32.0), ("BYE", "2xx", 5.0)]
)
def test_timers_d_m_and_k_end_the_transaction(method: str, first: str, lifetime: float) -> None:
    bench = Bench(method)
    bench.feed(first)
    assert bench.layer.queue.next_deadline() == lifetime
    bench.layer.queue.fire(lifetime)
    assert bench.layer.clients == {}


def test_a_late_shell_sends_once_for_all_it_missed() -> None:
    bench = Bench("INVITE")
    bench.sent()
    bench.layer.queue.fire(10.0)
    assert bench.sent() == ["INVITE"]


def test_ack_and_cancel_keep_the_route_of_the_invite() -> None:
    invite = request("INVITE", headers=("Route: <sip:127.0.0.3;lr>", "X-Other: 1"), body=b"v=0")
    cancel = Wire.read(derived_request(invite, b"CANCEL"))
    assert cancel["Route"] == "<sip:127.0.0.3;lr>"
    assert cancel.all("X-Other") + cancel.all("Contact") + cancel.all("Content-Type") == []
    assert (cancel["CSeq"], cancel.body) == ("1 CANCEL", "")
