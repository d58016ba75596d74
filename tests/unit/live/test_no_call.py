"""Why a campaign places no call: for each cause, the sentence with the next step."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from campaigns.life import CampaignState
from campaigns.refusal import Refusal, Refused
from dialer.api.schemas import CampaignRow, Figures, LeadFigures, WaitReason
from dialer.engine import events as ev
from dialer.live.conditions import WHY
from dialer.live.no_call import why_no_call
from dialer.ports.store import ZoneLeads
from tests.unit.engine.world import LONDON, NOON, TRUNK, World, campaign, candidate, phone

NEW_YORK = "US:America/New_York"
AUCKLAND = "NZ:Pacific/Auckland"
NOWHERE = "GB:"
ZONES = (LONDON, NEW_YORK, AUCKLAND, NOWHERE)


def row(**changed: Any) -> CampaignRow:
    values: dict[str, Any] = {
        "name": "spring", "client": "", "title": "", "mode": "power", "state": CampaignState.RUNNING,
        "state_reason": "", "state_since": NOON - 60.0, "figures": Figures(since=NOON),
        "leads": LeadFigures(total=12_400, final=2_000), "agents": {"ready": 3},
    }  # fmt: skip
    return CampaignRow.model_validate(values | changed)


@pytest.fixture
def world() -> World:
    """At noon in London; nothing is left there, and New York is not open yet."""
    world = World(campaign(name="spring"))
    for group in ZONES:
        world.engine.state.runs["spring"].hopper.learn(group)
    world.tell(ev.LeadsFetched("spring", (), None, more_ready=True))
    world.tell(ev.LeadsFetched("spring", (), None, more_ready=True))  # nobody nowhere has another number
    return world


def ask(world: World, counted: tuple[ZoneLeads, ...] | None = None, **changed: Any) -> str:
    return why_no_call(row(**changed), world.engine.state, world.now, leads=counted)


def test_leads_that_wait_for_their_windows(world: World) -> None:
    leads = (ZoneLeads(AUCKLAND, 9_300, 0, None), ZoneLeads(NEW_YORK, 3_100, 0, None))
    assert ask(world, leads) == (
        "all 12,400 leads wait for their windows; "
        "the first 3,100 (US:America/New_York) open at 14:00, in 2 h 0 min"
    )
    some = (*leads, ZoneLeads(LONDON, 0, 600, NOON + 600))
    assert ask(world, some).startswith("12,400 of 13,000 leads wait for their windows; the first 3,100 (US")


@pytest.mark.parametrize("code", [Refusal.CAP, Refusal.CALLER_ID_COUNTRY, Refusal.COOLOFF, Refusal.DNC])
def test_leads_that_were_refused_are_no_retries(world: World, code: Refusal) -> None:
    mere = WaitReason(code="window_closed", text="outside their calling hours", count=900)
    refused = WaitReason(code=code.value, text=WHY[code], count=700)
    leads = (ZoneLeads(LONDON, 0, 600, NOON + 600),)
    look = f"a retry, a callback or another look (refused most: {WHY[code]})"
    assert ask(world, leads, waits_because=[mere, refused]) == (
        f"all 600 leads wait for {look}; the first is due at 12:10, in 10 min; `dialer funnel` tells more"
    )
    assert "for a retry or callback;" in ask(world, leads, waits_because=[mere])


def test_leads_that_wait_for_their_retries(world: World) -> None:
    leads = (ZoneLeads(LONDON, 0, 600, NOON + 600), ZoneLeads(NEW_YORK, 20, 4, NOON + 900))
    assert ask(world, leads) == (
        "604 of 624 leads wait for a retry or callback; the first is due at 12:10, in 10 min"
    )
    (only,) = (replace(leads[0], later=1),)
    assert ask(world, (only,)).startswith("its one open lead waits for a retry or callback")


def test_leads_that_can_never_be_dialed(world: World) -> None:
    assert ask(world, (ZoneLeads(NOWHERE, 12, 0, None), ZoneLeads(NEW_YORK, 2, 0, None))) == (
        "12 of 14 leads can never be dialed as they are: nothing says in which time zone they are;"
        " `dialer funnel` tells more"
    )


def test_leads_that_are_not_counted_yet(world: World) -> None:
    reason = WaitReason(code="window_closed", text="outside their calling hours", count=0)
    waits = {"leads": LeadFigures(total=9, next_in_s=7_200.0), "waits_because": [reason]}
    assert ask(world, None, **waits) == (
        "no lead may be dialed now (outside their calling hours); the next may at 14:00, in 2 h 0 min"
    )
    assert ask(world).startswith("no lead may be dialed; `dialer funnel`")


@pytest.mark.parametrize(
    ("leads", "text"),
    [
        (LeadFigures(total=0), "it has no leads; import a list"),
        (LeadFigures(total=5, final=5), "every one of its 5 leads is closed; import more"),
    ],
)
def test_no_leads_are_left(world: World, leads: LeadFigures, text: str) -> None:
    assert ask(world, (), leads=leads) == text


@pytest.mark.parametrize(
    ("agents", "text"),
    [
        ({}, "no agent is on duty; have one log in"),
        ({"paused": 3}, "no agent is ready (3 on break)"),
        ({"paused": 2, "unreachable": 1}, "no agent is ready (2 on break, 1 without a phone)"),
    ],
)
def test_no_agent_could_take_a_call(world: World, agents: dict[str, int], text: str) -> None:
    assert ask(world, agents=agents) == text
    assert "agent" not in why_no_call(
        row(agents=agents), world.engine.state, world.now, needs_agents=False, leads=()
    )


def test_trunks_that_carry_nothing(world: World) -> None:
    (trunk,) = world.engine.state.runs["spring"].selector.trunks
    trunk.in_use = trunk.trunk.channels
    assert (
        ask(world)
        == "every line of its trunks is in use, by other campaigns too; wait, or raise channels in dialer.toml"
    )
    trunk.health.stopped = trunk.health.why = "403: it is not us that it knows"
    assert ask(world).startswith(f"trunk {TRUNK.name} is stopped: 403: it is not us that it knows;")


def test_what_holds_up_the_whole_campaign(world: World) -> None:
    run = world.engine.state.runs["spring"]
    run.held_up = Refused(Refusal.CALLS_CEILING, None, "trunk sim: 2 calls within one hour is the ceiling")
    assert ask(world) == "trunk sim: 2 calls within one hour is the ceiling"
    world.tell(ev.MediaRoomChanged(0))
    assert ask(world).startswith("no call's audio can be carried: the machine is too busy")
    world.tell(ev.MediaRoomChanged(0, lost=True))
    assert ask(world).startswith("nothing carries the audio")
    world.tell(ev.MediaRoomChanged(10))
    assert ask(world) == "trunk sim: 2 calls within one hour is the ceiling"


@pytest.mark.parametrize(
    ("state", "text"),
    [
        (CampaignState.DRAFT, "it is a draft, and not complete: no trunk"),
        (CampaignState.READY, "it is not started; start it"),
        (CampaignState.PAUSED, "it is paused: no trunk; start it to go on"),
        (CampaignState.DRAINING, "it is being stopped; calls in progress finish"),
        (CampaignState.DONE, "it is done: no trunk; start it again when it has leads"),
    ],
)
def test_a_campaign_that_does_not_run(world: World, state: CampaignState, text: str) -> None:
    assert ask(world, state=state, state_reason="no trunk") == text


@pytest.mark.parametrize("changed", [{"dialing": 1}, {"talking": 1}, {"waiting": 1}, {"state_since": NOON - 1.0}])
def test_nothing_is_said_of_one_that_calls_or_has_just_begun(world: World, changed: dict[str, Any]) -> None:
    assert ask(world, None, **changed) == ""


def test_nothing_is_said_while_leads_are_at_hand(world: World) -> None:
    world.engine.state.runs["spring"].hopper.ready.append(candidate(3, phone(9)))
    assert ask(world) == ""


def test_a_clock_that_is_doubted_is_the_first_thing_to_know(world: World) -> None:
    world.tell(ev.ClockDoubted("The machine's clock was put back by 3 s."))
    assert ask(world) == "the machine's clock is doubted. The machine's clock was put back by 3 s."
    world.tell(ev.ClockTrusted())
    assert "doubted" not in ask(world)
