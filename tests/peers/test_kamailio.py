"""Through kamailio, which shares no line of code with us: TLS, Record-Route over two transports, SHA-256."""

from __future__ import annotations

from pathlib import Path

import pytest

from dialer.sip.digest import Credentials
from dialer.sip.events import Accepted, Ended, Registered, RegistrationFailed, Unregistered
from dialer.sip.hop import Hop, StreamHop
from dialer.sip.registration import RegisterOrder
from dialer.sip.timers import SipTimers
from dialer.telephony.sip_side import SipSide
from dialer.telephony.tls import TlsFiles
from tests.certificates import make
from tests.integration.sip_sides import HOST, side
from tests.peers.kamailio import Kamailio, kamailio
from tests.peers.sipp import scenario, sipp

pytestmark = [pytest.mark.needs("kamailio"), pytest.mark.needs("sipp"), pytest.mark.needs("openssl")]

TIMERS = SipTimers(t1_s=0.1, t2_s=0.4, t4_s=0.5)


def hop_to(it: Kamailio, transport: str) -> Hop:
    if transport == "udp":
        return HOST, it.udp
    return StreamHop(HOST, it.tcp if transport == "tcp" else it.tls, transport, "sip.example")


@pytest.mark.parametrize("transport", ["udp", "tcp", "tls"])
async def test_a_call_through_a_proxy_that_stays_in_the_way(tmp_path: Path, transport: str) -> None:
    made = make(tmp_path)
    async with (
        sipp(tmp_path, *scenario("behind_proxy")) as peer,
        kamailio(tmp_path, made, peer.port) as proxy,
        side(SipSide(tls=TlsFiles(made.ca))) as it,  # its usual timers: a busy machine is no lost message
    ):
        it.call(1, hop_to(proxy, transport))
        await it.until(Accepted)
        it.do("bye", 1)
        await it.until(Ended)
        await peer.until(lambda: len(peer.messages("received", "BYE")) == 1)
        for kind in ("ACK", "BYE"):
            (message,) = peer.messages("received", kind)
            assert "sip:" in message.split()[1]
            assert message.count("Via:") == 2  # it came by the proxy
        assert it.endpoint.core.counters.get("retransmissions_sent", 0) == 0


async def test_the_callee_hangs_up_through_it(tmp_path: Path) -> None:
    made = make(tmp_path)
    # The proxy makes a connection of its own to our Contact, so we listen there.
    ours = SipSide(tls_listen=(HOST, 0), tls=TlsFiles(made.ca, made.certificate, made.key))
    async with (
        sipp(tmp_path, *scenario("hangs_up_behind_proxy")) as peer,
        kamailio(tmp_path, made, peer.port) as proxy,
        side(ours, timers=TIMERS) as it,
    ):
        it.call(1, hop_to(proxy, "tls"))
        await it.until(Accepted)
        ended = await it.until(Ended)
        assert isinstance(ended, Ended)
        assert ended.by_remote
        await peer.succeeds()


async def test_registering_by_sha_256_over_tls(tmp_path: Path) -> None:
    made = make(tmp_path)
    async with (
        kamailio(tmp_path, made, 9) as proxy,
        side(SipSide(tls=TlsFiles(made.ca)), timers=TIMERS) as it,
    ):
        for name, password, kind in (("good", "secret", Registered), ("bad", "wrong", RegistrationFailed)):
            order = RegisterOrder(
                name, "sip:peer", "sip:us@peer", hop_to(proxy, "tls"), Credentials("us", password), 600
            )
            it.endpoint.core.register(order, it.endpoint.now())
            it.endpoint.flush()
            await it.until(kind)
        it.do("unregister", "good")
        await it.until(Unregistered)
