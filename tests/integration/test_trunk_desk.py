"""Trunks of a running service, against a carrier that speaks SIP: asked, called, shown."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from dialer.api.trunks import TrunkDetail
from dialer.errors import InputError, UnknownName
from dialer.ports.access import Actor
from dialer.ports.store import BlockNumbers
from dialer.trunks.health import CallEnd
from sim_trunk.call_log import CallLog
from sim_trunk.callee import CallPlan, Persona
from tests.integration.live_world import LiveWorld, live_world, simulated_network

MANAGER = Actor("ana", "manager", "", "console")
CALLER_ID = "+442079460999"


class Scripted:
    """Numbers that end in 1 answer, in 2 are busy, in 3 are refused by the carrier; others ring."""

    def plan(self, number: str, nth_call: int, at: float) -> CallPlan:
        final, rings_s = {"1": (200, 0.1), "2": (486, 0.1), "3": (403, 0.02)}.get(number[-1], (480, 0.2))
        pdd_s = min(rings_s, 0.05)
        return CallPlan(pdd_s, rings_s, final, None, Persona.RIGHT_PARTY, 1.0, 1.0)


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[LiveWorld]:
    async with (
        simulated_network(Scripted(), CallLog(io.StringIO())) as trunk,
        live_world(tmp_path, trunk, leads=6, agents=1) as world,
    ):
        yield world


def shown(world: LiveWorld) -> TrunkDetail:
    (row,) = world.service.trunk_rows()
    return row


async def test_a_trunk_answers_options(world: LiveWorld) -> None:
    tested = await world.service.test_trunk("sim", MANAGER, None, "")
    assert (tested.ok, tested.advice) == (True, "")
    assert tested.verdict.endswith("answers OPTIONS with 200.")
    assert "rightparty simulated carrier" in tested.steps[0].what
    with pytest.raises(UnknownName):
        await world.service.test_trunk("sum", MANAGER, None, "")


@pytest.mark.parametrize(
    ("number", "ok", "verdict"),
    [
        ("+442079460001", True, "The call was answered."),
        ("+442079460002", True, "The call got through, and was not answered."),
        ("+442079460003", False, "The call was refused with 403."),
    ],
)
async def test_a_call_to_try_it_is_hung_up_on_and_changes_no_lead(
    world: LiveWorld, number: str, ok: bool, verdict: str
) -> None:
    before = shown(world).seizures
    tested = await world.service.test_trunk("sim", MANAGER, number, CALLER_ID)
    assert (tested.ok, tested.verdict) == (ok, verdict)
    assert bool(tested.advice) != ok
    assert [step.after_s for step in tested.steps] == sorted(step.after_s for step in tested.steps)
    assert shown(world).seizures >= before
    assert all(record.caller_id != CALLER_ID for record in world.records())
    changes = [stored.change for stored in world.database.reader.changes(limit=20)]
    newest = next(change for change in changes if change.action == "trunk.test")
    assert dict(newest.detail)["number"] == number


@pytest.mark.parametrize("number", ["+44999", "112", "+449098790123"])
async def test_a_call_to_try_it_keeps_to_the_walls(world: LiveWorld, number: str) -> None:
    with pytest.raises(InputError, match=r"is not called: (emergency|premium)"):
        await world.service.test_trunk("sim", MANAGER, number, CALLER_ID)


async def test_a_call_to_try_it_keeps_to_the_register(world: LiveWorld) -> None:
    await world.service.write(BlockNumbers(("+442079460001",), "test", world.clock.now()))
    with pytest.raises(InputError, match="do-not-call register"):
        await world.service.test_trunk("sim", MANAGER, "+442079460001", CALLER_ID)


async def test_the_row_of_a_trunk_shows_what_its_calls_came_to(world: LiveWorld) -> None:
    await world.until(lambda: shown(world).seizures >= 3)
    row = shown(world)
    assert (row.state, row.why, row.currency, row.cost) == ("open", "", "", None)
    assert row.ner == 1.0 or (row.ner is not None and 0 < row.ner < 1)
    assert row.asr is not None
    assert row.pdd_s is not None
    assert 0.0 < row.pdd_s < 1.0


async def test_options_are_asked_again_and_again_and_a_trunk_that_is_gone_falls_silent(world: LiveWorld) -> None:
    limits = world.service.engine.trunks["sim"]
    limits.trunk = replace(limits.trunk, options_every_s=0.1)
    limits.health.asked(False)
    await world.until(lambda: not limits.health._missed, 5.0)
    await asyncio.sleep(0)


async def test_release(world: LiveWorld) -> None:
    limits = world.service.engine.trunks["sim"]
    limits.health.stopped = "401: because"
    assert shown(world).state == "stopped"
    await world.service.release_trunk("sim", MANAGER)
    assert shown(world).state == "open"
    assert world.database.reader.changes(limit=1)[0].change.action == "trunk.release"


async def test_a_host_that_no_name_server_knows(world: LiveWorld) -> None:
    limits = world.service.engine.trunks["sim"]
    limits.trunk = replace(limits.trunk, host="no-such-host.invalid")
    tested = await world.service.test_trunk("sim", MANAGER, None, "")
    assert not tested.ok
    assert "no-such-host.invalid" in tested.verdict
    assert "name server" in tested.advice


async def test_a_trunk_says_what_keeps_calls_from_leaving_over_it(tmp_path: Path) -> None:
    async with (
        simulated_network(Scripted(), CallLog(io.StringIO())) as trunk,
        live_world(tmp_path, replace(trunk, register=True, username="us"), leads=1, agents=1) as world,
    ):
        await world.until(lambda: "405" in shown(world).registration, 5.0)  # the simulator is no registrar
        assert shown(world).registered is False
        (alarm,) = [one for one in world.service.overview().alarms if one.code == "trunk_unregistered"]
        assert alarm.level == "alarm"
        assert "register = false" in alarm.text
        world.service.engine.trunks["sim"].health.ended(CallEnd(False, 503, retry_after_s=60.0), world.clock.now())
        tested = await world.service.test_trunk("sim", MANAGER, None, "")
        assert not tested.ok
        assert (
            "answers OPTIONS with 200. It has not registered us: REGISTER was refused with 405" in tested.verdict
        )
        assert "It is held for 60 s more" in tested.verdict
        assert "register = false" in tested.advice
