"""Whatever a population file says, its plans are calls that can happen."""

from __future__ import annotations

import math
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from sim_trunk.callee import Quirk, cancel_step, heard_end_s, invite_steps, unheard_end_s
from sim_trunk.population import BUNDLED, Population
from sim_trunk.population_file import read_population
from sim_trunk.population_spec import Answering, Duration, Numbers, PopulationSpec, QuirkRates, Ringing, Unanswered

REALISTIC = read_population(BUNDLED / "realistic.toml")
NOON = 1_795_435_200.0

shares = st.floats(0.0, 1.0)
durations = st.builds(Duration, st.floats(0.0, 3_600.0), st.floats(0.0, 3.0))
days = st.lists(st.floats(0.0, 1_000.0), min_size=24, max_size=24).map(tuple)


def parts(count: int) -> st.SearchStrategy[list[float]]:
    """So many shares that add up to at most 1."""
    return st.lists(shares, min_size=count, max_size=count).map(lambda found: [one / count for one in found])


def ranges(most: float) -> st.SearchStrategy[tuple[float, float]]:
    return st.tuples(st.floats(0.0, most), st.floats(0.0, most)).map(lambda two: (min(two), max(two)))


@st.composite
def specs(draw: st.DrawFn) -> PopulationSpec:
    invalid, changed = draw(parts(2))
    wrong_person, gatekeeper = draw(parts(2))
    busy, unreachable, congestion, declined, timeout = draw(parts(5))
    return replace(
        REALISTIC,
        numbers=Numbers(invalid, changed, wrong_person, gatekeeper, draw(shares), draw(shares), draw(shares)),
        answering=Answering(draw(shares), draw(st.floats(0.0, 5.0)), draw(days), draw(days)),
        ringing=Ringing(draw(durations), draw(durations), draw(durations), draw(durations), draw(durations)),
        unanswered=Unanswered(
            busy,
            unreachable,
            congestion,
            declined,
            timeout,
            draw(ranges(60.0)),
            draw(shares),
            draw(ranges(600.0)),
        ),
        talk={persona: draw(durations) for persona in REALISTIC.talk},
        patience=draw(durations),
        quirks=QuirkRates(*draw(parts(5)), *draw(parts(3))),
    )


@settings(max_examples=150, deadline=None)
@given(spec=specs(), seed=st.integers(0, 2**64), hours=st.integers(0, 200), nth=st.integers(1, 50))
def test_every_plan_can_happen(spec: PopulationSpec, seed: int, hours: int, nth: int) -> None:
    population = Population(spec, seed, zone_of=lambda _number: "Europe/London")
    at = NOON + hours * 3_600.0
    for last in range(10):
        number = f"+44207946000{last}"
        assert 0.0 <= population.answer_probability(number, at) <= 1.0
        plan = population.plan(number, nth, at)
        assert plan == population.plan(number, nth, at)
        assert plan.final == 200 or 400 <= plan.final < 700
        assert plan.pdd_s >= 0.0
        assert plan.ring_s >= 0.0
        assert plan.talk_s >= 0.0
        assert plan.patience_s >= 0.0
        assert math.isfinite(plan.talk_s)
        assert math.isfinite(plan.patience_s)
        assert (plan.q850 is None) == (plan.final == 200 or plan.quirk is Quirk.NO_RESPONSE)
        if plan.final == 200:
            assert math.isfinite(plan.ring_s)

        steps = invite_steps(plan)
        assert [step.after_s for step in steps] == sorted(step.after_s for step in steps)
        assert all(math.isfinite(step.after_s) for step in steps)
        assert (steps == ()) == (plan.quirk is Quirk.NO_RESPONSE)
        assert sum(step.status < 200 for step in steps) <= 1
        assert sum(step.status >= 200 for step in steps) == (math.isfinite(plan.ring_s))
        assert cancel_step(plan).status in {200, 487}
        assert unheard_end_s(plan) in {plan.patience_s, plan.talk_s}
        assert heard_end_s(plan) in {None, plan.talk_s}
