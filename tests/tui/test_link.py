"""The connection: lost, kept asking, back, gone for good."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.api.errors import NotAllowed, ServiceLost
from dialer.api.schemas import Fault
from dialer.errors import DialerError, ServiceNotRunning
from dialer.tui.link import BACKOFF_S, Link, LinkState
from tests.tui import floors

GONE, BROKEN = ServiceNotRunning("gone"), ServiceLost("broken")
PICTURE = floors.overview()


def test_waits_between_tries_grow_to_the_last() -> None:
    link, waits = Link(0.0), []
    for _ in range(8):
        link = link.failed(GONE, 100.0)
        waits.append(link.next_try_at - 100.0)
    assert waits == [*BACKOFF_S, BACKOFF_S[-1], BACKOFF_S[-1], BACKOFF_S[-1]]
    assert link.received(PICTURE, None, 101.0).failed(GONE, 102.0).next_try_at == 102.0 + BACKOFF_S[0]


@given(st.lists(st.sampled_from(["picture", GONE, BROKEN]), max_size=20))
def test_states(happened: list[str | DialerError]) -> None:
    link, now, seen = Link(0.0), 0.0, False
    for what in happened:
        now += 1.0
        if isinstance(what, DialerError):
            link = link.failed(what, now)
            assert link.state is (LinkState.LOST if seen else LinkState.WAITING)
            assert link.cause is what
        else:
            link, seen = link.received(PICTURE, None, now), True
            assert link.state is LinkState.LIVE
            assert link.cause is None
            assert link.age_s(now + 3.0) == 3.0
        assert (link.overview is not None) is seen
        assert link.since <= now


def test_how_long_it_was_away_is_told_for_a_while() -> None:
    link = Link(0.0).received(PICTURE, None, 1.0)
    assert link.back_after_s is None
    link = link.failed(BROKEN, 5.0).failed(GONE, 9.0).received(PICTURE, None, 17.0)
    assert link.back_after_s == 12.0
    assert not link.restarted
    assert link.received(PICTURE, None, 20.0).back_after_s == 12.0
    assert link.received(PICTURE, None, 28.0).back_after_s is None


@pytest.mark.parametrize(
    ("service_state", "cause", "after_s", "gone"),
    [
        ("running", GONE, 0.0, False),
        ("running", GONE, 2.9, False),
        ("running", GONE, 3.0, True),
        ("draining", GONE, 0.0, True),
        ("draining", BROKEN, 60.0, False),
        ("running", BROKEN, 60.0, False),
        ("running", NotAllowed(403, Fault(code="role", text="no")), 60.0, False),
    ],
)
def test_gone_for_good(service_state: str, cause: DialerError, after_s: float, gone: bool) -> None:
    picture = floors.overview(service=floors.service(state=service_state))
    link = Link(0.0).received(picture, None, 1.0).failed(cause, 2.0).failed(cause, 2.0 + after_s)
    assert link.gone_for_good(2.0 + after_s) is gone


def test_what_ended_before_it_was_seen_is_gone_as_well() -> None:
    never_seen = Link(0.0).failed(GONE, 0.5)
    assert not never_seen.gone_for_good(2.9)
    assert never_seen.gone_for_good(3.0)
