from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from campaigns.preset_files import load_rule_set
from dialer.engine import events as ev
from dialer.engine.commands import (
    CampaignEnded,
    CloseAttempt,
    Command,
    FetchLeads,
    HangUp,
    Join,
    Notice,
    NotifyAgent,
    Originate,
    ReturnLeads,
    SaveAgentTime,
    SaveThirdCall,
)
from dialer.engine.engine import Engine
from dialer.live.runner import LiveRunner
from dialer.ports.store import Answer, AttemptAccepted, Done, LeadsLeased, SaveAttempt, Write
from tests.unit.engine.world import LONDON, NOON, TRUNK, campaign, candidate
from tests.walls import SIMULATED


class HandClock:
    def __init__(self) -> None:
        self.at = NOON

    def now(self) -> float:
        return self.at


class Answering:
    """A journal that answers within `submit`, as nasty as a journal may be to a runner."""

    def __init__(self, fail: type[Write] | None = None) -> None:
        self.writes: list[Write] = []
        self._fail = fail
        self._leads = [candidate(1), candidate(2)]

    def submit(self, write: Write, done: Callable[[Answer | Exception], None]) -> None:
        self.writes.append(write)
        if self._fail is not None and isinstance(write, self._fail):
            done(OSError("disk full"))
        elif isinstance(write, FetchLeads):
            leads, self._leads = tuple(self._leads), []
            done(LeadsLeased(leads, None))
        elif isinstance(write, SaveAttempt):
            done(AttemptAccepted(write.intent.attempt_id))
        else:
            done(Done())


class Answered:
    """A carrier whose every call is answered while it is still being placed."""

    def __init__(self) -> None:
        self.post: Callable[[ev.Event], None] = lambda event: None
        self.seen: list[Command] = []

    def carry_out(self, command: Command) -> None:
        self.seen.append(command)
        if isinstance(command, Originate):
            self.post(ev.CallProgress(command.attempt_id, 180))
            self.post(ev.CallAnswered(command.attempt_id))
        elif isinstance(command, HangUp):
            self.post(ev.CallEnded(command.attempt_id, "dialer"))


class Watcher:
    def __init__(self) -> None:
        self.saved: list[CloseAttempt | SaveAgentTime | ReturnLeads | SaveThirdCall] = []
        self.notices: list[Notice] = []
        self.changes: list[NotifyAgent] = []

    def agent_changed(self, change: NotifyAgent) -> None:
        self.changes.append(change)

    def notice(self, notice: Notice) -> None:
        self.notices.append(notice)

    def campaign_ended(self, ended: CampaignEnded) -> None: ...

    def on_record(self, saved: CloseAttempt | SaveAgentTime | ReturnLeads | SaveThirdCall) -> None:
        self.saved.append(saved)


class Floor:
    def __init__(self, journal: Answering | None = None) -> None:
        self.clock, self.carrier, self.watcher = HandClock(), Answered(), Watcher()
        self.journal = journal or Answering()
        self.entered = 0
        self.log: list[tuple[ev.Event, float, list[Command]]] = []
        self.engine = engine = Engine([TRUNK], walls=SIMULATED, next_attempt_id=1, call_id_of=lambda n: f"c{n}")
        self.runner = LiveRunner(
            engine,
            self.carrier,
            self.journal,
            self.watcher,
            self.clock,
            log_event=lambda *entry: self.log.append(entry),
        )
        handle = engine.handle

        def once_at_a_time(event: ev.Event, now: float) -> Any:
            assert self.entered == 0, "the engine was entered while it was working"
            self.entered += 1
            try:
                return handle(event, now)
            finally:
                self.entered -= 1

        engine.handle = once_at_a_time  # type: ignore[method-assign]
        self.carrier.post = self.runner.post

    def start(self) -> None:
        self.runner.post(ev.AgentLoggedIn("a1", "spring"))
        self.runner.post(ev.AgentReady("a1"))
        self.runner.post(ev.CampaignOpened(campaign(), load_rule_set("fictional"), (LONDON,)))


async def test_answers_that_come_while_commands_are_carried_out_wait_their_turn() -> None:
    floor = Floor()
    floor.start()
    floor.clock.at += 1.0
    floor.runner.post(ev.WakeUp())
    assert [type(command) for command in floor.carrier.seen] == [Originate, Join]
    assert [change.state for change in floor.watcher.changes][-1] == "talking"


async def test_what_is_committed_is_told_once_and_what_failed_is_not() -> None:
    floor = Floor(Answering(fail=CloseAttempt))
    floor.start()
    floor.clock.at += 1.0
    floor.runner.post(ev.WakeUp())
    floor.runner.post(ev.Dispositioned("a1", 1, "sale"))
    assert any(isinstance(write, CloseAttempt) for write in floor.journal.writes)
    assert not [saved for saved in floor.watcher.saved if isinstance(saved, CloseAttempt)]
    assert [notice.code for notice in floor.watcher.notices] == ["journal_failed"]


async def test_the_engines_time_never_goes_back() -> None:
    floor = Floor()
    floor.start()
    floor.clock.at -= 3_600.0
    floor.runner.post(ev.WakeUp())
    moments = [now for _, now, _ in floor.log]
    assert moments == sorted(moments)


async def test_it_wakes_the_engine_at_its_deadline_and_not_before() -> None:
    floor = Floor()
    loop = asyncio.get_running_loop()
    base, started = floor.clock.at, loop.time()
    floor.clock.now = lambda: base + (loop.time() - started)  # type: ignore[method-assign]
    floor.start()
    async with asyncio.timeout(10):
        while not (woken := [now for event, now, _ in floor.log if isinstance(event, ev.WakeUp)]):
            await asyncio.sleep(0.005)
    assert woken[0] - base >= 0.25, "decisions are never closer than this"


async def test_closed_it_takes_no_more_events() -> None:
    floor = Floor()
    floor.start()
    taken = len(floor.log)
    floor.runner.close()
    floor.runner.post(ev.WakeUp())
    assert len(floor.log) == taken


async def test_a_fault_in_the_engine_costs_that_event_and_no_timer() -> None:
    floor = Floor()
    handle = floor.engine.handle

    def faulty(event: ev.Event, now: float) -> list[Command]:
        if isinstance(event, ev.AgentHungUp):
            raise KeyError("nobody")
        return handle(event, now)

    floor.engine.handle = faulty  # type: ignore[method-assign]
    floor.start()
    loop = asyncio.get_running_loop()
    base, started = floor.clock.at, loop.time()
    floor.clock.now = lambda: base + (loop.time() - started)  # type: ignore[method-assign]
    floor.runner.post(ev.AgentHungUp("a1"))
    assert [notice.code for notice in floor.watcher.notices] == ["fault"]
    assert "AgentHungUp: KeyError('nobody')" in floor.watcher.notices[0].text
    async with asyncio.timeout(10):
        while not any(isinstance(event, ev.WakeUp) for event, _, _ in floor.log):
            await asyncio.sleep(0.005)


async def test_a_command_that_fails_takes_no_other_with_it(caplog: pytest.LogCaptureFixture) -> None:
    floor = Floor()

    def fails(change: NotifyAgent) -> None:
        raise RuntimeError("the desk is on fire")

    floor.runner._carry_out[NotifyAgent] = fails
    floor.start()
    floor.clock.at += 1.0
    floor.runner.post(ev.WakeUp())
    assert [type(command) for command in floor.carrier.seen] == [Originate, Join]
    assert {notice.code for notice in floor.watcher.notices} == {"fault"}
    assert "Traceback" in caplog.text


async def test_a_fault_of_who_is_told_of_faults_is_only_logged(caplog: pytest.LogCaptureFixture) -> None:
    floor = Floor()

    def fails(change: Notice) -> None:
        raise RuntimeError("nobody listens")

    floor.watcher.notice = fails  # type: ignore[method-assign, assignment]
    floor.engine.handle = fails  # type: ignore[method-assign, assignment]
    floor.runner.post(ev.WakeUp())
    assert caplog.text.count("nobody listens") >= 1
