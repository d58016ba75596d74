from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from dialer.pacing import (
    Abandoned,
    Answered,
    Belief,
    Connected,
    Pacer,
    Snapshot,
    TalkEnded,
    Unanswered,
    WrapEnded,
    create,
    outlook,
)
from dialer.pacing.predictive import PredictivePacer
from dialer.pacing.tails import Tails
from tests.bench.pacing.world import Scenario, World

MANY = 10_000


def snapshot(
    now_s: float = 0.0,
    idle: int = 0,
    talking: tuple[float, ...] = (),
    wrapping: tuple[float, ...] = (),
    ringing: tuple[float, ...] = (),
    waiting: tuple[float, ...] = (),
    leaving: tuple[float, ...] = (),
    next_p: tuple[float, ...] | None = None,
) -> Snapshot:
    return Snapshot(now_s, idle, talking, wrapping, ringing, waiting, MANY, MANY, leaving_s=leaving, next_p=next_p)


def belief_of(pacer: Pacer) -> Belief | None:
    assert isinstance(pacer, PredictivePacer)
    return pacer.belief


def experienced(target: float = 0.03) -> Pacer:
    """Of an hour with ten agents, a third answering after 12 s, talks of two minutes and wrap-ups of 20 s."""
    pacer = create("predictive", abandon_target=target)
    for at in range(0, 3_600, 6):
        pacer.observe(Unanswered(at, 28.0))
        pacer.observe(Unanswered(at + 1, 28.0))
        pacer.observe(Answered(at + 2, 8.0 + at % 9))
        pacer.observe(Connected(at + 2, 0.0))
        pacer.observe(TalkEnded(at + 3, 60.0 + at % 120))
        pacer.observe(WrapEnded(at + 4, 15.0 + at % 10))
    return pacer


def test_a_trunk_that_rings_into_nothing_does_not_have_thousands_called() -> None:
    """When it is back half of those who are called answer; 1,780 of them met nobody where as many were launched as
    nobody seemed to answer."""
    silent = Scenario(30, hours=0.4, answer_p=lambda at: 0.0 if at < 900.0 else 0.5)
    assert World(silent, create("predictive"), seed=3).run().abandoned < 150


def test_nobody_is_called_without_agents() -> None:
    assert create("predictive").decide(snapshot()) == 0


def test_more_lines_than_agents_where_few_answer() -> None:
    assert experienced().decide(snapshot(3_600.0, idle=10)) > 15


def test_nobody_new_while_those_who_answered_wait() -> None:
    busy = tuple(10.0 for _ in range(10))
    assert experienced().decide(snapshot(3_600.0, talking=busy, waiting=(0.5, 0.2))) == 0


def test_agents_about_to_be_free_are_dialed_for() -> None:
    soon = snapshot(3_600.0, talking=(120.0,) * 10, wrapping=(19.0,) * 5)
    just_begun = snapshot(3_600.0, talking=(2.0,) * 15)
    assert experienced().decide(soon) > experienced().decide(just_begun)


def test_agents_who_go_are_not_dialed_for() -> None:
    talking, wrapping = (120.0,) * 10, (19.0,) * 5
    stay = experienced().decide(snapshot(3_600.0, talking=talking, wrapping=wrapping))
    go = experienced().decide(snapshot(3_600.0, talking=talking, wrapping=wrapping, leaving=(0.0,) * 12))
    assert go < stay


def test_agents_who_come_free_before_they_all_go_are_not_too_many_for_the_tables(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whose desks are lost go in ten seconds; those who wrap up until then are free before."""
    seen = snapshot(3_600.0, wrapping=(25.0,) * 40, leaving=(10.0,) * 40)
    chosen, ample = experienced(), experienced()
    chosen.decide(seen)
    monkeypatch.setattr("dialer.pacing.predictive.tails_reaching", lambda *_: Tails(2_048))
    ample.decide(seen)
    rested, right = belief_of(chosen), belief_of(ample)
    assert rested is not None
    assert right is not None
    assert rested.lost_p == pytest.approx(right.lost_p, rel=1e-3, abs=1e-5)


def test_whoever_is_in_a_call_flow_may_ask_for_an_agent() -> None:
    alone = snapshot(3_600.0, idle=10)
    few_ask = replace(alone, next_p=(0.05,) * 32)
    wanted = {
        (seen is few_ask, in_flow): experienced().decide(replace(seen, in_flow=in_flow))
        for seen in (alone, few_ask)
        for in_flow in (0, 10)
    }
    assert wanted[False, 10] == 0, "nobody knows how many ask: all may"
    assert 0 < wanted[True, 10] < wanted[True, 0], "one in six or seven of them does"


@pytest.mark.parametrize("agents", [1, 5, 20, 100, 300])
@pytest.mark.parametrize("ringing_per_agent", [0, 1, 2])
def test_few_moments_of_answering_are_as_good_as_many(
    monkeypatch: pytest.MonkeyPatch, agents: int, ringing_per_agent: int
) -> None:
    seen = snapshot(
        3_600.0,
        idle=agents // 10,
        talking=tuple(10.0 + 170.0 * n / agents for n in range(agents)),
        wrapping=tuple(3.0 + 20.0 * n / agents for n in range(agents // 5)),
        ringing=tuple(0.5 + 25.0 * n / agents for n in range(agents * ringing_per_agent)),
    )
    few, many = experienced(), experienced()
    launched = few.decide(seen)
    monkeypatch.setattr(outlook, "_QUANTILES", (np.arange(64) + 0.5) / 64)
    monkeypatch.setattr(outlook, "_WEIGHTS", (1 / 64,) * 64)
    assert many.decide(seen) == pytest.approx(launched, abs=0.5 + 0.035 * launched)
    rested, right = belief_of(few), belief_of(many)
    assert rested is not None
    assert right is not None
    if not launched:
        assert rested.lost_p == pytest.approx(right.lost_p, rel=0.02, abs=5e-4)


def test_leads_who_seldom_answer_are_called_in_greater_numbers() -> None:
    seldom = experienced().decide(snapshot(3_600.0, idle=5, next_p=(0.1,) * 200))
    often = experienced().decide(snapshot(3_600.0, idle=5, next_p=(0.9,) * 200))
    assert seldom > 2 * often


def test_it_says_what_it_believes_and_how_near_the_next_call_is_to_too_much() -> None:
    pacer = experienced()
    assert belief_of(pacer) is None, "nothing was decided yet"
    pacer.decide(snapshot(3_600.0, idle=5))
    believed = belief_of(pacer)
    assert believed is not None
    assert believed.answer_p == pytest.approx(1 / 3, abs=0.03)
    assert believed.ring_s == pytest.approx(12.0, abs=1.0)
    assert believed.talk_s == pytest.approx(120.0, rel=0.1)
    assert believed.wrap_s == pytest.approx(20.0, rel=0.1)
    assert believed.lost_p > believed.risk, "one more would have been launched"
    of_600_and_those_of_half_an_hour = 18 + 9
    assert believed.may_lose == pytest.approx(of_600_and_those_of_half_an_hour, abs=1)
    for lost in range(3):
        pacer.observe(Abandoned(3_601.0 + lost, 2.0))
    pacer.decide(snapshot(3_610.0, idle=5))
    later = belief_of(pacer)
    assert later is not None
    assert later.may_lose == believed.may_lose - 3


def test_the_same_twice() -> None:
    seen = snapshot(3_600.0, idle=3, talking=(20.0, 80.0), ringing=(4.0, 9.0))
    assert experienced().decide(seen) == experienced().decide(seen)


@pytest.mark.parametrize(("agents", "busy"), [pytest.param(8, 0.78, marks=pytest.mark.long), (30, 0.87)])
def test_agents_are_busy_and_few_are_abandoned(agents: int, busy: float) -> None:
    """Two hours from a cold start in the world of the benchmark, where progressive pacing reaches 0.73."""
    shift = World(Scenario(agents, hours=2.0), create("predictive", window_s=7_200.0), seed=5).run()
    assert shift.busy > busy
    assert shift.abandonment < 0.035


def test_a_cold_start_with_a_large_team_loses_few() -> None:
    shift = World(Scenario(100, hours=0.1), create("predictive"), seed=6).run()
    assert shift.busy > 0.85
    assert shift.abandoned <= 0.08 * shift.live


@pytest.mark.parametrize("ringing", [100, 140, 160, 220, 330])
@pytest.mark.parametrize("age_s", [6.0, 9.0])
def test_nobody_new_while_far_more_ring_than_agents_are_left(ringing: int, age_s: float) -> None:
    """Most of a large team has gone to lunch, and what was dialed for it still rings."""
    left = snapshot(3_600.0, idle=1, talking=(60.0,) * 4, ringing=(age_s,) * ringing)
    assert experienced().decide(left) == 0


@pytest.mark.parametrize("agents", [30, 38, 50, 66, 100, 300])
def test_a_team_that_is_idle_as_a_whole_is_dialed_for_by_its_size(agents: int) -> None:
    """Back from lunch, after an hour in which nobody was abandoned."""
    per_agent = experienced().decide(snapshot(3_600.0, idle=25)) / 25
    launched = experienced().decide(snapshot(3_600.0, idle=agents))
    assert launched == pytest.approx(per_agent * agents, rel=0.05)


def test_a_team_that_wraps_up_all_at_once_is_dialed_for() -> None:
    """Every call has ended together: a trunk was lost, and is back."""
    some = experienced().decide(snapshot(3_600.0, wrapping=(19.0,) * 20))
    all_of_them = experienced().decide(snapshot(3_600.0, wrapping=(19.0,) * 50))
    assert all_of_them > 2 * some > 0


def test_a_trunk_that_refused_everything_for_minutes_does_not_teach_that_nobody_answers() -> None:
    pacer, undisturbed = experienced(), experienced()
    for at in range(5_000):
        pacer.observe(Unanswered(3_600.0 + at * 0.05, 0.2))
    for back in (snapshot(3_900.0, idle=10), snapshot(3_900.0, idle=10, next_p=(0.2,) * 100)):
        assert pacer.decide(back) == undisturbed.decide(back)
