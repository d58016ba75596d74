"""Our side of SIP as settings have it: what we listen on, and what the far end is told of it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial

import structlog

from dialer.sip.events import SipEvent
from dialer.sip.hop import TCP, TLS, Address
from dialer.sip.user_agent import UserAgent
from dialer.telephony.call_ledger import CallLedger
from dialer.telephony.endpoint import SipEndpoint
from dialer.telephony.errors import AddressUnavailable
from dialer.telephony.hosts import Hosts
from dialer.telephony.streams import StreamLimits, Streams
from dialer.telephony.tls import TlsFiles, client_context, server_context

log = structlog.wrap_logger(logging.getLogger("dialer.telephony"))

MakeCore = Callable[[Address, Iterable[tuple[str, Address]]], UserAgent]


@dataclass(frozen=True, slots=True)
class SipSide:
    """`also`: listen there too, an address of the other IP version (see `SipEndpoint`). `tcp`: take connections at
    the UDP ports' numbers too. `tls_listen`: take them over TLS there, with the
    certificate of `tls`. `public_host`: the address that the far end sees when it is not our own, as behind an
    address translator; in Via, Contact and session descriptions."""

    also: Address | None = None
    tcp: bool = False
    tls_listen: Address | None = None
    tls: TlsFiles = field(default_factory=TlsFiles)
    public_host: str = ""
    limits: StreamLimits = field(default_factory=StreamLimits)


async def open_endpoint(
    host: str,
    port: int,
    side: SipSide,
    make_core: MakeCore,
    on_event: Callable[[SipEvent, float], None],
    monotonic: Callable[[], float],
    ledger: CallLedger | None = None,
) -> SipEndpoint[UserAgent]:
    """A user agent on UDP `host`:`port`, and on connections as `side` has it. Port 0: the one that the ledger
    remembers, for answers to calls of the process before this one still go there; any when it is taken.
    `make_core` is told the address that was bound, and those that the far end shall see, with the transport.
    Raises `AddressUnavailable`, `CertificateUnusable`."""
    if side.tls.ca is not None or side.tls.certificate is not None:
        client_context(side.tls)  # what is wrong with the files is said now, not with the first call
    streams = Streams(monotonic, client_tls=partial(client_context, side.tls), limits=side.limits)
    endpoint: SipEndpoint[UserAgent] | None = None
    try:
        secure = None
        if side.tls_listen is not None:
            secure = await streams.listen(TLS, *side.tls_listen, server_context(side.tls))

        def core(local: Address, *also: Address) -> UserAgent:
            places = [("udp", local), *(("udp", address) for address in also), (TLS, secure or local)]
            hosts = Hosts([address[0] for _, address in places], side.public_host)
            return make_core(local, [(by, (hosts.shown(host), port)) for by, (host, port) in places])

        def listen_at(port: int) -> SipEndpoint[UserAgent]:
            keep = ledger.keep if ledger is not None else None
            return SipEndpoint(host, port, core, on_event, monotonic, keep=keep, streams=streams, also=side.also)

        endpoint = _listen(listen_at, port, ledger)
        if side.tcp:
            for address in endpoint.addresses:
                await streams.listen(TCP, *address)
    except BaseException:
        streams.close() if endpoint is None else endpoint.close()
        raise
    return endpoint


def _listen(
    listen_at: Callable[[int], SipEndpoint[UserAgent]], port: int, ledger: CallLedger | None
) -> SipEndpoint[UserAgent]:
    if ledger is None:
        return listen_at(port)
    endpoint: SipEndpoint[UserAgent] | None = None
    if port == 0 and ledger.address is not None:
        try:
            endpoint = listen_at(ledger.address[1])
        except AddressUnavailable as error:
            log.info("the SIP port of before is taken; listening at another", cause=str(error))
    if endpoint is None:
        endpoint = listen_at(port)
    ledger.bound(endpoint.address)
    return endpoint
