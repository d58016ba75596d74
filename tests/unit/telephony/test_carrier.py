"""The carrier over a scripted user agent: trunks that change, calls left behind, trunks asked."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from dialer.engine.commands import HangUp
from dialer.engine.events import CallAnswered, CallEnded, CallFault
from dialer.sip.call_notes import CallOver, DialogUp, InviteSent
from dialer.sip.events import Accepted, Ended, Failed, Incoming, LeftCallOver, LeftEnd, Probed, Progress
from dialer.telephony.call_ledger import left_behind, open_call_ledger
from dialer.telephony.errors import HostUnresolved, TelephonyError
from dialer.trunks.trunk import Trunk
from tests.unit.telephony.carrier_world import ANSWER, AUDIO, HOST, World


async def test_calls_that_are_none_of_ours_are_ignored() -> None:
    w = World()
    incoming = Incoming(-1, "x", "sip:a@b", "sip:c@d", "sip:c@d", b"", (HOST, 1))
    w.hears(Progress(9, 180), Accepted(9, ANSWER, ""), Failed(9, 486), Ended(9, by_remote=True), incoming)
    assert w.events == []


async def test_trunks_change_while_calls_go_on() -> None:
    w = World()
    w.originate(1)
    await w.carrier.set_trunks([Trunk("other", "127.0.0.7", 5090)])
    w.originate(2, "other")
    w.originate(3, "main")
    assert [order.destination for order in w.agent.orders] == [("192.0.2.1", 5060), ("127.0.0.7", 5090)]
    [fault] = w.events
    assert isinstance(fault, CallFault)
    assert "no trunk 'main'; configured: other" in fault.cause
    w.hears(Accepted(1, ANSWER, "t"))  # its trunk is no more
    w.carrier.carry_out(HangUp(1))
    w.hears(Ended(1, by_remote=False))
    assert w.events[1:] == [CallAnswered(1), CallEnded(1, "dialer", audio=AUDIO)]
    w.hears(Ended(2, by_remote=True))
    await w.carrier.close()


async def test_trunks_that_do_not_resolve_change_nothing() -> None:
    w = World()
    with pytest.raises(HostUnresolved, match="nosuchhost"):
        await w.carrier.set_trunks([Trunk("other", "127.0.0.7", 5090), Trunk("bad", "nosuchhost.invalid", 5060)])
    w.originate(1, "main")
    assert [order.key for order in w.agent.orders] == [1]
    await w.carrier.close()


def noted(path: Path) -> None:
    """Two calls left up by a process before."""
    ledger = open_call_ledger(path)
    ledger.keep(
        [
            InviteSent(1, b"c1", ("192.0.2.1", 5060), b"INVITE sip:a@b SIP/2.0\r\n"),
            InviteSent(2, b"c2", ("192.0.2.9", 5060), b"INVITE sip:a@b SIP/2.0\r\n"),
            InviteSent(3, b"c3", ("192.0.2.9", 5060), b"nonsense"),
            DialogUp(b"c2", ("192.0.2.9", 5060), b"ACK sip:a@b SIP/2.0\r\n"),
        ]
    )
    ledger.close()


async def test_calls_left_behind_are_ended_and_counted(tmp_path: Path) -> None:
    path = tmp_path / "calls"
    noted(path)
    ledger = open_call_ledger(path)
    w = World(ledger=ledger)
    ending = asyncio.create_task(w.carrier.hang_up_left())
    await asyncio.sleep(0)
    assert w.agent.left == [(1, "us"), (2, ""), (3, "")]  # credentials of the trunk that the call was placed over
    assert w.signalling.flushed == 1
    w.originate(4)  # dialing does not wait for it
    w.hears(LeftCallOver(2, "c2", LeftEnd.HUNG_UP), LeftCallOver(1, "c1", LeftEnd.CANCELLED))
    report = await ending
    assert report.ends == ((3, LeftEnd.UNANSWERED), (2, LeftEnd.HUNG_UP), (1, LeftEnd.CANCELLED))
    assert [report.count(end) for end in LeftEnd] == [1, 1, 0, 0, 1]
    assert str(report) == "1 cancelled, 1 hung_up, 1 unanswered"
    ledger.keep([CallOver(b"c1"), CallOver(b"c2")])  # as the user agent would
    w.hears(Failed(4, 486))
    await w.carrier.close()
    assert left_behind(path)[0] == ()  # what could not be read is not tried again


async def test_calls_left_behind_that_nobody_answers_for_stay_in_the_ledger(tmp_path: Path) -> None:
    path = tmp_path / "calls"
    noted(path)
    w = World(ledger=open_call_ledger(path))
    report = await w.carrier.hang_up_left(within_s=0.0)
    assert report.count(LeftEnd.UNANSWERED) == 3
    await w.carrier.close()
    assert [call.key for call in left_behind(path)[0]] in ([1, 2], [1, 2, 3])


async def test_nothing_left_behind_is_no_work() -> None:
    w = World()
    assert (await w.carrier.hang_up_left()).ends == ()
    await w.carrier.close()


async def test_a_trunk_is_asked_by_options() -> None:
    world = World()
    asking = asyncio.create_task(world.carrier.probes.ask("main"))
    await asyncio.sleep(0)
    (order,) = world.agent.probes
    assert (order.uri, order.from_uri, order.destination) == (
        "sip:sip.example:5060", "sip:dialer@calls.example", ("192.0.2.1", 5060),
    )  # fmt: skip
    assert order.credentials is not None
    world.hears(Probed(order.key + 1, 200), Probed(order.key, 200, (("server", "x"),), challenged=True))
    async with asyncio.timeout(5):
        answer = await asking
    assert (answer.status, answer.server, answer.challenged) == (200, "x", True)
    with pytest.raises(TelephonyError, match="no trunk"):
        await world.carrier.probes.ask("gone")


async def test_a_carrier_that_closes_leaves_nobody_asking() -> None:
    world = World()
    asking = asyncio.create_task(world.carrier.probes.ask("main"))
    await asyncio.sleep(0)
    await world.carrier.close()
    with pytest.raises(asyncio.CancelledError):
        await asking
