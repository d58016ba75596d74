"""How many agents a goal needs, by trying."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from dialer.operations.simulated_figures import Goal, Spread

MOST_AGENTS = 512


@dataclass(frozen=True, slots=True)
class AgentsNeeded:
    """`agents`: the fewest that reach a goal which more agents bring nearer, the most that keep one which fewer
    do; None: none of those that were tried. `tried`: how many agents came to what."""

    goal: Goal
    agents: int | None
    tried: tuple[tuple[int, Spread], ...]

    def as_dict(self) -> dict[str, object]:
        """The document of `dialer simulate --find agents --json`."""
        return {
            "goal": {"figure": self.goal.figure, "at_least": self.goal.at_least},
            "agents": self.agents,
            "tried": [{"agents": agents, **spread.as_dict()} for agents, spread in self.tried],
        }


def find_agents(goal: Goal, come_to: Callable[[int], Spread], first: int = 1) -> AgentsNeeded:
    """`come_to(agents)`: the goal's figure with so many agents, which is taken to rise or fall with them. Tried
    are `first`, then twice as many until the answer lies between two, then what is between them."""
    tried: dict[int, Spread] = {}

    def reached(agents: int) -> bool:
        if agents not in tried:
            tried[agents] = come_to(agents)
        return tried[agents].mean >= goal.at_least

    low, high = _between(reached, goal.rises, first)
    while high - low > 1:
        middle = (low + high) // 2
        if reached(middle) == goal.rises:
            high = middle
        else:
            low = middle
    found = high if goal.rises else low
    good = [agents for agents, spread in tried.items() if spread.mean >= goal.at_least]
    return AgentsNeeded(goal, found if found in good else None, tuple(sorted(tried.items())))


def _between(reached: Callable[[int], bool], rises: bool, first: int) -> tuple[int, int]:
    """Two numbers of agents, on different sides of the goal as far as it lies within 1 and `MOST_AGENTS`."""
    low, high = 0, first
    while reached(high) != rises:
        if high >= MOST_AGENTS:
            return high, high
        low, high = high, min(2 * high, MOST_AGENTS)
    return low, high
