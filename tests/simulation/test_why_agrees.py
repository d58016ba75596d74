"""`dialer why` answers what the engine would do: the two are asked about every lead of a list that was dialed."""

from __future__ import annotations

from collections import Counter

from campaigns.applicable import applicable
from campaigns.eligibility import Permitted, decide
from campaigns.permission.proposed import Proposed
from dialer.engine.events import CampaignOpened
from dialer.operations.funnel import Stage, funnel
from dialer.operations.open_campaign import open_campaign
from dialer.operations.place_leads import place_leads
from dialer.operations.why import why
from dialer.ports.store import BlockNumbers, FetchLeads, LeadsLeased, NewLead, SaveCampaign, SaveLeads
from dialer.storage.memory import MemoryStore
from sim_trunk.population import load_population
from sim_trunk.sim_agents import SimAgents
from sim_trunk.twin import Crew, Twin
from tests.simulation.day import HOUR_S, START, campaign_text, make_engine, phones
from tests.walls import SIMULATED

LEADS = 400


def dialed(seed: int) -> MemoryStore:
    """Two and a half hours of dialing leads with one, two or three numbers, some of which two leads share."""
    text = campaign_text() + "\n[limits]\nper_lead = 3\nper_number = 3\nper_number_day = 1\n"
    numbers = phones(LEADS, 2)
    leads = [
        NewLead((numbers[n], *(numbers[(n + 7 * k) % LEADS] for k in range(1, n % 3 + 1)))) for n in range(LEADS)
    ]
    store = MemoryStore()
    store.write(SaveLeads("people", tuple(leads), "", "", START))
    store.write(SaveCampaign("day", text, ("people",), "oldest", START))
    place_leads("day", write=store.write)
    store.write(BlockNumbers(tuple(phone.e164 for phone in numbers[::29]), "a register", START))
    opened = open_campaign(store, "day")
    population = load_population(None, seed)
    crew = Crew(
        CampaignOpened(opened.campaign, opened.rules, opened.zone_groups),
        tuple(f"agent-{n}" for n in range(8)),
        SimAgents(population.spec, opened.campaign, seed),
    )
    Twin(make_engine(), store, population, [crew], START).run(START + 2.5 * HOUR_S)
    store.recover()
    return store


def test_why_and_the_engine_agree_on_every_lead() -> None:
    store = dialed(seed=1)
    opened = open_campaign(store, "day")
    answers: Counter[str] = Counter()
    for hours in (3.5, 8.0, 21.0, 48.0):
        at = START + hours * HOUR_S
        leased = store.write(FetchLeads("day", LEADS, at, opened.zone_groups))
        assert isinstance(leased, LeadsLeased)
        due = {candidate.lead.lead_id: candidate for candidate in leased.candidates}
        store.recover()
        found = funnel(store, "day", at, at, walls=SIMULATED, trunks=())
        told: Counter[str] = Counter()
        for lead in store.leads("people"):
            candidate = due.get(lead.lead_id)
            answer = why(store, "day", str(lead.lead_id), at, walls=SIMULATED)
            told[answer.reason or "dialable"] += 1
            if candidate is None:
                answers[f"not due: {answer.reason}"] += 1
                assert not answer.allowed, (lead, store.place("day", lead.lead_id))
                continue
            number = lead.phones[candidate.phone_position]
            verdict = decide(
                Proposed(
                    campaign=opened.campaign,
                    rule_set=applicable(opened.rules, lead, number, at),
                    lead=lead,
                    number=number,
                    trunk="sim",
                    caller_id=opened.campaign.caller_ids[0],
                    walls=SIMULATED,
                    history=candidate.history,
                    lead_attempts=candidate.attempts,
                    blocked=candidate.dnc,
                    elsewhere=candidate.elsewhere,
                    callback=candidate.callback,
                    consents=candidate.consents,
                ),
                at,
                dnc_version=candidate.dnc_version,
            )
            shown = answer.evidence.get("numbers", [answer.evidence | {"reason": answer.reason}])
            assert isinstance(shown, list)
            mine = next(entry["reason"] for entry in shown if entry["number"] == number.e164)
            expected = None if isinstance(verdict, Permitted) else verdict.reason.value
            answers[f"due: {expected}"] += 1
            assert mine == expected, (lead, store.place("day", lead.lead_id))
        assert found.dialable == told["dialable"]
        assert found.total == LEADS == found.dialable + found.lost.total()
        closed = sum(leads for (stage, _), leads in found.lost.items() if stage is Stage.STATUS)
        for (stage, code), leads in found.lost.items():
            if stage is not Stage.STATUS:
                # A closed lead is told with what forbids it, where something still does.
                assert leads <= told[code] <= leads + closed, (code, leads, told)
    assert answers["due: None"] > 100
    assert len(answers) >= 5, answers
