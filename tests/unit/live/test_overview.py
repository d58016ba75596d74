"""The overview, of an engine that was told what happened."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from campaigns.campaign import Mode, Pacing
from campaigns.hours_rule import HoursRule
from campaigns.life import CampaignState
from campaigns.preset_files import load_rule_set
from dialer.api.schemas import ServiceInfo
from dialer.engine import events as ev
from dialer.engine.engine import Engine
from dialer.engine.state import EngineState
from dialer.live.alarms import Alarms, Condition
from dialer.live.figures import DayFigures
from dialer.live.overview import SHOWN_FOR_S, Overviews
from dialer.live.standing import Standing
from dialer.live.watch import FloorWatch
from dialer.ports.store import LeadCounts
from dialer.settings import AgentSettings, Settings, TrunkSettings
from tests.unit.campaigns.samples import RECORD
from tests.unit.engine.world import LONDON, NOON, TRUNK, World, campaign, candidate, phone


class Floor:
    def __init__(self, engine: Engine) -> None:
        self.engine: EngineState = engine.state
        self.settings = Settings(
            trunks=(TrunkSettings(TRUNK.name, TRUNK.host),),
            agents=(AgentSettings("a1", "Ana"), AgentSettings("zoe", "Zoë")),
        )
        self.watch: FloorWatch | None = None
        self.lines = {"a1": "calling"}

    def of_trunks(self) -> Iterable[Condition]:
        return [Condition("trunk_unregistered", "alarm", "", "Trunk sim has not registered us.", "sim")]

    def third_of(self, attempt_id: int) -> tuple[str, str]:
        return "", ""

    def info(self, now: float) -> ServiceInfo:
        return ServiceInfo(version="0", home="/home", pid=1, started_at=NOON, now=now, state="running")


def standing(name: str, state: CampaignState = CampaignState.RUNNING) -> Standing:
    found = Standing(name, state, "", NOON, state)
    found.campaign, found.rules = campaign(name=name), load_rule_set("fictional")
    return found


@pytest.fixture
def world() -> World:
    world = World(campaign(name="spring"))
    world.tell(ev.CampaignOpened(campaign(name="acme/autumn"), load_rule_set("fictional"), (LONDON,)))
    world.tell(ev.AgentLoggedIn("b1", "acme/autumn"))
    world.tell(ev.AgentPaused("b1", "lunch"))
    return world


class Looking:
    def __init__(self, world: World) -> None:
        self.world = world
        self.figures = DayFigures("UTC", NOON)
        self.standings = {name: standing(name) for name in ("spring", "acme/autumn")}
        self.overviews = Overviews(Floor(world.engine), self.standings, self.figures, Alarms())


def test_a_call_from_the_first_ring_to_the_talk(world: World) -> None:
    looking = Looking(world)
    attempt_id = world.dial(candidate(1, phone(7)))
    row = looking.overviews.look("", world.now).campaigns[1]
    assert (row.name, row.dialing, row.talking, row.lines_in_use, row.lines) == ("spring", 1, 0, 1, 50)
    world.tell(ev.CallProgress(attempt_id, 180), after=1.0)
    world.wait(3.0)
    (call,) = looking.overviews.look("", world.now).calls
    assert (call.state, call.for_s, call.number, call.trunk) == ("alerting", 3.0, "+442.......07", "sim")
    world.tell(ev.CallAnswered(attempt_id))
    world.wait(2.0)
    seen = looking.overviews.look("", world.now)
    (call,) = seen.calls
    assert (call.state, call.for_s, call.agent_id) == ("talking", 2.0, "a1")
    (ana,) = [agent for agent in seen.agents if agent.agent_id == "a1"]
    assert (ana.name, ana.state, ana.for_s, ana.attempt_id) == ("Ana", "talking", 2.0, attempt_id)
    world.tell(ev.CallEnded(attempt_id, "callee"))
    world.wait(1.0)
    seen = looking.overviews.look("", world.now)
    assert not seen.calls, "over on the wire"
    assert seen.agents[0].state == "wrap_up"


def test_agents_on_duty_and_those_who_could_be(world: World) -> None:
    seen = Looking(world).overviews.look("", world.now)
    assert [(a.agent_id, a.state, a.campaign, a.pause_code) for a in seen.agents] == [
        ("a1", "ready", "spring", ""),
        ("b1", "paused", "acme/autumn", "lunch"),
        ("zoe", "logged_out", "", ""),
    ]


def test_a_lost_phone_is_seen_with_how_its_line_is(world: World) -> None:
    looking = Looking(world)
    world.tell(ev.PhoneLost("a1", 10.0))
    seen = looking.overviews.look("", world.now)
    assert (seen.agents[0].state, seen.agents[0].phone) == ("unreachable", "calling")
    assert "phone_lost" not in {alarm.code for alarm in seen.alarms}
    world.wait(15.0)
    (alarm,) = [alarm for alarm in looking.overviews.look("", world.now).alarms if alarm.code == "phone_lost"]
    assert "line: calling" in alarm.text


def test_a_lost_desk_is_seen_and_told_to_its_client_alone(world: World) -> None:
    looking = Looking(world)
    world.tell(ev.DeskLost("b1", 15.0))
    world.wait(0.5)
    assert "desk_lost" not in {alarm.code for alarm in looking.overviews.look("", world.now).alarms}
    world.wait(1.0)
    seen = looking.overviews.look("", world.now)
    (alarm,) = [alarm for alarm in seen.alarms if alarm.code == "desk_lost"]
    assert (alarm.level, alarm.campaign) == ("warning", "acme/autumn")
    assert "Agent b1's desk is gone" in alarm.text
    assert seen.agents[1].pause_code == "desk_lost", "whatever the agent's own reason was"
    assert alarm in looking.overviews.look("acme", world.now).alarms
    assert alarm not in looking.overviews.look("other", world.now).alarms
    world.tell(ev.DeskOpened("b1"))
    world.wait(1.0)
    seen = looking.overviews.look("", world.now)
    assert "desk_lost" not in {alarm.code for alarm in seen.alarms}
    assert seen.agents[1].pause_code == "lunch"


def test_a_client_sees_its_own_and_nothing_else(world: World) -> None:
    looking = Looking(world)
    world.dial(candidate(1))
    seen = looking.overviews.look("acme", world.now)
    assert [row.name for row in seen.campaigns] == ["acme/autumn"]
    assert [agent.agent_id for agent in seen.agents] == ["b1"]
    assert seen.calls == []
    assert {alarm.campaign for alarm in seen.alarms} == {"acme/autumn"}
    assert [trunk.name for trunk in seen.trunks] == ["sim"]
    nobody = looking.overviews.look("other", world.now)
    assert (nobody.campaigns, nobody.agents, nobody.calls, nobody.trunks, nobody.alarms) == ([], [], [], [], [])


def test_it_is_made_at_most_twice_a_second_and_at_once_after_a_change(world: World) -> None:
    looking = Looking(world)
    first = looking.overviews.look("", NOON)
    assert looking.overviews.look("", NOON + SHOWN_FOR_S / 2) is first
    looking.overviews.forget()
    second = looking.overviews.look("", NOON + SHOWN_FOR_S / 2)
    assert second is not first
    assert looking.overviews.look("", NOON + 2 * SHOWN_FOR_S).service.now == NOON + 2 * SHOWN_FOR_S


def test_figures_are_of_committed_records(world: World) -> None:
    looking = Looking(world)
    assert looking.overviews.look("", NOON).campaigns[1].figures.attempts == 0
    record = replace(RECORD, campaign="spring", created_at=NOON, closed_at=NOON + 1.0, live=True, abandoned=True)
    looking.figures.add_record(record)
    looking.figures.counted_leads("spring", LeadCounts(10, 4, 2))
    row = looking.overviews.look("", NOON + 1.0).campaigns[1]
    assert (row.figures.attempts, row.figures.abandoned, row.figures.abandonment_rate) == (1, 1, 1.0)
    assert row.figures.abandon_cap == 0.03
    assert (row.leads.total, row.leads.attempted, row.leads.final, row.leads.penetration) == (10, 4, 2, 0.4)


def test_before_the_window_opens_it_says_in_how_long() -> None:
    early = datetime(2026, 11, 23, 8, 55, tzinfo=UTC).timestamp()
    hours = HoursRule.parse({"weekdays": "09:00-17:00"})
    looking = Looking(World(campaign(hours=hours), now=early))
    looking.world.tell(ev.LeadsFetched("spring", (), None))
    assert looking.overviews.look("", early).campaigns[1].leads.next_in_s == 300.0
    looking.world.wait(120.0)
    assert looking.overviews.look("", early + 120.0).campaigns[1].leads.next_in_s == 180.0
    assert {alarm.code for alarm in looking.overviews.look("", early + 120.0).alarms} >= {"leads_wait"}
    (why,) = looking.overviews.look("", early + 120.0).campaigns[1].waits_because
    assert (why.code, why.text, why.count, why.until) == (
        "window_closed", "outside their calling hours", 0, early + 300.0,
    )  # fmt: skip


def test_leads_that_are_not_asked_for_say_what_they_lack_and_those_that_open_come_first() -> None:
    groups = ("US:", LONDON, "US:America/New_York", "US:America/Chicago")
    looking = Looking(World(rule_set=load_rule_set("us-federal-telemarketing"), groups=groups))
    for _ in range(3):  # those whose window is open, and those of the two groups that never open
        looking.world.tell(ev.LeadsFetched("spring", (), None, more_ready=True))
    waits = looking.overviews.look("", NOON).campaigns[1].waits_because
    opens_at = datetime(2026, 11, 23, 13, 0, tzinfo=UTC).timestamp()
    assert [(why.code, why.until) for why in waits] == [
        ("window_closed", opens_at), ("no_zone", None), ("no_rule", None),
    ]  # fmt: skip
    looking.world.tell(ev.PauseRequested("spring"))
    assert looking.overviews.look("", NOON + 1.0).campaigns[1].waits_because == [], "nobody wants it to dial"


def test_what_predictive_pacing_believes_and_waits_for_is_shown() -> None:
    looking = Looking(World(campaign(pacing=Pacing(Mode.PREDICTIVE, abandon_target=0.03)), agents=2))
    assert looking.overviews.look("", NOON).campaigns[1].pace is None, "nothing was decided yet"
    looking.world.leads(candidate(1), candidate(2))
    pace = looking.overviews.look("", NOON + 1.0).campaigns[1].pace
    assert pace is not None
    assert (pace.limit, pace.may_lose, pace.window_s) == ("leads", 1, 8 * 3_600.0)
    assert pace.next_lost <= pace.allowed
    assert 0.1 < pace.answer_rate < 0.9
    assert 5.0 < pace.answer_s < 20.0


def test_what_a_trunk_says_to_our_register_is_the_houses_affair(world: World) -> None:
    looking = Looking(world)
    seen = looking.overviews.look("", world.now).alarms
    assert ("trunk_unregistered", "alarm", "") in {(alarm.code, alarm.level, alarm.campaign) for alarm in seen}
    seen = looking.overviews.look("acme", world.now).alarms
    assert "trunk_unregistered" not in {alarm.code for alarm in seen}


def test_a_campaign_that_places_no_call_says_why(world: World) -> None:
    looking = Looking(world)
    asked: list[str] = []

    def waiting(campaign: str, now: float) -> None:
        asked.append(campaign)

    looking.overviews = Overviews(Floor(world.engine), looking.standings, looking.figures, Alarms(), waiting)
    looking.figures.counted_leads("spring", LeadCounts(3, 0, 0))
    autumn, spring = looking.overviews.look("", world.now + 10.0).campaigns
    assert autumn.no_call == "no agent is ready (1 on break)"
    assert spring.no_call == ""  # it fetches its leads
    attempt_id = world.dial(candidate(1, phone(7)))
    world.tell(ev.CallProgress(attempt_id, 180))
    asked.clear()
    autumn, spring = looking.overviews.look("", world.now + 20.0).campaigns
    assert spring.no_call == ""
    assert asked == ["acme/autumn"], "leads of a campaign that calls are not counted"
