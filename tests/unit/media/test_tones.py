from __future__ import annotations

import cmath
import math
from itertools import pairwise

import pytest

from dialer.media.errors import UnsuitableTone
from dialer.media.g711 import ulaw_decode
from dialer.media.tones import tone_frame


def power_at(samples: list[int], hz: int) -> float:
    turn = -2j * math.pi * hz / 8_000
    return abs(sum(sample * cmath.exp(turn * n) for n, sample in enumerate(samples))) / len(samples)


@pytest.mark.parametrize("hz", [50, 400, 1400, 3950])
def test_the_tone_is_there_and_alone(hz: int) -> None:
    samples = list(ulaw_decode(tone_frame(hz)))
    wanted = power_at(samples, hz)
    others = [power_at(samples, other) for other in range(50, 4_000, 50) if other != hz]
    assert wanted > 3_500
    assert max(others) < wanted / 10


@pytest.mark.parametrize("hz", [100, 750, 2000])
def test_repeated_without_a_click(hz: int) -> None:
    samples = list(ulaw_decode(tone_frame(hz) * 2))
    steps = [abs(after - before) for before, after in pairwise(samples)]
    assert steps[159] <= max(steps[:159]) + 1


def test_level_is_a_fraction_of_full_scale() -> None:
    assert max(ulaw_decode(tone_frame(400, 1.0))) == pytest.approx(32_000, rel=0.03)
    assert max(ulaw_decode(tone_frame(400, 0.1))) == pytest.approx(3_200, rel=0.03)


@pytest.mark.parametrize(("hz", "level"), [(0, 0.2), (-50, 0.2), (425, 0.2), (4_000, 0.2), (400, 0.0), (400, 1.5)])
def test_unsuitable(hz: int, level: float) -> None:
    with pytest.raises(UnsuitableTone):
        tone_frame(hz, level)
