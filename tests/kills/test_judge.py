"""The judge's own arithmetic."""

from __future__ import annotations

from typing import Any

import pytest

from tests.kills.centre import Life
from tests.kills.judge import longest_left_s

LIVES = [
    Life("ringing", 2.0, 10.0, 12.0),
    Life("starting", None, None, 20.0),
    Life("anywhere", 5.0, 25.0, 26.0),
    Life("ended", 5.0, 40.0, 60.0),
]


def call(
    invite_at: float,
    ended_at: float | None,
    quirk: str = "none",
    answered_at: float | None = None,
    acked_at: float | None = None,
) -> dict[str, dict[str, Any]]:
    moments = {"invite_at": invite_at, "ended_at": ended_at, "answered_at": answered_at, "acked_at": acked_at}
    return {"c": {"call_id": "c", "quirk": quirk, **moments}}


@pytest.mark.parametrize(
    ("ended_at", "left_s"),
    [(11.5, 0.0), (15.0, 0.0), (25.5, 0.5), (30.0, 1.0), (43.0, 4.0)],
)
def test_a_call_is_left_while_somebody_could_end_it(ended_at: float, left_s: float) -> None:
    assert longest_left_s(call(11.0, ended_at), LIVES) == left_s


def test_an_answer_that_nobody_took_ends_its_call_when_it_comes_again_to_somebody() -> None:
    """It does 0.5, 1.5, 3.5, 7.5, 11.5, 15.5… s after the first, here at 26.5 when nobody lives, and at 42.5."""
    assert longest_left_s(call(11.0, 43.0, answered_at=11.0), LIVES) == 0.5
    assert longest_left_s(call(11.0, 42.0, answered_at=11.0), LIVES) == 0.0
    assert longest_left_s(call(11.0, 43.0, answered_at=11.0, acked_at=11.1), LIVES) == 4.0


def test_a_call_that_never_ends_is_left_for_ever() -> None:
    with pytest.raises(AssertionError, match="for ever"):
        longest_left_s(call(11.0, None), LIVES)
    assert longest_left_s(call(11.0, None, "no_response"), LIVES) == 0.0
