from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from dialer.sip.digest import Credentials
from dialer.sip.hop import StreamHop
from dialer.sip.targets import Server
from dialer.telephony import routes as routes_module
from dialer.telephony.errors import HostUnresolved, TelephonyError
from dialer.telephony.names import Found, Names
from dialer.telephony.routes import Route, Routes, resolve_routes
from dialer.trunks.trunk import Trunk

MAIN = Trunk("main", "127.0.0.2", 5060, username="us", password="pw")
SPARE = Trunk("spare", "127.0.0.3", 5070)


class Answers(Names):
    """Names as a test has them: hosts of two servers, one that does not exist, one that takes its time."""

    def __init__(self) -> None:
        super().__init__()
        self.slow_asked, self.slow_may_end = asyncio.Event(), asyncio.Event()
        self.asked: list[str] = []
        self.holds_s = 300.0
        self.known: set[str] = set()

    async def find(self, host: str, port: int, transport: str) -> Found:
        self.asked.append(host)
        if host == "slow.example":
            self.slow_asked.set()
            await self.slow_may_end.wait()
        if host == "bad.example" and host not in self.known:
            raise HostUnresolved(host, "no such name")
        servers = (Server((("127.0.0.9", port),), 1), Server((("127.0.0.8", port),), 2))
        return Found(servers, self.holds_s)


async def test_names_addresses_and_credentials() -> None:
    table = Routes(await resolve_routes([MAIN, SPARE], Names()))
    assert table.hops("spare", 0.0) == (("127.0.0.3", 5070),)
    assert table.credentials_at(("127.0.0.2", 5060)) == Credentials("us", "pw")
    assert table.credentials_at(("127.0.0.3", 5070)) is None
    assert table.credentials_at(("127.0.0.2", 5070)) is None
    with pytest.raises(TelephonyError, match="no trunk 'lost'; configured: main, spare"):
        table.of("lost")


async def test_a_call_stays_with_the_ip_version_of_its_first_server_and_the_next_goes_by_the_other() -> None:
    four, also, six = ("192.0.2.1", 5060), ("192.0.2.2", 5060), ("2001:db8::1", 5060)
    table = Routes([Route(MAIN, (Server((four, six, also)),))])
    assert table.hops("main", 0.0) == (four, also)
    for hop in (four, also):
        table.failed(hop, 0.0)
    assert table.hops("main", 1.0) == (six,)


async def test_the_transport_of_a_trunk() -> None:
    table = Routes(await resolve_routes([Trunk("t", "127.0.0.4", 0, transport="tls", username="u")], Names()))
    assert table.hops("t", 0.0) == (StreamHop("127.0.0.4", 5061, "tls"),)
    assert table.credentials_at(StreamHop("127.0.0.4", 5061, "tls", flow=7)) == Credentials("u", "")


async def test_of_two_changes_the_later_stands_whichever_resolves_first() -> None:
    names = Answers()
    table = Routes((), names)
    earlier = asyncio.create_task(table.set_trunks([Trunk("slow", "slow.example", 5060)]))
    await names.slow_asked.wait()
    await table.set_trunks([Trunk("quick", "quick.example", 5060)])
    names.slow_may_end.set()
    await earlier
    assert table.hops("quick", 0.0)[0] == ("127.0.0.9", 5060)
    with pytest.raises(TelephonyError, match="configured: quick"):
        table.of("slow")


async def test_one_that_does_not_resolve_leaves_all_as_they_were() -> None:
    table = Routes(await resolve_routes([MAIN], Names()), Answers())
    with pytest.raises(HostUnresolved):
        await table.set_trunks([SPARE, Trunk("bad", "bad.example", 5060)])
    assert table.of("main").trunk is MAIN


async def test_at_the_start_one_that_does_not_resolve_is_looked_up_again_while_the_others_are_used(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(routes_module, "UNRESOLVED_AGAIN_S", 0.005)
    names, found = Answers(), asyncio.Queue[str]()
    bad = Trunk("bad", "bad.example", 5060)
    table = Routes(await resolve_routes([MAIN, bad], names), names)
    assert table.hops("main", 0.0)[0] == ("127.0.0.9", 5060)
    ((name, why),) = table.unresolved().items()
    assert (name, "'bad.example' has no address: no such name" in why) == ("bad", True)
    with pytest.raises(TelephonyError, match=r"trunk 'bad' leads nowhere: host 'bad\.example'"):
        table.hops("bad", 0.0)
    task = asyncio.create_task(table.keep_fresh(found.put_nowait))
    async with asyncio.timeout(5.0):
        while names.asked.count("bad.example") < 3:
            await asyncio.sleep(0.001)
        names.known.add("bad.example")
        assert await found.get() == "bad"
    assert (table.unresolved(), table.hops("bad", 0.0)[0]) == ({}, ("127.0.0.9", 5060))
    task.cancel()


async def test_names_that_nobody_answers_for_do_not_keep_the_start_waiting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(routes_module, "RESOLVED_WITHIN_S", 0.01)
    (route,) = await resolve_routes([Trunk("slow", "slow.example", 5060)], Answers())
    assert "nobody has answered for 0.01 s" in route.unresolved


async def test_a_change_is_taken_though_a_host_that_was_known_before_cannot_be_looked_up() -> None:
    names = Answers()
    bad = Trunk("bad", "bad.example", 5060)
    table = Routes(await resolve_routes([bad], names), names)
    await table.set_trunks([replace(bad, channels=7), SPARE])
    assert table.of("bad").trunk.channels == 7
    assert list(table.unresolved()) == ["bad"]
    with pytest.raises(HostUnresolved):
        await table.set_trunks([replace(bad, port=5070), SPARE])


async def test_a_server_that_failed_comes_last_for_a_while() -> None:
    table = Routes((), Answers())
    await table.set_trunks([Trunk("t", "t.example", 5060)])
    first, second = table.hops("t", 0.0)
    table.failed(first, 0.0)
    assert table.hops("t", 1.0) == (second, first)
    assert table.hops("t", 61.0) == (first, second)


async def test_names_are_looked_up_again_when_they_have_run_out() -> None:
    names = Answers()
    names.holds_s = 0.01
    table = Routes((), names)
    await table.set_trunks([Trunk("t", "t.example", 5060), Trunk("here", "127.0.0.2", 5060)])
    task = asyncio.create_task(table.keep_fresh(lambda name: None))
    async with asyncio.timeout(5.0):
        while names.asked.count("t.example") < 3:
            await asyncio.sleep(0.005)
    task.cancel()
