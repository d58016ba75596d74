"""A journal that fails: what is kept, what is told, and when it is tried again."""

from __future__ import annotations

from dialer.engine import events as ev
from dialer.engine.commands import CampaignEnded, CloseAttempt, Notice, SaveAgentTime, SaveAttempt
from tests.unit.engine.world import World, candidate, phone


def test_agents_may_be_on_duty_for_a_campaign_that_is_not_open_and_lose_their_time() -> None:
    world = World()
    world.tell(ev.AgentLoggedIn("x1", "autumn"))
    world.tell(ev.AgentLoggedOut("x1"), after=60)
    lost = world.last(SaveAgentTime)
    world.tell(ev.SaveFailed("autumn", lost, "disk full"))
    assert (world.last(Notice).campaign, world.last(Notice).code) == ("autumn", "journal_failed")


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
