"""Names of trunks, asked of a name server that the test plays."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import cast

import dns.asyncresolver
import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest

from dialer.sip.hop import Hop, StreamHop
from dialer.sip.targets import Server
from dialer.telephony.errors import HostUnresolved
from dialer.telephony.names import Found, Names

ZONE = {
    ("_sip._udp.carrier.example.", "SRV"): (
        120,
        ["10 60 5062 a.carrier.example.", "10 40 5063 b.carrier.example.", "20 0 5064 gone.carrier.example."],
    ),
    ("_sips._tcp.carrier.example.", "SRV"): (300, ["1 1 5061 a.carrier.example."]),
    ("_sip._tcp.carrier.example.", "SRV"): (300, ["0 0 0 ."]),
    ("a.carrier.example.", "A"): (90, ["192.0.2.1", "192.0.2.2"]),
    ("b.carrier.example.", "A"): (3_600, ["192.0.2.3"]),
    ("chosen.example.", "NAPTR"): (
        60,
        [
            '20 10 "s" "SIP+D2T" "" _sip._tcp.servers.example.',
            '20 50 "s" "SIP+D2U" "" _sip._udp.servers.example.',
            '10 50 "s" "SIP+D2S" "" _sip._sctp.servers.example.',  # nobody here speaks that
            '10 60 "u" "E2U+sip" "!^.*$!sip:info@example!" .',
        ],
    ),
    ("_sip._tcp.servers.example.", "SRV"): (300, ["1 1 5070 a.carrier.example."]),
    ("_sip._udp.servers.example.", "SRV"): (300, ["1 1 5072 a.carrier.example."]),
    ("secure.example.", "NAPTR"): (60, ['1 1 "S" "sips+d2t" "" _sips._tcp.carrier.example.']),
    ("next.example.", "NAPTR"): (
        60,
        ['1 1 "s" "SIP+D2T" "" _sip._tcp.nothing.example.', '2 1 "s" "SIP+D2U" "" _sip._udp.carrier.example.'],
    ),
    ("tcp-only.example.", "A"): (60, ["192.0.2.5"]),
    ("_sip._tcp.tcp-only.example.", "SRV"): (60, ["1 1 5074 tcp-only.example."]),
    ("plain.example.", "A"): (2, ["192.0.2.9"]),
    ("plain.example.", "AAAA"): (60, ["2001:db8::9"]),
}


class NameServer(asyncio.DatagramProtocol):
    """Answers from `ZONE`."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        query = dns.message.from_wire(data)
        question = query.question[0]
        response = dns.message.make_response(query)
        response.flags |= dns.flags.RA
        kind = dns.rdatatype.to_text(question.rdtype)
        found = ZONE.get((question.name.to_text(), kind))
        if found is not None:
            response.answer.append(dns.rrset.from_text_list(question.name, found[0], "IN", kind, found[1]))
        elif not any(name == question.name.to_text() for name, _ in ZONE):
            response.set_rcode(dns.rcode.NXDOMAIN)
        self.transport.sendto(response.to_wire(), addr)


@contextlib.asynccontextmanager
async def names(*, ipv6: tuple[bool, ...] = (False,)) -> AsyncIterator[Names]:
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(NameServer, local_addr=("127.0.0.1", 0))
    resolver = dns.asyncresolver.Resolver(configure=False)
    resolver.nameservers = ["127.0.0.1"]
    resolver.port = transport.get_extra_info("sockname")[1]
    try:
        yield Names(resolver, ipv6=ipv6)
    finally:
        transport.close()


async def test_srv_records_name_servers_with_their_weights() -> None:
    async with names() as it:
        found = await it.find("carrier.example", 0, "udp")
    # The one without an address is left out; name servers shuffle the rest.
    first, second = sorted(found.servers, key=lambda server: -server.weight)
    assert (set(first.hops), first.weight) == ({("192.0.2.1", 5062), ("192.0.2.2", 5062)}, 60)
    assert second == Server((("192.0.2.3", 5063),), 10, 40)
    assert found.holds_s == 90.0  # the least TTL


async def test_the_certificate_is_to_be_of_the_domain() -> None:
    async with names() as it:
        found = await it.find("carrier.example", 0, "tls")
    assert StreamHop("192.0.2.1", 5061, "tls", "carrier.example") in found.servers[0].hops


@pytest.mark.parametrize(
    ("host", "hop"),
    [
        ("chosen.example", StreamHop("192.0.2.1", 5070, "tcp", "chosen.example")),
        ("secure.example", StreamHop("192.0.2.1", 5061, "tls", "secure.example")),
        ("next.example", ("192.0.2.1", 5062)),
        ("tcp-only.example", StreamHop("192.0.2.5", 5074, "tcp", "tcp-only.example")),
        ("plain.example", ("192.0.2.9", 5060)),
    ],
)
async def test_where_no_transport_is_set_dns_says_which(host: str, hop: Hop) -> None:
    """RFC 3263 § 4.1."""
    async with names() as it:
        found = await it.find(host, 0, "")
    assert hop in [hop for server in found.servers for hop in server.hops]
    assert found.holds_s <= 90.0


async def test_a_transport_that_is_set_is_not_asked_for() -> None:
    async with names() as it:
        with pytest.raises(HostUnresolved):
            await it.find("chosen.example", 0, "udp")


async def test_a_service_that_there_is_not() -> None:
    async with names() as it:
        with pytest.raises(HostUnresolved, match="no such service over TCP"):
            await it.find("carrier.example", 0, "tcp")


async def test_a_port_means_the_host_itself() -> None:
    async with names() as it:
        assert await it.find("plain.example", 5080, "udp") == Found((Server((("192.0.2.9", 5080),)),), 10.0)


async def test_without_srv_the_default_port() -> None:
    async with names() as it:
        assert (await it.find("plain.example", 0, "udp")).servers == (Server((("192.0.2.9", 5060),)),)


async def test_ipv6() -> None:
    async with names(ipv6=(True,)) as it:
        assert (await it.find("plain.example", 0, "udp")).servers == (Server((("2001:db8::9", 5060),)),)


async def test_both_versions_in_the_order_that_we_listen_in() -> None:
    four, six = ("192.0.2.9", 5060), ("2001:db8::9", 5060)
    for ipv6, hops in (((False, True), (four, six)), ((True, False), (six, four))):
        async with names(ipv6=ipv6) as it:
            assert (await it.find("plain.example", 0, "udp")).servers == (Server(hops),)
    async with names(ipv6=(True, False)) as it:  # which has none of IPv6
        assert (await it.find("tcp-only.example", 0, "tcp")).servers[0].hops[0][0] == "192.0.2.5"


async def test_an_address_of_the_version_that_we_do_not_speak() -> None:
    with pytest.raises(HostUnresolved, match=r"::1 is IPv6, and SIP listens at no IPv6 address.*listen_also"):
        await Names().find("2001:db8::1", 5060, "udp")


async def test_addresses_are_not_asked_for() -> None:
    both = Names(ipv6=(False, True))
    assert await both.find("192.0.2.1", 0, "tls") == Found(
        (Server((StreamHop("192.0.2.1", 5061, "tls"),)),), float("inf")
    )
    assert (await both.find("2001:db8::1", 5070, "udp")).servers == (Server((("2001:db8::1", 5070),)),)


async def test_a_name_of_this_machine() -> None:
    assert (await Names().find("localhost", 5060, "udp")).servers == (Server((("127.0.0.1", 5060),)),)


@pytest.mark.parametrize("host", ["no.such.host.invalid", "nobody.carrier.example"])
async def test_a_name_that_there_is_not(host: str) -> None:
    async with names() as it:
        with pytest.raises(HostUnresolved, match=f"'{host}' has no address"):
            await it.find(host, 5060, "udp")
