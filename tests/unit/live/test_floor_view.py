"""What the floor's view tells of the leads to come: by the engine's own account, nothing of it guessed."""

from __future__ import annotations

from datetime import UTC, datetime

from campaigns.window import WeeklyHours
from dialer.cli.demo_view import advice
from dialer.live.floor_view import FloorView, FloorWatcher
from tests.unit.engine.world import NOON, World, campaign, candidate

NINE_TO_FIVE = WeeklyHours.parse({"weekdays": "09:00-17:00"})
BEFORE_OPENING = datetime(2026, 11, 23, 8, 55, tzinfo=UTC).timestamp()  # a Monday, in London


def look(world: World) -> FloorView:
    return FloorWatcher("spring").look(world.engine, world.now)


def test_before_the_window_opens_it_says_in_how_long() -> None:
    world = World(campaign(hours=NINE_TO_FIVE), now=BEFORE_OPENING)
    view = look(world)
    assert (view.leads_ready, view.leads_in_s) == (0, 300.0)
    assert advice(view) == "No lead may be dialed now; the next one may in 5 min."
    world.wait(120.0)
    assert look(world).leads_in_s == 180.0


def test_at_five_past_nine_leads_are_asked_for_and_nothing_is_said() -> None:
    world = World(campaign(hours=NINE_TO_FIVE), now=BEFORE_OPENING)
    world.wait(600.0)
    assert look(world).leads_in_s is None  # the store has been asked
    world.leads(candidate(1), candidate(2))
    view = look(world)
    assert (view.leads_ready, view.leads_in_s, advice(view)) == (1, None, "")


def test_without_agents_leads_are_not_what_is_missing() -> None:
    world = World(agents=0)
    world.leads(candidate(1))
    assert advice(look(world)) == "No agent is on duty: nothing is dialed until one logs in."


def test_when_all_wait_for_a_retry_it_says_until_when() -> None:
    world = World()
    world.leads(next_due_at=NOON + 90 * 60)
    view = look(world)
    assert view.leads_in_s is not None
    assert advice(view) == "No lead may be dialed now; the next one may in 1 h 30 min."
