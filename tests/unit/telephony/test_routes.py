from __future__ import annotations

import asyncio

import pytest

from dialer.sip.digest import Credentials
from dialer.telephony import routes
from dialer.telephony.errors import HostUnresolved, TelephonyError
from dialer.telephony.routes import Routes, resolve_routes
from dialer.telephony.udp import Address
from dialer.trunks.trunk import Trunk

MAIN = Trunk("main", "127.0.0.2", 5060, username="us", password="pw")
SPARE = Trunk("spare", "127.0.0.3", 5070)


async def test_names_addresses_and_credentials() -> None:
    table = Routes(await resolve_routes([MAIN, SPARE]))
    assert table.of("spare").address == ("127.0.0.3", 5070)
    assert table.credentials_at(("127.0.0.2", 5060)) == Credentials("us", "pw")
    assert table.credentials_at(("127.0.0.3", 5070)) is None
    assert table.credentials_at(("127.0.0.2", 5070)) is None
    with pytest.raises(TelephonyError, match="no trunk 'lost'; configured: main, spare"):
        table.of("lost")


async def test_of_two_changes_the_later_stands_whichever_resolves_first(monkeypatch: pytest.MonkeyPatch) -> None:
    slow_asked, slow_may_end = asyncio.Event(), asyncio.Event()

    async def resolve(host: str, port: int) -> Address:
        if host == "slow.example":
            slow_asked.set()
            await slow_may_end.wait()
        return "127.0.0.9", port

    monkeypatch.setattr(routes, "resolve", resolve)
    table = Routes(())
    earlier = asyncio.create_task(table.set_trunks([Trunk("slow", "slow.example", 5060)]))
    await slow_asked.wait()
    await table.set_trunks([Trunk("quick", "quick.example", 5060)])
    slow_may_end.set()
    await earlier
    assert table.of("quick").address == ("127.0.0.9", 5060)
    with pytest.raises(TelephonyError, match="configured: quick"):
        table.of("slow")


async def test_one_that_does_not_resolve_leaves_all_as_they_were(monkeypatch: pytest.MonkeyPatch) -> None:
    async def resolve(host: str, port: int) -> Address:
        if host == "bad.example":
            raise HostUnresolved(host, "no such name")
        return host, port

    monkeypatch.setattr(routes, "resolve", resolve)
    table = Routes(await resolve_routes([MAIN]))
    with pytest.raises(HostUnresolved):
        await table.set_trunks([SPARE, Trunk("bad", "bad.example", 5060)])
    assert table.of("main").trunk is MAIN
