"""Holding, resuming and moving a call that is up, by our will."""

from __future__ import annotations

import pytest

from dialer.sip import our_change
from dialer.sip.digest import Credentials
from dialer.sip.errors import MalformedSdp
from dialer.sip.events import Accepted, Ended, Held, Renegotiated, RenegotiationFailed, Reoffered, Resumed
from dialer.sip.our_change import TABLE, Input, State
from dialer.sip.sdes import offered
from dialer.sip.sdp import Media, describe, offer, parse, redirected
from tests.unit.sip.peer import ANSWER, OFFER, Wire, World, request, response

HELD = redirected(ANSWER, "recvonly")


def held(world: World) -> Wire:
    """The re-INVITE that holds a call just answered."""
    world.answered()
    world.agent.hold(1, world.now)
    (invite,) = world.take()
    return invite


def test_hold_and_resume() -> None:
    world = World()
    invite = held(world)
    ours = parse(invite.body.encode())
    assert (invite.method, invite.cseq, ours.direction, ours.port) == ("INVITE", 2, "sendonly", 4000)
    (ack,) = world.receive(response(invite, 200, body=HELD))
    assert (ack.method, ack.cseq) == ("ACK", 2)
    assert world.told() == [Renegotiated(1, HELD)]
    world.agent.resume(1, world.now)
    (again,) = world.take()
    assert (again.cseq, parse(again.body.encode()).direction) == (3, "sendrecv")
    versions = [int(body.split("o=- ")[1].split()[1]) for body in (OFFER.decode(), invite.body, again.body)]
    assert versions == [versions[0], versions[0] + 1, versions[0] + 2]  # RFC 3264 § 8


def test_the_2xx_again_is_acknowledged_again_long_after() -> None:
    world = World()
    invite = held(world)
    (ack,) = world.receive(response(invite, 200, body=HELD))
    for moment in (1.0, 100.0):
        world.run_until(moment)
        (again,) = world.receive(response(invite, 200, body=HELD))
        assert (again.start, again.headers) == (ack.start, ack.headers)
    assert world.told() == [Renegotiated(1, HELD)]


def test_the_2xx_again_is_not_the_answer_to_the_change_after_it() -> None:
    world = World()
    invite = held(world)
    world.agent.resume(1, world.now)  # wanted while the hold is out
    _, following = world.receive(response(invite, 200, body=HELD))
    (ack,) = world.receive(response(invite, 200, body=HELD))
    assert (following.cseq, ack.method, ack.cseq) == (3, "ACK", 2)
    assert world.told() == [Renegotiated(1, HELD)]
    world.receive(response(following, 200, body=ANSWER))
    assert world.told() == [Renegotiated(1, ANSWER)]


@pytest.mark.parametrize("status", [488, 503, 606])
def test_a_refusal_leaves_the_session_as_it_was(status: int) -> None:
    world = World()
    world.receive(response(held(world), status))
    assert world.told() == [RenegotiationFailed(1, status)]
    theirs = describe(Media("127.0.0.9", 4100, (0,), 101), 2, 3)
    assert world.agent.table.calls[1].local_sdp == OFFER
    assert parse(theirs).direction == "sendrecv"
    assert world.agent.open_calls() == 1


@pytest.mark.parametrize("status", [408, 481])
def test_a_far_end_that_knows_nothing_of_the_call_is_hung_up_on(status: int) -> None:
    world = World()
    _, bye = world.receive(response(held(world), status))
    assert bye.method == "BYE"
    world.receive(response(bye, 481))
    assert world.told() == [RenegotiationFailed(1, status), Ended(1, by_remote=False)]


def test_no_answer_ends_the_call() -> None:
    world = World()
    held(world)
    assert [m.at for m in world.run_until(33.0) if m.method == "BYE"][:1] == [32.0]
    assert world.told() == [RenegotiationFailed(1, 408)]


def test_a_glare_is_waited_out_for_2_to_4_seconds_by_who_placed_the_call() -> None:
    world = World()
    invite = held(world)
    (ack,) = world.receive(response(invite, 491))
    assert ack.method == "ACK"
    again = world.run_until(4.1)
    assert (again[0].method, again[0].cseq, 2.1 <= again[0].at <= 4.0) == ("INVITE", 3, True)
    world.receive(response(again[0], 200, body=HELD))
    assert world.told() == [Renegotiated(1, HELD)]


def test_a_glare_is_not_waited_out_for_ever() -> None:
    world = World()
    invite = held(world)
    for _ in range(our_change.MOST_WAITS):
        world.receive(response(invite, 491))
        (invite, *_) = [message for message in world.run_until(world.now + 4.1) if message.method == "INVITE"]
    world.receive(response(invite, 491))
    assert world.told() == [RenegotiationFailed(1, 491)]


def test_theirs_is_refused_491_while_ours_is_out() -> None:
    world = World()
    invite, ack = world.answered()
    world.agent.hold(1, world.now)
    world.take()
    for method in ("INVITE", "UPDATE"):
        theirs = request(
            method,
            call_id=invite["Call-ID"],
            from_=ack["To"],
            to=ack["From"],
            body=ANSWER,
            branch=f"z9hG4bK{method}",
            cseq=1 if method == "INVITE" else 2,
        )
        (refusal,) = world.receive(theirs)
        assert refusal.status == 491


def test_ours_waits_for_the_ack_of_theirs() -> None:
    world = World()
    invite, ack = world.answered()
    theirs = request("INVITE", call_id=invite["Call-ID"], from_=ack["To"], to=ack["From"], body=ANSWER)
    world.receive(theirs)
    world.agent.hold(1, world.now)
    assert world.take() == []
    world.receive(request("ACK", call_id=invite["Call-ID"], from_=ack["To"], to=ack["From"], branch="z9hG4bKa"))
    (ours,) = world.run_until(0.6)
    assert ours.method == "INVITE"


def test_what_is_wanted_meanwhile_comes_after_and_of_several_the_last() -> None:
    world = World()
    invite = held(world)
    world.agent.resume(1, world.now)
    world.agent.hold(1, world.now, "inactive")
    assert world.take() == []
    ack, again = world.receive(response(invite, 200, body=HELD))
    assert (ack.method, again.method, parse(again.body.encode()).direction) == ("ACK", "INVITE", "inactive")


def test_a_challenge_is_answered() -> None:
    world = World()
    invite = world.invite(credentials=Credentials("alice", "secret"))
    challenge = ('WWW-Authenticate: Digest realm="r", nonce="n1", qop="auth"',)
    _, second = world.receive(response(invite, 401, headers=challenge))
    world.receive(response(second, 200, body=ANSWER))
    world.agent.hold(1, world.now)
    (hold,) = world.take()
    assert "nc=00000002" in hold["Authorization"]  # unasked
    stale = ('WWW-Authenticate: Digest realm="r", nonce="n2", qop="auth", stale=true',)
    _, again = world.receive(response(hold, 401, headers=stale))
    assert ('nonce="n2"' in again["Authorization"], "nc=00000001" in again["Authorization"]) == (True, True)
    (ack,) = world.receive(response(again, 200, body=HELD))
    assert ack["Authorization"] == again["Authorization"]
    assert world.told() == [Accepted(1, ANSWER, "callee"), Renegotiated(1, HELD)]
    again2 = world.receive(response(hold, 401, headers=stale))
    assert [message.method for message in again2] == ["ACK"]


def test_hanging_up_goes_before() -> None:
    world = World()
    invite = held(world)
    world.agent.bye(1, world.now)
    (bye,) = world.take()
    assert bye.method == "BYE"
    (ack,) = world.receive(response(invite, 200, body=HELD))
    assert ack.method == "ACK"
    world.receive(response(bye, 200))
    assert world.told() == [Ended(1, by_remote=False)]
    world.run_until(200.0)
    assert world.agent.is_idle()


def test_a_moved_target_is_followed() -> None:
    world = World()
    world.receive(response(held(world), 200, body=HELD, contact="sip:new@127.0.0.8:5999"))
    world.agent.bye(1, world.now)
    assert world.take()[0].uri == "sip:new@127.0.0.8:5999"


def test_what_is_no_description_is_refused_at_once() -> None:
    world = World()
    world.answered()
    with pytest.raises(MalformedSdp):
        world.agent.reoffer(1, b"hello", world.now)
    with pytest.raises(ValueError, match="sideways"):
        world.agent.hold(1, world.now, "sideways")
    world.agent.reoffer(77, OFFER, world.now)
    assert world.take() == []


def test_keys_that_a_change_took_away_do_not_come_back() -> None:
    """Our answer has none then, so nothing may be protected, whatever is offered again."""
    world = World()
    theirs = offer("127.0.0.9", 4300, 2, payload_types=(0,))
    keys = offered(bytes(range(60)))
    protected = [offer("127.0.0.9", 4300, 2, payload_types=(0,), crypto=keys[n:]) for n in (0, 1)]
    invite = world.invite(body=offer("127.0.0.1", 4100, 1, crypto=keys))
    (ack,) = world.receive(response(invite, 200, body=protected[0]))
    world.told()
    agreed = []
    for cseq, body in enumerate((protected[1], theirs, protected[1]), 1):
        dialog = {"call_id": invite["Call-ID"], "from_": ack["To"], "to": ack["From"], "cseq": cseq}
        (ok,) = world.receive(request("INVITE", branch=f"z9hG4bKh{cseq}", body=body, **dialog))  # type: ignore[arg-type]
        world.receive(request("ACK", branch=f"z9hG4bKk{cseq}", **dialog))  # type: ignore[arg-type]
        (told,) = world.told()
        assert isinstance(told, Reoffered)
        assert told.crypto == parse(ok.body.encode()).crypto
        agreed.append([crypto.suite for crypto in told.crypto])
    assert agreed == [[keys[1].suite], [], []]


def test_their_hold_and_resume_are_told() -> None:
    world = World()
    invite, ack = world.answered()
    told: list[object] = []
    for cseq, direction in ((1, "sendonly"), (2, "inactive"), (3, "sendrecv")):
        body = redirected(ANSWER, direction)
        dialog = {"call_id": invite["Call-ID"], "from_": ack["To"], "to": ack["From"], "cseq": cseq}
        world.receive(request("INVITE", branch=f"z9hG4bKh{cseq}", body=body, **dialog))  # type: ignore[arg-type]
        world.receive(request("ACK", branch=f"z9hG4bKk{cseq}", **dialog))  # type: ignore[arg-type]
        told += [type(event) for event in world.told()]
    assert told == [Reoffered, Held, Reoffered, Reoffered, Resumed]


def test_our_hold_stands_when_they_offer_anew() -> None:
    world = World()
    invite, ack = world.answered()
    world.agent.hold(1, world.now)
    (hold,) = world.take()
    world.receive(response(hold, 200, body=HELD))
    dialog = {"call_id": invite["Call-ID"], "from_": ack["To"], "to": ack["From"]}
    moved = offer("127.0.0.9", 4321, 2)
    (agreed,) = world.receive(request("UPDATE", body=moved, **dialog))  # type: ignore[arg-type]
    assert parse(agreed.body.encode()).direction == "sendonly"


def test_every_state_has_a_way_out_for_what_the_network_does() -> None:
    for what in Input:
        if what not in (Input.WANTED, Input.NOT_YET, Input.TURN):
            assert (State.ASKING, what) in TABLE
