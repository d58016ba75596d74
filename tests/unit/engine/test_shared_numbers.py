"""Two leads that share a number never ring it at once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from campaigns.callback import Promise
from campaigns.campaign import Mode, Pacing
from campaigns.preset_files import load_rule_set
from campaigns.refusal import Refusal
from dialer.engine import events as ev
from dialer.engine.commands import CampaignEnded, CloseAttempt, Originate, ReturnLeads, SaveAttempt, SaveOptOut
from dialer.ports.store import BlockNumbers
from tests.unit.engine.world import LONDON, World, campaign, candidate, phone

POWER = campaign(pacing=Pacing(Mode.POWER, ratio=3.0))
SHARED = phone(7)


def both(world: World) -> None:
    world.leads(candidate(1, SHARED), candidate(2, SHARED), candidate(3), next_due_at=world.now + 7200)


def test_the_second_waits_until_the_first_call_is_on_record() -> None:
    world = World(POWER)
    both(world)
    assert [save.intent.lead_id for save in world.all(SaveAttempt)] == [1, 3]
    assert world.engine.state.runs["spring"].refused == {Refusal.IN_CALL.value: 1}
    world.tell(ev.AttemptSaved(1))
    world.tell(ev.CallAnswered(1), after=3)
    world.tell(ev.CallEnded(1, "callee"), after=60)
    assert not world.all(ReturnLeads), "the agent has yet to say what came of it: perhaps never to call again"
    given = world.tell(ev.Dispositioned("a1", 1, "callback", Promise(world.now + 86_400)), after=5)
    kinds = [type(command) for command in given]
    assert kinds.index(CloseAttempt) < kinds.index(ReturnLeads), "its history holds the call when it is asked for"
    update = world.last(ReturnLeads).updates[0]
    assert (update.lead_id, update.state, update.due_at, update.reason) == (2, "ready", world.now, "in_call")
    world.leads(candidate(2, SHARED))
    assert world.last(SaveAttempt).intent.lead_id == 2


def test_of_another_campaign_too() -> None:
    world = World(POWER)
    world.leads(candidate(1, SHARED), next_due_at=world.now + 7200)
    world.tell(ev.AgentLoggedIn("b1", "summer"))
    world.tell(ev.AgentReady("b1"))
    world.tell(ev.CampaignOpened(replace(POWER, name="summer"), load_rule_set("fictional"), (LONDON,)))
    world.tell(ev.LeadsFetched("summer", (candidate(2, SHARED),), None))
    world.wait(1)
    assert [save.intent.campaign for save in world.all(SaveAttempt)] == ["spring"]
    assert not world.all(CampaignEnded), "a lead of summer still waits"
    world.tell(ev.AttemptSaved(1))
    world.tell(ev.CallEnded(1, "callee", 486), after=5)
    update = world.last(ReturnLeads).updates[0]
    assert (update.campaign, update.lead_id) == ("summer", 2)


def test_a_refusal_by_the_writer_lets_the_next_one_go_ahead() -> None:
    world = World(POWER)
    both(world)
    world.tell(ev.SaveRefused(1, Refusal.LEAD_LIMIT, "6 of 6"))
    assert [update.lead_id for given in world.all(ReturnLeads) for update in given.updates] == [1, 2]


def test_a_paused_campaign_does_not_keep_the_lead_that_waits() -> None:
    world = World(POWER)
    both(world)
    world.tell(ev.AttemptSaved(1))
    world.tell(ev.PauseRequested("spring"))
    assert [update.lead_id for update in world.last(ReturnLeads).updates] == [2]
    world.tell(ev.CallEnded(1, "callee", 486), after=5)
    assert len(world.all(ReturnLeads)) == 1
    assert [placed.attempt_id for placed in world.all(Originate)] == [1]


def test_a_number_that_was_never_reached_for_want_of_a_port_is_free_again() -> None:
    world = World(POWER)
    both(world)
    world.tell(ev.AttemptSaved(1))
    world.tell(ev.CallFault(1, "no RTP port is free"))
    assert world.engine.state.in_call == {phone(3).e164, "#3"}
    assert world.last(ReturnLeads).updates[0].lead_id == 2


@pytest.mark.parametrize("by_key", [True, False])
def test_nobody_is_called_whose_refusal_is_on_no_register_yet(by_key: bool) -> None:
    world = World(POWER)
    world.leads(candidate(1, SHARED), next_due_at=world.now + 7200)
    world.tell(ev.AgentLoggedIn("b1", "summer"))
    world.tell(ev.AgentReady("b1"))
    world.tell(ev.CampaignOpened(replace(POWER, name="summer"), load_rule_set("fictional"), (LONDON,)))
    world.tell(ev.AttemptSaved(1))
    world.tell(ev.CallAnswered(1), after=3)
    if by_key:
        world.tell(
            ev.SaveFailed(
                "spring", SaveOptOut("spring", 1, BlockNumbers((SHARED.e164,), "", world.now)), "no server"
            )
        )
    world.tell(ev.CallEnded(1, "callee"), after=60)
    world.tell(ev.Dispositioned("a1", 1, "callback" if by_key else "dnc"), after=5)
    if not by_key:
        world.tell(ev.SaveFailed("spring", world.last(CloseAttempt), "no server"))
    world.tell(ev.LeadsFetched("summer", (candidate(2, SHARED),), None))
    world.wait(1)
    assert [save.intent.campaign for save in world.all(SaveAttempt)] == ["spring"]
    update = world.last(ReturnLeads).updates[0]
    assert (update.lead_id, update.state, update.reason) == (2, "ready", "dnc"), "the register is asked again"
    world.tell(ev.OptOutSaved(1) if by_key else ev.RecordSaved("spring", 1))
    assert not world.engine.state.owed
