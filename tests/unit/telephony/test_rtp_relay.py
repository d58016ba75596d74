from __future__ import annotations

import asyncio
import contextlib
import random
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from dialer.media.g711 import ALAW_TO_ULAW, ULAW_TO_ALAW
from dialer.media.rtp import PCMA, PCMU, RtpPacket
from dialer.telephony.errors import AddressUnavailable, LegExists, NoSuchLeg, PortsExhausted
from dialer.telephony.port_pool import PortPool
from dialer.telephony.rtp_relay import RtpRelay
from dialer.telephony.udp import Address, bind_udp
from tests.integration.floor import open_sockets

HOST = "127.0.0.1"
SOUND = bytes(range(160))


class Far:
    """A far end: sends packets, gets packets."""

    def __init__(self, host: str = HOST) -> None:
        self.socket: socket.socket = bind_udp(host, 0)
        self.address: Address = self.socket.getsockname()
        self._sequence = 0

    def say(self, target: Address, payload: bytes = SOUND, codec: int = PCMU) -> None:
        self._sequence += 1
        packet = RtpPacket(codec, self._sequence, 160 * self._sequence, 5, payload)
        self.socket.sendto(packet.pack(), target)

    async def hears(self) -> RtpPacket:
        async with asyncio.timeout(5.0):
            return RtpPacket.parse(await asyncio.get_running_loop().sock_recv(self.socket, 2_000))


class Room:
    def __init__(self, relay: RtpRelay, pool: PortPool) -> None:
        self.relay = relay
        self.pool = pool
        self.latencies: list[tuple[int, float]] = []
        self.contact, self.agent = Far(), Far()
        self.port = (HOST, relay.open_contact(1))
        self.line = relay.open_line("ann", self.agent.address)

    def first_audio(self, attempt_id: int, latency_s: float) -> None:
        self.latencies.append((attempt_id, latency_s))

    def join(self, *, held: bool = False, codec: int = PCMU) -> None:
        now = asyncio.get_running_loop().time()
        self.relay.set_remote(1, self.contact.address, now, payload_type=codec, held=held)
        self.relay.join(1, "ann", self.first_audio)

    async def counted(self, name: str, count: int) -> None:
        """The relay has seen this much. Whatever came before it on the same socket is dealt with as well."""
        async with asyncio.timeout(5.0):
            while getattr(self.relay.counters, name) < count:
                await asyncio.sleep(0)
        assert getattr(self.relay.counters, name) == count


@contextmanager
def room(first: int = 30_100, last: int = 30_298) -> Iterator[Room]:
    pool = PortPool(first, last)
    relay = RtpRelay(HOST, pool, random.Random(1), asyncio.get_running_loop().time)
    it = Room(relay, pool)
    try:
        yield it
    finally:
        relay.close()
        it.contact.socket.close()
        it.agent.socket.close()
    assert pool.taken == 0
    assert relay.open_legs == 0


async def test_both_hear_each_other_once_joined() -> None:
    with room() as r:
        r.join()
        r.contact.say(r.port)
        assert (await r.agent.hears()).payload == SOUND
        r.agent.say(r.line, b"\x11" * 160)
        assert (await r.contact.hears()).payload == b"\x11" * 160
        assert r.relay.counters.relayed == 2


async def test_the_first_packet_towards_the_agent_is_told_once_with_its_latency() -> None:
    with room() as r:
        r.join()
        for _ in range(3):
            r.contact.say(r.port)
            await r.agent.hears()
        [(attempt_id, latency_s)] = r.latencies
        assert attempt_id == 1
        assert 0.0 <= latency_s < 5.0


async def test_the_agents_own_voice_is_not_the_contacts_first_audio() -> None:
    with room() as r:
        r.join()
        r.agent.say(r.line)
        await r.contact.hears()
        assert r.latencies == []


async def test_nothing_passes_before_the_join() -> None:
    with room() as r:
        r.relay.set_remote(1, r.contact.address, 0.0)
        r.contact.say(r.port, b"\x01" * 160)
        r.agent.say(r.line, b"\x02" * 160)
        await r.counted("unheard", 2)
        r.relay.join(1, "ann", r.first_audio)
        r.contact.say(r.port)
        assert (await r.agent.hears()).payload == SOUND


async def test_early_media_that_piled_up_is_not_passed_on() -> None:
    with room() as r:
        for _ in range(5):
            r.contact.say(r.port, b"\x01" * 160)
        r.join()
        r.contact.say(r.port)
        assert (await r.agent.hears()).payload == SOUND


async def test_symmetric_rtp_follows_the_port_the_far_end_sends_from() -> None:
    with room() as r:
        announced, third = r.contact, Far()
        r.join()
        r.contact = Far()
        r.contact.say(r.port)
        await r.agent.hears()
        r.agent.say(r.line)
        assert (await r.contact.hears()).payload == SOUND
        third.say(r.port)
        await r.counted("unexpected", 1)
        announced.socket.close()
        third.socket.close()


async def test_strangers_are_not_heard() -> None:
    with room() as r:
        r.join()
        stranger = Far("127.0.0.2")
        stranger.say(r.port)
        stranger.say(r.line)
        await r.counted("unexpected", 2)
        r.contact.say(r.port)
        await r.agent.hears()
        same_host = Far()
        same_host.say(r.port, b"\x66" * 160)  # too late: the leg's far end is known
        await r.counted("unexpected", 3)
        r.contact.say(r.port)
        assert (await r.agent.hears()).payload == SOUND
        for far in (stranger, same_host):
            far.socket.close()


async def test_what_is_no_speech_is_not_passed_on() -> None:
    with room() as r:
        r.join()
        r.contact.say(r.port, b"\x01\x0a\x00\xa0", codec=101)
        r.contact.socket.sendto(b"\x80", r.port)
        await r.counted("unheard", 2)
        assert r.latencies == []
        r.contact.say(r.port)
        assert (await r.agent.hears()).payload == SOUND
        assert r.latencies[0][0] == 1


async def test_a_contact_on_hold_gets_nothing_and_is_still_heard() -> None:
    with room() as r:
        r.join(held=True)
        r.agent.say(r.line)
        await r.counted("unheard", 1)
        r.contact.say(r.port)
        await r.agent.hears()
        r.relay.set_remote(1, r.contact.address, 0.0)
        r.agent.say(r.line)
        await r.contact.hears()


async def test_a_law_towards_the_contact_and_u_law_towards_the_agent() -> None:
    with room() as r:
        r.join(codec=PCMA)
        r.contact.say(r.port, SOUND, codec=PCMA)
        packet = await r.agent.hears()
        assert (packet.payload_type, packet.payload) == (PCMU, SOUND.translate(ALAW_TO_ULAW))
        r.agent.say(r.line)
        packet = await r.contact.hears()
        assert (packet.payload_type, packet.payload) == (PCMA, SOUND.translate(ULAW_TO_ALAW))


async def test_joining_another_contact_parts_the_first() -> None:
    with room() as r:
        r.join()
        second, port = Far(), (HOST, r.relay.open_contact(2))
        r.relay.set_remote(2, second.address, 0.0)
        r.relay.join(2, "ann", r.first_audio)
        r.contact.say(r.port)
        await r.counted("unheard", 1)
        second.say(port, b"\x22" * 160)
        assert (await r.agent.hears()).payload == b"\x22" * 160
        second.socket.close()


async def test_parted() -> None:
    with room() as r:
        r.join()
        r.relay.part(1)
        r.contact.say(r.port)
        r.agent.say(r.line)
        await r.counted("unheard", 2)
        assert r.latencies == []


async def test_closing_a_leg_in_the_middle_of_its_packets() -> None:
    with room() as r:
        r.relay.set_remote(1, r.contact.address, 0.0)
        r.relay.join(1, "ann", lambda attempt_id, _: r.relay.close_contact(attempt_id))
        for _ in range(3):
            r.contact.say(r.port)
        await r.agent.hears()
        assert r.relay.open_legs == 1
        assert r.relay.counters.relayed == 1


async def test_unknown_and_double_legs() -> None:
    with room() as r:
        with pytest.raises(LegExists, match="attempt 1"):
            r.relay.open_contact(1)
        with pytest.raises(LegExists, match="agent ann"):
            r.relay.open_line("ann", r.agent.address)
        with pytest.raises(NoSuchLeg, match="attempt 9"):
            r.relay.set_remote(9, r.contact.address, 0.0)
        with pytest.raises(NoSuchLeg, match="agent bob has no line"):
            r.relay.join(1, "bob", r.first_audio)
        with pytest.raises(NoSuchLeg):
            r.relay.part(9)
        r.relay.close_contact(9)
        r.relay.close_line("bob")


async def test_ports_another_program_sits_on_are_passed_over() -> None:
    with room() as r:
        # Both of the next ports are bound here behind the pool's back.
        ahead = [r.port[1] + 4, r.port[1] + 6]
        with bind_udp(HOST, ahead[0]), bind_udp(HOST, ahead[1]):
            port = r.relay.open_contact(2)
        assert port not in ahead
        assert r.pool.taken == 3


async def test_the_announced_port_is_heard_though_a_late_packet_of_another_came_first() -> None:
    with room() as r:
        late = Far()
        r.join()
        late.say(r.port, b"\x22" * 160)
        assert (await r.agent.hears()).payload == b"\x22" * 160
        r.contact.say(r.port)
        assert (await r.agent.hears()).payload == SOUND
        late.say(r.port)
        await r.counted("unexpected", 1)
        r.agent.say(r.line)
        assert (await r.contact.hears()).payload == SOUND
        late.socket.close()


async def test_a_range_that_others_have_altogether() -> None:
    pool = PortPool(30_300, 30_304)
    relay = RtpRelay(HOST, pool, random.Random(1), lambda: 0.0)
    with contextlib.ExitStack() as others:
        for port in (30_300, 30_302, 30_304):
            with contextlib.suppress(AddressUnavailable):  # somebody else has it: just as well
                others.enter_context(bind_udp(HOST, port))
        with pytest.raises(PortsExhausted):
            relay.open_contact(1)
    assert (pool.taken, pool.free) == (0, 3)


async def test_a_host_that_is_not_ours() -> None:
    pool = PortPool(30_100, 30_298)
    relay = RtpRelay("203.0.113.1", pool, random.Random(1), lambda: 0.0)
    with pytest.raises(AddressUnavailable):
        relay.open_contact(1)
    assert (pool.taken, relay.open_legs) == (0, 0)


async def test_a_closed_line_may_be_opened_again() -> None:
    with room() as r:
        r.relay.close_line("ann")
        r.line = r.relay.open_line("ann", r.agent.address)
        r.join()
        r.contact.say(r.port)
        await r.agent.hears()


async def test_agents_that_come_and_go_leave_no_port_and_no_socket() -> None:
    with room() as r:
        before, ports = open_sockets(), r.pool.taken
        for n in range(200):
            agent = f"agent {n}"
            r.relay.open_line(agent, r.agent.address)
            r.relay.open_contact(100 + n)
            r.relay.set_remote(100 + n, r.contact.address, 0.0)
            r.relay.join(100 + n, agent, r.first_audio)
            if n % 2:
                r.relay.close_line(agent)  # in the middle of a call: the contact stays, and hears nobody
                with pytest.raises(NoSuchLeg):
                    r.relay.join(100 + n, agent, r.first_audio)
                r.relay.close_contact(100 + n)
            else:
                r.relay.close_contact(100 + n)
                r.relay.close_line(agent)
            r.relay.close_line(agent)  # twice is no fault
        assert (open_sockets(), r.pool.taken) == (before, ports)
        assert r.relay.open_legs == 2
