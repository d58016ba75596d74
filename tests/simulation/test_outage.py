"""A trunk that fails in the middle of the day: calls go on over the other, and no lead pays for it."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from campaigns.loader import parse_campaign
from campaigns.record import to_json
from dialer.engine.engine import Engine
from dialer.engine.events import CampaignOpened
from dialer.operations.open_campaign import open_campaign
from dialer.operations.run_audit import run_audit
from dialer.settings.rates import Rate
from dialer.storage.memory import MemoryStore
from dialer.trunks.trunk import Trunk
from sim_trunk.population import BUNDLED, Population
from sim_trunk.population_file import read_population
from sim_trunk.population_spec import Network, Outage
from sim_trunk.sim_agents import SimAgents
from sim_trunk.twin import Crew, Twin, TwinResult
from tests.simulation.day import START, campaign_text, open_store
from tests.walls import SIMULATED

MAIN = Trunk("main", "192.0.2.1", 5060, channels=100, cps=20.0, rates=(Rate("44", 12_000),), simulated=True)
SPARE = replace(MAIN, name="spare", rates=(Rate("44", 30_000),))


def run(network: Network, *, hours: float = 1.0, routing: str = "order") -> tuple[MemoryStore, TwinResult, Engine]:
    text = campaign_text().replace('trunks = ["sim"]', f'trunks = ["main", "spare"]\nrouting = "{routing}"')
    assert parse_campaign(text).trunks == ("main", "spare")
    store = open_store(text, leads=3_000, places=1)
    opened = open_campaign(store, "day")
    spec = replace(read_population(BUNDLED / "realistic.toml"), network=network)
    population = Population(spec, 3)
    engine = Engine([MAIN, SPARE], walls=SIMULATED, next_attempt_id=1, call_id_of=lambda n: f"call-{n}@test")
    crew = Crew(
        CampaignOpened(opened.campaign, opened.rules, opened.zone_groups),
        tuple(f"agent-{n:02d}" for n in range(10)),
        SimAgents(spec, opened.campaign, 3),
    )
    result = Twin(engine, store, population, [crew], START).run(START + hours * 3_600)
    return store, result, engine


@pytest.fixture(scope="module")
def outage() -> tuple[MemoryStore, TwinResult, Engine]:
    return run(Network(outages=(Outage("main", 600.0, 900.0, 503),)))


def test_calls_go_over_the_other_trunk_and_come_back(outage: tuple[MemoryStore, TwinResult, Engine]) -> None:
    store, result, _ = outage
    placed: dict[str, Counter[str]] = {"before": Counter(), "during": Counter(), "after": Counter()}
    for record in store.records("day", 0.0, 1e12):
        at = (record.dialed_at or 0.0) - START
        # After the outage the trunk is only probed, at growing distances, until a call gets through.
        phase = "before" if at < 600 else "during" if at < 1_500 else "after" if at > 2_700 else None
        if phase is not None:
            placed[phase][record.trunk] += 1
    assert placed["before"]["spare"] < placed["before"]["main"] / 5
    assert placed["during"]["spare"] > 10 * placed["during"]["main"], (
        "all but those before the pause, and the probes"
    )
    assert placed["after"]["main"] > 2 * placed["after"]["spare"]
    codes = [notice.code for notice in result.notices]
    assert codes.count("trunk_paused") == 1
    assert codes.count("trunk_recovered") == 1


def test_no_lead_is_charged_for_it_and_all_are_tried_again(outage: tuple[MemoryStore, TwinResult, Engine]) -> None:
    store, _, _ = outage
    records = list(store.records("day", 0.0, 1e12))
    failed = [
        r for r in records if r.trunk == "main" and 600 < (r.dialed_at or 0) - START < 1_500 and r.sip_status
    ]
    assert 20 <= len(failed) <= 40, "what it takes to see it, and the probes"
    assert not any(record.charged for record in failed if record.outcome == "congestion")
    again = {record.lead_id for record in records if record.trunk == "spare"}
    assert {record.lead_id for record in failed} <= again
    assert run_audit(store, "day").findings == ()


def test_every_call_has_its_cost(outage: tuple[MemoryStore, TwinResult, Engine]) -> None:
    store, _, _ = outage
    price = {"main": 12_000, "spare": 30_000}
    for record in store.records("day", 0.0, 1e12):
        assert record.expected_cost_micro == price[record.trunk]
        if record.dialed_at is not None:
            answered = record.answered_at is not None
            assert record.cost_micro is not None
            assert (record.cost_micro >= price[record.trunk]) if answered else (record.cost_micro == 0)


def test_the_same_day_twice_is_the_same(outage: tuple[MemoryStore, TwinResult, Engine]) -> None:
    again, _, _ = run(Network(outages=(Outage("main", 600.0, 900.0, 503),)))
    first = [to_json(record) for record in outage[0].records("day", 0.0, 1e12)]
    assert [to_json(record) for record in again.records("day", 0.0, 1e12)] == first


def test_retry_after_is_heeded_and_redirections_close_their_numbers() -> None:
    store, result, _ = run(Network(retry_after=1.0, retry_after_s=60.0, redirected=1.0), hours=0.5)
    records = list(store.records("day", 0.0, 1e12))
    over_main = [record for record in records if record.trunk == "main" and record.dialed_at is not None]
    asked = [record.ended_at for record in over_main if record.sip_status == 503]
    assert asked
    for ended_at in filter(None, asked):
        assert not [r for r in over_main if ended_at < r.created_at < ended_at + 60.0], "it asked to be left alone"
    assert "trunk_held" in {notice.code for notice in result.notices}
    moved = [record for record in records if record.sip_status == 302]
    assert moved
    assert all(record.outcome == "changed" and record.note.startswith("sent on to +44") for record in moved)


def test_least_cost_takes_the_cheaper_trunk() -> None:
    store, _, _ = run(Network(), hours=0.2, routing="cost")
    trunks = Counter(record.trunk for record in store.records("day", 0.0, 1e12))
    assert trunks["main"] > 10 * trunks["spare"]
