"""Networks as numbers."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from dialer.media.amd.model import LongGreeting, Network, parse, trained
from dialer.media.amd.talk import FEATURES
from dialer.media.amd.voice import INPUTS


def test_one_layer_is_a_weighted_sum() -> None:
    network = Network(
        np.array([1.0, 0.0], np.float32),
        np.array([2.0, 1.0], np.float32),
        ((np.array([[3.0], [-1.0]], np.float32), np.array([0.5], np.float32)),),
    )
    assert network.logits(np.array([[3.0, 2.0], [1.0, 0.0]], np.float32)).tolist() == [1.5, 0.5]


def test_a_hidden_layer_is_tanh() -> None:
    one = np.ones((1, 1), np.float32)
    zero = np.zeros(1, np.float32)
    network = Network(zero, one[0], ((one, zero), (2 * one, zero)))
    assert network.logits(np.array([[0.5]], np.float32))[0] == pytest.approx(2 * np.tanh(0.5))


def test_the_trained_one_fits_its_inputs_and_says_where_it_comes_from() -> None:
    model = trained()
    assert model.voice.mean.size == INPUTS
    assert model.machine.mean.size == len(FEATURES)
    assert model.made["features"] == list(FEATURES)
    assert "training" in str(model.made["by"])
    assert model.long_greeting.from_s >= 5.0, "people at work speak as long"
    assert model.long_greeting.above >= model.long_greeting.least > 0
    assert model.held.waits_s < model.joined.waits_s
    for person in (model.held, model.joined, model.early):
        assert person.below_long <= person.below <= 0
    assert model.early.waits_s <= model.held.waits_s


def test_the_longer_somebody_speaks_the_less_sure_it_must_be() -> None:
    long = LongGreeting(from_s=6.0, above=7.0, falls=0.75, least=2.5)
    assert long.wanted(turn_s=5.9, spoken_s=4.9) == math.inf
    assert long.wanted(turn_s=6.0, spoken_s=0.5) == 7.0
    assert long.wanted(turn_s=1.0, spoken_s=7.0) == 5.5, "in all a second less weighs as much"
    assert long.wanted(turn_s=10.0, spoken_s=9.0) == 4.0
    assert long.wanted(turn_s=15.0, spoken_s=9.0) == 2.5


def test_what_is_no_model() -> None:
    with pytest.raises(ValueError, match="Expecting"):
        parse("{")
    with pytest.raises(KeyError):
        parse(json.dumps({"voice": {}}))
    with pytest.raises(ValueError, match="no list"):
        parse(json.dumps({"voice": {"layers": 3, "mean": [], "spread": []}}))
