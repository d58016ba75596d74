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


def call(invite_at: float, ended_at: float | None, quirk: str = "none") -> dict[str, dict[str, Any]]:
    return {"c": {"call_id": "c", "invite_at": invite_at, "ended_at": ended_at, "quirk": quirk}}


@pytest.mark.parametrize(
    ("ended_at", "left_s"),
    [(11.5, 0.0), (15.0, 0.0), (25.5, 0.5), (30.0, 1.0), (43.0, 4.0)],
)
def test_a_call_is_left_while_somebody_could_end_it(ended_at: float, left_s: float) -> None:
    assert longest_left_s(call(11.0, ended_at), LIVES) == left_s


def test_a_call_that_never_ends_is_left_for_ever() -> None:
    with pytest.raises(AssertionError, match="for ever"):
        longest_left_s(call(11.0, None), LIVES)
    assert longest_left_s(call(11.0, None, "no_response"), LIVES) == 0.0
