"""Registering with a carrier, and staying so."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dialer.sip.digest import Credentials
from dialer.sip.errors import DuplicateCall, InvalidOrder
from dialer.sip.events import Registered, RegistrationFailed, Unregistered
from dialer.sip.hop import StreamHop
from dialer.sip.registration import BACKOFF_MOST_S, BACKOFF_S, TABLE, Input, RegisterOrder, State
from tests.unit.sip.peer import REMOTE, Wire, World, response

ORDER = RegisterOrder(
    "main", "sip:carrier.example", "sip:us@carrier.example", REMOTE, Credentials("us", "secret"), 600
)
CHALLENGE = ('WWW-Authenticate: Digest realm="carrier", nonce="n1", qop="auth"',)


def registering(world: World, order: RegisterOrder = ORDER) -> Wire:
    world.agent.register(order, world.now)
    (register,) = world.take()
    return register


def accepted(register: Wire, expires_s: int = 600) -> bytes:
    contact = register["Contact"].partition(";expires")[0]
    headers = (f"Contact: <sip:other@192.0.2.1>;expires=9, {contact};expires={expires_s}",)
    return response(register, 200, headers=headers)


def run(world: World, moment: float) -> tuple[list[Wire], int]:
    """What is sent until then: requests, and how many keep-alives."""
    found: list[Wire] = []
    pings = 0
    while (deadline := world.agent.next_deadline()) is not None and deadline <= moment:
        world.now = max(world.now, deadline)
        world.agent.handle_timer(world.now)
        for data, to in world.agent.datagrams_to_send():
            if data == b"\r\n\r\n":
                pings += 1
            else:
                found.append(Wire.read(data, world.now, to))
    world.now = moment
    return found, pings


def test_challenged_accepted_refreshed() -> None:
    world = World()
    first = registering(world)
    assert (first.uri, first["To"], first["Expires"]) == ("sip:carrier.example", "<sip:us@carrier.example>", "600")
    assert first["Contact"] == "<sip:dialer@127.0.0.1:5060>;expires=600"
    (second,) = world.receive(response(first, 401, headers=CHALLENGE))
    assert (second["Call-ID"], second.cseq, second["From"]) == (first["Call-ID"], first.cseq + 1, first["From"])
    assert 'username="us"' in second["Authorization"]
    world.receive(accepted(second, 300))
    assert world.told() == [Registered("main", 300)]
    sent, pings = run(world, 300.0)
    assert (sent[0].at, sent[0].cseq, pings) == (
        236.0,
        second.cseq + 1,
        9,
    )  # 64 s before, and kept alive until then
    assert "nc=00000002" in sent[0]["Authorization"]


def test_over_a_connection_the_transport_keeps_itself_alive() -> None:
    world = World()
    hop = StreamHop("127.0.0.9", 5070, "tcp")
    register = registering(world, replace(ORDER, destination=hop))
    assert register["Contact"] == "<sip:dialer@127.0.0.1:5060;transport=tcp>;expires=600"
    world.receive(accepted(register), hop)
    sent, pings = run(world, 536.0)
    assert ([message.at for message in sent], pings) == ([536.0], 0)


def test_423_is_followed() -> None:
    world = World()
    (again,) = world.receive(response(registering(world), 423, headers=("Min-Expires: 1800",)))
    assert again["Expires"] == "1800"
    world.receive(response(again, 423, headers=("Min-Expires: 1800",)))
    assert isinstance(world.told()[0], RegistrationFailed)


def test_failures_wait_longer_each_time() -> None:
    world = World()
    register = registering(world)
    waits = []
    for _ in range(9):
        world.receive(response(register, 403))
        (failed,) = world.told()
        assert isinstance(failed, RegistrationFailed)
        assert (failed.status, failed.stands) == (403, False)
        waits.append(failed.again_in_s)
        (register,), _ = run(world, world.now + failed.again_in_s)
    for n, wait_s in enumerate(waits):
        most_s = min(BACKOFF_S * 2**n, BACKOFF_MOST_S)
        assert most_s / 2 <= wait_s <= most_s


def test_a_refresh_that_fails_leaves_what_stands() -> None:
    world = World()
    world.receive(accepted(registering(world)))
    world.told()
    (refresh,), _ = run(world, 536.0)
    world.receive(response(refresh, 503, headers=("Retry-After: 40",)))
    (failed,) = world.told()
    assert isinstance(failed, RegistrationFailed)
    assert (failed.stands, failed.again_in_s >= 40.0) == (True, True)


def test_silence_is_a_failure() -> None:
    world = World()
    registering(world)
    run(world, 32.0)
    (failed,) = world.told()
    assert isinstance(failed, RegistrationFailed)
    assert failed.status == 408


def test_a_wrong_password_is_not_tried_for_ever() -> None:
    world = World()
    (second,) = world.receive(response(registering(world), 401, headers=CHALLENGE))
    assert world.receive(response(second, 401, headers=CHALLENGE)) == []
    (failed,) = world.told()
    assert isinstance(failed, RegistrationFailed)
    assert failed.status == 401


def test_taken_back_at_the_end() -> None:
    world = World()
    world.receive(accepted(registering(world)))
    world.agent.unregister("main", world.now)
    (gone,) = world.take()
    assert (gone["Expires"], gone["Contact"].endswith(";expires=0")) == ("0", True)
    world.receive(response(gone, 200))
    assert world.told() == [Registered("main", 600), Unregistered("main")]
    run(world, 100.0)
    assert world.agent.is_idle()


@pytest.mark.parametrize("status", [200, 403])
def test_taken_back_before_it_is_answered(status: int) -> None:
    world = World()
    register = registering(world)
    world.agent.unregister("main", world.now)
    assert world.take() == []
    sent = world.receive(accepted(register) if status == 200 else response(register, status))
    if status == 200:
        world.receive(response(sent[0], 481))
    assert world.told() == [Unregistered("main")]


def test_what_makes_no_sense() -> None:
    world = World()
    with pytest.raises(InvalidOrder, match="30 s"):
        world.agent.register(replace(ORDER, expires_s=30), 0.0)
    with pytest.raises(InvalidOrder, match="white space"):
        world.agent.register(replace(ORDER, aor="sip:a b@c"), 0.0)
    registering(world)
    with pytest.raises(DuplicateCall):
        world.agent.register(ORDER, 0.0)


def test_every_state_but_the_last_has_a_way_out() -> None:
    for state in State:
        if state is not State.OVER:
            assert [what for what in Input if (state, what) in TABLE]
