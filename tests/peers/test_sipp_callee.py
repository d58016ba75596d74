"""Our carrier places calls to SIPp, which shares no line of code with us."""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path

import pytest

from dialer.engine.commands import CancelCall, HangUp, Join
from dialer.engine.events import CallAnswered, CallEnded, CallProgress
from dialer.media.rtp import RtpPacket
from dialer.sip.timers import SipTimers
from dialer.telephony.udp import bind_udp
from sim_trunk.voices import is_agent
from tests.integration.floor import HOST, QUICK, Headset, floor
from tests.peers.sipp import Sipp, answering_late, branch, header, refusing, scenario, sipp

pytestmark = pytest.mark.needs("sipp")

TIMERS = SipTimers(t1_s=0.1, t2_s=0.4, t4_s=0.5)


async def test_twenty_calls_to_its_own_callee(tmp_path: Path) -> None:
    async with sipp(tmp_path, "-sn", "uas", calls=20) as peer, floor(port=peer.port, timers=TIMERS) as f:
        f.react = lambda event: (
            f.carrier.carry_out(HangUp(event.attempt_id)) if isinstance(event, CallAnswered) else None
        )
        for attempt_id in range(20):
            f.call(attempt_id)
        for attempt_id in range(20):
            await f.event(CallEnded, attempt_id)
            assert f.of(attempt_id) == [
                CallProgress(attempt_id, 180),
                CallAnswered(attempt_id),
                CallEnded(attempt_id, "dialer"),
            ]
        # SIPp would linger for another four seconds, in case its last 200 is lost.
        for kind in ("INVITE", "ACK", "BYE"):
            await peer.until(partial(all_came, peer, kind, 20))


def all_came(peer: Sipp, kind: str, calls: int) -> bool:
    """Requests of a kind have come for so many calls."""
    return len({header(text, "Call-ID") for text in peer.messages("received", kind)}) == calls


@pytest.mark.parametrize(
    ("status", "cause", "end"),
    [
        (486, "Q.850;cause=17;text=busy", CallEnded(1, "callee", 486, 17)),
        (404, "Q.850;cause=1", CallEnded(1, "network", 404, 1)),
        (480, 'SIP;cause=480, Q.850 ;cause=20 ;text="absent"', CallEnded(1, "network", 480, 20)),
        (503, "Q.850;cause=34", CallEnded(1, "network", 503, 34)),
        (603, "Q.850;cause=21", CallEnded(1, "callee", 603, 21)),
        (607, "SIP;cause=607", CallEnded(1, "callee", 607)),
    ],
)
async def test_refused(tmp_path: Path, status: int, cause: str, end: CallEnded) -> None:
    it = refusing(tmp_path, status, cause)
    async with sipp(tmp_path, *it) as peer, floor(port=peer.port, timers=TIMERS) as f:
        f.call(1)
        await f.event(CallEnded, 1)
        assert f.of(1) == [CallProgress(1, 180), end]
        await peer.succeeds()
        [invite], [ack] = peer.messages("received", "INVITE"), peer.messages("received", "ACK")
        assert branch(ack) == branch(invite)  # RFC 3261 §17.1.1.3
        assert header(ack, "To") != header(invite, "To")  # it carries the refusal's tag


async def test_cancelled(tmp_path: Path) -> None:
    async with sipp(tmp_path, *scenario("no_answer")) as peer, floor(port=peer.port, timers=TIMERS) as f:
        f.call(1)
        await f.event(CallProgress, 1)
        f.carrier.carry_out(CancelCall(1))
        assert await f.event(CallEnded, 1) == CallEnded(1, "dialer", 487)
        await peer.succeeds()
        [invite], [cancel] = peer.messages("received", "INVITE"), peer.messages("received", "CANCEL")
        assert branch(cancel) == branch(invite)  # RFC 3261 §9.1: the same transaction, the same number
        assert header(cancel, "CSeq") == header(invite, "CSeq").replace("INVITE", "CANCEL")
        assert cancel.split()[1] == invite.split()[1]


async def test_the_answer_crosses_the_cancel(tmp_path: Path) -> None:
    async with sipp(tmp_path, *scenario("answer_after_cancel")) as peer, floor(port=peer.port, timers=TIMERS) as f:
        f.call(1)
        await f.event(CallProgress, 1)
        f.carrier.carry_out(CancelCall(1))
        await f.event(CallEnded, 1)
        assert f.of(1) == [CallProgress(1, 180), CallAnswered(1), CallEnded(1, "dialer")]
        await peer.succeeds()


async def test_an_answer_after_we_have_given_up_is_acknowledged_and_hung_up(tmp_path: Path) -> None:
    scenario_late = answering_late(tmp_path, 2.0)  # 64*T1 are 1.28 s
    async with sipp(tmp_path, *scenario_late) as peer, floor(port=peer.port, timers=QUICK) as f:
        f.call(1)
        await f.event(CallProgress, 1)
        f.carrier.carry_out(CancelCall(1))
        await f.event(CallEnded, 1)
        await peer.succeeds()
        assert f.of(1) == [CallProgress(1, 180), CallEnded(1, "dialer")]


async def test_a_repeated_200_is_acknowledged_again(tmp_path: Path) -> None:
    async with sipp(tmp_path, *scenario("lost_ack"), "-nr") as peer, floor(port=peer.port, timers=TIMERS) as f:
        f.call(1)
        await f.event(CallAnswered, 1)
        await peer.until(lambda: len(peer.messages("received", "ACK")) == 2)
        f.carrier.carry_out(HangUp(1))
        await f.event(CallEnded, 1)
        await peer.succeeds()
        assert f.of(1) == [CallAnswered(1), CallEnded(1, "dialer")]


async def test_two_phones_answer(tmp_path: Path) -> None:
    async with sipp(tmp_path, *scenario("forked")) as peer, floor(port=peer.port, timers=TIMERS) as f:
        f.call(1)
        await f.event(CallAnswered, 1)
        await peer.until(lambda: len(peer.messages("sent", "SIP/2.0 200")) >= 3)  # two answers, one BYE's 200
        f.carrier.carry_out(HangUp(1))
        await f.event(CallEnded, 1)
        await peer.succeeds()
        assert f.of(1) == [CallAnswered(1), CallEnded(1, "dialer")]


async def test_through_a_proxy(tmp_path: Path) -> None:
    async with sipp(tmp_path, *scenario("record_route")) as peer, floor(port=peer.port, timers=TIMERS) as f:
        f.call(1)
        await f.event(CallAnswered, 1)
        f.carrier.carry_out(HangUp(1))
        await f.event(CallEnded, 1)
        await peer.succeeds()
        for kind in ("ACK", "BYE"):
            assert peer.messages("received", kind)[0].split()[1] == "sip:gateway@192.0.2.99:5099"


async def test_a_digest_is_asked_for(tmp_path: Path) -> None:
    async with (
        sipp(tmp_path, *scenario("challenge")) as peer,
        floor(port=peer.port, timers=TIMERS, user="us") as f,
    ):
        f.call(1)
        await f.event(CallAnswered, 1)
        f.carrier.carry_out(HangUp(1))
        await f.event(CallEnded, 1)
        await peer.succeeds()
        first, second = peer.messages("received", "INVITE")
        assert (header(first, "CSeq"), header(second, "CSeq")) == ("1 INVITE", "2 INVITE")
        assert branch(first) != branch(second)
        assert header(first, "Call-ID") == header(second, "Call-ID")


async def test_a_wrong_password_is_the_networks_refusal(tmp_path: Path) -> None:
    async with (
        sipp(tmp_path, *scenario("challenge")) as peer,
        floor(port=peer.port, timers=TIMERS, user="them") as f,
    ):
        f.call(1)
        assert await f.event(CallEnded, 1) == CallEnded(1, "network", 403)
        await peer.succeeds()


async def test_the_callee_hangs_up(tmp_path: Path) -> None:
    async with sipp(tmp_path, *scenario("hangs_up")) as peer, floor(port=peer.port, timers=TIMERS) as f:
        f.call(1)
        await f.event(CallEnded, 1)
        assert f.of(1) == [CallProgress(1, 180), CallAnswered(1), CallEnded(1, "callee", None, 16)]
        await peer.succeeds()


async def test_the_callee_moves_its_audio(tmp_path: Path) -> None:
    headset = Headset()
    with bind_udp(HOST, 0) as elsewhere:
        key = ("-key", "moved_port", str(elsewhere.getsockname()[1]))
        async with sipp(tmp_path, *scenario("moves"), *key) as peer, floor(port=peer.port, timers=TIMERS) as f:
            line = f.carrier.audio.lines.open("ann", headset.address)
            f.call(1)
            await f.event(CallAnswered, 1)
            f.carrier.carry_out(Join(1, "ann"))
            await peer.until(lambda: len(peer.messages("sent", "ACK")) == 1)
            headset.say(line)
            async with asyncio.timeout(5.0):
                data = await asyncio.get_running_loop().sock_recv(elsewhere, 2_000)
            assert is_agent(RtpPacket.parse(data).payload)
            f.carrier.carry_out(HangUp(1))
            assert await f.event(CallEnded, 1) == CallEnded(1, "dialer")
            await peer.succeeds()
    headset.close()
