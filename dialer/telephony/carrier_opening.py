"""A carrier that speaks SIP, put together: sockets, a user agent, the audio, and the trunks' servers."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from dialer.ports.media import Media, MediaEvent
from dialer.sip.events import SipEvent
from dialer.sip.hop import is_ipv6
from dialer.sip.identity import Identity
from dialer.sip.timers import SipTimers
from dialer.sip.user_agent import UserAgent
from dialer.telephony.call_folders import CallFolders
from dialer.telephony.call_ledger import CallLedger
from dialer.telephony.carrier import SipCarrier
from dialer.telephony.errors import TelephonyError
from dialer.telephony.names import Names
from dialer.telephony.phones import Phones
from dialer.telephony.placed_calls import CarrierEvent
from dialer.telephony.routes import Routes, resolve_routes
from dialer.telephony.sip_side import SipSide, open_endpoint
from dialer.telephony.udp import Address
from dialer.trunks.trunk import Trunk

OpenMedia = Callable[[tuple[str, ...], Callable[[MediaEvent], None]], Media]
"""Starts whoever carries the audio, on hosts of ours, with somebody to tell what happens."""


async def open_carrier(
    *,
    host: str,
    port: int,
    trunks: Iterable[Trunk],
    open_media: OpenMedia,
    key: bytes,
    post: Callable[[CarrierEvent], None],
    monotonic: Callable[[], float],
    timers: SipTimers | None = None,
    ledger: CallLedger | None = None,
    side: SipSide | None = None,
    names: Names | None = None,
    phones: Phones | None = None,
    folders: CallFolders | None = None,
) -> SipCarrier:
    """A carrier that speaks SIP on `host`:`port`, with the audio of `open_media` on the same host, and on
    both where `side.also` names another. Port 0: see
    `open_endpoint`.

    `key`: the installation's secret, 16 to 64 octets. `monotonic`: seconds. `ledger`: where calls are written
    down; after opening, `SipCarrier.hang_up_left` ends those found in it. `side`: what besides UDP. `names`:
    who looks hosts up. `phones`: agents' phones, which may register here. `folders`: of sound. A trunk whose
    host is not found does not keep the others from being used: see `SipCarrier.unresolved`. Raises
    `AddressUnavailable`, `CertificateUnusable`, `MediaUnavailable`."""
    side = side or SipSide()
    hosts = (host, *side.also[:1]) if side.also is not None else (host,)
    names = names or Names(ipv6=tuple(map(is_ipv6, hosts)))
    routes = await resolve_routes(trunks, names)
    carrier: SipCarrier | None = None

    def on_event(event: SipEvent, now: float) -> None:
        if carrier is not None:  # before, no call can be ours
            carrier.on_sip_event(event, now)

    def on_media_event(event: MediaEvent) -> None:
        if carrier is not None:
            carrier.on_media_event(event)

    def make_core(local: Address, listening: Iterable[tuple[str, Address]]) -> UserAgent:
        return UserAgent(
            local,
            timers=timers,
            key=key,
            takes_notes=ledger is not None,
            listening=listening,
            registrar=phones.registrar if phones is not None else None,
        )

    endpoint = await open_endpoint(host, port, side, make_core, on_event, monotonic, ledger)
    try:
        media = open_media(tuple(address[0] for address in endpoint.addresses), on_media_event)
    except TelephonyError:
        endpoint.close()
        raise
    carrier = SipCarrier(
        endpoint,
        media,
        Routes(routes, names),
        Identity(key),
        post,
        ledger,
        endpoint.core.counters,
        public_host=side.public_host,
        phones=phones,
        folders=folders,
    )
    carrier.keep_names_fresh()
    carrier.register()
    return carrier
