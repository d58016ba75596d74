from __future__ import annotations

import math
from dataclasses import replace

import pytest

from sim_trunk.callee import (
    PEOPLE,
    CallPlan,
    Persona,
    Quirk,
    Step,
    cancel_step,
    heard_end_s,
    invite_steps,
    unheard_end_s,
)

ANSWERED = CallPlan(1.5, 9.0, 200, None, Persona.RIGHT_PARTY, talk_s=120.0, patience_s=5.0)


def test_an_answered_call_rings_first() -> None:
    assert invite_steps(ANSWERED) == (Step(1.5, 180), Step(9.0, 200))


def test_a_call_that_fails_at_once_never_rings() -> None:
    busy = replace(ANSWERED, pdd_s=2.0, ring_s=2.0, final=486, q850=17)
    assert invite_steps(busy) == (Step(2.0, 486, 17),)


def test_a_phone_nobody_picks_up_rings_without_an_end() -> None:
    assert invite_steps(replace(ANSWERED, ring_s=math.inf, final=480)) == (Step(1.5, 180),)


@pytest.mark.parametrize(
    ("quirk", "steps"),
    [
        (Quirk.NO_PROVISIONAL, (Step(9.0, 200),)),
        (Quirk.PROGRESS_THEN_UNAVAILABLE, (Step(1.5, 183), Step(9.0, 480, 20))),
        (Quirk.NO_RESPONSE, ()),
        (Quirk.LOST_ACK, (Step(1.5, 180), Step(9.0, 200))),
        (Quirk.BYE_CROSSING, (Step(1.5, 180), Step(9.0, 200))),
    ],
)
def test_quirks_before_the_answer(quirk: Quirk, steps: tuple[Step, ...]) -> None:
    plan = replace(ANSWERED, quirk=quirk)
    if quirk is Quirk.PROGRESS_THEN_UNAVAILABLE:
        plan = replace(plan, final=480, q850=20)
    assert invite_steps(plan) == steps


def test_a_cancel_ends_the_invite_unless_somebody_picks_up_just_then() -> None:
    assert cancel_step(ANSWERED) == Step(0.0, 487)
    assert cancel_step(replace(ANSWERED, quirk=Quirk.ANSWER_AFTER_CANCEL)) == Step(0.0, 200)


@pytest.mark.parametrize("persona", Persona)
def test_people_listen_and_machines_do_not(persona: Persona) -> None:
    plan = replace(ANSWERED, persona=persona)
    if persona in PEOPLE:
        assert (unheard_end_s(plan), heard_end_s(plan)) == (5.0, 120.0)
    else:
        assert (unheard_end_s(plan), heard_end_s(plan)) == (120.0, None)
