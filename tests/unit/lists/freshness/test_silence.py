"""What calls that tell nothing say of the numbers that work, and of the dead."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lists.freshness.silence import contact, untold_points
from lists.freshness.standing import MOST_CALLS, Standing, State
from tests.synthetic_lists import Calling, Law, called_list


def counted(*counts: float, length: int = MOST_CALLS) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.array([*counts, *([0.0] * (length - len(counts)))])


def test_contact_where_all_work_is_the_share_of_those_left() -> None:
    # 100 called: 40 show at the first, 30 of the other 60 at the second, 30 are left after two calls
    quiet, shown = contact(counted(40, 30), counted(0, 0, 30, length=MOST_CALLS + 1), np.array(1.0), 0.2)
    assert quiet[:3] == pytest.approx([1.0, 0.6, 0.3])
    assert shown[:2] == pytest.approx([0.4, 0.3])


def test_silent_numbers_that_must_be_dead_are_not_held_against_contact() -> None:
    # half of 200 work, 80 of them show at the one call; a dead number never says so: 20 and 100 are silent
    silent = counted(0, 120, length=MOST_CALLS + 1)
    quiet, _ = contact(counted(80), silent, np.array([0.5, 1.0]), 1.0)
    assert quiet[:, 1] == pytest.approx([0.2, 0.6], abs=0.01)


def test_how_often_the_dead_are_silent_is_found() -> None:
    random = np.random.default_rng(11)
    ages = random.uniform(100, 500, 3_000)
    how = Calling(tells=0.7, apart_d=1.0)
    points = untold_points([called_list("a", Law(400), ages, random, how)])
    assert points == pytest.approx([0.3] * len(points), abs=0.06)
    assert list(points) == sorted(points)


def test_numbers_called_once_leave_it_open() -> None:
    dead = Standing(
        list_name="a", source="a", region="US", field=0, state=State.INVALID, age_w=20, gone_w=20, first_w=20,
        called_w=20, count=300,
    )  # fmt: skip
    working = replace(dead, state=State.UNKNOWN, gone_w=None, worked_w=20)
    silent = replace(dead, state=State.UNREACHED, gone_w=None, silent=1)
    points = untold_points([[dead, working, silent]])
    assert points[-1] - points[0] > 0.3
