"""What is answered without asking anybody, and how much is kept of what comes in."""

from __future__ import annotations

import pytest

from dialer.sip import uas_core
from dialer.sip.events import Dropped, DropReason
from dialer.sip.uas_core import MAX_REQUEST_OCTETS
from tests.unit.sip.peer import OFFER, REMOTE, World, request


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (request("OPTIONS"), 200),
        (request("REGISTER"), 405),
        (request("SUBSCRIBE"), 405),
        (request("FROB"), 501),
        (request("BYE"), 481),
        (request("BYE", to="<sip:dialer@127.0.0.1>;tag=nobody"), 481),
        (request("INVITE", to="<sip:dialer@127.0.0.1>;tag=nobody"), 481),
        (request("CANCEL"), 481),
        (request("PRACK", headers=("RAck: 1 1 INVITE",)), 481),
        (request("UPDATE", to="<sip:dialer@127.0.0.1>;tag=nobody"), 481),
        (request("INFO"), 481),
        (request("NOTIFY", headers=("Event: keep-alive",)), 481),
        (request("REFER", headers=("Refer-To: <sip:x@y>",)), 405),
        (request("REFER", to="<sip:dialer@127.0.0.1>;tag=nobody"), 481),
        (request("INVITE", headers=("Supported: timer", "Session-Expires: 60")), 422),
        (request("INVITE", headers=("Session-Expires: soon",)), 400),
        (request("INVITE", headers=("Require: 100rel, replaces", "Require: Precondition")), 420),
        (request("OPTIONS", max_forwards=0), 200),  # RFC 4475 § 3.3.11: an endpoint takes it as any other
        (request("OPTIONS", to="<sip:dialer@127.0.0.1>;tag=nobody"), 481),
        (request("INVITE", from_="<>;tag=1"), 400),
        (request("INVITE", from_='"Ann <sip:a@h>;tag=1'), 400),
        (request("INVITE", to="<sip:dialer@127.0.0.1"), 400),
        (request("INVITE", headers=("X: a\rb",)).replace(b"tag=peer", b"tag=peer\rX-Evil: 1"), 400),
        (request("INVITE", uri="http://example.org/"), 416),
        (request("INVITE", body=OFFER).replace(b"application/sdp", b"text/plain"), 415),
        (request("INVITE", cseq_method="BYE"), 400),
        (request("INVITE").replace(b"SIP/2.0\r\nVia", b"SIP/3.0\r\nVia"), 505),
        (request("INVITE", headers=("This is no header",)), 400),
        (request("INVITE", uri="sip:a b@127.0.0.1"), 400),
        (request("INVITE", body=OFFER)[:-40], 400),
        (request("INVITE", body=OFFER).replace(b"Content-Length: ", b"Content-Length: -"), 400),
        (request("INVITE", body=OFFER)[:-len(OFFER) - 2], 400),
    ],
)  # fmt: skip
def test_requests_answered_without_asking_anybody(data: bytes, status: int) -> None:
    world = World(accept_calls=True)
    (answer,) = world.receive(data)
    assert answer.status == status
    assert answer.to_tag
    assert answer.to == REMOTE
    assert world.told() == []
    assert world.agent.open_calls() == 0
    if status in (200, 405, 501):
        assert answer["Allow"] == "INVITE, ACK, CANCEL, BYE, OPTIONS, PRACK, UPDATE, INFO"
    if status == 420:
        assert answer["Unsupported"] == "replaces, Precondition"
    (again,) = world.receive(data)
    assert again.headers == answer.headers
    world.run_until(100.0)
    assert world.agent.is_idle()


def test_calls_are_not_accepted_unless_told_so() -> None:
    world = World()
    for _ in range(2):
        (answer,) = world.receive(request("INVITE", body=OFFER))
        assert (answer.status, bool(answer.to_tag)) == (403, True)
    assert world.receive(request("ACK", to=answer["To"])) == []
    assert world.told() == [Dropped(REMOTE, DropReason.UNWANTED_CALL)]
    assert world.run_until(40.0) == []  # nothing is repeated to a sender who may not be the one it says
    assert world.agent.is_idle()


def test_options_within_a_dialog() -> None:
    world = World()
    invite, ack = world.answered()
    (answer,) = world.receive(request("OPTIONS", call_id=invite["Call-ID"], from_=ack["To"], to=ack["From"]))
    assert answer.status == 200


def test_a_request_with_the_wrong_remote_tag_is_481() -> None:
    world = World()
    invite, ack = world.answered()
    (answer,) = world.receive(
        request("BYE", call_id=invite["Call-ID"], from_="<sip:mallory@127.0.0.9>;tag=mallory", to=ack["From"])
    )
    assert answer.status == 481
    assert world.agent.open_calls() == 1


def test_requests_beyond_the_bound_are_answered_503_and_forgotten() -> None:
    world = World(accept_calls=True, max_open_requests=10)
    world.receive(request("INVITE", body=OFFER))
    for n in range(50):
        (answer,) = world.receive(request("OPTIONS", branch=f"z9hG4bKf{n}", call_id=f"flood-{n}"))
        assert answer.status == (200 if n < 9 else 503)
        assert answer.to_tag
    assert answer["Retry-After"] == "10"
    assert len(world.agent.layer.servers) == 10
    assert world.agent.counters["overload"] == 41
    assert [event for event in world.told() if isinstance(event, Dropped)] == [
        Dropped(REMOTE, DropReason.OVERLOAD)
    ]
    # The same gets the same, an ACK gets nothing, and calls that are with us can still be ended.
    assert world.receive(request("OPTIONS", branch="z9hG4bKf49", call_id="flood-49"))[0].to_tag == answer.to_tag
    assert world.receive(request("ACK", branch="z9hG4bKf50")) == []
    assert world.receive(request("CANCEL", branch="z9hG4bKf51"))[0].status == 503
    assert [answer.status for answer in world.receive(request("CANCEL"))] == [200, 487]
    assert world.agent.open_calls() == 0
    world.run_until(40.0)
    assert world.agent.is_idle()


def test_large_requests_are_answered_and_forgotten() -> None:
    world = World(accept_calls=True)
    large = "x" * (MAX_REQUEST_OCTETS - 200)
    (answer,) = world.receive(request("INVITE", call_id=large, body=OFFER))
    assert answer.status == 513
    assert world.receive(request("ACK", call_id=large, body=OFFER)) == []
    assert world.agent.counters["too_large"] == 2
    assert world.agent.is_idle()


def test_what_is_kept_is_bounded_by_its_size_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uas_core, "MAX_OPEN_OCTETS", 100_000)
    world = World()
    statuses = [
        world.receive(request("OPTIONS", branch=f"z9hG4bK{n}", call_id="x" * 10_000))[0].status for n in range(8)
    ]
    assert statuses == [200] * 5 + [503] * 3
    world.run_until(40.0)
    assert world.agent.is_idle()
    assert world.agent.layer.open_octets == 0


def test_beyond_the_bound_a_call_that_is_up_can_be_hung_up() -> None:
    world = World(max_open_requests=0)
    invite, ack = world.answered()
    bye = request("BYE", call_id=invite["Call-ID"], from_=ack["To"], to=ack["From"])
    assert world.receive(bye.replace(b"tag=callee", b"tag=mallory"))[0].status == 481
    (ok,) = world.receive(bye.replace(b"z9hG4bKpeer1", b"z9hG4bKpeer2"))
    assert ok.status == 200
    assert world.agent.open_calls() == 0


def test_an_invite_that_cannot_be_told_of_leaves_nothing_behind() -> None:
    """A From without a URI, with a good Contact: it was once kept for ever, unanswered and untold."""
    world = World(accept_calls=True)
    world.receive(request("INVITE", from_="<>;tag=1"))
    assert world.agent.open_calls() == 0
    world.run_until(40.0)
    assert world.agent.is_idle()


def test_a_cancel_with_a_to_tag_is_answered_with_one() -> None:
    world = World(accept_calls=True)
    world.receive(request("INVITE", body=OFFER))
    ok, terminated = world.receive(request("CANCEL", to="<sip:dialer@127.0.0.1>;tag=theirs"))
    assert (ok.status, ok["To"].count("tag="), terminated.status) == (200, 1, 487)
