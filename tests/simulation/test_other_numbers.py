"""Leads whose first number may never be dialed are dialed on their next one; `why` and `funnel` say so before."""

from __future__ import annotations

from dataclasses import replace

from dialer.engine.events import CampaignOpened
from dialer.operations.funnel import funnel
from dialer.operations.open_campaign import open_campaign
from dialer.operations.place_leads import place_leads
from dialer.operations.why import why
from dialer.ports.store import NewLead, SaveCampaign, SaveLeads
from dialer.storage.memory import MemoryStore
from sim_trunk.population import load_population
from sim_trunk.sim_agents import SimAgents
from sim_trunk.twin import Crew, Twin
from tests.simulation.day import HOUR_S, START, campaign_text, make_engine, phones
from tests.walls import SIMULATED

LEADS = 40


def test_they_are_dialed_and_said_to_be_dialable() -> None:
    numbers = phones(3 * LEADS, 2)
    lost = [replace(phone, zones=("Europe/Avalon",)) for phone in numbers[LEADS:]]
    leads = [NewLead((lost[n], *((numbers[n],) if n % 2 else (lost[n + LEADS],)))) for n in range(LEADS)]
    store = MemoryStore()
    store.write(SaveLeads("people", tuple(leads), "", "", START))
    store.write(SaveCampaign("day", campaign_text(), ("people",), "oldest", START))
    place_leads("day", write=store.write)
    opened = open_campaign(store, "day")
    at = START + HOUR_S
    found = funnel(store, "day", at, at, walls=SIMULATED, trunks=())
    assert (found.dialable, found.never) == (LEADS // 2, {"no_zone": LEADS // 2})
    told = [why(store, "day", str(lead.lead_id), at, walls=SIMULATED) for lead in store.leads("people")]
    assert [answer.allowed for answer in told] == [n % 2 == 1 for n in range(LEADS)]
    population = load_population(None, 1)
    crew = Crew(
        CampaignOpened(opened.campaign, opened.rules, opened.zone_groups),
        ("agent-1", "agent-2"),
        SimAgents(population.spec, opened.campaign, 1),
    )
    Twin(make_engine(), store, population, [crew], START).run(START + 3 * HOUR_S)
    assert {attempt.record.number for attempt in store.attempts_on([phone.e164 for phone in numbers])
            if attempt.record is not None} == {numbers[n].e164 for n in range(1, LEADS, 2)}  # fmt: skip
