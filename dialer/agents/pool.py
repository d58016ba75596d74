"""The agents on duty, by campaign, and who is idle in which order."""

from __future__ import annotations

from collections.abc import Iterator

from dialer.agents.agent import Agent, AgentState


class AgentPool:
    """Agents by id. The idle of a campaign are kept in the order in which they became ready."""

    def __init__(self) -> None:
        self._agents: dict[str, Agent] = {}
        self._by_campaign: dict[str, dict[str, Agent]] = {}
        self._idle: dict[str, dict[str, Agent]] = {}

    def get(self, agent_id: str) -> Agent | None:
        return self._agents.get(agent_id)

    def add(self, agent: Agent) -> None:
        """Take an agent on duty. Raises `ValueError` if the id is on duty already."""
        if agent.agent_id in self._agents:
            raise ValueError(f"agent {agent.agent_id} is on duty already")
        self._agents[agent.agent_id] = agent
        self._by_campaign.setdefault(agent.campaign, {})[agent.agent_id] = agent

    def remove(self, agent: Agent) -> None:
        """Let an agent go off duty."""
        del self._agents[agent.agent_id]
        del self._by_campaign[agent.campaign][agent.agent_id]
        self._idle.get(agent.campaign, {}).pop(agent.agent_id, None)

    def settle(self, agent: Agent) -> None:
        """Put the agent where its state belongs, after each change of state."""
        idle = self._idle.setdefault(agent.campaign, {})
        if agent.state is AgentState.READY:
            idle.setdefault(agent.agent_id, agent)
        else:
            idle.pop(agent.agent_id, None)

    def of(self, campaign: str) -> Iterator[Agent]:
        """Agents on duty for the campaign, in the order of their log-in."""
        return iter(self._by_campaign.get(campaign, {}).values())

    def count(self, campaign: str) -> int:
        """Agents on duty for the campaign, whatever their state."""
        return len(self._by_campaign.get(campaign, ()))

    def idle(self, campaign: str) -> dict[str, Agent]:
        """Idle agents of the campaign, longest idle first. Not to be changed."""
        return self._idle.get(campaign, {})

    def __iter__(self) -> Iterator[Agent]:
        return iter(self._agents.values())
