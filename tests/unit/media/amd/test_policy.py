"""When a verdict is needed."""

from __future__ import annotations

import math

import pytest

from dialer.media.amd.policy import Advise, Hold, Off, decide_by_s


def test_when_it_is_unsure() -> None:
    assert decide_by_s(Off()) == 0.0
    assert decide_by_s(Hold()) == 1.8
    assert decide_by_s(Hold(1.2)) == 1.2
    assert decide_by_s(Advise(6.0)) == 6.0


@pytest.mark.parametrize("seconds", [0.0, -1.0, 1.81, 5.0, math.nan, math.inf])
def test_nobody_is_held_longer_than_the_law_lets(seconds: float) -> None:
    with pytest.raises(ValueError, match=r"at most 1\.8"):
        Hold(seconds)


@pytest.mark.parametrize("seconds", [0.0, -1.0, math.nan, math.inf])
def test_advice_ends(seconds: float) -> None:
    with pytest.raises(ValueError, match="above 0"):
        Advise(seconds)
