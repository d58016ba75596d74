"""Our carrier over a trunk that wants TCP, and over one that is found by name."""

from __future__ import annotations

from pathlib import Path

import pytest

from dialer.engine.commands import HangUp
from dialer.engine.events import CallAnswered, CallEnded
from dialer.sip.identity import Identity
from dialer.telephony.placed_calls import CarrierEvent
from dialer.trunks.trunk import Trunk
from tests.integration.floor import HOST, KEY, calling
from tests.peers.sipp import sipp

pytestmark = pytest.mark.needs("sipp")


@pytest.mark.parametrize(
    ("transport", "host", "arguments", "kind"),
    [("tcp", HOST, ("-t", "t1"), "tcp"), ("udp", "localhost", (), "udp")],
)
async def test_calls(tmp_path: Path, transport: str, host: str, arguments: tuple[str, ...], kind: str) -> None:
    async with sipp(tmp_path, "-sn", "uas", *arguments, calls=5, kind=kind) as peer:
        async with calling(Trunk("sim", host, peer.port, transport=transport)) as (f, media):

            def hang_up(event: CarrierEvent) -> None:
                if isinstance(event, CallAnswered):
                    f.carrier.carry_out(HangUp(event.attempt_id))

            f.react = hang_up
            for attempt_id in range(1, 6):
                f.call(attempt_id)
            for attempt_id in range(1, 6):
                assert await f.event(CallEnded, attempt_id) == CallEnded(attempt_id, "dialer")
        assert [pool.taken for pool in media.pools.values()] == [0]
        invite = peer.messages("received", "INVITE")[0]
        assert f"SIP/2.0/{transport.upper()}" in invite
        assert Identity(KEY).call_id(1) in invite
