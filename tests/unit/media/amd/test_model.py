"""Networks as numbers."""

from __future__ import annotations

import json

import numpy as np
import pytest

from dialer.media.amd.model import Network, parse, trained
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
    assert model.machine_above > 0
    assert model.machine_stretch_s >= model.machine_spoken_s >= 4.0, "people at work speak as long"
    assert model.held.waits_s < model.joined.waits_s
    for person in (model.held, model.joined, model.early):
        assert person.below_long <= person.below <= 0
    assert model.early.waits_s <= model.held.waits_s


def test_what_is_no_model() -> None:
    with pytest.raises(ValueError, match="Expecting"):
        parse("{")
    with pytest.raises(KeyError):
        parse(json.dumps({"voice": {}}))
    with pytest.raises(ValueError, match="no list"):
        parse(json.dumps({"voice": {"layers": 3, "mean": [], "spread": []}}))
