from __future__ import annotations

from itertools import pairwise

import pytest

from campaigns.record import LONGEST_STRETCH_S, AgentTime

NOON = 1_795_435_200.0


@pytest.mark.parametrize(("length_s", "count"), [(1.0, 1), (3_600.0, 1), (3_600.5, 2), (86_400.0, 24)])
def test_a_long_stretch_is_kept_in_pieces_that_add_up_to_it(length_s: float, count: int) -> None:
    whole = AgentTime(agent_id="a", campaign="c", activity="paused", since=NOON, until=NOON + length_s)
    pieces = list(whole.pieces())
    assert len(pieces) == count
    assert (pieces[0].since, pieces[-1].until) == (whole.since, whole.until)
    assert all(before.until == after.since for before, after in pairwise(pieces))
    assert all(0.0 < one.until - one.since <= LONGEST_STRETCH_S for one in pieces)
    assert {(one.agent_id, one.campaign, one.activity) for one in pieces} == {("a", "c", "paused")}
