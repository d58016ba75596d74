from __future__ import annotations

import pytest

from campaigns.duration import parse_duration


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("25s", 25.0),
        ("15m", 900.0),
        ("4h", 14_400.0),
        ("2d", 172_800.0),
        ("1.5h", 5_400.0),
        (" 250 ms ", 0.25),
        (25, 25.0),
        (0.5, 0.5),
        (0, 0.0),
    ],
)
def test_durations(value: object, seconds: float) -> None:
    assert parse_duration(value) == seconds


@pytest.mark.parametrize(
    "value", ["", "25", "s", "-5s", "1h30m", "٣s", True, None, [], -1, float("nan"), float("inf")]
)
def test_what_is_no_duration(value: object) -> None:
    with pytest.raises(ValueError, match="not a duration"):
        parse_duration(value)
