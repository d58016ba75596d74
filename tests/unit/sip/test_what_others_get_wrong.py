"""Each row of the table in `docs/decisions/0001-own-sip-core.md`: what the libraries we looked at get wrong."""

from __future__ import annotations

from dialer.sip.digest import Credentials
from dialer.sip.events import Accepted, AcceptedAfterCancel, Ended, Failed, Progress
from tests.unit.sip.peer import ANSWER, REMOTE, World, request, response


def test_silent_server_for_8_s_gets_five_invites() -> None:
    world = World()
    first = world.invite()
    world.run_until(8.0)
    assert [message.at for message in world.sent] == [0.0, 0.5, 1.5, 3.5, 7.5]
    assert {(m.start, m.headers, m.body) for m in world.sent} == {(first.start, first.headers, first.body)}


def test_silent_server_is_given_up_after_64_t1() -> None:
    world = World()
    world.invite()
    world.run_until(31.9)
    assert world.told() == []
    world.run_until(32.1)
    assert world.told() == [Failed(1, 408, timeout=True)]
    assert [message.at for message in world.sent] == [0.0, 0.5, 1.5, 3.5, 7.5, 15.5, 31.5]
    assert world.agent.is_idle()


def test_trying_without_to_tag_stops_the_invites_and_the_call_goes_on() -> None:
    world = World()
    invite = world.invite()
    assert world.receive(response(invite, 100, tag="")) == []
    assert world.run_until(120.0) == []
    world.receive(response(invite, 180))
    (ack,) = world.receive(response(invite, 200, body=ANSWER))
    assert ack.method == "ACK"
    assert world.told() == [Progress(1, 180), Accepted(1, ANSWER, "callee")]


def test_486_is_acknowledged_and_acknowledged_again() -> None:
    world = World()
    invite = world.invite()
    world.receive(response(invite, 180))
    (ack,) = world.receive(response(invite, 486))
    assert (ack.method, ack.uri, ack.branch, ack.cseq) == ("ACK", invite.uri, invite.branch, invite.cseq)
    assert ack.to_tag == "callee"
    assert ack["From"] == invite["From"]
    world.run_until(10.0)
    (again,) = world.receive(response(invite, 486))
    assert again.headers == ack.headers
    failures = [event for event in world.told() if isinstance(event, Failed)]
    assert [(f.key, f.status, f.timeout) for f in failures] == [(1, 486, False)]


def test_retransmitted_200_is_acknowledged_again_and_told_once() -> None:
    world = World()
    invite, ack = world.answered()
    for _ in range(3):
        (again,) = world.receive(response(invite, 200, body=ANSWER))
        assert (again.start, again.headers) == (ack.start, ack.headers)
    assert world.told() == []


def test_retransmitted_200_is_acknowledged_again_long_after_timer_m() -> None:
    world = World()
    invite, ack = world.answered()
    world.run_until(100.0)
    (again,) = world.receive(response(invite, 200, body=ANSWER))
    assert again.headers == ack.headers


def test_200_retransmitted_after_our_bye_was_answered_is_still_acknowledged() -> None:
    world = World()
    invite, ack = world.answered()
    world.agent.bye(1, world.now)
    (bye,) = world.take()
    world.receive(response(bye, 200))
    (again,) = world.receive(response(invite, 200, body=ANSWER))
    assert again.headers == ack.headers


def test_record_route_reversed_and_contact_followed() -> None:
    world = World()
    invite = world.invite()
    record = ("Record-Route: <sip:127.0.0.3;lr>, <sip:127.0.0.2:5080;lr>", "Record-Route: <sip:127.0.0.1:5090;lr>")
    ok = response(invite, 200, headers=record, body=ANSWER, contact="sip:there@127.0.0.7:5999;x=1")
    (ack,) = world.receive(ok)
    routes = ["<sip:127.0.0.1:5090;lr>", "<sip:127.0.0.2:5080;lr>", "<sip:127.0.0.3;lr>"]
    assert ack.all("Route") == routes
    assert ack.uri == "sip:there@127.0.0.7:5999;x=1"
    assert ack.to == ("127.0.0.1", 5090)
    assert ack.branch != invite.branch  # § 17.1.1.3: the ACK of a 2xx is no part of the transaction
    world.agent.bye(1, world.now)
    (bye,) = world.take()
    assert (bye.all("Route"), bye.uri, bye.to) == (routes, "sip:there@127.0.0.7:5999;x=1", ("127.0.0.1", 5090))
    assert bye.cseq == invite.cseq + 1
    assert bye["To"] == ack["To"]


def test_contact_alone_is_followed() -> None:
    world = World()
    (ack,) = world.receive(response(world.invite(), 200, contact="sip:there@127.0.0.7:5999"))
    assert (ack.uri, ack.to) == ("sip:there@127.0.0.7:5999", ("127.0.0.7", 5999))


def test_strict_router_goes_into_the_request_uri() -> None:
    world = World()
    ok = response(world.invite(), 200, headers=("Record-Route: <sip:127.0.0.2:5080>",), contact="sip:c@127.0.0.7")
    (ack,) = world.receive(ok)
    assert ack.uri == "sip:127.0.0.2:5080"
    assert ack.all("Route") == ["<sip:c@127.0.0.7>"]
    assert ack.to == ("127.0.0.2", 5080)


def test_cancel_has_the_branch_and_cseq_number_of_its_invite() -> None:
    world = World()
    invite = world.invite()
    world.receive(response(invite, 180))
    world.agent.cancel(1, world.now)
    (cancel,) = world.take()
    assert cancel.method == "CANCEL"
    for name in ("Via", "From", "To", "Call-ID"):
        assert cancel[name] == invite[name]
    assert (cancel.uri, cancel.cseq, cancel.to) == (invite.uri, invite.cseq, REMOTE)
    assert world.receive(response(cancel, 200)) == []
    (ack,) = world.receive(response(invite, 487))
    assert (ack.method, ack.branch) == ("ACK", invite.branch)
    assert [e.status for e in world.told() if isinstance(e, Failed)] == [487]
    world.run_until(200.0)
    assert world.agent.is_idle()


def test_cancel_waits_for_a_provisional() -> None:
    world = World()
    invite = world.invite()
    world.agent.cancel(1, world.now)
    assert world.take() == []
    world.run_until(2.0)
    assert {message.method for message in world.sent} == {"INVITE"}
    (cancel,) = world.receive(response(invite, 100, tag=""))
    assert cancel.method == "CANCEL"


def test_no_cancel_when_the_final_response_comes_first() -> None:
    world = World()
    invite = world.invite()
    world.agent.cancel(1, world.now)
    (ack,) = world.receive(response(invite, 486))
    assert ack.method == "ACK"
    assert [e.status for e in world.told() if isinstance(e, Failed)] == [486]


def test_200_instead_of_a_provisional_to_a_cancelled_call_gets_ack_and_bye() -> None:
    world = World()
    invite = world.invite()
    world.agent.cancel(1, world.now)
    sent = world.receive(response(invite, 200, body=ANSWER))
    assert [message.method for message in sent] == ["ACK", "BYE"]


def test_cancel_crossing_a_200_gets_ack_and_bye() -> None:
    world = World()
    invite = world.invite()
    world.receive(response(invite, 180))
    world.agent.cancel(1, world.now)
    (cancel,) = world.take()
    ack, bye = world.receive(response(invite, 200, body=ANSWER))
    assert (ack.method, bye.method, bye.cseq) == ("ACK", "BYE", 2)
    assert world.told() == [Progress(1, 180), AcceptedAfterCancel(1, ANSWER, "callee")]
    world.receive(response(cancel, 481))
    assert world.agent.open_calls() == 1
    world.receive(response(bye, 200))
    assert world.told() == [Ended(1, by_remote=False)]
    world.run_until(200.0)
    assert world.agent.is_idle()


def test_cancel_without_any_final_response_is_given_up_after_64_t1() -> None:
    world = World()
    invite = world.invite()
    world.receive(response(invite, 180))
    world.run_until(40.0)
    world.agent.cancel(1, world.now)
    (cancel,) = world.take()
    world.receive(response(cancel, 200))
    world.told()
    world.run_until(71.9)
    assert world.told() == []
    world.run_until(72.1)
    assert world.told() == [Failed(1, 408, timeout=True)]


def test_401_and_407_are_acknowledged_and_tried_again_with_credentials() -> None:
    for status, asks, answers in (
        (401, "WWW-Authenticate", "Authorization"),
        (407, "Proxy-Authenticate", "Proxy-Authorization"),
    ):
        world = World()
        invite = world.invite(credentials=Credentials("alice", "secret"))
        challenge = f'{asks}: Digest realm="carrier", nonce="n1", qop="auth", algorithm=MD5'
        ack, again = world.receive(response(invite, status, headers=(challenge,)))
        assert (ack.method, ack.branch) == ("ACK", invite.branch)
        assert (again.method, again.cseq) == ("INVITE", 2)
        assert again.branch != invite.branch
        assert (again["Call-ID"], again["From"], again["To"]) == (invite["Call-ID"], invite["From"], invite["To"])
        assert again[answers].startswith('Digest username="alice", realm="carrier", nonce="n1"')
        assert "nc=00000001" in again[answers]
        (ack,) = world.receive(response(again, 200, body=ANSWER))
        assert ack.cseq == 2
        assert ack[answers] == again[answers]  # § 13.2.2.4: "the same credentials as the INVITE"
        assert world.told() == [Accepted(1, ANSWER, "callee")]


def test_second_of_two_200s_of_a_fork_gets_ack_and_bye_once() -> None:
    world = World()
    invite, _ = world.answered()
    other = response(invite, 200, tag="other", body=ANSWER, contact="sip:other@127.0.0.8:5071")
    ack, bye = world.receive(other)
    assert (ack.method, ack.to_tag, ack.uri, ack.to) == (
        "ACK",
        "other",
        "sip:other@127.0.0.8:5071",
        ("127.0.0.8", 5071),
    )
    assert (bye.method, bye.to_tag, bye.uri) == ("BYE", "other", "sip:other@127.0.0.8:5071")
    (again,) = world.receive(other)
    assert again.headers == ack.headers
    world.receive(response(bye, 200))
    assert world.told() == []  # the call that won knows nothing of it
    assert world.agent.open_calls() == 1
    world.agent.bye(1, world.now)
    (own_bye,) = world.take()
    assert (own_bye.to_tag, own_bye.branch != bye.branch) == ("callee", True)


def test_bye_crossing_bye_ends_the_call_once() -> None:
    world = World()
    invite, ack = world.answered()
    world.agent.bye(1, world.now)
    (bye,) = world.take()
    theirs = request("BYE", call_id=invite["Call-ID"], from_=ack["To"], to=ack["From"])
    (ok,) = world.receive(theirs)
    assert ok.status == 200
    world.receive(response(bye, 481))
    assert world.told() == [Ended(1, by_remote=False)]
    world.run_until(200.0)
    assert world.agent.is_idle()
