"""What a connection changes for transactions and dialogs."""

from __future__ import annotations

from dataclasses import replace

from dialer.sip.events import Accepted, Acked, Failed
from dialer.sip.hop import StreamHop, leads_to, shown
from tests.unit.sip.peer import ANSWER, OFFER, World, order, request, response

HOP = StreamHop("127.0.0.9", 5070, "tcp")
BY_FLOW = HOP._replace(port=40_000, flow=3)


def invited(world: World, hop: StreamHop = HOP) -> None:
    world.agent.invite(replace(order(), destination=hop), world.now)


def test_requests_name_the_transport_and_are_sent_once() -> None:
    world = World()
    invited(world)
    (invite,) = world.take()
    assert invite["Via"].startswith("SIP/2.0/TCP 127.0.0.1:5060;rport")
    assert invite["Contact"] == "<sip:dialer@127.0.0.1:5060;transport=tcp>"
    assert world.run_until(31.9) == []
    world.run_until(32.0)
    assert world.told() == [Failed(1, 408, timeout=True)]
    assert world.agent.is_idle()  # D is 0


def test_a_sips_uri_wants_a_sips_contact() -> None:
    world = World()
    hop = StreamHop("127.0.0.9", 5061, "tls", "carrier.example")
    world.agent.invite(replace(order(), destination=hop, request_uri="sips:+442079460001@carrier.example"), 0.0)
    (invite,) = world.take()
    assert invite["Contact"] == "<sips:dialer@127.0.0.1:5060>"
    assert invite["Via"].startswith("SIP/2.0/TLS")


def test_in_dialog_requests_stay_on_the_transport_unless_told_otherwise() -> None:
    for contact, to in (
        ("sip:gw@127.0.0.9:5070", HOP),
        ("sip:gw@127.0.0.7", StreamHop("127.0.0.7", 5060, "tcp")),
        ("sip:gw@127.0.0.7;transport=udp", ("127.0.0.7", 5060)),
        ("sips:gw@127.0.0.7", StreamHop("127.0.0.7", 5061, "tls")),
    ):
        world = World()
        invited(world)
        (invite,) = world.take()
        (ack,) = world.receive(response(invite, 200, body=ANSWER, contact=contact), HOP)
        assert ack.to == to
        world.agent.bye(1, world.now)
        (bye,) = world.take()
        assert bye.to == to


def test_a_failed_connection_fails_what_has_no_answer_and_nothing_else() -> None:
    world = World()
    invited(world)
    world.take()
    world.agent.connection_failed(StreamHop("127.0.0.9", 5070, "tls"), world.now)
    assert world.told() == []
    world.agent.connection_failed(HOP, world.now)
    assert world.told() == [Failed(1, 503, unsent=True)]
    world = World()
    invited(world)
    (invite,) = world.take()
    world.receive(response(invite, 100, tag=""), HOP)
    world.agent.connection_failed(HOP, world.now)
    world.receive(response(invite, 200, body=ANSWER), HOP)
    assert world.told() == [Accepted(1, ANSWER, "callee")]


def test_what_waits_to_be_sent_is_not_failed_by_the_end_of_the_connection_before() -> None:
    """It leaves over a new one: were the call failed all the same, a phone would ring that nobody waits for."""
    world = World()
    invited(world)
    world.agent.connection_failed(HOP, world.now)
    (invite,) = world.take()
    assert world.told() == []
    world.receive(response(invite, 200, body=ANSWER), HOP)
    assert world.told() == [Accepted(1, ANSWER, "callee")]


def test_responses_go_back_by_the_connection_and_behind_it_to_the_sent_by() -> None:
    world = World(accept_calls=True)
    (trying,) = world.receive(request("INVITE", body=OFFER), BY_FLOW)
    assert trying.to == StreamHop("127.0.0.9", 5070, "tcp", flow=3)
    world.agent.reject(-1, 486, world.now)
    (busy,) = world.take()
    assert world.run_until(31.0) == []  # G is not started
    world.receive(request("ACK", to=busy["To"]), BY_FLOW)
    world.run_until(31.0)
    assert world.agent.is_idle()  # I is 0


def test_a_200_is_repeated_all_the_same_for_there_may_be_udp_behind_the_next_hop() -> None:
    world = World(accept_calls=True)
    world.receive(request("INVITE", body=OFFER), BY_FLOW)
    world.agent.answer(-1, ANSWER, world.now)
    ok = world.take()[-1]
    assert [message.status for message in world.run_until(1.6)] == [200, 200]
    world.receive(request("ACK", to=ok["To"], branch="z9hG4bKa"), BY_FLOW)
    assert Acked(-1) in world.told()
    world.agent.bye(-1, world.now)
    (bye,) = world.take()
    assert bye.to == StreamHop("127.0.0.9", 5070, "tcp", flow=3)


def test_places() -> None:
    assert leads_to(HOP, HOP._replace(flow=9))
    assert leads_to(BY_FLOW, StreamHop("10.0.0.1", 1, "tcp", flow=3))
    assert not leads_to(HOP, ("127.0.0.9", 5070))
    assert shown(StreamHop("::1", 5061, "tls")) == "[::1]:5061 over TLS"
    assert shown(("127.0.0.1", 5060)) == "127.0.0.1:5060"
