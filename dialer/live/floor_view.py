"""What can be seen of a running campaign: figures folded from committed records, and the engine's present."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from campaigns.kpi import Summary
from campaigns.record import AttemptRecord
from dialer.agents.agent import AgentState
from dialer.engine.commands import CampaignEnded, CloseAttempt, Notice, NotifyAgent, SaveAgentTime
from dialer.engine.engine import Engine
from dialer.engine.hopper import Hopper
from dialer.engine.state import CampaignRun

RECENT = 50


@dataclass(frozen=True, slots=True)
class AgentView:
    """An agent's state, the seconds in it, and whom it is about."""

    agent_id: str
    state: str
    for_s: float
    contact: str


@dataclass(frozen=True, slots=True)
class FloorView:
    """One look at a campaign. `summary` covers what is on record; `agent_hours` up to the last change of each
    agent's state. `waits_because`: why leads wait, most frequent refusal first. `leads_ready`: in the hopper.
    `abandon_cap`: fraction of live answers that the rules allow to be abandoned. `leads_in_s`: no lead is at
    hand, and so many seconds from now the next may be dialed (a window opens, a retry comes due); None otherwise,
    and when time alone brings none."""

    campaign: str
    status: str
    summary: Summary
    ringing: int
    waiting: int
    talking: int
    lines_used: int
    lines: int
    leads_ready: int
    agents: tuple[AgentView, ...]
    recent: tuple[AttemptRecord, ...]
    notices: tuple[Notice, ...]
    waits_because: tuple[tuple[str, int], ...]
    abandon_cap: float
    leads_in_s: float | None = None


class FloorWatcher:
    """Keeps what the runner tells of one campaign. Figures come from committed records only, so that they are
    those of the report."""

    def __init__(self, campaign: str) -> None:
        self._campaign = campaign
        self.summary = Summary()
        self.notices: list[Notice] = []
        self.ended: CampaignEnded | None = None
        self._run: CampaignRun | None = None  # the engine forgets it when it has ended
        self._recent: deque[AttemptRecord] = deque(maxlen=RECENT)
        self._contacts: dict[str, str] = {}

    def agent_changed(self, change: NotifyAgent) -> None:
        busy = change.state in (AgentState.TALKING.value, AgentState.WRAP_UP.value)
        name = "" if change.lead is None else change.lead.display_name or change.number or ""
        self._contacts[change.agent_id] = name if busy else ""

    def notice(self, notice: Notice) -> None:
        self.notices.append(notice)

    def campaign_ended(self, ended: CampaignEnded) -> None:
        self.ended = ended

    def on_record(self, saved: CloseAttempt | SaveAgentTime) -> None:
        if isinstance(saved, CloseAttempt):
            self.summary.add(saved.record)
            self._recent.append(saved.record)
        else:
            for stretch in saved.stretches:
                self.summary.add_time(stretch)

    def look(self, engine: Engine, now: float) -> FloorView:
        """The campaign at this moment."""
        state = engine.state
        self._run = run = state.runs.get(self._campaign, self._run)
        if run is None:
            raise LookupError(f"campaign {self._campaign} has not been opened")
        agents = tuple(
            AgentView(a.agent_id, a.state.value, now - a.since, self._contacts.get(a.agent_id, ""))
            for a in state.pool.of(self._campaign)
        )
        trunks = run.selector.trunks
        return FloorView(
            campaign=self._campaign,
            status=run.failure or run.status.value,
            summary=self.summary,
            ringing=len(run.ringing),
            waiting=len(run.waiting),
            talking=len(state.pool.within(self._campaign, AgentState.TALKING)),
            lines_used=sum(trunk.in_use for trunk in trunks),
            lines=sum(trunk.trunk.channels for trunk in trunks),
            leads_ready=len(run.hopper.ready),
            agents=agents,
            recent=tuple(self._recent),
            notices=tuple(self.notices),
            waits_because=tuple(run.refused.most_common(3)),
            abandon_cap=run.rule_set.abandon_max,
            leads_in_s=_leads_in_s(run.hopper, now),
        )


def _leads_in_s(hopper: Hopper, now: float) -> float | None:
    if hopper.ready or hopper.fetching:
        return None
    wake_at = hopper.wake_at(now)
    return None if wake_at is None else max(0.0, wake_at - now)
