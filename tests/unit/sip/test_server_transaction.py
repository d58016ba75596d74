"""Every state × input of both server transactions, against grids written from the figures of RFC 3261 and
RFC 6026 rather than from the tables under test."""

from __future__ import annotations

import pytest

from dialer.sip import server_transaction
from dialer.sip.errors import MalformedMessage
from dialer.sip.message import Request, parse_message
from dialer.sip.server_transaction import Input, ServerTransaction, key_of
from dialer.sip.timers import SipTimers
from dialer.sip.transaction_layer import TransactionLayer
from tests.unit.sip.peer import REMOTE, Wire, request


def parsed(data: bytes) -> Request:
    message = parse_message(data)
    assert isinstance(message, Request)
    return message


class Bench:
    """One transaction in a layer of its own."""

    def __init__(self, method: str) -> None:
        self.layer = TransactionLayer(("127.0.0.1", 5060), SipTimers(), "test", "test")
        message = parsed(request(method))
        self.now = 0.0
        self.transaction: ServerTransaction = self.layer.start_server(message, key_of(message), REMOTE)

    def feed(self, what: str) -> None:
        """`send 1xx`…: the core answers; `request`, `ACK`: from the network; `resend`, `expire`: timers."""
        if what.startswith("send"):
            self.transaction.respond(int(what[5]) * 100 + 99, self.now, to_tag=b"t")
        elif what == "request":
            self.transaction.receive(Input.REQUEST, self.now)
        elif what == "ACK":
            self.transaction.receive(Input.ACK, self.now)
        elif what == "resend":
            deadline = self.layer.queue.next_deadline()
            if deadline is not None and self.transaction._resend_at == deadline:
                self.now = deadline
                self.layer.queue.fire(deadline)
        else:
            while (deadline := self.layer.queue.next_deadline()) is not None:
                self.now = deadline
                self.layer.queue.fire(deadline)

    def sent(self) -> list[int]:
        sent = [Wire.read(data).status for data, _ in self.layer.outbox]
        self.layer.outbox.clear()
        return sent


ROADS = {
    "INVITE": {
        "proceeding": ["send 1xx"],
        "completed": ["send 4xx"],
        "confirmed": ["send 4xx", "ACK"],
        "accepted": ["send 2xx"],
    },
    "BYE": {"trying": [], "proceeding": ["send 1xx"], "completed": ["send 2xx"]},
}

GRID: dict[tuple[str, str, str], tuple[str, list[int]]] = {
    ("INVITE", "proceeding", "request"): ("proceeding", [199]),
    ("INVITE", "proceeding", "ACK"): ("proceeding", []),
    ("INVITE", "proceeding", "send 1xx"): ("proceeding", [199]),
    ("INVITE", "proceeding", "send 2xx"): ("accepted", [299]),
    ("INVITE", "proceeding", "send 4xx"): ("completed", [499]),
    ("INVITE", "proceeding", "resend"): ("proceeding", []),
    ("INVITE", "proceeding", "expire"): ("proceeding", []),
    ("INVITE", "completed", "request"): ("completed", [499]),
    ("INVITE", "completed", "ACK"): ("confirmed", []),
    ("INVITE", "completed", "send 1xx"): ("completed", []),
    ("INVITE", "completed", "send 2xx"): ("completed", []),
    ("INVITE", "completed", "send 4xx"): ("completed", []),
    ("INVITE", "completed", "resend"): ("completed", [499]),
    ("INVITE", "completed", "expire"): ("terminated", [499] * 10),
    ("INVITE", "confirmed", "request"): ("confirmed", []),
    ("INVITE", "confirmed", "ACK"): ("confirmed", []),
    ("INVITE", "confirmed", "send 1xx"): ("confirmed", []),
    ("INVITE", "confirmed", "send 2xx"): ("confirmed", []),
    ("INVITE", "confirmed", "send 4xx"): ("confirmed", []),
    ("INVITE", "confirmed", "resend"): ("confirmed", []),
    ("INVITE", "confirmed", "expire"): ("terminated", []),
    ("INVITE", "accepted", "request"): ("accepted", []),
    ("INVITE", "accepted", "ACK"): ("accepted", []),
    ("INVITE", "accepted", "send 1xx"): ("accepted", []),
    ("INVITE", "accepted", "send 2xx"): ("accepted", [299]),
    ("INVITE", "accepted", "send 4xx"): ("accepted", []),
    ("INVITE", "accepted", "resend"): ("accepted", []),
    ("INVITE", "accepted", "expire"): ("terminated", []),
    ("BYE", "trying", "request"): ("trying", []),
    ("BYE", "trying", "send 1xx"): ("proceeding", [199]),
    ("BYE", "trying", "send 2xx"): ("completed", [299]),
    ("BYE", "trying", "send 4xx"): ("completed", [499]),
    ("BYE", "trying", "expire"): ("trying", []),
    ("BYE", "proceeding", "request"): ("proceeding", [199]),
    ("BYE", "proceeding", "send 1xx"): ("proceeding", [199]),
    ("BYE", "proceeding", "send 2xx"): ("completed", [299]),
    ("BYE", "proceeding", "send 4xx"): ("completed", [499]),
    ("BYE", "proceeding", "expire"): ("proceeding", []),
    ("BYE", "completed", "request"): ("completed", [299]),
    ("BYE", "completed", "send 1xx"): ("completed", []),
    ("BYE", "completed", "send 2xx"): ("completed", []),
    ("BYE", "completed", "send 4xx"): ("completed", []),
    ("BYE", "completed", "expire"): ("terminated", []),
}


@pytest.mark.parametrize(("method", "state", "what"), sorted(GRID))
def test_state_and_input(method: str, state: str, what: str) -> None:
    bench = Bench(method)
    for step in ROADS[method][state]:
        bench.feed(step)
    assert bench.transaction.state == state
    bench.sent()
    bench.feed(what)
    assert (bench.transaction.state, bench.sent()) == GRID[method, state, what]


def test_the_grid_covers_every_state_of_the_tables() -> None:
    for method, table in (("INVITE", server_transaction.INVITE), ("BYE", server_transaction.NON_INVITE)):
        assert {str(state) for state, _ in table} == {state for name, state, _ in GRID if name == method}


@pytest.mark.parametrize(
    ("method", "steps", "lifetime"),
    [
        ("INVITE", ["send 4xx"], 32.0),  # H
        ("INVITE", ["send 4xx", "ACK"], 5.0),  # I
        ("INVITE", ["send 2xx"], 32.0),  # L
        ("BYE", ["send 2xx"], 32.0),  # J
    ],
)
def test_timers_h_i_l_and_j_end_the_transaction(method: str, steps: list[str], lifetime: float) -> None:
    bench = Bench(method)
    for step in steps:
        bench.feed(step)
    bench.feed("expire")
    assert bench.now == lifetime
    assert bench.layer.servers == {}


def test_timer_g_doubles_up_to_t2() -> None:
    bench = Bench("INVITE")
    bench.feed("send 4xx")
    times = []
    while (deadline := bench.layer.queue.next_deadline()) is not None:
        bench.sent()
        bench.layer.queue.fire(deadline)
        times += [deadline] * len(bench.sent())
    assert times == [0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5]


@pytest.mark.parametrize(
    ("via", "extra", "source", "top", "destination"),
    [
        ("127.0.0.9:5070", "", REMOTE, "SIP/2.0/UDP 127.0.0.9:5070;branch=z9hG4bKpeer1", REMOTE),
        (
            "10.0.0.1:5070",
            "",
            REMOTE,
            "SIP/2.0/UDP 10.0.0.1:5070;branch=z9hG4bKpeer1;received=127.0.0.9",
            ("127.0.0.9", 5070),
        ),
        (
            "10.0.0.1",
            "",
            ("127.0.0.9", 40_000),
            "SIP/2.0/UDP 10.0.0.1;branch=z9hG4bKpeer1;received=127.0.0.9",
            ("127.0.0.9", 5060),
        ),
        (
            "10.0.0.1",
            ";received=1.2.3.4",
            ("127.0.0.9", 5060),
            "SIP/2.0/UDP 10.0.0.1;branch=z9hG4bKpeer1;received=127.0.0.9",
            ("127.0.0.9", 5060),
        ),
        (
            "10.0.0.1:5070",
            ";rport",
            ("127.0.0.9", 40_000),
            "SIP/2.0/UDP 10.0.0.1:5070;branch=z9hG4bKpeer1;received=127.0.0.9;rport=40000",
            ("127.0.0.9", 40_000),
        ),
        (
            "127.0.0.9:5070",
            ";received=1.2.3.4;rport",
            REMOTE,
            "SIP/2.0/UDP 127.0.0.9:5070;branch=z9hG4bKpeer1;received=127.0.0.9;rport=5070",
            REMOTE,
        ),
    ],
)
def test_received_and_rport(
    via: str, extra: str, source: tuple[str, int], top: str, destination: tuple[str, int]
) -> None:
    message = parsed(
        request("OPTIONS", via=via, branch="z9hG4bKpeer1" + extra, headers=("Via: SIP/2.0/UDP 10.9.9.9",))
    )
    layer = TransactionLayer(("127.0.0.1", 5060), SipTimers(), "test", "test")
    layer.start_server(message, key_of(message), source).respond(200, 0.0, to_tag=b"t")
    ((data, to),) = layer.outbox
    assert to == destination
    assert Wire.read(data).all("Via") == [top, "SIP/2.0/UDP 10.9.9.9"]


def test_branches_of_rfc_2543_are_told_apart_by_the_rest() -> None:
    one = parsed(request("INVITE", branch="1"))
    ack = parsed(request("ACK", branch="1", to="<sip:dialer@127.0.0.1>;tag=x"))
    other = parsed(request("INVITE", branch="1", call_id="another"))
    assert key_of(one) == key_of(ack)
    assert key_of(one) != key_of(other)


def test_same_branch_from_another_sender_is_another_transaction() -> None:
    assert key_of(parsed(request("INVITE"))) != key_of(parsed(request("INVITE", via="127.0.0.8:5070")))


def test_a_via_that_does_not_parse_has_no_key() -> None:
    with pytest.raises(MalformedMessage):
        key_of(parsed(request("INVITE", via="127.0.0.9:99999")))
