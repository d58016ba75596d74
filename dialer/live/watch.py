"""What the runner tells, taken apart: figures, alarms, the life of campaigns, listeners, and the log."""

from __future__ import annotations

import logging
from collections.abc import Callable

import structlog

from dialer.agents.agent import CONVERSING, AgentState
from dialer.clock import Clock
from dialer.engine.commands import (
    CampaignEnded,
    CloseAttempt,
    Notice,
    NotifyAgent,
    ReturnLeads,
    SaveAgentTime,
    SaveThirdCall,
)
from dialer.engine.state import EngineState
from dialer.live.alarms import Alarms
from dialer.live.conditions import TrunkFaults
from dialer.live.figures import DayFigures
from dialer.live.life import CampaignLife
from dialer.live.trunk_conditions import SHOWN_AS_LASTING
from dialer.ports.access import SERVICE, Change
from dialer.ports.store import ThirdCall
from lists.client import client_of

_log = structlog.wrap_logger(logging.getLogger("dialer.live"))
_gate = logging.getLogger("dialer.live")
"""Asked first: a line that nobody reads must not cost an attempt its time."""

_BUSY = frozenset(state.value for state in (*CONVERSING, AgentState.WRAP_UP))

STOPS = frozenset({"journal_failed", "refused", "no_trunk"})
"""Codes of notices that say why a campaign has stopped: shown as its failure, for as long as that lasts."""


LOGGED_OUT = "desk_gone"
"""Code of the notice that an agent was logged out by nobody."""


class FloorWatch:
    """Implements `dialer.live.runner.Watcher`. `over` is called whenever a campaign has no open call left; `note`
    takes what was done by itself and belongs into the log of changes."""

    def __init__(
        self,
        state: EngineState,
        life: CampaignLife,
        figures: DayFigures,
        alarms: Alarms,
        clock: Clock,
        over: Callable[[str], None],
        note: Callable[[Change], None],
    ) -> None:
        self._state = state
        self._life = life
        self._figures = figures
        self._alarms = alarms
        self._clock = clock
        self._over = over
        self._note = note
        self._causes: dict[str, str] = {}
        self._listeners: list[Callable[[NotifyAgent], None]] = []
        self.contacts: dict[str, str] = {}
        """Whom each agent's present contact is about, by agent id."""
        self.trunk_faults: dict[str, TrunkFaults] = {}

    def listen(self, listener: Callable[[NotifyAgent], None]) -> Callable[[], None]:
        """Tell `listener` every change of an agent's state, until the answer is called."""
        self._listeners.append(listener)

        def stop() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return stop

    def agent_changed(self, change: NotifyAgent) -> None:
        if change.state in _BUSY and change.lead is not None:
            self.contacts[change.agent_id] = change.lead.display_name or change.number or ""
        else:
            self.contacts.pop(change.agent_id, None)
        if _gate.isEnabledFor(logging.DEBUG):
            ids = {"campaign": change.campaign, "agent": change.agent_id, "attempt": change.attempt_id}
            _log.debug("agent changed", state=change.state, **ids)
        for listener in tuple(self._listeners):
            listener(change)

    def notice(self, notice: Notice) -> None:
        _log.warning("notice", campaign=notice.campaign, code=notice.code, text=notice.text)
        if notice.code == LOGGED_OUT:
            detail = {"campaign": notice.campaign, "reason": notice.text}
            client = client_of(notice.campaign)
            self._note(SERVICE.change(self._clock.now(), "agent.logout", notice.agent_id, client, **detail))
        run = self._state.runs.get(notice.campaign)
        if notice.code in STOPS and run is None:
            self._causes[notice.campaign] = notice.text  # without open calls it has ended in the same breath
        elif notice.code in STOPS and run is not None and run.failure:
            self._life.failed(notice.campaign, run.failure)
        elif notice.code not in SHOWN_AS_LASTING:
            self._alarms.notice(notice, self._clock.now())

    def campaign_ended(self, ended: CampaignEnded) -> None:
        _log.info("campaign has no open call", campaign=ended.campaign, reason=ended.reason)
        cause = self._causes.pop(ended.campaign, "")
        if ended.reason == "failed" and cause:
            self._life.failed(ended.campaign, cause)
        self._life.ended(ended.campaign, ended.reason)
        self._over(ended.campaign)

    def _third(self, third: ThirdCall) -> None:
        if third.ended_at is None:
            return
        self._figures.add_third(third)
        _log.info(
            "third party's call is over",
            campaign=third.campaign,
            attempt=third.attempt_id,
            agent=third.agent_id,
            call_id=third.call_id,
            number=third.number,
            trunk=third.trunk,
            status=third.status,
            answered=third.answered_at is not None,
        )

    def on_record(self, saved: CloseAttempt | SaveAgentTime | ReturnLeads | SaveThirdCall) -> None:
        if isinstance(saved, SaveThirdCall):
            self._third(saved.third)
            return
        if isinstance(saved, SaveAgentTime):
            self._figures.add_times(saved.stretches)
            return
        self._figures.moved(saved)
        if isinstance(saved, ReturnLeads):
            return
        record = saved.record
        self._figures.add_record(record)
        if record.counted:
            faults = self.trunk_faults.get(record.trunk)
            if faults is None:
                faults = self.trunk_faults[record.trunk] = TrunkFaults()
            faults.count(record.outcome)
        if _gate.isEnabledFor(logging.INFO):
            _log.info(
                "attempt closed",
                campaign=record.campaign,
                attempt=record.attempt_id,
                call_id=record.call_id,
                number=record.number,
                trunk=record.trunk,
                outcome=record.outcome,
                disposition=record.disposition,
                agent=record.agent_id,
                status=record.sip_status,
                talk_s=round(record.talk_s, 3),
            )
