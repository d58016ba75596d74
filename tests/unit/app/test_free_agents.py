"""Which agents a simulation may take."""

from __future__ import annotations

import pytest

from dialer.api.schemas import AgentRow
from dialer.app.free_agents import FreeAgents, check_count, choose_free
from dialer.errors import InputError

KNOWN = ("ann", "ben", "cid", "dot")


def row(agent_id: str, state: str = "logged_out", campaign: str = "", desk_lost: bool = False) -> AgentRow:
    return AgentRow(
        agent_id=agent_id, name=agent_id, campaign=campaign, state=state, for_s=1.0, desk_lost=desk_lost
    )


FLOOR = [row("ann", "talking", "spring"), row("ben"), row("cid", "talking", "spring", True), row("dot")]


def test_those_at_desks_elsewhere_stay_there_and_those_whose_desk_is_gone_are_taken_over() -> None:
    assert choose_free(KNOWN, FLOOR, None) == FreeAgents(("ben", "cid", "dot"), ("ann",), frozenset({"cid"}))


def test_a_count_takes_the_first_free_ones() -> None:
    assert choose_free(KNOWN, FLOOR, 2) == FreeAgents(("ben", "cid"), ("ann",), frozenset({"cid"}))
    assert choose_free(KNOWN, FLOOR, 4).agent_ids == ("ben", "cid", "dot")


@pytest.mark.parametrize("count", [0, 5])
def test_more_than_there_are_is_refused(count: int) -> None:
    with pytest.raises(InputError, match=r"--count: dialer\.toml has 4 agents"):
        check_count(KNOWN, count)


def test_with_nobody_free_it_says_who_has_them_and_what_to_do() -> None:
    busy = [row(agent_id, "ready", "spring") for agent_id in KNOWN]
    with pytest.raises(InputError) as raised:
        choose_free(KNOWN, busy, None)
    assert str(raised.value) == (
        "all 4 agents of dialer.toml are on duty already, for spring; end the `dialer agent simulate` that has "
        "them (`dialer agent ls` shows them), or describe more under [[agent]] and `dialer reload`"
    )
