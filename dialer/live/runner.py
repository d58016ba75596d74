"""Drives the engine in real time: events in as they come, its commands carried out at once.

Everything happens in the event loop's thread, one event after another. An event that arrives while commands
are being carried out waits its turn, so that the engine is never entered twice.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from typing import Any, Protocol, get_args

import structlog

from dialer.clock import Clock
from dialer.engine.answers import event_of
from dialer.engine.commands import (
    CampaignEnded,
    CarrierCommand,
    CloseAttempt,
    Command,
    FetchLeads,
    Notice,
    NotifyAgent,
    ReturnLeads,
    SaveAgentTime,
    SaveAttempt,
    SaveOptOut,
    SaveThirdCall,
)
from dialer.engine.engine import Engine
from dialer.engine.events import CallAnswered, CallEnded, CallFault, CallProgress, Event, WakeUp
from dialer.ports.store import Answer, Journal, Write

_log = logging.getLogger("dialer.live")
_bound = structlog.wrap_logger(_log)
_OF_A_CALL = (CallProgress, CallAnswered, CallEnded, CallFault)


class Carrier(Protocol):
    """Places calls and joins them with agents' lines; posts what becomes of them as events."""

    def carry_out(self, command: CarrierCommand) -> None: ...


class Watcher(Protocol):
    """Told what the engine says to people rather than to machines, and what is on record from now on."""

    def agent_changed(self, change: NotifyAgent) -> None: ...
    def notice(self, notice: Notice) -> None: ...
    def campaign_ended(self, ended: CampaignEnded) -> None: ...
    def on_record(self, saved: CloseAttempt | SaveAgentTime | ReturnLeads | SaveThirdCall) -> None: ...


class LiveRunner:
    """The live shell. `look_at_clock` is asked before every event whether the engine has to be told something of
    the machine's clock first. `log_event`, if given, is called with every event, its moment and the commands that
    followed: enough to replay the run (`dialer.engine.event_log`)."""

    def __init__(
        self,
        engine: Engine,
        carrier: Carrier,
        journal: Journal,
        watcher: Watcher,
        clock: Clock,
        *,
        look_at_clock: Callable[[], Event | None] = lambda: None,
        log_event: Callable[[Event, float, list[Command]], None] | None = None,
    ) -> None:
        self._engine = engine
        self._journal = journal
        self._watcher = watcher
        self._clock = clock
        self._look_at_clock = look_at_clock
        self._log_event = log_event
        self._inbox: deque[Event] = deque()
        self._busy = False
        self._closed = False
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._timer_at = 0.0
        self._latest = clock.now()
        self._carry_out: dict[type[Command], Callable[[Any], None]] = {
            **dict.fromkeys(get_args(CarrierCommand), carrier.carry_out),
            FetchLeads: self._write,
            SaveAttempt: self._write,
            CloseAttempt: self._write,
            ReturnLeads: self._write,
            SaveAgentTime: self._write,
            SaveOptOut: self._write,
            SaveThirdCall: self._write,
            NotifyAgent: watcher.agent_changed,
            Notice: watcher.notice,
            CampaignEnded: watcher.campaign_ended,
        }

    def post(self, event: Event) -> None:
        """Something happened. Called in the event loop's thread; ignored once the runner is closed."""
        if self._closed:
            return
        self._inbox.append(event)
        if self._busy:
            return
        self._busy = True
        try:
            while self._inbox and not self._closed:
                self._take(self._inbox.popleft())
        finally:
            self._busy = False
            self._set_timer()

    def check_clock(self) -> None:
        """Look at the machine's clock though nothing has happened."""
        if not self._closed and not self._busy and (told := self._look_at_clock()) is not None:
            self.post(told)

    def close(self) -> None:
        """Stop waking the engine. What is still in the air is the caller's to end before this."""
        self._closed = True
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _take(self, event: Event) -> None:
        if (told := self._look_at_clock()) is not None:
            self._handle(told)  # a permit made before a step must not be used after it
        self._handle(event)

    def _handle(self, event: Event) -> None:
        # The engine's time never goes back, whatever the clock does.
        self._latest = now = max(self._latest, self._clock.now())
        try:
            commands = self._engine.handle(event, now)
        except Exception as error:  # noqa: BLE001 - see `_fault`
            self._fault(event, error)
            return
        if isinstance(event, _OF_A_CALL) and _log.isEnabledFor(logging.DEBUG):
            self._tell(event)
        if self._log_event is not None:
            self._log_event(event, now, commands)
        for command in commands:
            try:
                self._carry_out[type(command)](command)
            except Exception as error:  # noqa: BLE001 - see `_fault`
                self._fault(command, error)

    def _fault(self, at: Event | Command, error: Exception) -> None:
        """A fault of the program costs the event or command that met it, and nothing else: other calls go on."""
        what = f"{type(at).__name__}: {error!r}"
        _bound.exception("a fault of the program", at=what)
        text = f"A fault of the program ({what}). All else goes on; the log has the traceback, please report it."
        try:
            self._watcher.notice(Notice("", "fault", text))
        except Exception:  # noqa: BLE001 - who is told may be where the fault is
            _bound.exception("nobody could be told of a fault")

    def _tell(self, event: CallProgress | CallAnswered | CallEnded | CallFault) -> None:
        call = self._engine.state.calls.get(event.attempt_id)
        ids = {} if call is None else {"campaign": call.intent.campaign, "call_id": call.intent.call_id}
        state = "over" if call is None else call.state.value
        _bound.debug(type(event).__name__, attempt=event.attempt_id, state=state, **ids)

    def _write(self, write: Write) -> None:
        def done(answer: Answer | Exception) -> None:
            on_record = (CloseAttempt, SaveAgentTime, ReturnLeads, SaveThirdCall)
            if isinstance(write, on_record) and not isinstance(answer, Exception):
                self._watcher.on_record(write)
            event = event_of(write, answer)
            if event is not None:
                self.post(event)

        self._journal.submit(write, done)

    def _set_timer(self) -> None:
        deadline = self._engine.next_deadline()
        if deadline is None or self._closed:
            return
        if self._timer is not None:
            if self._timer_at <= deadline:
                return  # it fires in time, and then looks again: cheaper than a new timer for each event
            self._timer.cancel()
        self._timer_at = deadline
        self._timer = self._loop.call_later(max(0.0, deadline - self._clock.now()), self._wake)

    def _wake(self) -> None:
        self._timer = None
        deadline = self._engine.next_deadline()
        if deadline is not None and deadline <= self._clock.now():
            self.post(WakeUp())
        else:
            self._set_timer()
