"""A campaign whose text is replaced, or that more leads join, while it is dialed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from campaigns.campaign import AttemptLimits, Mode, Pacing
from campaigns.disposition import STANDARD, Disposition
from campaigns.hours import WeeklyHours
from campaigns.hours_rule import HoursRule
from campaigns.retry import RetryRule, RetrySchedule
from dialer.engine import events as ev
from dialer.engine.commands import (
    CampaignEnded,
    CancelCall,
    CloseAttempt,
    FetchLeads,
    Notice,
    Originate,
    ReturnLeads,
    SaveAttempt,
)
from dialer.pacing import AgentsChanged, PacingEvent
from dialer.pacing.power import PowerPacer
from tests.unit.engine.world import LONDON, NOON, RULES, World, campaign, candidate, phone

TOKYO = "JP:Asia/Tokyo"
MORNING = HoursRule(WeeklyHours(days=(((0, 11 * 60),),) * 7))


def changed(**values: object) -> ev.CampaignChanged:
    return ev.CampaignChanged(campaign(**values), RULES)


def test_leads_of_the_hopper_go_back_to_be_judged_by_the_new_text() -> None:
    world = World()
    world.leads(candidate(1), candidate(2))
    world.tell(changed(caller_ids=("+442079460099",)))
    assert [update.lead_id for update in world.last(ReturnLeads).updates] == [2]
    world.tell(ev.AttemptSaved(1))
    assert not world.all(Originate), "it was permitted with a caller id that the campaign no longer has"
    assert (world.record.outcome, world.update.state) == ("withdrawn", "ready")
    world.leads(candidate(2))
    assert world.last(SaveAttempt).intent.caller_id == "+442079460099"


def test_new_hours_hold_at_once() -> None:
    world = World()
    world.leads(next_due_at=NOON + 7200)
    world.tell(changed(hours=MORNING))
    asked = len(world.all(FetchLeads))
    world.wait(10 * 3600)
    assert len(world.all(FetchLeads)) == asked, "it is past eleven in London"
    world.tell(changed())
    assert len(world.all(FetchLeads)) == asked, "and past eight in the evening by the rules"
    world.wait(12 * 3600)
    assert len(world.all(FetchLeads)) == asked + 1


def test_leads_that_were_asked_for_under_the_old_text_go_back() -> None:
    world = World()
    world.tell(changed(lists=("others",)))
    world.tell(ev.LeadsFetched("spring", (candidate(1),), None))
    assert [update.lead_id for update in world.last(ReturnLeads).updates] == [1]
    assert not world.all(SaveAttempt)
    world.leads(candidate(2))
    assert world.last(SaveAttempt).intent.lead_id == 2


def test_regions_that_the_new_rules_cover_are_asked_for() -> None:
    world = World(rule_set=replace(RULES, jurisdiction=("GB",)), groups=(LONDON, "IE:Europe/Dublin"))
    assert world.last(FetchLeads).zone_groups == (LONDON,)
    world.leads(next_due_at=NOON + 7200)
    world.leads(next_due_at=NOON + 7200)  # those in Ireland that have a number in Britain
    world.tell(changed())
    assert world.last(FetchLeads).zone_groups == (LONDON, "IE:Europe/Dublin")


def test_the_pace_is_the_new_one() -> None:
    world = World(agents=2)
    world.leads(*(candidate(n) for n in range(1, 9)))
    assert len(world.all(SaveAttempt)) == 2
    world.tell(changed(pacing=Pacing(Mode.POWER, ratio=3.0)))
    world.leads(*(candidate(n) for n in range(3, 12)))
    assert len(world.all(SaveAttempt)) == 6, "two are still in flight under the old text"


def test_a_pacer_keeps_what_it_has_learned_unless_the_pacing_is_another() -> None:
    world = World()
    before = world.engine.state.runs["spring"].pacer
    world.tell(changed(title="another title"))
    assert world.engine.state.runs["spring"].pacer is before
    world.tell(changed(pacing=Pacing(Mode.POWER, ratio=3.0)))
    assert world.engine.state.runs["spring"].pacer is not before


@pytest.mark.parametrize("opened", [False, True])
def test_a_pacer_is_told_of_the_agents_that_are_on_duty_already(
    opened: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World(agents=3)
    seen: list[PacingEvent] = []
    monkeypatch.setattr(PowerPacer, "observe", lambda _, event: seen.append(event))
    power = campaign(pacing=Pacing(Mode.POWER, ratio=3.0))
    if opened:
        world.tell(ev.DrainRequested("spring"))
        world.tell(ev.LeadsFetched("spring", (), None))
        world.tell(ev.CampaignOpened(power, RULES, (LONDON,)))
    else:
        world.tell(ev.CampaignChanged(power, RULES))
    assert seen == [AgentsChanged(world.now, 3)]


def test_a_pacing_that_can_not_be_made_changes_nothing() -> None:
    world = World()
    world.leads(candidate(1), candidate(2))
    with pytest.raises(ValueError, match="preview"):
        world.engine.handle(changed(pacing=Pacing(Mode.PREVIEW)), world.now)
    assert world.engine.state.runs["spring"].campaign == world.campaign
    assert len(world.engine.state.runs["spring"].hopper.ready) == 1


def test_the_same_text_again_changes_nothing() -> None:
    world = World()
    world.leads(candidate(1), candidate(2))
    assert world.tell(changed()) == []
    world.tell(ev.AttemptSaved(1))
    assert world.last(Originate).attempt_id == 1


def test_other_rules_under_the_same_text_are_a_change_too() -> None:
    world = World()
    world.leads(candidate(1))
    stricter = replace(RULES, hours=(MORNING,), hash="another")
    world.tell(ev.CampaignChanged(campaign(), stricter))
    world.tell(ev.AttemptSaved(1))
    assert not world.all(Originate)


def test_an_open_call_rings_no_longer_than_it_was_permitted() -> None:
    world = World(campaign(ring_timeout_s=20.0))
    world.dial(candidate(1))
    world.tell(changed(ring_timeout_s=60.0))
    world.tell(ev.CallProgress(1, 180), after=1)
    world.wait(20.1)
    assert world.last(CancelCall).attempt_id == 1


def test_the_retry_of_a_call_that_is_open_is_the_new_one() -> None:
    world = World()
    world.dial(candidate(1))
    world.tell(changed(retry=RetrySchedule((("busy", RetryRule((7 * 3600.0,), 3)),))))
    world.tell(ev.CallEnded(1, "callee", 486), after=2)
    assert world.update.due_at == world.now + 7 * 3600


GOLD = Disposition("gold", "Gold", live=True, rpc=True, final=True)


def test_a_disposition_that_the_agent_was_given_with_the_call_is_still_accepted() -> None:
    world = World(campaign(dispositions=(*STANDARD, GOLD)))
    world.dial(candidate(1))
    world.tell(ev.CallAnswered(1), after=2)
    world.tell(changed())
    world.tell(ev.Dispositioned("a1", 1, "gold"), after=10)
    world.tell(ev.CallEnded(1, "agent"), after=0.1)
    assert (world.record.disposition, world.record.rpc, world.update.state) == ("gold", True, "final")
    assert not world.all(Notice)


def test_a_disposition_that_came_with_the_change_is_accepted_too() -> None:
    world = World()
    world.dial(candidate(1))
    world.tell(ev.CallAnswered(1), after=2)
    world.tell(changed(dispositions=(*STANDARD, GOLD)))
    world.tell(ev.Dispositioned("a1", 1, "gold"), after=10)
    world.tell(ev.CallEnded(1, "agent"), after=0.1)
    assert world.record.disposition == "gold"


def test_a_wrong_number_stays_wrong_when_its_code_is_gone() -> None:
    wrong = Disposition("no_such_person", "No such person", live=True, wrong_number=True)
    world = World(campaign(dispositions=(wrong,)))
    world.dial(candidate(1, phone(1), phone(2)))
    world.tell(ev.CallAnswered(1), after=2)
    world.tell(changed())
    world.tell(ev.Dispositioned("a1", 1, "no_such_person"), after=10)
    world.tell(ev.CallEnded(1, "agent"), after=0.1)
    assert world.update.phone_position != 0


def test_a_raised_limit_lets_a_lead_in_the_store_be_dialed() -> None:
    world = World(campaign(limits=AttemptLimits(per_lead=1)))
    world.leads(candidate(1, attempts=1), next_due_at=NOON + 7200)
    assert world.last(ReturnLeads).updates[0].reason == "lead_limit"
    world.tell(changed(limits=AttemptLimits(per_lead=2)))
    world.leads(candidate(2, attempts=1))
    assert world.last(SaveAttempt).intent.lead_id == 2


def test_leads_that_join_are_asked_for_though_the_list_had_run_dry() -> None:
    world = World()
    world.leads(next_due_at=NOON + 6 * 3600)
    asked = len(world.all(FetchLeads))
    world.tell(ev.LeadsAdded("spring", (LONDON, TOKYO)), after=60)
    assert len(world.all(FetchLeads)) == asked + 1
    world.leads(candidate(1))
    assert world.last(SaveAttempt).intent.lead_id == 1
    world.tell(ev.LeadsFetched("spring", (), None, True))
    world.wait(12 * 3600)
    assert world.last(FetchLeads).zone_groups == (TOKYO,), "nine in the morning there"


def test_leads_that_were_put_in_other_groups_are_asked_for_in_those_alone() -> None:
    world = World(groups=(LONDON, "GB:Europe/Belfast", TOKYO))
    world.tell(ev.LeadsAdded("spring", (LONDON, f"{LONDON};list=cold"), no_others=True))
    world.leads(next_due_at=NOON + 3600)  # of the groups of before
    world.wait(3600)
    assert world.last(FetchLeads).zone_groups == (LONDON, f"{LONDON};list=cold")


def test_a_lead_that_goes_back_is_looked_for_where_the_campaign_has_it() -> None:
    cold = HoursRule.parse({"daily": "15:00-20:00"})
    world = World(campaign(narrower_hours=(replace(cold, list_name="people"),)), groups=(LONDON,))
    world.leads(candidate(1))
    update = world.last(ReturnLeads).updates[0]
    assert (update.reason, update.due_at) == ("window_closed", NOON + 3 * 3600)
    world.leads(next_due_at=None)
    world.wait(3 * 3600)
    assert world.last(FetchLeads).zone_groups == (LONDON, f"{LONDON};list=people")


def test_a_lead_on_its_way_to_another_group_is_not_forgotten_by_who_has_not_seen_it_there() -> None:
    """The store is asked which groups there are while the lead's new place is still being written."""
    cold = HoursRule.parse({"daily": "15:00-20:00"})
    world = World(campaign(narrower_hours=(replace(cold, list_name="people"),)), groups=(LONDON,))
    world.leads(candidate(1))
    world.tell(ev.LeadsAdded("spring", (LONDON,), no_others=True))
    for _ in range(2):  # asked before, and by that
        world.leads(next_due_at=NOON + 3 * 3600)
    world.wait(3 * 3600)
    assert world.last(FetchLeads).zone_groups == (LONDON, f"{LONDON};list=people")


def test_leads_that_join_while_an_answer_is_under_way_are_not_missed() -> None:
    world = World()
    asked = len(world.all(FetchLeads))
    world.tell(ev.LeadsAdded("spring", (LONDON,)))
    world.tell(ev.LeadsFetched("spring", (), None, False))
    world.wait(1)
    assert not world.all(CampaignEnded), "that answer did not know of them"
    assert len(world.all(FetchLeads)) == asked + 1


def test_leads_of_a_campaign_that_is_not_dialed_are_none_of_the_engines_business() -> None:
    world = World()
    assert world.tell(ev.LeadsAdded("autumn", (LONDON,))) == []
    assert world.engine.state.strays == 1


def test_a_lead_that_comes_due_while_its_window_is_closed_does_not_wake_the_engine_again_and_again() -> None:
    world = World(now=NOON + 7.5 * 3600)
    world.leads(next_due_at=NOON + 9 * 3600)
    woken = 0
    while (deadline := world.engine.next_deadline()) is not None and deadline < NOON + 20 * 3600:
        world.now = max(world.now, deadline)
        world.commands += world.engine.handle(ev.WakeUp(), world.now)
        woken += 1
    assert woken < 10
    world.wait(NOON + 21.1 * 3600 - world.now)
    assert world.all(FetchLeads)[-1].now >= NOON + 21 * 3600, "in the morning it is asked for"


def test_records_say_under_what_a_call_was_made() -> None:
    world = World()
    world.dial(candidate(1))
    world.tell(ev.CampaignChanged(campaign(pacing=Pacing(Mode.POWER, ratio=2.0)), replace(RULES, name="others")))
    world.tell(ev.CallEnded(1, "callee", 486), after=2)
    record = world.last(CloseAttempt).record
    assert (record.mode, record.rule_set) == ("progressive", "fictional")
