"""A journal that fails: what is kept, what is told, and when it is tried again."""

from __future__ import annotations

from campaigns.preset_files import load_rule_set
from dialer.engine import events as ev
from dialer.engine.commands import (
    CampaignEnded,
    CloseAttempt,
    FetchLeads,
    Notice,
    ReturnLeads,
    SaveAgentTime,
    SaveAttempt,
)
from tests.unit.engine.world import LONDON, World, candidate, phone


def test_agents_time_of_a_campaign_that_is_not_open_is_tried_again_too() -> None:
    world = World()
    world.tell(ev.AgentLoggedIn("x1", "autumn"))
    world.tell(ev.AgentLoggedOut("x1"), after=60)
    lost = world.last(SaveAgentTime)
    world.tell(ev.SaveFailed("autumn", lost, "disk full"))
    assert (world.last(Notice).campaign, world.last(Notice).code) == ("autumn", "journal_failed")
    world.wait(5.1)
    assert world.all(SaveAgentTime)[-2:] == [lost, lost]
    world.wait(5.1)
    assert world.all(SaveAgentTime).count(lost) == 2, "it has not failed again"
    assert not world.engine.state.unsaved


def test_what_failed_is_not_lost_by_starting_the_campaign_again() -> None:
    world = World()
    world.tell(ev.DrainRequested("spring"))
    world.tell(ev.LeadsFetched("spring", (), None))
    world.tell(ev.AgentLoggedOut("a1"), after=60)
    lost = world.last(SaveAgentTime)
    world.tell(ev.SaveFailed("spring", lost, "disk full"))
    world.tell(ev.CampaignOpened(world.campaign, load_rule_set("fictional"), (LONDON,)), after=1)
    world.wait(5)
    assert world.all(SaveAgentTime).count(lost) == 2


def test_a_campaign_that_failed_is_started_again_from_nothing() -> None:
    world = World()
    world.leads(candidate(1), candidate(2))
    world.tell(ev.SaveFailed("spring", world.last(SaveAttempt), "disk full"))
    world.wait(5.1)
    assert world.last(CampaignEnded).reason == "failed"
    returned = [update.lead_id for given in world.all(ReturnLeads) for update in given.updates]
    assert sorted(returned) == [1, 2]
    world.tell(ev.CampaignOpened(world.campaign, load_rule_set("fictional"), (LONDON,)))
    world.tell(ev.AgentLoggedIn("a2", "spring"))
    run = world.engine.state.runs["spring"]
    assert (run.failure, run.records_due) == ("", 0)
    assert world.dial(candidate(1)) == 2


def test_a_campaign_without_trunks_whose_leads_were_not_fetched_is_over() -> None:
    world = World()
    asked = world.last(FetchLeads)
    world.tell(ev.TrunksChanged(()))
    assert not world.all(CampaignEnded), "leads may still come that have to be given back"
    world.tell(ev.SaveFailed("spring", asked, "disk full"))
    assert world.last(CampaignEnded).reason == "failed"


def test_failures_that_keep_coming_do_not_put_off_the_next_try() -> None:
    world = World(agents=3)
    world.leads(candidate(1), candidate(2), candidate(3))
    for save in world.all(SaveAttempt):
        world.tell(ev.AttemptSaved(save.intent.attempt_id))
    for attempt_id in (1, 2, 3):
        world.tell(ev.CallEnded(attempt_id, "callee", 486), after=2)
        world.tell(ev.SaveFailed("spring", world.last(CloseAttempt), "disk full"))
    world.wait(1.1)
    assert len(world.all(CloseAttempt)) == 6, "five seconds after the first failure"


def test_agents_time_that_is_lost_is_not_called_records() -> None:
    world = World()
    world.tell(ev.DrainRequested("spring"))
    world.tell(ev.LeadsFetched("spring", (), None))
    assert world.last(CampaignEnded).reason == "drained"
    world.tell(ev.AgentLoggedOut("a1"), after=60)
    for _ in range(10):
        given_up = [n for n in world.all(Notice) if n.code == "records_lost"]
        if given_up:
            break
        world.tell(ev.SaveFailed("spring", world.last(SaveAgentTime), "disk full"))
        world.wait(5.1)
    first = world.all(Notice)[0]
    assert first.code == "journal_failed"
    assert "Calls in progress" not in first.text, "the campaign is over"
    assert "agents' time" in given_up[0].text
    assert "0 records" not in given_up[0].text


def test_a_refusal_that_could_not_be_kept_is_told_by_its_number() -> None:
    world = World()
    world.dial(candidate(1))
    world.tell(ev.CallEnded(1, "callee", 607), after=2)
    for _ in range(10):
        if world.all(CampaignEnded):
            break
        world.tell(ev.SaveFailed("spring", world.last(CloseAttempt), "disk full"))
        world.wait(5.1)
    lost = next(n for n in world.all(Notice) if n.code == "records_lost")
    assert phone(1).e164 in lost.text
