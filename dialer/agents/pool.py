"""The agents on duty, by campaign and state, and who came into a state in which order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from dialer.agents.agent import Agent, AgentState

_NOBODY: Mapping[str, Agent] = {}


class AgentPool:
    """Agents by id; and, per campaign, those of each state in the order in which they came into it."""

    def __init__(self) -> None:
        self._agents: dict[str, Agent] = {}
        self._by_campaign: dict[str, dict[str, Agent]] = {}
        self._in_state: dict[tuple[str, AgentState], dict[str, Agent]] = {}
        self._settled: dict[str, AgentState] = {}

    def get(self, agent_id: str) -> Agent | None:
        return self._agents.get(agent_id)

    def add(self, agent: Agent) -> None:
        """Take an agent on duty. Raises `ValueError` if the id is on duty already."""
        if agent.agent_id in self._agents:
            raise ValueError(f"agent {agent.agent_id} is on duty already")
        self._agents[agent.agent_id] = agent
        self._by_campaign.setdefault(agent.campaign, {})[agent.agent_id] = agent
        self.settle(agent)

    def remove(self, agent: Agent) -> None:
        """Let an agent go off duty."""
        del self._agents[agent.agent_id]
        self._leave(agent, self._settled.pop(agent.agent_id))
        crew = self._by_campaign[agent.campaign]
        del crew[agent.agent_id]
        if not crew:
            del self._by_campaign[agent.campaign]

    def move(self, agent: Agent, campaign: str) -> None:
        """The agent works for another campaign from now on."""
        self.remove(agent)
        agent.campaign = campaign
        self.add(agent)

    def settle(self, agent: Agent) -> None:
        """Put the agent where its state belongs, after each change of state."""
        before = self._settled.get(agent.agent_id)
        if before is agent.state:
            return
        if before is not None:
            self._leave(agent, before)
        self._settled[agent.agent_id] = agent.state
        self._in_state.setdefault((agent.campaign, agent.state), {})[agent.agent_id] = agent

    def _leave(self, agent: Agent, state: AgentState) -> None:
        within = self._in_state[agent.campaign, state]
        del within[agent.agent_id]
        if not within:  # campaigns come and go for weeks
            del self._in_state[agent.campaign, state]

    def of(self, campaign: str) -> Iterator[Agent]:
        """Agents on duty for the campaign, in the order of their log-in."""
        return iter(self._by_campaign.get(campaign, {}).values())

    @property
    def campaigns(self) -> tuple[str, ...]:
        """Campaigns that somebody is on duty for."""
        return tuple(self._by_campaign)

    def count(self, campaign: str) -> int:
        """Agents on duty for the campaign, whatever their state."""
        return len(self._by_campaign.get(campaign, ()))

    def within(self, campaign: str, state: AgentState) -> Mapping[str, Agent]:
        """Agents of the campaign in this state, longest in it first."""
        return self._in_state.get((campaign, state), _NOBODY)

    def idle(self, campaign: str) -> Mapping[str, Agent]:
        """Idle agents of the campaign, longest idle first."""
        return self.within(campaign, AgentState.READY)

    def __iter__(self) -> Iterator[Agent]:
        return iter(self._agents.values())
