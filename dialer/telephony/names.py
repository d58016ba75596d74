"""Servers by name: NAPTR, SRV, A and AAAA records (RFC 3263), asked of the system's name servers; how long they
hold."""

from __future__ import annotations

import asyncio
import importlib
import ipaddress
import socket
from typing import TYPE_CHECKING

import dns.exception

from dialer.sip.hop import DEFAULT_PORT, DEFAULT_TLS_PORT, STREAMS, TLS, Hop, StreamHop, is_ipv6
from dialer.sip.targets import Server
from dialer.telephony.errors import HostUnresolved, OtherVersion
from lists.value import value

if TYPE_CHECKING:
    import dns.asyncresolver
    import dns.resolver

ASK_WITHIN_S = 4.0
LEAST_TTL_S = 10.0
"""Shorter ones would have us ask all day."""

UNKNOWN_TTL_S = 300.0
"""Of what the system knows by itself (`/etc/hosts`)."""

_SERVICES = {"udp": "_sip._udp", "tcp": "_sip._tcp", TLS: "_sips._tcp"}
_BY_NAPTR = {"SIP+D2U": "udp", "SIP+D2T": "tcp", "SIPS+D2T": TLS}
_OF_THE_SYSTEM = ("localhost", ".localhost", ".invalid", ".local")  # RFC 6761: no name server is asked


@value
class Found:
    """`servers`: at least one. `holds_s`: for so long."""

    servers: tuple[Server, ...]
    holds_s: float


@value
class SrvRecord:
    """One SRV record; `target` without its last dot."""

    priority: int
    weight: int
    port: int
    target: str


class Names:
    """`resolver`: another one than the system's. `ipv6`: the versions that we have addresses of, IPv6 where true,
    in the order that a host with both is called in."""

    def __init__(
        self, resolver: dns.asyncresolver.Resolver | None = None, *, ipv6: tuple[bool, ...] = (False,)
    ) -> None:
        self._resolver = resolver
        self._ipv6 = ipv6

    async def find(self, host: str, port: int, transport: str) -> Found:
        """The servers of a trunk. `port` 0: what SRV records say, the default port where there are none.
        `transport`: `udp`, `tcp` or `tls`; empty: what DNS says, UDP where it says nothing, or the port is known.
        Raises `HostUnresolved`."""
        if is_address(host):
            if is_ipv6(host) not in self._ipv6:
                raise OtherVersion(host)
            return Found((Server((_hop(host, port, transport, ""),)),), float("inf"))
        if port:
            addresses, holds_s = await self._addresses(host)
            hops = tuple(_hop(address, port, transport, host) for address in addresses)
            return Found((Server(hops),), holds_s)
        transport, records, srv_holds_s = await self._services(host, transport)
        if not records:
            addresses, holds_s = await self._addresses(host)
            return Found((Server(tuple(_hop(it, 0, transport, host) for it in addresses)),), holds_s)
        if all(record.target == "" for record in records):
            raise HostUnresolved(
                host, f"its SRV record says that there is no such service over {transport.upper()}"
            )
        servers: list[Server] = []
        holds = [srv_holds_s]
        fault: HostUnresolved | None = None
        for record in records:
            try:
                addresses, holds_s = await self._addresses(record.target)
            except HostUnresolved as error:
                fault = error  # the others may do
                continue
            holds.append(holds_s)
            # RFC 5922 § 4: the certificate is of the domain that was asked for, not of the server that DNS named.
            hops = tuple(_hop(address, record.port, transport, host) for address in addresses)
            servers.append(Server(hops, record.priority, record.weight))
        if not servers:
            raise fault or HostUnresolved(host, "none of its servers has an address")
        return Found(tuple(servers), min(holds))

    async def _services(self, host: str, transport: str) -> tuple[str, list[SrvRecord], float]:
        """(transport, its SRV records, for how long). `transport` empty: the first in DNS's order that there is;
        UDP when there is none."""
        if transport:
            return transport, *await self._srv(f"{_SERVICES[transport]}.{host}")
        ways, holds_s = await self._naptr(host)
        first: tuple[str, list[SrvRecord], float] | None = None
        for transport, service in ways:
            records, srv_holds_s = await self._srv(service)
            found = transport, records, min(holds_s, srv_holds_s)
            if any(record.target for record in records):
                return found
            first = first or found
        return first or ("udp", [], holds_s)

    async def _naptr(self, host: str) -> tuple[list[tuple[str, str]], float]:
        """(transport, name of its SRV records), in the order to be tried (RFC 3263 § 4.1). Without NAPTR records
        by UDP, then TCP; not TLS, for which only a `sips:` address asks."""
        usual = [(transport, f"{_SERVICES[transport]}.{host}") for transport in ("udp", "tcp")]
        if host.endswith(_OF_THE_SYSTEM) or "." not in host:
            return usual, UNKNOWN_TTL_S
        try:
            answer = await self._ask(host, "NAPTR")
        except dns.exception.DNSException:
            return usual, UNKNOWN_TTL_S
        ways = [
            (_BY_NAPTR[service], rdata.replacement.to_text(omit_final_dot=True))
            for rdata in sorted(answer, key=lambda rdata: (rdata.order, rdata.preference))
            if (service := rdata.service.decode("ascii", "replace").upper()) in _BY_NAPTR
            and rdata.flags.lower() == b"s"
        ]
        return ways or usual, _ttl(answer)

    async def _srv(self, name: str) -> tuple[list[SrvRecord], float]:
        if name.endswith(_OF_THE_SYSTEM):
            return [], UNKNOWN_TTL_S
        try:
            answer = await self._ask(name, "SRV")
        except dns.exception.DNSException:
            return [], UNKNOWN_TTL_S  # RFC 3263 § 4.2: without SRV records, the addresses
        records = [
            SrvRecord(
                rdata.priority, rdata.weight, rdata.port, rdata.target.to_text(omit_final_dot=True).strip(".")
            )
            for rdata in answer
        ]
        return records, _ttl(answer)

    async def _addresses(self, host: str) -> tuple[list[str], float]:
        found: list[str] = []
        holds: list[float] = []
        fault: HostUnresolved | None = None
        for answer in await asyncio.gather(
            *(self._of_version(host, ipv6) for ipv6 in self._ipv6), return_exceptions=True
        ):
            match answer:
                case (addresses, holds_s):
                    found += addresses
                    holds.append(holds_s)
                case HostUnresolved():
                    fault = answer  # the other version may do
                case BaseException():
                    raise answer
        if not found:
            raise fault or HostUnresolved(host, "no name server knows an address")
        return found, min(holds)

    async def _of_version(self, host: str, ipv6: bool) -> tuple[list[str], float]:
        if not host.endswith(_OF_THE_SYSTEM) and "." in host:
            try:
                answer = await self._ask(host, "AAAA" if ipv6 else "A")
                return [rdata.to_text() for rdata in answer], _ttl(answer)
            except dns.exception.DNSException:
                pass  # a name that only this machine knows, perhaps
        loop = asyncio.get_running_loop()
        family = socket.AF_INET6 if ipv6 else socket.AF_INET
        try:
            found = await loop.getaddrinfo(host, 0, family=family, type=socket.SOCK_DGRAM)
        except (OSError, UnicodeError) as error:
            raise HostUnresolved(host, getattr(error, "strerror", None) or str(error)) from error
        return list(dict.fromkeys(str(entry[4][0]) for entry in found)), UNKNOWN_TTL_S

    async def _ask(self, name: str, kind: str) -> dns.resolver.Answer:
        if self._resolver is None:
            # A twentieth of a second of imports, beside the event loop: trunks that are addresses start without.
            self._resolver = (await asyncio.to_thread(importlib.import_module, "dns.asyncresolver")).Resolver()
        return await self._resolver.resolve(name, kind, lifetime=ASK_WITHIN_S, search=False)


def is_address(host: str) -> bool:
    """IPv4, or IPv6 without brackets."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _ttl(answer: dns.resolver.Answer) -> float:
    return max(float(answer.rrset.ttl) if answer.rrset is not None else UNKNOWN_TTL_S, LEAST_TTL_S)


def _hop(address: str, port: int, transport: str, name: str) -> Hop:
    port = port or (DEFAULT_TLS_PORT if transport == TLS else DEFAULT_PORT)
    return StreamHop(address, port, transport, name) if transport in STREAMS else (address, port)
