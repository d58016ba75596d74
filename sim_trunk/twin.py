"""The population in virtual time: the live engine, a whole day in seconds.

The same engine that drives live calls is given the same kind of events, from a heap instead of sockets and
clocks: the trunk plays plans (`twin_carrier`), agents follow their habits (`twin_agents`), and the journal's
answers come after a delay. There is no event loop and no clock, and nothing is drawn here: all chance lies in
the population and the habits, keyed by number and agent. The same seed gives the same records.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from campaigns.prompt import Prompt
from dialer.engine.answers import event_of
from dialer.engine.commands import (
    CallThird,
    CampaignEnded,
    CancelCall,
    CloseAttempt,
    Command,
    FetchLeads,
    HangUp,
    Hush,
    Join,
    Notice,
    NotifyAgent,
    Originate,
    PauseRecording,
    ReturnLeads,
    SaveAgentTime,
    SaveAttempt,
    SaveOptOut,
    SaveThirdCall,
    Speak,
    StartRecording,
)
from dialer.engine.events import AnswersRecalled, CampaignOpened, CutRequested, DrainRequested, Event, WakeUp
from dialer.ports.store import Answer, Journal, LeadsLeased, Write
from sim_trunk.callee import Persona
from sim_trunk.errors import TwinError
from sim_trunk.hearing import Hearing
from sim_trunk.population import Population
from sim_trunk.sim_agents import SimAgents
from sim_trunk.timeline import Timeline
from sim_trunk.twin_agents import TwinAgents
from sim_trunk.twin_carrier import TwinCarrier

MOST_WAKE_UPS = 1_000
"""An engine that wants to be woken so often at one and the same moment will never go on."""

_WAKE_UP = WakeUp()


AFTERMATH_S = 3_600.0
"""After everything has been cut, how long the engine may go on ending by its own timers."""


def _unheard(command: Command) -> None:
    """There is no audio in virtual time."""


class Driven(Protocol):
    """What the twin needs of the engine (`dialer.engine.engine.Engine`)."""

    def handle(self, event: Event, now: float) -> list[Command]: ...
    def next_deadline(self) -> float | None: ...


@dataclass(frozen=True, slots=True)
class Crew:
    """A campaign to run and the agents that work it. `recalled`: who answered it before, and whom nobody took."""

    opened: CampaignOpened
    agent_ids: tuple[str, ...]
    habits: SimAgents
    recalled: AnswersRecalled | None = None

    @property
    def campaign(self) -> str:
        return self.opened.campaign.name


@dataclass(frozen=True, slots=True)
class TwinResult:
    """How a run went; what it came to is in the store. `ended`: reason per campaign, in the order in which they
    ended. `finished_at`: when the last one did, seconds UTC. `events`: taken by the engine, wake-ups included."""

    events: int
    placed: int
    notices: tuple[Notice, ...]
    ended: tuple[tuple[str, str], ...]
    finished_at: float


class Twin:
    """One run. `start`: seconds UTC. `round_trip_s`: of requests within a call. `save_latency_s`: from a write
    to its answer. `drain_s`: how long calls may take to finish after the end before they are cut. `log_event`:
    called with every event, its moment and the commands that followed (`dialer.engine.event_log`).
    `lasts_s(campaign, prompt)`: how long a prompt takes to play."""

    def __init__(
        self,
        engine: Driven,
        journal: Journal,
        population: Population,
        crews: Sequence[Crew],
        start: float,
        *,
        round_trip_s: float = 0.04,
        save_latency_s: float = 0.002,
        drain_s: float = 1_800.0,
        log_event: Callable[[Event, float, list[Command]], None] | None = None,
        lasts_s: Callable[[str, Prompt], float] = lambda campaign, prompt: prompt.spoken_s,
    ) -> None:
        self._engine = engine
        self._journal = journal
        self._population = population
        self._timeline = timeline = Timeline(start)
        self._save_latency_s = save_latency_s
        self._drain_s = drain_s
        self._log_event = log_event
        network = population.spec.network
        self._carrier = TwinCarrier(
            timeline,
            population,
            self._take,
            self._heard,
            round_trip_s,
            lambda trunk, now: network.outage(trunk, now - start),
            Hearing(population.spec.detector, population.seed),
            lasts_s,
        )
        self._crews = tuple(crews)
        self._agents: dict[str, TwinAgents] = {}
        self._campaign_of: dict[str, str] = {}
        for crew in self._crews:
            self._agents[crew.campaign] = TwinAgents(
                timeline, crew.campaign, crew.agent_ids, crew.habits, self._take
            )
            self._campaign_of.update(dict.fromkeys(crew.agent_ids, crew.campaign))
        self._events = 0
        self._wake_ups_now = 0
        self._woken_at = start
        self._notices: list[Notice] = []
        self._ended: dict[str, str] = {}
        self._finished_at = start
        self._carry_out: dict[type[Command], Callable[[Any], None]] = {
            Originate: self._carrier.originate,
            CancelCall: self._carrier.cancel,
            HangUp: self._carrier.hang_up,
            Join: self._carrier.join,
            Speak: self._carrier.speak,
            StartRecording: _unheard,
            PauseRecording: _unheard,
            Hush: self._carrier.hush,
            FetchLeads: self._write,
            SaveAttempt: self._write,
            CloseAttempt: self._write,
            ReturnLeads: self._write,
            SaveAgentTime: self._write,
            SaveOptOut: self._write,
            SaveThirdCall: self._write,
            CallThird: _unheard,  # simulated agents ask nobody
            NotifyAgent: self._agent_changed,
            Notice: self._notices.append,
            CampaignEnded: self._campaign_ended,
        }

    def run(self, until: float) -> TwinResult:
        """Run until all campaigns have ended: by themselves, or drained from `until` (seconds UTC) on.

        Raises `TwinError` when the engine stands still. A twin runs once.
        """
        timeline = self._timeline
        for crew in self._crews:
            timeline.after(0.0, self._take, crew.opened)
            if crew.recalled is not None:
                timeline.after(0.0, self._take, crew.recalled)
            self._agents[crew.campaign].come_in()
            timeline.after(until - timeline.now, self._drain, crew.campaign)
        given_up_at = until + self._drain_s + AFTERMATH_S
        while True:
            next_at, deadline = timeline.next_at, self._engine.next_deadline()
            if next_at is None and (deadline is None or deadline > given_up_at or self._all_ended):
                break
            if deadline is not None and (next_at is None or deadline < next_at):
                self._wake(deadline)
            else:
                timeline.step()
        if not self._all_ended:
            open_ones = ", ".join(crew.campaign for crew in self._crews if crew.campaign not in self._ended)
            raise TwinError(f"nothing happens any more, and the engine has not ended {open_ones}")
        return TwinResult(
            self._events,
            self._carrier.placed,
            tuple(self._notices),
            tuple(self._ended.items()),
            self._finished_at,
        )

    @property
    def _all_ended(self) -> bool:
        return len(self._ended) == len(self._crews)

    # --- events in ----------------------------------------------------------------------------------------

    def _take(self, event: Event) -> None:
        now = self._timeline.now
        self._events += 1
        commands = self._engine.handle(event, now)
        if self._log_event is not None:
            self._log_event(event, now, commands)
        carry_out = self._carry_out
        for command in commands:
            carry_out[type(command)](command)

    def _wake(self, deadline: float) -> None:
        now = self._timeline.now = max(self._timeline.now, deadline)
        self._wake_ups_now = self._wake_ups_now + 1 if now == self._woken_at else 1
        self._woken_at = now
        if self._wake_ups_now > MOST_WAKE_UPS:
            raise TwinError(f"the engine asks to be woken at {deadline} again and again")
        self._take(_WAKE_UP)

    def _drain(self, campaign: str) -> None:
        if campaign not in self._ended:
            self._take(DrainRequested(campaign))
            self._timeline.after(self._drain_s, self._cut, campaign)

    def _cut(self, campaign: str) -> None:
        if campaign not in self._ended:
            self._take(CutRequested(campaign))

    # --- commands out -------------------------------------------------------------------------------------

    def _write(self, write: Write) -> None:
        def done(answer: Answer | Exception) -> None:
            if isinstance(answer, LeadsLeased):
                for candidate in answer.candidates:
                    self._population.know(candidate.lead.phones)
            event = event_of(write, answer)
            if event is not None:
                self._timeline.after(self._save_latency_s, self._take, event)

        self._journal.submit(write, done)

    def _agent_changed(self, change: NotifyAgent) -> None:
        self._agents[change.campaign].changed(change)

    def _heard(self, agent_id: str, attempt_id: int, persona: Persona) -> None:
        self._agents[self._campaign_of[agent_id]].heard(agent_id, attempt_id, persona)

    def _campaign_ended(self, ended: CampaignEnded) -> None:
        self._ended[ended.campaign] = ended.reason
        self._finished_at = self._timeline.now
        self._agents[ended.campaign].go_home()
