from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dialer.engine.deadlines import Deadlines, Timer


def test_a_moved_deadline_fires_once_at_its_new_time() -> None:
    deadlines = Deadlines()
    deadlines.set(Timer.RING, 1, 10.0)
    deadlines.set(Timer.RING, 1, 20.0)
    assert deadlines.next() == 20.0
    assert deadlines.pop_due(15.0) is None
    assert deadlines.pop_due(20.0) == (Timer.RING, 1)
    assert deadlines.next() is None


def test_a_cleared_deadline_never_fires() -> None:
    deadlines = Deadlines()
    deadlines.set(Timer.GRACE, 1, 1.0)
    deadlines.clear(Timer.GRACE, 1)
    deadlines.clear(Timer.GRACE, 2)
    assert deadlines.pop_due(5.0) is None


@given(st.lists(st.tuples(st.integers(0, 5), st.floats(0, 100), st.booleans()), max_size=60))
def test_fires_in_order_of_time_and_only_what_is_set(steps: list[tuple[int, float, bool]]) -> None:
    deadlines = Deadlines()
    model: dict[int, float] = {}
    for subject, at, keep in steps:
        if keep:
            deadlines.set(Timer.RING, subject, at)
            model[subject] = at
        else:
            deadlines.clear(Timer.RING, subject)
            model.pop(subject, None)
    fired: list[tuple[float, int]] = []
    while (key := deadlines.pop_due(100.0)) is not None:
        assert isinstance(key[1], int)
        fired.append((model.pop(key[1]), key[1]))
    assert not model
    assert [at for at, _ in fired] == sorted(at for at, _ in fired)
