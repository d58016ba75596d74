"""A network that loses every tenth message each way, with SIPp at its other end."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from dialer.engine.commands import HangUp
from dialer.engine.events import CallAnswered, CallEnded
from dialer.sip.timers import SipTimers
from dialer.telephony.placed_calls import CarrierEvent
from tests.integration.floor import floor
from tests.peers.sipp import sipp

CALLS = 500
AT_ONCE = 150
LOST_PERCENT = "10"
TIMERS = SipTimers(t1_s=0.2, t2_s=0.8, t4_s=1.0)
"""64*T1 are 12.8 s: of seven INVITEs and their answers one comes through, but for one call in 100,000."""


@pytest.mark.needs("sipp")
@pytest.mark.long
async def test_every_call_ends_as_the_peers_does_and_none_is_stuck(tmp_path: Path) -> None:
    # An INVITE that crosses its answer is nothing to give a call up for, as SIPp would.
    lossy = ("-sn", "uas", "-lost", LOST_PERCENT, "-default_behaviors", "all,-abortunexp")
    async with sipp(tmp_path, *lossy, calls=CALLS) as peer, floor(port=peer.port, timers=TIMERS) as f:
        places = asyncio.Semaphore(AT_ONCE)

        def react(event: CarrierEvent) -> None:
            if isinstance(event, CallAnswered):
                f.carrier.carry_out(HangUp(event.attempt_id))
            elif isinstance(event, CallEnded):
                places.release()

        f.react = react
        for attempt_id in range(CALLS):
            await places.acquire()
            f.call(attempt_id)
        async with asyncio.timeout(30.0):
            while f.carrier.open_calls:
                await asyncio.sleep(0.01)
        await peer.succeeds()  # it saw each of them answered, acknowledged and hung up
        for attempt_id in range(CALLS):
            told = [event for event in f.of(attempt_id) if isinstance(event, CallAnswered | CallEnded)]
            answered, ended = told
            assert isinstance(answered, CallAnswered)
            assert isinstance(ended, CallEnded)
            assert (ended.by, ended.status) == ("dialer", None)
        assert f.carrier.counters["sip_retransmissions_sent"] > CALLS / 10  # the network did lose messages
