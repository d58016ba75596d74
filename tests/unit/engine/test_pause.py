"""Pause and resume: no new calls, those in progress finish, and nothing is lost on the way."""

from __future__ import annotations

import pytest

from campaigns.campaign import Mode, Pacing
from dialer.engine import events as ev
from dialer.engine.commands import (
    CampaignEnded,
    CancelCall,
    CloseAttempt,
    FetchLeads,
    HangUp,
    Join,
    NotifyAgent,
    Originate,
    ReturnLeads,
    SaveAttempt,
)
from dialer.engine.state import RunStatus
from tests.unit.engine.world import NOON, World, campaign, candidate

PAUSE, RESUME = ev.PauseRequested("spring"), ev.ResumeRequested("spring")


def given_back(world: World) -> list[int]:
    return [update.lead_id for given in world.all(ReturnLeads) for update in given.updates]


def test_a_paused_campaign_places_no_calls_and_keeps_no_leads() -> None:
    world = World(agents=1)
    world.leads(candidate(1), candidate(2), candidate(3))
    world.tell(ev.AttemptSaved(1))
    world.tell(PAUSE)
    assert given_back(world) == [2, 3]
    world.tell(ev.CallEnded(1, "callee", 486), after=5)
    world.tell(ev.RecordSaved("spring", 1))
    fetches = len(world.all(FetchLeads))
    world.wait(8 * 3600)
    assert (len(world.all(SaveAttempt)), len(world.all(FetchLeads))) == (1, fetches)
    assert not world.all(CampaignEnded)
    assert world.engine.next_deadline() is None, "it costs nothing while it is paused"


def test_calls_in_progress_finish_and_get_their_agents() -> None:
    world = World(campaign(pacing=Pacing(Mode.POWER, ratio=2.0)), agents=1)
    world.leads(candidate(1), candidate(2))
    world.tell(ev.AttemptSaved(1))
    world.tell(ev.AttemptSaved(2))
    world.tell(ev.CallProgress(1, 180), after=1)
    world.tell(PAUSE)
    assert not world.all(CancelCall)
    world.tell(ev.CallAnswered(1), after=1)
    assert world.last(Join) == Join(1, "a1")
    world.tell(ev.CallEnded(1, "callee"), after=30)
    assert not world.all(HangUp)
    world.tell(ev.Dispositioned("a1", 1, "sale"), after=2)
    assert (world.record.attempt_id, world.record.disposition) == (1, "sale")
    told = world.last(NotifyAgent)
    assert (told.agent_id, told.state) == ("a1", "ready"), "the agents stay on duty"


def test_an_attempt_that_is_committed_while_paused_is_withdrawn() -> None:
    world = World()
    world.leads(candidate(1))
    world.tell(PAUSE)
    world.tell(ev.AttemptSaved(1))
    assert not world.all(Originate)
    assert (world.record.outcome, world.record.counted, world.update.state) == ("withdrawn", False, "ready")


def test_one_that_is_resumed_before_that_goes_ahead() -> None:
    world = World()
    world.leads(candidate(1))
    world.tell(PAUSE)
    world.tell(RESUME)
    world.tell(ev.AttemptSaved(1))
    assert world.last(Originate).attempt_id == 1


def test_leads_that_arrive_while_paused_go_back() -> None:
    world = World()
    world.tell(PAUSE)
    world.tell(ev.LeadsFetched("spring", (candidate(1),), None))
    assert given_back(world) == [1]
    world.wait(60)
    assert not world.all(SaveAttempt)


def test_resumed_it_asks_for_leads_afresh() -> None:
    world = World()
    world.tell(ev.LeadsFetched("spring", (), NOON + 3600, False))
    world.tell(PAUSE)
    asked = len(world.all(FetchLeads))
    world.tell(RESUME, after=60)
    assert len(world.all(FetchLeads)) == asked + 1, "the store had run dry before the pause, not for ever"
    world.leads(candidate(1))
    assert world.last(SaveAttempt).intent.lead_id == 1


def test_a_paused_campaign_whose_leads_are_all_final_waits_to_be_told() -> None:
    world = World()
    world.tell(PAUSE)
    world.tell(ev.LeadsFetched("spring", (), None, False))
    world.wait(3600)
    assert not world.all(CampaignEnded)
    world.tell(RESUME)
    world.tell(ev.LeadsFetched("spring", (), None, False))
    assert world.last(CampaignEnded).reason == "list_done"


def test_pausing_and_resuming_twice_changes_nothing() -> None:
    world = World()
    world.leads(candidate(1), candidate(2))
    assert world.tell(RESUME) == []
    world.tell(PAUSE)
    assert world.tell(PAUSE) == []
    world.tell(RESUME)
    assert world.tell(RESUME) == []
    assert world.engine.state.runs["spring"].status is RunStatus.RUNNING


@pytest.mark.parametrize(
    ("event", "reason"), [(ev.DrainRequested("spring"), "drained"), (ev.CutRequested("spring"), "cut")]
)
def test_a_paused_campaign_can_be_stopped(event: ev.Event, reason: str) -> None:
    world = World()
    world.dial(candidate(1))
    world.tell(PAUSE)
    world.tell(event)
    world.tell(RESUME)
    assert not world.all(CampaignEnded), "a call is still open"
    world.tell(ev.CallEnded(1, "callee", 486), after=1)
    world.tell(ev.RecordSaved("spring", 1))
    assert world.last(CampaignEnded).reason == reason
    assert "spring" not in world.engine.state.runs


def test_what_fails_while_paused_fails_the_campaign() -> None:
    world = World()
    world.dial(candidate(1))
    world.tell(PAUSE)
    world.tell(ev.CallEnded(1, "callee", 486), after=1)
    world.tell(ev.SaveFailed("spring", world.last(CloseAttempt), "disk full"))
    world.tell(ev.RecordSaved("spring", 1), after=6)
    assert world.last(CampaignEnded).reason == "failed"


@pytest.mark.parametrize("event", [PAUSE, RESUME, ev.DrainRequested("spring"), ev.CutRequested("spring")])
def test_what_is_asked_of_a_campaign_that_is_over_changes_nothing(event: ev.Event) -> None:
    world = World()
    world.tell(ev.DrainRequested("spring"))
    world.tell(ev.LeadsFetched("spring", (), None))
    assert world.last(CampaignEnded).reason == "drained"
    assert world.tell(event) == []
    assert world.engine.state.strays == 1
