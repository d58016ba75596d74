"""Which agents a simulation may take: those who are at nobody else's desk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dialer.agents.agent import AgentState
from dialer.api.schemas import AgentRow
from dialer.errors import InputError


@dataclass(frozen=True, slots=True)
class FreeAgents:
    """`agent_ids`: who is taken. `elsewhere`: who is not, being on duty at other desks. `deserted`: who of those
    taken is on duty still, at a desk that is gone."""

    agent_ids: tuple[str, ...]
    elsewhere: tuple[str, ...]
    deserted: frozenset[str]


def check_count(known: Sequence[str], count: int | None) -> None:
    """Raises `InputError` when `count` agents (None: all) are not to be had of those that are known."""
    if not 0 < (len(known) if count is None else count) <= len(known):
        text = f"--count: dialer.toml has {len(known)} agents; describe more there under [[agent]]"
        raise InputError(f"{text}, and `dialer reload`")


def choose_free(known: Sequence[str], rows: Sequence[AgentRow], count: int | None) -> FreeAgents:
    """The first `count` (None: all) of the `known` agents who are free, by what the service says of them.

    Fewer when fewer are free. Raises `InputError` when none is."""
    on_duty = {row.agent_id: row for row in rows if row.state != AgentState.LOGGED_OUT}
    deserted = frozenset(agent_id for agent_id, row in on_duty.items() if row.desk_lost)
    elsewhere = tuple(agent_id for agent_id in known if agent_id in on_duty and agent_id not in deserted)
    taken = tuple(agent_id for agent_id in known if agent_id not in elsewhere)[:count]
    if not taken:
        campaigns = ", ".join(sorted({on_duty[agent_id].campaign for agent_id in elsewhere}))
        raise InputError(
            f"all {len(known)} agents of dialer.toml are on duty already, for {campaigns}; end the `dialer agent "
            "simulate` that has them (`dialer agent ls` shows them), or describe more under [[agent]] and `dialer "
            "reload`"
        )
    return FreeAgents(taken, elsewhere, deserted & set(taken))
