from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.telephony.errors import PortNotTaken, PortsExhausted
from dialer.telephony.port_pool import PortPool


def test_even_ports_of_the_range() -> None:
    pool = PortPool(10_001, 10_007)
    assert [pool.take() for _ in range(pool.size)] == [10_002, 10_004, 10_006]


def test_exhausted_says_what_to_do() -> None:
    pool = PortPool(10_000, 10_001)
    pool.take()
    with pytest.raises(PortsExhausted, match="all 1 RTP ports from 10000 to 10000 are in use; widen the range"):
        pool.take()


def test_the_port_longest_unused_comes_first() -> None:
    pool = PortPool(10_000, 10_004)
    first = pool.take()
    pool.give_back(first)
    assert [pool.take() for _ in range(3)] == [10_002, 10_004, 10_000]


def test_giving_back_what_was_not_taken() -> None:
    pool = PortPool(10_000, 10_004)
    port = pool.take()
    pool.give_back(port)
    for wrong in (port, 10_002, 4_000):
        with pytest.raises(PortNotTaken):
            pool.give_back(wrong)
    assert (pool.free, pool.taken) == (3, 0)


@pytest.mark.parametrize(("first", "last"), [(80, 100), (10_002, 10_000), (60_000, 65_536), (10_001, 10_001)])
def test_impossible_ranges(first: int, last: int) -> None:
    with pytest.raises(ValueError, match="RTP ports"):
        PortPool(first, last)


@given(st.lists(st.booleans(), max_size=60), st.integers(1, 8))
def test_no_port_is_lost_or_given_twice(steps: list[bool], size: int) -> None:
    pool = PortPool(20_000, 20_000 + 2 * size - 1)
    held: list[int] = []
    for take in steps:
        if take and len(held) < size:
            held.append(pool.take())
        elif take:
            with pytest.raises(PortsExhausted):
                pool.take()
        elif held:
            pool.give_back(held.pop(0))
        assert len(set(held)) == len(held) == pool.taken
        assert pool.free + pool.taken == size
