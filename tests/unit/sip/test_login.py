"""One account at one server, over many calls."""

from __future__ import annotations

from dialer.sip.digest import Credentials
from dialer.sip.events import Failed
from dialer.sip.login import MAX_KEPT
from tests.unit.sip.peer import ANSWER, Wire, World, response

ALICE = Credentials("alice", "secret")


def challenge(nonce: str, *, proxy: bool = False, realm: str = "r", more: str = "") -> str:
    name = "Proxy-Authenticate" if proxy else "WWW-Authenticate"
    return f'{name}: Digest realm="{realm}", nonce="{nonce}", qop="auth"{more}'


def answered(world: World, key: int, *headers: str) -> Wire:
    """The INVITE that was answered 200, after a challenge with these headers."""
    invite = world.invite(key, credentials=ALICE)
    _, again = world.receive(response(invite, 401, headers=headers))
    return again


def test_the_next_call_answers_before_it_is_asked() -> None:
    world = World()
    world.receive(response(answered(world, 1, challenge("n1")), 200, body=ANSWER))
    second = world.invite(2, credentials=ALICE)
    third = world.invite(3, credentials=ALICE)
    assert ["nc=00000002" in second["Authorization"], "nc=00000003" in third["Authorization"]] == [True, True]
    assert second["Authorization"].split("cnonce=")[1] != third["Authorization"].split("cnonce=")[1]


def test_a_nonce_that_is_no_good_any_more_costs_one_more_round() -> None:
    world = World()
    answered(world, 1, challenge("n1"))
    second = world.invite(2, credentials=ALICE)
    _, again = world.receive(response(second, 401, headers=(challenge("n2"),)))  # some forget stale=true
    assert ('nonce="n2"' in again["Authorization"], "nc=00000001" in again["Authorization"]) == (True, True)
    (ack,) = world.receive(response(again, 401, headers=(challenge("n3"),)))
    assert ack.method == "ACK"
    assert [(event.key, event.status) for event in world.told() if isinstance(event, Failed)] == [(2, 401)]


def test_a_proxy_and_the_server_behind_it() -> None:
    world = World()
    invite = world.invite(credentials=ALICE)
    _, second = world.receive(response(invite, 407, headers=(challenge("p", proxy=True, realm="edge"),)))
    _, third = world.receive(response(second, 401, headers=(challenge("s", realm="core"),)))
    assert 'realm="edge"' in third["Proxy-Authorization"]
    assert 'realm="core"' in third["Authorization"]


def test_the_strongest_of_several() -> None:
    world = World()
    again = answered(world, 1, challenge("weak"), challenge("strong", more=", algorithm=SHA-256"))
    assert 'nonce="strong"' in again["Authorization"]
    assert "algorithm=SHA-256" in again["Authorization"]


def test_an_answer_may_name_the_next_nonce() -> None:
    world = World()
    again = answered(world, 1, challenge("n1"))
    world.receive(response(again, 200, body=ANSWER, headers=('Authentication-Info: nextnonce="n2", qop=auth',)))
    world.agent.bye(1, world.now)
    bye = world.take()[-1]
    assert ('nonce="n2"' in bye["Authorization"], "nc=00000001" in bye["Authorization"]) == (True, True)


def test_another_server_is_told_nothing() -> None:
    world = World()
    answered(world, 1, challenge("n1"))
    other = world.invite(2, credentials=Credentials("bob", "x"))
    assert not other.all("Authorization")


def test_a_server_with_a_new_realm_each_time_does_not_swell_our_requests() -> None:
    world = World()
    for key in range(1, 20):
        invite = world.invite(key, credentials=ALICE)
        world.receive(response(invite, 401, headers=(challenge("n", realm=f"r{key}"),)))
    assert len(world.invite(99, credentials=ALICE).all("Authorization")) == MAX_KEPT
