"""Which of several servers is tried first, and what comes after it."""

from __future__ import annotations

import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.sip.events import Accepted, Ended, Failed, Progress, TargetFailed
from dialer.sip.targets import LONGEST_REST_S, MOST_TRIED, Down, Server, in_order, route
from tests.unit.sip.peer import ANSWER, IDENTITY_KEY, REMOTE, Wire, World, order, response

SPARE = ("127.0.0.8", 5070)


def server(n: int, priority: int = 0, weight: int = 0) -> Server:
    return Server(((f"192.0.2.{n}", 5060),), priority, weight)


SERVERS = st.lists(st.builds(server, st.integers(1, 250), st.integers(0, 3), st.integers(0, 65_535)), max_size=8)


@given(SERVERS, st.integers(0, 2**32))
def test_all_of_them_by_priority(servers: list[Server], seed: int) -> None:
    rng = random.Random(seed)
    found = in_order(servers, lambda most: rng.randint(0, most))
    assert Counter(found) == Counter(servers)
    assert [it.priority for it in found] == sorted(it.priority for it in servers)


def test_weights_are_shares() -> None:
    rng = random.Random(7)
    servers = [server(1, weight=60), server(2, weight=30), server(3, weight=10), server(4, weight=0)]
    first = Counter(in_order(servers, lambda most: rng.randint(0, most))[0].hops[0][0] for _ in range(10_000))
    for n, share in ((1, 0.6), (2, 0.3), (3, 0.1)):
        assert abs(first[f"192.0.2.{n}"] / 10_000 - share) < 0.03
    assert first["192.0.2.4"] < 200  # RFC 2782: "a very small chance"


def test_who_failed_comes_last_until_it_may_be_back() -> None:
    servers = [server(1, 0), server(2, 1), server(3, 2)]
    down = Down()
    down.failed(("192.0.2.1", 5060), 100.0)
    assert [hop[0][-1] for hop in route(servers, down, lambda most: 0, 101.0)] == ["2", "3", "1"]
    assert [hop[0][-1] for hop in route(servers, down, lambda most: 0, 160.0)] == ["1", "2", "3"]
    assert len(route([server(n) for n in range(1, 20)], Down(), lambda most: 0, 0.0)) == MOST_TRIED


def test_who_asked_for_rest_gets_it() -> None:
    servers = [server(1, 0), server(2, 1), server(3, 2)]
    down = Down()
    down.failed(("192.0.2.1", 5060), 100.0, 200.0)
    down.failed(("192.0.2.2", 5060), 100.0)
    assert [hop[0][-1] for hop in route(servers, down, lambda most: 0, 101.0)] == ["3", "2"]
    assert [hop[0][-1] for hop in route(servers, down, lambda most: 0, 299.0)] == ["2", "3"]
    assert down.left(("192.0.2.1", 5060), 299.0) == (1.0, True)
    assert [hop[0][-1] for hop in route(servers, down, lambda most: 0, 300.0)] == ["1", "2", "3"]


def test_when_all_want_rest_somebody_is_asked_all_the_same() -> None:
    down = Down()
    down.failed(("192.0.2.1", 5060), 100.0, 200.0)
    assert len(route([server(1)], down, lambda most: 0, 101.0)) == 1


def test_nobody_rests_for_more_than_an_hour() -> None:
    down = Down()
    down.failed(("192.0.2.1", 5060), 0.0, 1e9)
    assert down.left(("192.0.2.1", 5060), 0.0) == (LONGEST_REST_S, True)


def placed(world: World) -> None:
    from dataclasses import replace

    world.agent.invite(replace(order(), alternatives=(SPARE,)), world.now)


def test_503_goes_on_to_the_next_with_the_same_request_under_another_branch() -> None:
    world = World()
    placed(world)
    (first,) = world.take()
    ack, second = world.receive(response(first, 503, headers=("Retry-After: 120",)))
    assert (ack.method, second.method, first.to, second.to) == ("ACK", "INVITE", REMOTE, SPARE)
    assert (first.cseq, second.cseq, first.branch != second.branch) == (1, 1, True)
    assert first["Call-ID"] == second["Call-ID"]
    world.receive(response(second, 180), SPARE)
    world.receive(response(second, 200, body=ANSWER), SPARE)
    failed, *rest = world.told()
    assert isinstance(failed, TargetFailed)
    assert (failed.target, failed.status, dict(failed.headers)["retry-after"]) == (REMOTE, 503, "120")
    assert rest == [Progress(1, 180), Accepted(1, ANSWER, "callee")]


def test_the_last_refusal_is_the_calls() -> None:
    world = World()
    placed(world)
    (first,) = world.take()
    _, second = world.receive(response(first, 503))
    world.receive(response(second, 503), SPARE)
    assert [event.status for event in world.told() if isinstance(event, Failed)] == [503]


def test_silence_goes_on_to_the_next() -> None:
    world = World()
    placed(world)
    sent = world.run_until(32.0)
    assert (sent[-1].to, sent[-1].at) == (SPARE, 32.0)
    world.run_until(64.1)
    assert world.told() == [TargetFailed(1, REMOTE, 408), Failed(1, 408, timeout=True)]
    world.run_until(200.0)
    assert world.agent.is_idle()


def test_another_refusal_is_final() -> None:
    world = World()
    placed(world)
    (first,) = world.take()
    (ack,) = world.receive(response(first, 486))
    assert ack.method == "ACK"


def test_who_is_not_wanted_any_more_is_not_called_elsewhere() -> None:
    world = World()
    placed(world)
    (first,) = world.take()
    world.agent.cancel(1, world.now)
    (ack,) = world.receive(response(first, 503))
    assert ack.method == "ACK"
    assert [event.status for event in world.told() if isinstance(event, Failed)] == [503]


def test_an_answer_of_the_first_after_all_is_acknowledged_and_hung_up() -> None:
    world = World(key=IDENTITY_KEY)
    placed(world)
    (first,) = world.take()
    world.run_until(32.0)
    assert [message.method for message in world.receive(response(first, 200, body=ANSWER))] == ["ACK", "BYE"]
    assert world.agent.open_calls() == 1


# --- what the network could not deliver (§ 18.4) --------------------------------------------------------------


def on_the_wire(world: World) -> tuple[bytes, Wire]:
    """The one datagram that leaves, and what it says."""
    ((data, to),) = world.agent.datagrams_to_send()
    return data, Wire.read(data, world.now, to)


def test_what_came_back_goes_to_the_next_at_once() -> None:
    world = World()
    placed(world)
    data, _ = on_the_wire(world)
    world.agent.came_back(data[:300], world.now)
    _, second = on_the_wire(world)
    assert (second.method, second.to) == ("INVITE", SPARE)
    assert world.told() == [TargetFailed(1, REMOTE, 408)]


def test_what_came_back_of_the_last_server_ends_the_call() -> None:
    world = World()
    world.agent.invite(order(), world.now)
    data, _ = on_the_wire(world)
    world.agent.came_back(data, world.now)
    assert world.told() == [Failed(1, 503, unsent=True)]
    world.agent.came_back(data, world.now)
    assert world.told() == []
    assert world.agent.is_idle()


@pytest.mark.parametrize("keeps", [10, 60, 100])
def test_without_its_branch_nothing_is_believed(keeps: int) -> None:
    world = World()
    placed(world)
    data, first = on_the_wire(world)
    branch = first.branch.encode()
    assert data.index(branch) + len(branch) >= keeps
    world.agent.came_back(data[:keeps], world.now)
    world.agent.came_back(data.replace(branch, b"z9hG4bKguessed"), world.now)
    assert world.take() == []
    assert world.told() == []


def test_a_call_that_has_an_answer_goes_on_and_is_hung_up_all_the_same() -> None:
    world = World()
    placed(world)
    data, first = on_the_wire(world)
    world.receive(response(first, 180))
    world.agent.came_back(data, world.now)
    world.receive(response(first, 200, body=ANSWER))
    world.agent.bye(1, world.now)
    data, bye = on_the_wire(world)
    world.agent.came_back(data, world.now)
    assert not any(isinstance(event, Failed | Ended) for event in world.told())
    world.receive(response(bye, 200))
    assert [type(event) for event in world.told()] == [Ended]
