"""What the user agent drops, and what it keeps."""

from __future__ import annotations

import tracemalloc
from dataclasses import replace

import pytest

from dialer.sip.events import Dropped, DropReason, Failed
from dialer.sip.sdp import offer
from dialer.sip.timers import SipTimers
from dialer.sip.user_agent import UserAgent
from tests.unit.sip.peer import ANSWER, IDENTITY, LOCAL, OFFER, REMOTE, World, order, request, response


def test_body_beyond_its_length_is_cut() -> None:
    world = World(accept_calls=True)
    world.receive(request("INVITE", body=OFFER) + b"trailing octets")
    (incoming,) = world.told()
    assert getattr(incoming, "body", None) == OFFER


INVITE = request("INVITE", body=OFFER)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"hello", DropReason.NOT_SIP),
        (b"\x80\x00\x01\x02" + bytes(168), DropReason.NOT_SIP),
        (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", DropReason.NOT_SIP),
        (b"INVITE sip:x@y SIP/2.0\r\n\r\n", DropReason.MALFORMED),
        (INVITE[:90], DropReason.MALFORMED),
        (INVITE.replace(b"CSeq: 1 INVITE", b"CSeq: one INVITE"), DropReason.MALFORMED),
        (INVITE.replace(b"CSeq: 1 INVITE", b"CSeq: 2147483648 INVITE"), DropReason.MALFORMED),
        (INVITE.replace(b"Via: SIP/2.0/UDP", b"Via: SIP/2.0"), DropReason.MALFORMED),
        (b"INVITE sip:x@y SIP/2.0\r\n" + b"X: 1\r\n" * 300 + b"\r\n", DropReason.TOO_MANY_HEADERS),
        (INVITE + b"x" * 65_536, DropReason.TOO_LARGE),
        (b"SIP/2.0 99 Low\r\n\r\n", DropReason.MALFORMED),
        (b"SIP/2.0 200 OK\r\n\r\n", DropReason.MALFORMED),
    ],
)
def test_garbage_is_counted_by_reason_and_named_once_per_source(data: bytes, reason: DropReason) -> None:
    world = World(accept_calls=True)
    for _ in range(3):
        assert world.receive(data) == []
    assert world.agent.counters[reason] == 3
    assert world.told() == [Dropped(REMOTE, reason)]
    world.receive(data, ("127.0.0.77", 9))
    assert world.told() == [Dropped(("127.0.0.77", 9), reason)]
    assert world.agent.is_idle()


@pytest.mark.parametrize("data", [b"", b"\r\n\r\n", b"\0", b"\0\0\0\0"])
def test_keepalives_are_no_garbage(data: bytes) -> None:
    world = World()
    assert world.receive(data) == []
    assert world.told() == []
    assert world.agent.counters["keepalives"] == 1


def test_a_response_to_nothing_is_counted() -> None:
    world = World()
    invite = world.invite()
    stray = (
        response(invite, 200).replace(invite.branch.encode(), b"z9hG4bKother").replace(b"Call-ID: ", b"Call-ID: x")
    )
    assert world.receive(stray) == []
    assert world.told() == [Dropped(REMOTE, DropReason.STRAY_RESPONSE)]
    assert world.agent.counters["stray_response"] == 1


def test_a_response_with_our_branch_but_another_method_is_not_ours() -> None:
    world = World()
    invite = world.invite()
    world.receive(response(invite, 486).replace(b"1 INVITE", b"1 CANCEL"))
    assert world.agent.open_calls() == 1


def test_a_truncated_response_is_dropped_and_its_repetition_taken() -> None:
    world = World()
    invite = world.invite()
    ok = response(invite, 200, body=ANSWER)
    assert world.receive(ok[:-10]) == []
    assert world.agent.counters["truncated"] == 1
    assert [message.method for message in world.receive(ok)] == ["ACK"]


def test_a_stray_ack_is_counted_and_answered_by_nothing() -> None:
    world = World(accept_calls=True)
    assert world.receive(request("ACK", to="<sip:dialer@127.0.0.1>;tag=x")) == []
    assert world.agent.counters["stray_ack"] == 1


@pytest.mark.parametrize("size", [0, 15, 65])
def test_a_key_of_the_wrong_size_is_refused(size: int) -> None:
    with pytest.raises(ValueError, match="16 to 64 octets"):
        UserAgent(LOCAL, key=bytes(size))


def test_local_ipv6_address_is_bracketed() -> None:
    agent = UserAgent(("::1", 5060), key=bytes(16))
    agent.invite(order(), 0.0)
    ((data, _),) = agent.datagrams_to_send()
    assert b"Via: SIP/2.0/UDP [::1]:5060;" in data
    assert b"Contact: <sip:dialer@[::1]:5060>" in data


@pytest.mark.parametrize(
    ("where", "us"), [("192.0.2.9", b"192.0.2.7:5060"), ("2001:db8::9", b"[2001:db8::7]:5062")]
)
def test_of_both_ip_versions_the_far_end_is_told_its_own(where: str, us: bytes) -> None:
    agent = UserAgent(("192.0.2.7", 5060), key=bytes(16), listening=[("udp", ("2001:db8::7", 5062))])
    agent.invite(replace(order(), destination=(where, 5060)), 0.0)
    ((data, _),) = agent.datagrams_to_send()
    assert b"Via: SIP/2.0/UDP %b;" % us in data
    assert b"Contact: <sip:dialer@%b>" % us in data


def test_nothing_is_kept_of_calls_that_are_over() -> None:
    world = World(accept_calls=True)
    for key in range(1, 21):
        invite = world.invite(key)
        if key % 4 == 0:
            continue  # silence: timer B
        world.receive(response(invite, 100, tag=""))
        if key % 4 == 1:
            world.receive(response(invite, 404))  # D
        else:
            world.receive(response(invite, 200, body=ANSWER))  # M
            world.agent.bye(key, world.now)
            (bye,) = world.take()
            if key % 4 == 2:
                world.receive(response(bye, 200))  # K; else F
    world.receive(request("INVITE", body=OFFER))
    world.agent.reject(-1, 486, world.now)  # H
    world.run_until(33.0)
    assert world.agent.is_idle()
    assert world.agent.next_deadline() is None
    assert len(world.agent.layer.queue) == 0


def test_the_queue_holds_no_dead_timers_for_long() -> None:
    world = World()
    for key in range(1, 101):
        world.receive(response(world.invite(key), 180))
    world.run_until(1.0)
    assert world.agent.next_deadline() is None
    assert len(world.agent.layer.queue) == 0


def test_memory_of_a_thousand_open_calls() -> None:
    """What stays while calls talk, transactions of the INVITE (timer M) included."""
    world = World()
    agent = world.agent
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        for key in range(1, 1_001):
            agent.invite(order(key, body=offer("127.0.0.1", 4000, key)), 0.0)
            ((data, _),) = agent.datagrams_to_send()
            text = data.decode()
            head = "\r\n".join(
                line for line in text.split("\r\n") if line.startswith(("Via", "From", "Call-ID", "CSeq"))
            )
            for status in (180, 200):
                answer = (
                    f"SIP/2.0 {status} OK\r\n{head}\r\nTo: <sip:x@127.0.0.9>;tag=t\r\n"
                    f"Contact: <sip:callee@127.0.0.9:5070>\r\nContent-Length: {len(ANSWER)}\r\n\r\n"
                ).encode() + ANSWER
                agent.receive_datagram(answer, REMOTE, 0.1)
            agent.datagrams_to_send()
            agent.next_events()
        agent.handle_timer(20.0)
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert agent.open_calls() == 1_000
    assert after - before < 3_000_000
    agent.handle_timer(40.0)
    assert agent.layer.clients == {}


def test_a_lone_carriage_return_cannot_smuggle_a_header_into_our_requests() -> None:
    world = World()
    invite = world.invite()
    world.receive(response(invite, 200, contact="sip:c@127.0.0.9\rX-Evil: 1"))
    assert world.agent.counters["malformed"] == 1
    assert world.agent.open_calls() == 1


def test_timers_can_be_faster() -> None:
    world = World(timers=SipTimers(t1_s=0.1, t2_s=0.4, t4_s=0.5))
    world.invite()
    world.run_until(6.5)
    assert world.told() == [Failed(1, 408, timeout=True)]
    assert IDENTITY.call_id(1) == world.sent[0]["Call-ID"]


def test_a_response_repeats_no_carriage_return() -> None:
    agent = UserAgent(LOCAL, key=bytes(16))
    data = request("OPTIONS", headers=("X: 1",)).replace(b"tag=peer", b"tag=peer\rX-Evil: 1")
    agent.receive_datagram(data, REMOTE, 0.0)
    ((answer, _),) = agent.datagrams_to_send()
    assert answer.startswith(b"SIP/2.0 400 ")
    assert answer.count(b"\r") == answer.count(b"\r\n")
