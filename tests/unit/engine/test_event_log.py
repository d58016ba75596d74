from __future__ import annotations

import typing
from dataclasses import replace

import pytest

from campaigns.callback import Promise
from campaigns.preset_files import load_rule_set
from campaigns.retry import RetryRule, RetrySchedule
from dialer.engine import event_log
from dialer.engine import events as ev
from dialer.engine.engine import Engine
from dialer.engine.errors import EventLogError
from tests.unit.engine.world import LONDON, NOON, TRUNK, World, campaign, candidate, phone
from tests.walls import SIMULATED


def logged_run() -> list[str]:
    lines: list[str] = []

    class LoggingWorld(World):
        def tell(self, event: ev.Event, after: float = 0.0) -> list[typing.Any]:
            until = self.now + after
            while (deadline := self.engine.next_deadline()) is not None and deadline <= until:
                self.now = max(self.now, deadline)
                self._take(ev.WakeUp())
            self.now = until
            return self._take(event)

        def _take(self, event: ev.Event) -> list[typing.Any]:
            given = self.engine.handle(event, self.now)
            self.commands += given
            lines.append(event_log.to_line(event, self.now, given))
            return given

    world = LoggingWorld()
    world.dial(candidate(1, phone(1), phone(2)))
    world.tell(ev.CallProgress(1, 180), after=1)
    world.tell(ev.CallAnswered(1), after=1)
    world.tell(ev.CallEnded(1, "callee"), after=10)
    world.tell(ev.Dispositioned("a1", 1, "callback", Promise(world.now + 3600)), after=3)
    return lines


def logged_changes() -> list[str]:
    """A run that is changed, paused and joined by leads, over trunks that change."""
    engine, lines = fresh_engine(), []
    text = replace(campaign(), retry=RetrySchedule((("busy", RetryRule((60.0,), 2)),)), trunks=("sim", "other"))
    rules = load_rule_set("fictional")
    events: list[ev.Event] = [
        ev.CampaignOpened(campaign(), rules, (LONDON,)),
        ev.AgentLoggedIn("a1", "spring"),
        ev.AgentReady("a1"),
        ev.LeadsFetched("spring", (candidate(1), candidate(2)), None),
        ev.TrunksChanged((TRUNK, replace(TRUNK, name="other", username="us", password="sesame", cps=2.5))),
        ev.MediaRoomChanged(40),
        ev.ClockDoubted("it was put back"),
        ev.ClockTrusted(),
        ev.CampaignChanged(text, rules),
        ev.LeadsAdded("spring", (LONDON, "US:America/New_York")),
        ev.AttemptSaved(1),
        ev.PauseRequested("spring"),
        ev.LeadsFetched("spring", (candidate(3),), NOON + 60.0, True),
        ev.ResumeRequested("spring"),
        ev.AgentLoggedIn("a1", "summer"),
        ev.AgentPaused("a1", "lunch"),
        ev.DeskLost("a1", 15.0),
        ev.DeskOpened("a1"),
        ev.TrunksChanged(()),
    ]
    for second, event in enumerate(events):
        lines.append(event_log.to_line(event, NOON + second, engine.handle(event, NOON + second)))
    assert [event for event, _, _ in event_log.read(lines)] == [without_password(event) for event in events]
    return lines


def without_password(event: ev.Event) -> ev.Event:
    if not isinstance(event, ev.TrunksChanged):
        return event
    return ev.TrunksChanged(tuple(replace(trunk, password="") for trunk in event.trunks))


def fresh_engine() -> Engine:
    return Engine([TRUNK], walls=SIMULATED, next_attempt_id=1, call_id_of=lambda n: f"call-{n}@test")


def test_events_survive_the_log() -> None:
    lines = logged_run()
    events = [event for event, _, _ in event_log.read(lines)]
    assert isinstance(events[0], ev.CampaignOpened)
    assert events[0].campaign == World().campaign
    assert isinstance(events[-1], ev.Dispositioned)
    assert events[-1] == ev.Dispositioned("a1", 1, "callback", Promise(World().now + 3612.25))


def test_a_replayed_log_gives_the_same_commands() -> None:
    lines = logged_run()
    assert event_log.replay(lines, fresh_engine()) == len(lines)


def test_changes_while_it_runs_are_replayed_too() -> None:
    lines = logged_changes()
    assert event_log.replay(lines, fresh_engine()) == len(lines)


def test_passwords_of_trunks_are_not_logged() -> None:
    assert not any("sesame" in line for line in logged_changes())


def test_a_replay_that_differs_is_found() -> None:
    lines = logged_run()
    other = Engine([TRUNK], walls=SIMULATED, next_attempt_id=2, call_id_of=lambda n: f"call-{n}@test")
    with pytest.raises(EventLogError, match="other commands"):
        event_log.replay(lines, other)


def test_a_broken_line_is_named() -> None:
    with pytest.raises(EventLogError, match="line 2"):
        list(event_log.read([logged_run()[0], "{nonsense"]))
