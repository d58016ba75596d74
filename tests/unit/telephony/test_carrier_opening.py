"""A carrier put together on real sockets: where it listens, and what it refuses to start with."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from dialer.telephony.call_ledger import CallLedger, left_behind, open_call_ledger
from dialer.telephony.carrier import SipCarrier
from dialer.telephony.carrier_opening import open_carrier
from dialer.telephony.errors import AddressUnavailable
from dialer.telephony.udp import bind_udp
from dialer.trunks.trunk import Trunk
from tests.unit.telephony.carrier_world import HOST, KEY
from tests.unit.telephony.scripted_media import open_scripted_media


async def _open(host: str = HOST, port: int = 0, trunk_host: str = HOST) -> SipCarrier:
    return await open_carrier(
        host=host,
        port=port,
        trunks=[Trunk("main", trunk_host, 5060)],
        open_media=open_scripted_media,
        key=KEY,
        post=lambda event: None,
        monotonic=asyncio.get_running_loop().time,
    )


async def test_a_host_name_of_ours_goes_into_no_offer() -> None:
    carrier = await open_carrier(
        host="localhost",
        port=0,
        trunks=[],
        open_media=open_scripted_media,
        key=KEY,
        post=lambda event: None,
        monotonic=lambda: 0.0,
    )
    try:
        assert (carrier.audio.media.hosts, carrier.address[0]) == (("127.0.0.1",), "127.0.0.1")
    finally:
        await carrier.close()


async def test_a_port_already_taken() -> None:
    with bind_udp(HOST, 0) as other, pytest.raises(AddressUnavailable, match=r"already taken"):
        await _open(port=other.getsockname()[1])


async def test_a_trunk_nobody_knows_keeps_it_from_nothing_else() -> None:
    carrier = await _open(trunk_host="no.such.trunk.invalid")
    assert list(carrier.unresolved()) == ["main"]
    await carrier.close()


async def test_a_carrier_listens_where_it_says_until_it_is_closed() -> None:
    carrier = await _open()
    with pytest.raises(AddressUnavailable):
        bind_udp(*carrier.address)
    await carrier.close()
    bind_udp(*carrier.address).close()


async def open_with(ledger: CallLedger, port: int = 0) -> SipCarrier:
    return await open_carrier(
        host=HOST,
        port=port,
        trunks=[],
        open_media=open_scripted_media,
        key=KEY,
        post=lambda event: None,
        monotonic=lambda: 0.0,
        ledger=ledger,
    )


async def test_any_port_is_the_port_of_before_while_that_is_free(tmp_path: Path) -> None:
    path = tmp_path / "calls"
    first = await open_with(open_call_ledger(path))
    address = first.address
    await first.close()
    again = await open_with(open_call_ledger(path))
    assert again.address == address
    await again.close()
    with bind_udp(*address):
        elsewhere = await open_with(open_call_ledger(path))
        assert elsewhere.address != address
        await elsewhere.close()
    assert left_behind(path)[1] == elsewhere.address
    chosen = await open_with(open_call_ledger(path), address[1])
    assert chosen.address == address
    await chosen.close()
