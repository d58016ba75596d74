"""How far a refusal reaches, and on which numbers: as rule sets and campaign say, the wider of the two."""

from __future__ import annotations

from dataclasses import replace

import pytest

from campaigns.preset_files import load_rule_set
from campaigns.refusal_rule import UNSAID, USUAL, RefusalBlocks, RefusalReaches, RefusalRule
from dialer.engine import events as ev
from dialer.engine.commands import CloseAttempt, ReturnLeads, SaveAttempt
from dialer.engine.refusing import refused
from dialer.ports.store import BlockNumbers
from lists.lead import Lead
from tests.unit.engine.world import LONDON, World, campaign, candidate, phone

PURPOSE, CLIENT, HOUSE = RefusalReaches
NUMBER, PERSON = RefusalBlocks
RULES = load_rule_set("fictional")
ADA = Lead(1, "acme/people", (phone(1), phone(2)), person_key="p-1")


@pytest.mark.parametrize(
    ("of_campaign", "of_rules", "numbers", "client", "purpose", "person"),
    [
        (USUAL, UNSAID, 1, "acme", "", ""),
        (RefusalRule(PURPOSE, NUMBER), UNSAID, 1, "acme", "sales", ""),
        (RefusalRule(PURPOSE, NUMBER), RefusalRule(CLIENT, NUMBER), 1, "acme", "", ""),
        (RefusalRule(CLIENT, PERSON), UNSAID, 2, "acme", "", "acme:p-1"),
        (USUAL, RefusalRule(HOUSE, PERSON), 2, "", "", "acme:p-1"),
    ],
)
def test_a_refusal_reaches_as_far_as_rules_and_campaign_say(
    of_campaign: RefusalRule, of_rules: RefusalRule, numbers: int, client: str, purpose: str, person: str
) -> None:
    terms = replace(campaign(), name="acme/spring", refusal=of_campaign)
    world = World()
    world.tell(ev.CampaignOpened(terms, replace(RULES, refusal=of_rules), (LONDON,)))
    world.tell(ev.AgentLoggedIn("b1", terms.name))
    world.tell(ev.AgentReady("b1"))
    world.tell(ev.LeadsFetched(terms.name, (replace(candidate(1), lead=ADA),), None))
    world.wait(0.25)
    call = world.engine.state.calls[1]
    found = refused(world.engine.state.run_of(call), call, "agent", world.now)
    wanted = tuple(one.e164 for one in ADA.phones[:numbers])
    assert found == BlockNumbers(wanted, "agent", world.now, client, purpose, person)


def test_what_is_not_on_the_register_yet_is_kept_to_for_the_person_and_the_purpose() -> None:
    terms = replace(campaign(), refusal=RefusalRule(PURPOSE, PERSON))
    world = World(terms)
    ada = replace(ADA, list_name="people")
    world.leads(replace(candidate(1), lead=ada), next_due_at=world.now + 7200)
    world.tell(ev.AttemptSaved(1))
    world.tell(ev.CallAnswered(1), after=3)
    world.tell(ev.CallEnded(1, "callee"), after=60)
    world.tell(ev.Dispositioned("a1", 1, "dnc"), after=5)
    world.tell(ev.SaveFailed("spring", world.last(CloseAttempt), "no server"))
    (owed,) = world.engine.state.owed.values()
    assert owed.forbids(phone(9).e164, ":p-1", "", "sales")
    assert not owed.forbids(phone(9).e164, ":p-1", "", "research")
    assert owed.forbids(phone(2).e164, "", "acme", "sales"), "the house's refusals hold for every client"
    assert not owed.forbids(phone(9).e164, "", "", "sales")
    assert world.all(SaveAttempt)
    assert not world.all(ReturnLeads)


def test_of_whom_it_is_not_known_who_it_is_the_lead_is_the_person() -> None:
    world = World(replace(campaign(), refusal=RefusalRule(CLIENT, PERSON)))
    world.dial(candidate(7))
    call = world.engine.state.calls[1]
    assert refused(world.engine.state.run_of(call), call, "agent", world.now).person == "#7"
