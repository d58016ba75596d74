"""SIPp changes calls with us, and we with it; over TCP, over IPv6, and over a network that loses a tenth."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from dialer.sip import sdp
from dialer.sip.digest import Credentials
from dialer.sip.events import Accepted, Ended, Failed, Progress, Renegotiated, SipEvent
from dialer.sip.hop import Hop, StreamHop
from dialer.sip.timers import SipTimers
from dialer.telephony.sip_side import SipSide
from tests.integration.sip_sides import HOST, Side, side
from tests.peers.sipp import header, scenario, sipp

pytestmark = pytest.mark.needs("sipp")

TIMERS = SipTimers(t1_s=0.1, t2_s=0.4, t4_s=0.5)


async def test_prack_hold_update_and_a_session_timer(tmp_path: Path) -> None:
    async with sipp(tmp_path, *scenario("changes")) as peer, side(SipSide(), timers=TIMERS) as it:
        it.call(1, (HOST, peer.port), session_expires_s=1_800)
        accepted = await it.until(Accepted)
        progress = await it.until(Progress)
        assert isinstance(accepted, Accepted)
        assert isinstance(progress, Progress)
        assert accepted.body == progress.body != b""  # what came reliably stands
        it.endpoint.core.hold(1, it.endpoint.now())
        it.endpoint.flush()
        await it.until(Renegotiated)
        await peer.until(lambda: len(peer.messages("received", "SIP/2.0 200")) == 1)
        it.do("bye", 1)
        await it.until(Ended)
        await peer.succeeds()
        bye = peer.messages("received", "BYE")[0]
        assert header(bye, "CSeq") == "4 BYE"  # 1 INVITE, 2 PRACK, 3 INVITE


async def test_a_glare_is_waited_out(tmp_path: Path) -> None:
    async with sipp(tmp_path, *scenario("glare")) as peer, side(SipSide(), timers=TIMERS) as it:
        it.call(1, (HOST, peer.port))
        await it.until(Accepted)
        it.endpoint.core.hold(1, it.endpoint.now())
        it.endpoint.flush()
        await it.until(Renegotiated)
        it.do("bye", 1)
        await it.until(Ended)
        await peer.succeeds()


async def test_a_longer_interval_a_digest_and_a_stale_nonce(tmp_path: Path) -> None:
    async with sipp(tmp_path, *scenario("too_brief")) as peer, side(SipSide(), timers=TIMERS) as it:
        it.call(1, (HOST, peer.port), session_expires_s=90, credentials=Credentials("us", "secret"))
        await it.until(Accepted)
        it.do("bye", 1)
        await it.until(Ended)
        await peer.succeeds()


@pytest.mark.parametrize(
    ("arguments", "kind", "host", "transport"),
    [(("-t", "t1"), "tcp", HOST, "tcp"), ((), "udp6", "::1", "udp"), (("-t", "t1"), "tcp6", "::1", "tcp")],
)
async def test_calls_over_tcp_and_ipv6(
    tmp_path: Path, arguments: tuple[str, ...], kind: str, host: str, transport: str
) -> None:
    shown = f"[{host}]" if ":" in host else host
    calls = 10
    async with (
        sipp(tmp_path, "-sn", "uas", *arguments, calls=calls, host=shown, kind=kind) as peer,
        side(SipSide(tcp=transport == "tcp"), host=host, timers=TIMERS) as it,
    ):
        hop: Hop = StreamHop(host, peer.port, transport) if transport == "tcp" else (host, peer.port)
        for key in range(1, calls + 1):
            it.call(key, hop, body=sdp.offer(host, 4_000, key))
        await all_ended(it, calls)
        assert sum(isinstance(event, Ended) for event in it.told) == calls
        await peer.until(lambda: len(peer.messages("received", "BYE")) == calls)


async def test_a_tenth_is_lost_and_every_call_ends_as_the_peers_ends(tmp_path: Path) -> None:
    calls = 60
    async with (
        # More than are placed: it would leave after so many, what comes again counted in.
        sipp(tmp_path, "-sn", "uas", "-lost", "10", calls=100 * calls) as peer,
        side(SipSide(), timers=TIMERS) as it,
    ):
        for key in range(1, calls + 1):
            it.call(key, (HOST, peer.port))
        await all_ended(it, calls)
        assert sum(isinstance(event, Accepted) for event in it.told) == calls
        assert sum(isinstance(event, Ended) for event in it.told) == calls
        assert it.endpoint.core.open_calls() == 0
        assert it.endpoint.core.counters["retransmissions_sent"] > 0


async def all_ended(it: Side, calls: int) -> None:
    """Hang up what is answered, until all calls are over."""

    def over() -> int:
        return sum(isinstance(event, Ended | Failed) for event in it.told)

    hung_up = 0
    async with asyncio.timeout(15.0):
        while over() < calls:
            accepted: list[SipEvent] = [event for event in it.told if isinstance(event, Accepted)]
            for event in accepted[hung_up:]:
                assert isinstance(event, Accepted)
                it.do("bye", event.key)
            hung_up = len(accepted)
            it.news.clear()
            await it.news.wait()
