"""A 200 to a call of ours of which nothing is kept any more: whoever picked up is acknowledged and hung up on."""

from __future__ import annotations

import pytest

from dialer.sip.events import AnsweredLate, Dropped, DropReason, Failed
from tests.unit.sip.peer import ANSWER, IDENTITY_KEY, REMOTE, Wire, World, response

ROUTES = ("Record-Route: <sip:127.0.0.3;lr>", "Record-Route: <sip:127.0.0.2:5080;lr>")


def given_up(world: World) -> Wire:
    """The INVITE of a call that was cancelled and never came to an end."""
    invite = world.invite()
    world.receive(response(invite, 180))
    world.agent.cancel(1, world.now)
    world.run_until(world.now + 70.0)
    assert [event.status for event in world.told() if isinstance(event, Failed)] == [408]
    assert world.agent.is_idle()
    return invite


def test_long_after_the_cancel() -> None:
    world = World(key=IDENTITY_KEY)
    invite = given_up(world)
    ok = response(invite, 200, headers=ROUTES, body=ANSWER, contact="sip:late@127.0.0.7:5999")
    ack, bye = world.receive(ok)
    assert (ack.method, ack.uri, ack.cseq) == ("ACK", "sip:late@127.0.0.7:5999", invite.cseq)
    assert (bye.method, bye.uri, bye.cseq) == ("BYE", "sip:late@127.0.0.7:5999", invite.cseq + 1)
    for message in (ack, bye):
        assert (message["From"], message.to_tag, message["Call-ID"]) == (
            invite["From"],
            "callee",
            invite["Call-ID"],
        )
        assert message.all("Route") == ["<sip:127.0.0.2:5080;lr>", "<sip:127.0.0.3;lr>"]
        assert message.to == ("127.0.0.2", 5080)
    assert len({invite.branch, ack.branch, bye.branch}) == 3
    assert world.agent.counters["late_answers"] == 1
    assert world.told() == [AnsweredLate(invite["Call-ID"])]
    world.receive(ok)
    assert world.told() == []  # once an answer, however often it is repeated
    world.receive(response(bye, 200))
    world.run_until(world.now + 40.0)
    assert world.agent.is_idle()


def test_repeated_it_is_acknowledged_again_and_ended_once() -> None:
    world = World(key=IDENTITY_KEY)
    ok = response(given_up(world), 200, body=ANSWER)
    first, _ = world.receive(ok)
    (again,) = world.receive(ok)
    assert (again.start, again.headers) == (first.start, first.headers)
    assert len({message.branch for message in world.receive(ok.replace(b"tag=callee", b"tag=fork"))}) == 2


def test_after_a_restart() -> None:
    before, after = World(key=IDENTITY_KEY), World(key=IDENTITY_KEY)
    sent = after.receive(response(before.invite(), 200, body=ANSWER))
    assert [message.method for message in sent] == ["ACK", "BYE"]


def test_from_the_branch_of_a_fork_after_another_refused() -> None:
    world = World(key=IDENTITY_KEY)
    invite = world.invite()
    world.receive(response(invite, 486))
    world.told()
    sent = world.receive(response(invite, 200, tag="fork", body=ANSWER))
    assert [message.method for message in sent] == ["ACK", "BYE"]
    assert {message.to_tag for message in sent} == {"fork"}
    assert world.told() == [AnsweredLate(invite["Call-ID"])]


@pytest.mark.parametrize("contact", ["sip:late@phone.example", "sip:late@[2001:db8::1]"])
def test_a_contact_we_cannot_reach_goes_back_to_where_it_came_from(contact: str) -> None:
    world = World(key=IDENTITY_KEY)
    ok = response(given_up(world), 200, contact=contact)
    ack, bye = world.receive(ok, ("127.0.0.44", 5099))
    assert (ack.to, bye.to) == (("127.0.0.44", 5099),) * 2
    assert (ack.uri, bye.uri) == (contact,) * 2


def test_without_contact_the_callee_is_who_was_called() -> None:
    world = World(key=IDENTITY_KEY)
    ack, bye = world.receive(response(given_up(world), 200, contact=None))
    assert (ack.uri, bye.uri) == ("sip:+442079460001@127.0.0.9",) * 2


def test_what_was_never_ours_is_not_answered() -> None:
    """Nobody shall have BYEs sent by us to addresses of their choice."""
    world = World(key=b"another key than the identity's")
    invite = World(key=IDENTITY_KEY).invite()
    assert world.receive(response(invite, 200, body=ANSWER)) == []
    forged = response(invite, 200).replace(invite["From"].rpartition("=")[2].encode(), b"0" * 16)
    assert World(key=IDENTITY_KEY).receive(forged) == []
    assert world.told() == [Dropped(REMOTE, DropReason.STRAY_RESPONSE)]
