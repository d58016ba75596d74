"""While the machine's clock is doubted nothing is dialed; calls in progress go on."""

from __future__ import annotations

from campaigns.preset_files import load_rule_set
from dialer.calls.call import CallState
from dialer.engine import events as ev
from dialer.engine.commands import (
    CampaignEnded,
    CloseAttempt,
    FetchLeads,
    Join,
    Originate,
    ReturnLeads,
    SaveAttempt,
)
from tests.unit.engine.world import LONDON, World, campaign, candidate

DOUBT = ev.ClockDoubted("it was put back")


def test_a_permit_of_before_is_not_used() -> None:
    world = World()
    world.leads(candidate(1))
    world.tell(DOUBT)
    world.tell(ev.AttemptSaved(1))
    assert not world.all(Originate)
    assert world.record.outcome == "withdrawn"
    assert not world.record.counted


def test_nor_when_its_commit_is_reported_after_the_doubt_is_over() -> None:
    world = World()
    world.leads(candidate(1))
    world.tell(DOUBT)
    world.tell(ev.ClockTrusted(), after=10)
    world.tell(ev.AttemptSaved(1))
    assert not world.all(Originate)


def test_leads_go_back_and_none_are_asked_for() -> None:
    world = World(agents=1)
    world.leads(candidate(1), candidate(2), candidate(3))
    world.commands.clear()
    world.tell(DOUBT)
    returned = [update.lead_id for given in world.all(ReturnLeads) for update in given.updates]
    assert returned == [2, 3]
    world.tell(ev.AgentLoggedIn("a2", "spring"))
    world.tell(ev.AgentReady("a2"))
    world.wait(60)
    assert not world.all(FetchLeads)
    assert not world.all(SaveAttempt)
    assert not world.all(CampaignEnded)


def test_leads_that_come_meanwhile_go_back_too() -> None:
    world = World()
    world.tell(DOUBT)
    world.leads(candidate(1))
    assert [update.lead_id for given in world.all(ReturnLeads) for update in given.updates] == [1]
    assert not world.all(SaveAttempt)


def test_calls_in_progress_go_on() -> None:
    world = World()
    attempt_id = world.dial(candidate(1))
    world.tell(ev.CallProgress(attempt_id, 180))
    world.tell(DOUBT)
    world.tell(ev.CallAnswered(attempt_id), after=3)
    assert world.last(Join).attempt_id == attempt_id
    assert world.engine.state.calls[attempt_id].state is CallState.TALKING
    world.tell(ev.CallEnded(attempt_id, "callee"), after=30)
    world.tell(ev.Dispositioned("a1", attempt_id, "sale"))
    assert world.last(CloseAttempt).record.outcome == "connected"


def test_once_it_is_trusted_leads_are_asked_for_and_dialed_as_before() -> None:
    world = World()
    world.leads(candidate(1))
    world.tell(DOUBT)
    world.tell(ev.AttemptSaved(1))
    world.commands.clear()
    world.tell(ev.ClockTrusted(), after=10)
    world.dial(candidate(2))
    assert world.last(Originate).attempt_id == 2


def test_a_campaign_that_is_opened_meanwhile_waits() -> None:
    world = World()
    world.tell(DOUBT)
    world.tell(ev.CampaignOpened(campaign(name="summer"), load_rule_set("fictional"), (LONDON,)))
    world.tell(ev.AgentLoggedIn("b1", "summer"))
    world.tell(ev.AgentReady("b1"), after=5)
    asked = [fetch.campaign for fetch in world.all(FetchLeads)]
    assert "summer" not in asked
    world.tell(ev.ClockTrusted())
    assert world.last(FetchLeads).campaign == "summer"
