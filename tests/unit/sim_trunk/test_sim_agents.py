from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from campaigns.disposition import STANDARD
from sim_trunk.callee import PEOPLE, Persona
from sim_trunk.errors import PopulationFileError
from sim_trunk.sim_agents import SimAgents, check_dispositions
from tests.unit.engine.world import campaign
from tests.unit.sim_trunk.people import REALISTIC, spec_with


def agents(seed: int = 1, **values: object) -> SimAgents:
    return SimAgents(spec_with(**values), campaign(), seed)


def test_agents_log_in_one_after_the_other() -> None:
    assert [agents().login_after_s(n) for n in range(3)] == [0.0, 2.0, 4.0]


@pytest.mark.parametrize("persona", Persona)
def test_agents_leave_the_end_to_people_and_hang_up_on_the_rest(persona: Persona) -> None:
    reaction = agents().reaction("a1", 1, persona)
    assert (reaction.hangs_up_after_s is None) == (persona in PEOPLE)
    assert reaction.wrap_s > 0.0


def test_an_unknown_voice_is_silence() -> None:
    assert agents().reaction("a1", 1, None) == agents().reaction("a1", 1, Persona.SILENCE)


def test_dispositions_come_up_at_their_chances() -> None:
    habits = agents()
    reactions = [habits.reaction("a1", n, Persona.RIGHT_PARTY) for n in range(1, 4_001)]
    found = Counter(reaction.code for reaction in reactions)
    assert set(found) == {"sale", "not_interested", "callback", "dnc"}
    assert found["sale"] / found.total() == pytest.approx(0.12, abs=0.02)
    assert found["not_interested"] / found.total() == pytest.approx(0.70, abs=0.03)
    mean = sum(reaction.wrap_s for reaction in reactions) / len(reactions)
    assert mean == pytest.approx(25.0, rel=0.05)
    for reaction in reactions:
        promised = reaction.callback_after_s
        assert (promised is not None) == (reaction.code == "callback")
        assert promised is None or 3_600.0 <= promised <= 172_800.0


def test_what_the_chances_leave_gets_no_disposition() -> None:
    habits = agents(agents__dispositions__voicemail__machine=0.5)
    found = Counter(habits.reaction("a1", n, Persona.VOICEMAIL).code for n in range(1, 1_001))
    assert set(found) == {"machine", None}
    assert found[None] == pytest.approx(500, abs=60)


def test_reactions_depend_on_seed_agent_and_count_alone() -> None:
    habits, again = agents(), agents()
    habits.reaction("a2", 9, Persona.RIGHT_PARTY)
    base = habits.reaction("a1", 1, Persona.RIGHT_PARTY)
    assert base == again.reaction("a1", 1, Persona.RIGHT_PARTY)
    others = [
        habits.reaction("a1", 2, Persona.RIGHT_PARTY),
        habits.reaction("a2", 1, Persona.RIGHT_PARTY),
        agents(2).reaction("a1", 1, Persona.RIGHT_PARTY),
    ]
    assert len({base.wrap_s, *(other.wrap_s for other in others)}) == 4


def test_a_disposition_the_campaign_does_not_have_is_named_with_its_line() -> None:
    without_sale = campaign(dispositions=tuple(d for d in STANDARD if d.code != "sale"))
    with pytest.raises(PopulationFileError) as caught:
        SimAgents(spec_with(), without_sale, 1)
    (problem,) = caught.value.problems
    assert problem.field == "agents.dispositions.right_party.sale"
    assert REALISTIC.splitlines()[problem.line - 1].startswith("sale = ")
    assert "spring has no such disposition" in str(problem)
    assert "use one of not_interested, callback" in str(problem)


def test_a_disposition_that_is_never_given_need_not_exist() -> None:
    without_sale = campaign(dispositions=tuple(d for d in STANDARD if d.code != "sale"))
    check_dispositions(spec_with(agents__dispositions__right_party__sale=0), without_sale)


def test_the_campaigns_own_callback_codes_promise_a_moment() -> None:
    renamed = tuple(replace(d, callback=d.code == "sale") for d in STANDARD)
    habits = SimAgents(spec_with(), campaign(dispositions=renamed), 1)
    promised = {
        reaction.code
        for n in range(1, 200)
        if (reaction := habits.reaction("a1", n, Persona.RIGHT_PARTY)).callback_after_s is not None
    }
    assert promised == {"sale"}
