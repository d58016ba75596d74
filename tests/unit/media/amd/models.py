"""Models made by hand, so that the detector's rules are tested apart from what was trained."""

from __future__ import annotations

import numpy as np

from dialer.media.amd.model import LongGreeting, Model, Network, Person
from dialer.media.amd.spectrum import BANDS
from dialer.media.amd.talk import FEATURES
from dialer.media.amd.voice import INPUTS

SHORT_S, LONG_S = 0.9, 2.5
NEVER = Person(99.0, SHORT_S, -1.0, -2.0)
AT_ONCE = LongGreeting(0.0, 1.0, 0.0, 1.0)


def _linear(inputs: int, slopes: dict[int, float], bias: float) -> Network:
    weights = np.zeros((inputs, 1), np.float32)
    for column, slope in slopes.items():
        weights[column] = slope
    layers = ((weights, np.array([bias], np.float32)),)
    return Network(np.zeros(inputs, np.float32), np.ones(inputs, np.float32), layers)


def by_hand(
    *,
    long_greeting: LongGreeting = AT_ONCE,
    early: Person = NEVER,
) -> Model:
    """Speech is what is louder than 15 dB (on the scale of `Spectra`). The log odds of a machine: up by 2 for each
    second of the longest phrase beyond 2 s, down by 4 for each second of silence. A person is told at −1, after a
    long phrase at −2; a machine at 1. None is told early, unless told how."""
    return Model(
        voice=_linear(INPUTS, {2 * BANDS + 2: 1.0}, -15.0),
        machine=_linear(
            len(FEATURES), {FEATURES.index("longest_phrase"): 2.0, FEATURES.index("silence"): -4.0}, -4.0
        ),
        long_greeting=long_greeting,
        held=Person(0.2, SHORT_S, -1.0, -2.0),
        joined=Person(1.0, SHORT_S, -1.0, -2.0),
        early=early,
        made={},
    )
