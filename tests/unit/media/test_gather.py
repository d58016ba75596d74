from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dialer.media.gather import Gather, GatherEnd


def gather(most: int = 3, finish: str = "#") -> Gather:
    return Gather(1, most, finish, first_s=5.0, between_s=2.0)


def test_as_many_as_wanted() -> None:
    it = gather(2)
    it.begin(0.0)
    assert it.press("1", 1.0) is None
    assert it.press("2", 2.0) is GatherEnd.COMPLETE
    assert it.digits == "12"


def test_the_finishing_digit_is_not_counted() -> None:
    it = gather()
    assert it.press("7", 0.0) is None
    assert it.press("#", 0.1) is GatherEnd.COMPLETE
    assert it.digits == "7"


def test_the_wait_for_the_first_begins_when_told_and_for_others_with_each() -> None:
    it = gather()
    assert it.wait(1_000.0) is None  # a prompt is still playing
    it.begin(10.0)
    assert it.wait(14.9) is None
    assert it.wait(15.0) is GatherEnd.NOTHING
    it.press("1", 14.0)
    it.begin(20.0)  # a prompt that ends later does not lengthen the wait
    assert it.wait(15.9) is None
    assert it.wait(16.0) is GatherEnd.PAUSE


@given(st.lists(st.tuples(st.sampled_from("0123456789*#"), st.floats(0.0, 3.0)), max_size=20), st.integers(1, 5))
def test_it_ends_once_with_no_more_than_wanted(presses: list[tuple[str, float]], most: int) -> None:
    it, now = gather(most), 0.0
    it.begin(now)
    for digit, pause_s in presses:
        now += pause_s
        end = it.wait(now) or it.press(digit, now)
        if end is not None:
            break
    assert len(it.digits) <= most
    assert "#" not in it.digits
