"""How long somebody has to wait who guesses passwords."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.web.login_throttle import FORGET_S, FREE_FAILURES, LONGEST_WAIT_S, LoginThrottle, place_of

ANA = ("user:ana", "from:192.0.2.1")
BEN = ("user:ben", "from:192.0.2.1")


def test_the_first_failures_are_free_then_each_doubles_the_wait() -> None:
    throttle = LoginThrottle()
    for _ in range(FREE_FAILURES):
        assert throttle.wait_s(ANA, 0.0) == 0.0
        throttle.failed(ANA, 0.0)
    waits = []
    now = 0.0
    for _ in range(12):
        wait_s = throttle.wait_s(ANA, now)
        waits.append(wait_s)
        now += wait_s
        assert throttle.wait_s(ANA, now) == 0.0
        throttle.failed(ANA, now)
    assert waits[:4] == [1.0, 2.0, 4.0, 8.0]
    assert waits[-1] == LONGEST_WAIT_S


def test_a_source_that_tries_many_users_waits_too() -> None:
    throttle = LoginThrottle()
    for n in range(FREE_FAILURES):
        throttle.failed((f"user:{n}", "from:192.0.2.1"), 0.0)
    assert throttle.wait_s(BEN, 0.0) == 1.0
    assert throttle.wait_s(("user:ben", "from:192.0.2.2"), 0.0) == 0.0


def test_the_right_password_ends_the_users_wait_and_takes_back_only_its_own_attempt() -> None:
    throttle = LoginThrottle()
    for _ in range(FREE_FAILURES - 1):
        throttle.failed(ANA, 0.0)
    for _ in range(3):  # an account of one's own does not wipe out the guesses at another's
        throttle.failed(BEN, 0.0)
        throttle.succeeded(BEN)
    throttle.failed(ANA, 0.0)
    assert throttle.wait_s(BEN, 0.0) == 1.0
    throttle.succeeded(ANA)
    assert throttle.wait_s(("user:ana",), 0.0) == 0.0


def test_failures_are_forgotten() -> None:
    throttle = LoginThrottle()
    for _ in range(50):
        throttle.failed(ANA, 0.0)
    assert throttle.wait_s(ANA, 1.0) > 0.0
    assert throttle.wait_s(ANA, FORGET_S + 1.0) == 0.0
    throttle.failed(ANA, FORGET_S + 1.0)
    assert throttle.wait_s(ANA, FORGET_S + 1.0) == 0.0


@given(st.lists(st.tuples(st.integers(0, 50), st.booleans(), st.floats(0.0, 1e9)), max_size=200))
def test_memory_is_bounded_and_waits_are_never_negative(tried: list[tuple[int, bool, float]]) -> None:
    throttle = LoginThrottle(limit=10)
    for user, right, now in tried:
        keys = (f"user:{user}", f"from:{user % 3}")
        assert throttle.wait_s(keys, now) >= 0.0
        throttle.failed(keys, now)
        if right:
            throttle.succeeded(keys)
        assert len(throttle) <= 10


@pytest.mark.parametrize(
    ("host", "place"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),  # one subscriber has that many addresses
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("os:1000", "os:1000"),
    ],
)
def test_where_somebody_comes_from(host: str, place: str) -> None:
    assert place_of(host) == place
