"""Our carrier over a trunk that wants TCP, and over one that is found by name."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from dialer.engine.commands import HangUp
from dialer.engine.events import CallAnswered, CallEnded
from dialer.ports.media import MediaEvent
from dialer.sip.identity import Identity
from dialer.telephony.carrier_opening import open_carrier
from dialer.telephony.placed_calls import CarrierEvent
from dialer.trunks.trunk import Trunk
from tests.integration.floor import FIRST_PORT, HOST, KEY, Floor, Script, WatchedLog
from tests.near_media import NearMedia
from tests.peers.sipp import sipp

pytestmark = pytest.mark.needs("sipp")


@pytest.mark.parametrize(
    ("transport", "host", "arguments", "kind"),
    [("tcp", HOST, ("-t", "t1"), "tcp"), ("udp", "localhost", (), "udp")],
)
async def test_calls(tmp_path: Path, transport: str, host: str, arguments: tuple[str, ...], kind: str) -> None:
    box: list[Floor] = []

    def post(event: CarrierEvent) -> None:
        box[0].post(event)

    async with sipp(tmp_path, "-sn", "uas", *arguments, calls=5, kind=kind) as peer:
        opened: list[NearMedia] = []

        def open_media(host: str, tell: Callable[[MediaEvent], None]) -> NearMedia:
            opened.append(NearMedia(host, (FIRST_PORT, FIRST_PORT + 98), tell))
            return opened[0]

        carrier = await open_carrier(
            host=HOST,
            port=0,
            trunks=[Trunk("sim", host, peer.port, transport=transport)],
            open_media=open_media,
            key=KEY,
            post=post,
            monotonic=time.monotonic,
        )
        await carrier.ready()
        box.append(Floor(carrier, opened[0], None, Script(), [], WatchedLog()))
        f = box[0]

        def hang_up(event: CarrierEvent) -> None:
            if isinstance(event, CallAnswered):
                carrier.carry_out(HangUp(event.attempt_id))

        f.react = hang_up
        try:
            for attempt_id in range(1, 6):
                f.call(attempt_id)
            for attempt_id in range(1, 6):
                assert await f.event(CallEnded, attempt_id) == CallEnded(attempt_id, "dialer")
        finally:
            await carrier.close()
        assert opened[0].pool.taken == 0
        invite = peer.messages("received", "INVITE")[0]
        assert f"SIP/2.0/{transport.upper()}" in invite
        assert Identity(KEY).call_id(1) in invite
