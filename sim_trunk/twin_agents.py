"""The agents of a campaign in virtual time: they log in, hear whom they get, wrap up, and say what it came to."""

from __future__ import annotations

from collections.abc import Callable

from dialer.agents.agent import AgentState
from dialer.engine.commands import NotifyAgent
from dialer.engine.events import AgentHungUp, AgentLoggedIn, AgentLoggedOut, AgentReady, Dispositioned, Event
from sim_trunk.callee import Persona
from sim_trunk.sim_agents import Reaction, SimAgents
from sim_trunk.timeline import Timeline


class _Desk:
    """One agent. `reaction`: to the contact `attempt_id`, in progress or just ended."""

    __slots__ = ("agent_id", "attempt_id", "contacts", "reaction", "state")

    def __init__(self, agent_id: str) -> None:
        self.agent_id = agent_id
        self.state = AgentState.LOGGED_OUT.value
        self.contacts = 0
        self.attempt_id: int | None = None
        self.reaction: Reaction | None = None


class TwinAgents:
    """The agents of one campaign. `post` takes what they do; never called while commands are carried out."""

    def __init__(
        self,
        timeline: Timeline,
        campaign: str,
        agent_ids: tuple[str, ...],
        habits: SimAgents,
        post: Callable[[Event], None],
    ) -> None:
        self._timeline = timeline
        self._campaign = campaign
        self._habits = habits
        self._post = post
        self._desks = {agent_id: _Desk(agent_id) for agent_id in agent_ids}

    def come_in(self) -> None:
        """All log in, one after the other."""
        for position, desk in enumerate(self._desks.values()):
            self._timeline.after(self._habits.login_after_s(position), self._log_in, desk)

    def go_home(self) -> None:
        """All log out."""
        for agent_id in self._desks:
            self._timeline.after(0.0, self._post, AgentLoggedOut(agent_id))

    def heard(self, agent_id: str, attempt_id: int, persona: Persona) -> None:
        """The agent has been joined with somebody or something."""
        desk = self._desks[agent_id]
        desk.contacts += 1
        desk.attempt_id = attempt_id
        desk.reaction = reaction = self._habits.reaction(agent_id, desk.contacts, persona)
        if reaction.hangs_up_after_s is not None:
            self._timeline.after(reaction.hangs_up_after_s, self._hang_up, (desk, attempt_id))

    def changed(self, change: NotifyAgent) -> None:
        """The agent's screen shows a new state."""
        desk = self._desks[change.agent_id]
        desk.state = change.state
        reaction = desk.reaction
        if change.state == AgentState.WRAP_UP and reaction is not None and reaction.code is not None:
            self._timeline.after(reaction.wrap_s, self._say, (desk, change.attempt_id))

    def _log_in(self, desk: _Desk) -> None:
        self._post(AgentLoggedIn(desk.agent_id, self._campaign))
        self._post(AgentReady(desk.agent_id))

    def _hang_up(self, what: tuple[_Desk, int]) -> None:
        desk, attempt_id = what
        if desk.attempt_id == attempt_id and desk.state == AgentState.TALKING:
            self._post(AgentHungUp(desk.agent_id))

    def _say(self, what: tuple[_Desk, int]) -> None:
        desk, attempt_id = what
        reaction = desk.reaction
        if desk.attempt_id != attempt_id or desk.state != AgentState.WRAP_UP or reaction is None:
            return
        if reaction.code is not None:
            promise = reaction.promise(desk.agent_id, self._timeline.now)
            self._post(Dispositioned(desk.agent_id, attempt_id, reaction.code, promise))
