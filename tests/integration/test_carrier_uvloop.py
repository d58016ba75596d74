"""The same telephony on uvloop, whose readers and timers are not asyncio's."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from dialer.engine.commands import CancelCall, HangUp, Join
from dialer.engine.events import AudioFlowing, CallAnswered, CallEnded, CallProgress
from tests.integration.floor import FOREVER, Headset, Persona, floor, plan

uvloop = pytest.importorskip("uvloop", reason="uvloop does not install here")


async def _talk() -> None:
    async with floor() as f:
        headset = Headset()
        try:
            line = f.carrier.audio.lines.open("ann", headset.address)
            f.script.plans["+11"] = plan(persona=Persona.GATEKEEPER)
            f.react = lambda event: (
                f.carrier.carry_out(Join(1, "ann")) if isinstance(event, CallAnswered) else None
            )
            call_id = f.call(1, "+11")
            await f.event(AudioFlowing, 1)
            await headset.hears(3)
            headset.say(line)
            assert await f.event(CallEnded, 1) == CallEnded(1, "callee")
            assert set(headset.heard) == {Persona.GATEKEEPER}
            assert (await f.entry(call_id))["rtp_in"] == 1
        finally:
            headset.close()


async def _many() -> None:
    async with floor() as f:
        f.script.plans["+11"] = FOREVER
        f.script.plans["+12"] = plan(patience_s=60.0)
        for attempt_id in range(40):
            f.call(attempt_id, "+11" if attempt_id % 2 else "+12")
        for attempt_id in range(40):
            if attempt_id % 2:
                await f.event(CallProgress, attempt_id)
                f.carrier.carry_out(CancelCall(attempt_id))
                assert (await f.event(CallEnded, attempt_id)).status == 487
            else:
                await f.event(CallAnswered, attempt_id)
                f.carrier.carry_out(HangUp(attempt_id))
                assert await f.event(CallEnded, attempt_id) == CallEnded(attempt_id, "dialer")


@pytest.mark.parametrize("scene", [_talk, _many])
def test_on_uvloop(scene: Callable[[], Coroutine[Any, Any, None]]) -> None:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(scene())
