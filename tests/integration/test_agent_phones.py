"""Agents at phones that speak SIP: called at log-in, kept up, lost and back, in the middle of conversations."""

from __future__ import annotations

import contextlib
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sim_trunk.call_log import CallLog
from sim_trunk.population import load_population
from sim_trunk.sip_phones import SipPhones
from tests.brisk import BRISK_POPULATION
from tests.integration.books import assert_books_agree, carrier_log
from tests.integration.live_world import PASSWORD, LiveWorld, live_world, simulated_network

AGENTS = 2


@contextlib.asynccontextmanager
async def floor(folder: Path, *, talk_s: float) -> AsyncIterator[tuple[LiveWorld, SipPhones]]:
    """The right person talks for so long."""
    population = folder / "population.toml"
    text = re.sub(
        r"^right_party = \{.*\}",
        f"right_party = {{ mean_s = {talk_s}, cv = 0 }}",
        BRISK_POPULATION.read_text("utf-8"),
        flags=re.MULTILINE,
    )
    population.write_text(text, "utf-8")
    wires = SipPhones({f"a{n}": PASSWORD for n in range(AGENTS)}, key=bytes(16))
    with (folder / "carrier.jsonl").open("w") as stream:
        async with (
            simulated_network(load_population(population, 5), CallLog(stream)) as trunk,
            live_world(folder, trunk, agents=AGENTS, population=population, wires=wires) as world,
        ):
            yield world, wires


async def test_contacts_reach_agents_whose_phones_are_kept_up(tmp_path: Path) -> None:
    async with floor(tmp_path, talk_s=0.3) as (world, wires):
        await world.recorded(5)
        assert wires.open_calls == AGENTS, "one call for all contacts"
        assert {world.agent(f"a{n}").phone for n in range(AGENTS)} == {"up"}
        assert await world.service.finish(20.0)
        await world.until(lambda: not wires.open_calls, 5.0)
        records = world.records()
    assert_books_agree(records, carrier_log(tmp_path / "carrier.jsonl"))
    joined = [record.answer_to_agent_s for record in records if record.outcome == "connected"]
    assert joined
    assert all(took_s is not None and took_s < 0.5 for took_s in joined)


async def test_a_phone_put_down_in_a_conversation_is_called_again_and_the_conversation_goes_on(
    tmp_path: Path,
) -> None:
    async with floor(tmp_path, talk_s=30.0) as (world, wires):
        await world.until(lambda: all(world.agent(f"a{n}").state == "talking" for n in range(AGENTS)), 20.0)
        attempt_id = world.agent("a0").attempt_id
        wires.hang_up("a0")
        await world.until(lambda: world.agent("a0").phone == "waiting", 2.0)
        assert (world.agent("a0").state, world.agent("a0").attempt_id) == ("talking", attempt_id)
        await world.until(lambda: world.agent("a0").phone == "up", 5.0)
        heard = world.phones.packets_in("a0")
        await world.until(lambda: world.phones.packets_in("a0") > heard + 20, 2.0)
        assert (world.agent("a0").state, world.agent("a0").attempt_id) == ("talking", attempt_id)
        await world.service.finish(0.0)


@pytest.mark.long
async def test_phones_that_die_are_noticed_by_their_silence(tmp_path: Path) -> None:
    async with floor(tmp_path, talk_s=30.0) as (world, wires):
        await world.until(lambda: all(world.agent(f"a{n}").state == "talking" for n in range(AGENTS)), 20.0)
        wires.close()
        for n in range(AGENTS):
            world.phones.line_closed(f"a{n}")
        await world.until(lambda: all(world.agent(f"a{n}").state == "unreachable" for n in range(AGENTS)), 12.0)
        assert "phone_gone" in world.alarms()
        await world.service.finish(0.0)
        records = world.records()
    gone = [record for record in records if "was lost" in record.note]
    assert gone
    assert all(record.ended_by == "dialer" and record.talk_s > 1.0 for record in gone)
