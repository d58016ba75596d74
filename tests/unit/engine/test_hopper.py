"""The leads next in line: asked for whenever there is room, and never lost on the way."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from campaigns.campaign import AttemptLimits
from campaigns.hours import WeeklyHours
from campaigns.hours_rule import HoursRule
from campaigns.permission.past import PastAttempt
from campaigns.preset_files import load_rule_set
from campaigns.refusal import Refusal
from campaigns.zone_group import parts_of
from dialer.engine import events as ev
from dialer.engine.commands import CampaignEnded, FetchLeads, ReturnLeads, SaveAttempt
from dialer.engine.deadlines import Deadlines, Timer
from dialer.engine.hopper import ASK_AGAIN_S
from dialer.ports.store import Aside
from lists.lead import NumberKind, PhoneNumber, ZoneSource
from tests.unit.engine.world import LONDON, NOON, RULES, World, campaign, candidate, phone

NEW_YORK = "US:America/New_York"
HALF_PAST_NOON = HoursRule(WeeklyHours(days=(((0, 12 * 60 + 30),),) * 7))
PREMIUM = replace(phone(99), kind=NumberKind.PREMIUM)


def test_leads_refused_at_dial_time_are_replaced_at_once() -> None:
    hours = HoursRule(WeeklyHours(days=(((0, 20 * 60),),) * 7))
    afternoon = NOON + 7 * 3600 + 58 * 60  # 19:58 in London, 14:58 in New York
    world = World(campaign(hours=hours), agents=0, groups=(LONDON, NEW_YORK), now=afternoon)
    world.leads(*(candidate(n) for n in range(1, 31)))
    asked = len(world.all(FetchLeads))
    world.tell(ev.AgentLoggedIn("a1", "spring"), after=100)
    world.tell(ev.AgentReady("a1"))
    world.wait(2)
    assert world.last(ReturnLeads).updates[0].reason == Refusal.WINDOW_CLOSING
    assert len(world.all(FetchLeads)) == asked + 1, "or nobody in New York is called until London wakes up"
    assert world.last(FetchLeads).zone_groups == (NEW_YORK,)


def test_a_list_is_not_done_while_its_leads_are_being_put_in_other_groups() -> None:
    """The store has some that are ready, but in a group that has not been told yet."""
    world = World(groups=(LONDON,))
    world.tell(ev.LeadsFetched("spring", (), None, more_ready=True))
    assert world.all(CampaignEnded) == []
    world.tell(ev.LeadsAdded("spring", (f"{LONDON};list=cold",), no_others=True))
    assert world.last(FetchLeads).zone_groups == (f"{LONDON};list=cold",)
    world.tell(ev.LeadsFetched("spring", (), None))
    assert world.last(CampaignEnded).reason == "list_done"


def test_leads_that_are_ready_somewhere_are_asked_for_again_in_a_while() -> None:
    world = World(groups=(LONDON,))
    world.tell(ev.LeadsFetched("spring", (), None, more_ready=True))
    asked = len(world.all(FetchLeads))
    world.wait(ASK_AGAIN_S - 1)
    assert len(world.all(FetchLeads)) == asked
    world.wait(2)
    assert len(world.all(FetchLeads)) == asked + 1
    world.tell(ev.LeadsFetched("spring", (), None))
    assert world.last(CampaignEnded).reason == "list_done"


def test_a_zone_that_the_zone_data_does_not_have_is_not_waited_for() -> None:
    world = World(groups=("GB:Europe/Avalon",))
    world.tell(ev.LeadsFetched("spring", (), None))
    assert world.last(CampaignEnded).reason == "list_done"


def test_a_place_whose_holidays_nobody_knows_is_not_waited_for() -> None:
    closed_then = HoursRule.parse({"daily": "00:00-24:00", "holidays": "closed"})
    world = World(campaign(hours=closed_then), groups=("001:Europe/London",))
    world.tell(ev.LeadsFetched("spring", (), None))
    assert world.last(CampaignEnded).reason == "list_done"
    world = World(campaign(hours=closed_then), groups=(LONDON,))
    assert world.last(FetchLeads).zone_groups == (LONDON,)


def test_each_country_has_its_own_holidays() -> None:
    closed_then = HoursRule.parse({"daily": "00:00-24:00", "holidays": "closed"})
    groups = ("US:America/New_York", "CA:America/Toronto")
    thanksgiving = datetime(2026, 11, 26, 17, 0, tzinfo=UTC).timestamp()
    world = World(campaign(hours=closed_then), groups=groups, now=thanksgiving)
    assert world.last(FetchLeads).zone_groups == ("CA:America/Toronto",)


def test_waiting_for_the_same_moment_again_and_again_takes_no_room() -> None:
    deadlines = Deadlines()
    for _ in range(1000):
        deadlines.set(Timer.PACE, "spring", NOON)
    assert len(deadlines) == 1
    assert deadlines.pop_due(NOON) == (Timer.PACE, "spring")
    assert deadlines.pop_due(NOON) is None
    for n in range(1000):
        deadlines.set(Timer.PACE, "spring", NOON + n)
    assert len(deadlines) < 100
    assert deadlines.next() == NOON + 999


def retried_from_second_number(world: World) -> None:
    """A lead whose first number did not answer comes back for its second one."""
    past = PastAttempt(phone(1).e164, "spring", NOON - 60, "no_answer")
    world.leads(
        candidate(1, phone(1), PREMIUM, phone_position=1, attempts=1, tries=(("no_answer", 1),), history=(past,))
    )


def test_a_second_number_that_may_never_be_dialed_does_not_end_the_lead() -> None:
    world = World()
    retried_from_second_number(world)
    assert not world.all(SaveAttempt)
    update = world.last(ReturnLeads).updates[0]
    assert (update.state, update.phone_position) == ("ready", 0)
    assert update.due_at == pytest.approx(NOON - 60 + 4 * 3600), "as the schedule says after no_answer"


def test_a_number_blocked_by_the_writer_leaves_the_lead_those_before_it() -> None:
    world = World()
    past = PastAttempt(phone(1).e164, "spring", NOON - 60, "no_answer")
    world.leads(candidate(1, phone(1), phone(2), phone_position=1, attempts=1, history=(past,)))
    world.tell(ev.SaveRefused(1, Refusal.DNC, "blocked"))
    update = world.last(ReturnLeads).updates[0]
    assert (update.state, update.phone_position) == ("ready", 0)
    assert update.due_at > NOON + 3600


def test_a_lead_is_final_when_none_of_its_numbers_is_left() -> None:
    world = World(campaign(limits=AttemptLimits(per_number=1)))
    retried_from_second_number(world)
    update = world.last(ReturnLeads).updates[0]
    assert (update.state, update.reason) == ("final", Refusal.NUMBER_KIND)


def test_a_wrong_number_is_not_called_again_when_the_other_does_not_answer() -> None:
    world = World()
    wrong = PastAttempt(phone(1).e164, "spring", NOON - 3600, "connected", "wrong_number")
    world.dial(
        candidate(
            1,
            phone(1),
            phone(2),
            phone_position=1,
            attempts=1,
            tries=(("wrong_number", 1),),
            history=(wrong,),
        )
    )
    world.tell(ev.CallProgress(1, 180), after=1)
    world.tell(ev.CallEnded(1, "network", 480), after=20)
    assert (world.update.state, world.update.phone_position) == ("ready", 1)
    assert world.update.due_at > world.now + 3600


NOWHERE = replace(phone(2), zones=(), zone_source=ZoneSource.UNKNOWN)


@pytest.mark.parametrize("second", [NOWHERE, replace(phone(2), region="ZZ"), PREMIUM])
def test_a_retry_goes_to_no_number_that_is_never_dialed(second: PhoneNumber) -> None:
    world = World(rule_set=replace(load_rule_set("fictional"), jurisdiction=("GB",)))
    world.dial(candidate(1, phone(1), second))
    world.tell(ev.CallProgress(1, 180), after=1)
    world.tell(ev.CallEnded(1, "network", 480), after=20)
    assert (world.update.state, world.update.phone_position) == ("ready", 0), "its zone group is never asked for"
    assert world.update.due_at >= world.now + 4 * 3600


def test_a_number_that_the_writer_refuses_is_not_followed_by_one_that_is_never_dialed() -> None:
    world = World()
    world.leads(candidate(1, phone(1), NOWHERE, phone(3)))
    world.tell(ev.SaveRefused(1, Refusal.DNC, "blocked"))
    assert world.last(ReturnLeads).updates[0].phone_position == 2


def test_a_lead_that_may_never_be_dialed_does_not_keep_the_campaign_from_ending() -> None:
    """Windows that never overlap: at any moment one of them is closed, and something in the store is ready."""
    world = World(groups=(LONDON, "AU:Australia/Sydney", "GB:"))
    for _ in range(48):
        asked = world.all(FetchLeads)
        world.commands.clear()
        if asked:
            world.tell(ev.LeadsFetched("spring", (), None, True))
        if world.all(CampaignEnded):
            break
        world.wait(1800)
    assert world.last(CampaignEnded).reason == "list_done"


AVALON = replace(phone(5), zones=("Europe/Avalon",))
"""That no zone data has: never asked for."""

GROUPS = (LONDON, AVALON.zone_group)
FIRST = Aside(AVALON.zone_group, (AVALON.zone_group,))


def test_a_lead_whose_first_number_may_never_be_dialed_is_dialed_on_its_second() -> None:
    world = World(groups=GROUPS)
    assert (world.last(FetchLeads).zone_groups, world.last(FetchLeads).aside) == ((LONDON,), None)
    world.tell(ev.LeadsFetched("spring", (), None, True))
    assert (world.last(FetchLeads).zone_groups, world.last(FetchLeads).aside) == ((), FIRST)
    world.leads(candidate(5, AVALON, phone(6)))
    assert world.last(SaveAttempt).intent.number == phone(6).e164
    assert not world.all(CampaignEnded)


def test_where_the_second_number_sleeps_the_lead_waits_for_that_one() -> None:
    tokyo = replace(phone(6), zones=("Asia/Tokyo",))
    world = World(campaign(hours=HoursRule.parse({"daily": "09:00-20:00"})), groups=GROUPS)
    world.tell(ev.LeadsFetched("spring", (), None, True))
    world.leads(candidate(5, AVALON, tokyo))
    update = world.last(ReturnLeads).updates[0]
    assert (update.phone_position, parts_of(update.zone_group).zones) == (1, ("Asia/Tokyo",))
    assert update.due_at == NOON + 12 * 3600


def test_hours_that_never_open_are_as_good_as_no_rules() -> None:
    """Two zones that are never both open: the number may never be called, whoever asks."""
    apart = replace(phone(5), zones=("Pacific/Auckland", "America/Los_Angeles"))
    world = World(campaign(hours=HoursRule.parse({"daily": "10:00-11:00"})), groups=(LONDON, apart.zone_group))
    world.tell(ev.LeadsFetched("spring", (), None, True))
    assert world.last(FetchLeads).aside == Aside(apart.zone_group, (apart.zone_group,))
    world.leads(candidate(5, apart, phone(6)))
    update = world.last(ReturnLeads).updates[0]
    assert (update.phone_position, update.due_at) == (1, NOON + 22 * 3600)


def test_the_look_for_other_numbers_goes_on_to_its_end_and_then_the_campaign_is_done() -> None:
    world = World(groups=GROUPS)
    world.tell(ev.LeadsFetched("spring", (), None, True))
    world.tell(ev.LeadsFetched("spring", (), None, True, seen_to=(7, 7)))
    assert not world.all(CampaignEnded)
    assert world.last(FetchLeads).aside == replace(FIRST, after=(7, 7))
    world.tell(ev.LeadsFetched("spring", (), None, True))
    assert world.last(CampaignEnded).reason == "list_done"


def test_imports_do_not_have_the_same_leads_looked_at_over_and_over() -> None:
    world = World(groups=GROUPS)
    world.tell(ev.LeadsFetched("spring", (), NOON + 9_000, True))
    world.tell(ev.LeadsFetched("spring", (), NOON + 9_000, True))
    for _ in range(10):
        world.tell(ev.LeadsAdded("spring", GROUPS), after=1)
        world.tell(ev.LeadsFetched("spring", (), NOON + 9_000, True))
    looks = [asked.aside for asked in world.all(FetchLeads) if asked.aside is not None]
    assert looks == [FIRST]
    world.wait(60)
    assert world.last(FetchLeads).aside == FIRST, "those that came are looked at too"


def test_a_fetch_that_failed_is_asked_for_again_where_the_look_was() -> None:
    world = World(groups=GROUPS)
    world.tell(ev.LeadsFetched("spring", (), None, True))
    world.tell(ev.LeadsFetched("spring", (), None, True, seen_to=(7, 7)))
    hopper = world.engine.state.runs["spring"].hopper
    hopper.not_fetched()
    again = hopper.request(1, world.now)
    assert again is not None
    assert again.aside == replace(FIRST, after=(7, 7))


def test_rules_that_open_the_group_end_the_look() -> None:
    of_britain = replace(RULES, jurisdiction=("GB",))
    world = World(rule_set=of_britain, groups=(LONDON, "IE:Europe/Dublin"))
    world.tell(ev.LeadsFetched("spring", (), None, True))
    assert world.last(FetchLeads).aside == Aside("IE:Europe/Dublin", ("IE:Europe/Dublin",))
    world.tell(ev.CampaignChanged(world.campaign, RULES))
    world.tell(ev.LeadsFetched("spring", (), None, True, seen_to=(7, 7)))
    assert (world.last(FetchLeads).zone_groups, world.last(FetchLeads).aside) == (
        (LONDON, "IE:Europe/Dublin"),
        None,
    )
    world.tell(ev.CampaignChanged(world.campaign, of_britain))
    world.tell(ev.LeadsFetched("spring", (), None, True))
    assert world.last(FetchLeads).aside == Aside("IE:Europe/Dublin", ("IE:Europe/Dublin",)), "from the first on"


def test_at_night_callbacks_are_asked_for_when_something_may_have_become_due() -> None:
    world = World(now=NOON + 11 * 3600)
    world.tell(ev.LeadsFetched("spring", (), None, next_callback_at=NOON + 40 * 3600))
    asked = len(world.all(FetchLeads))
    world.tell(ev.LeadsAdded("spring", ()))
    assert len(world.all(FetchLeads)) == asked + 1, "a promised call may have waited for the consent just given"
    assert world.last(FetchLeads).zone_groups == ()
