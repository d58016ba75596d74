"""A live run on a machine whose clock is set: dialing is held, calls go on, and nothing goes back."""

from __future__ import annotations

from pathlib import Path

import pytest

from campaigns.life import CampaignState
from dialer.clock import CRAWL
from dialer.engine import event_log
from dialer.engine.commands import Originate, SaveAttempt
from dialer.engine.events import ClockDoubted, ClockTrusted
from dialer.live.clock_judge import SETTLES_S
from sim_trunk.call_log import CallLog
from sim_trunk.population import load_population
from tests.brisk import BRISK_POPULATION
from tests.integration.live_world import MANAGER, LiveWorld, NoonClock, live_world, simulated_network


def doubted(world: LiveWorld) -> bool:
    world.service.overview()
    return "clock_doubted" in world.alarms()


def assert_held(world: LiveWorld) -> None:
    """By the log: nothing was decided and nothing left while the clock was doubted, and no permit of before was
    used after it."""
    held, forbidden, seen = False, set[int](), 0
    engine = world.fresh_engine()
    for happened, now, _ in event_log.read(world.log):
        commands = engine.handle(happened, now)
        if isinstance(happened, ClockDoubted):
            held, seen = True, seen + 1
            forbidden |= set(engine.state.calls)
        elif isinstance(happened, ClockTrusted):
            held = False
        left = [one.attempt_id for one in commands if isinstance(one, Originate)]
        assert not forbidden.intersection(left)
        if held and not isinstance(happened, ClockTrusted):
            assert not left
            assert not [one for one in commands if isinstance(one, SaveAttempt)]
    assert seen


@pytest.mark.parametrize("step_s", [7_200.0, pytest.param(-20.0, marks=pytest.mark.long)])
async def test_a_clock_that_is_set_holds_dialing_until_it_has_settled(tmp_path: Path, step_s: float) -> None:
    with (tmp_path / "carrier.jsonl").open("w") as stream:
        async with (
            simulated_network(load_population(BRISK_POPULATION, 5), CallLog(stream)) as trunk,
            live_world(tmp_path, trunk) as world,
        ):
            await world.recorded(3)
            world.clock.step_s += step_s
            await world.until(lambda: doubted(world), 5.0)
            (alarm,) = [one for one in world.service.overview().alarms if one.code == "clock_doubted"]
            assert ("put ahead by 2 h" if step_s > 0 else "put back by 20 s") in alarm.text
            await world.until(lambda: not world.service.engine.calls)  # those that were up came to their ends
            await world.until(lambda: "the machine's clock is doubted" in world.row().no_call, 5.0)
            before = world.row().figures.attempts
            world.clock.passed_s += SETTLES_S
            if step_s < 0:
                await world.until(lambda: "behind the last moment" in world.row().no_call, 5.0)
                world.clock.passed_s -= step_s / CRAWL
            await world.until(lambda: not doubted(world), 5.0)
            await world.until(lambda: world.row().figures.attempts >= before + 3)
            await world.service.finish(0.5)
        records = sorted(world.records(), key=lambda record: record.attempt_id)
    assert [one.created_at for one in records] == sorted(one.created_at for one in records)
    assert_held(world)


async def test_a_clock_behind_what_is_on_record_dials_nobody(tmp_path: Path) -> None:
    with (tmp_path / "carrier.jsonl").open("w") as stream:
        async with simulated_network(load_population(BRISK_POPULATION, 5), CallLog(stream)) as trunk:
            async with live_world(tmp_path, trunk) as world:
                await world.recorded(2)
                await world.service.stop_campaign("live", MANAGER)
                await world.until(lambda: world.state is CampaignState.DONE)
            last = max(one.created_at for one in world.records())
            clock = NoonClock()
            clock.step_s = -3_600.0
            async with live_world(tmp_path, trunk, clock=clock) as world:
                await world.until(lambda: "behind the last moment on record" in world.row().no_call, 5.0)
                assert world.clock.now() >= last
                clock.passed_s += 3_700.0 / CRAWL
                await world.until(lambda: not doubted(world), 5.0)
                await world.recorded(1)
                await world.service.finish(0.5)
            again = [one for one in world.records() if one.attempt_id >= world.ids_from]
    assert min(one.created_at for one in again) > last
