"""Small networks written out as numbers: one hidden layer or two of tanh, one logistic output."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Network:
    """`mean`, `spread`: what inputs are shifted and divided by; `layers`: weights and biases in order."""

    mean: Array
    spread: Array
    layers: tuple[tuple[Array, Array], ...]

    def logits(self, rows: Array) -> Array:
        """Log odds of each row of inputs."""
        values: Array = (rows - self.mean) / self.spread
        for weights, bias in self.layers[:-1]:
            values = np.tanh(values @ weights + bias, dtype=np.float32)
        weights, bias = self.layers[-1]
        logits: Array = (values @ weights + bias)[:, 0]
        return logits


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """`voice`: is the one who answered speaking in this frame; `machine`: is it a machine, given what was heard
    until now. The others are the log odds of a machine at which it is told: `human_below` while no phrase was
    longer than `short_s` seconds, `human_below_long` after one that was. `made`: where all of it comes from."""

    voice: Network
    machine: Network
    human_below: float
    human_below_long: float
    short_s: float
    machine_above: float
    made: dict[str, object]


def parse(text: str) -> Model:
    """A model from its JSON. Raises `KeyError` or `ValueError` for what is none."""
    table = json.loads(text)
    return Model(
        voice=_network(table["voice"]),
        machine=_network(table["machine"]),
        human_below=float(table["human_below"]),
        human_below_long=float(table["human_below_long"]),
        short_s=float(table["short_s"]),
        machine_above=float(table["machine_above"]),
        made=table["made"],
    )


def _network(table: dict[str, object]) -> Network:
    layers = table["layers"]
    if not isinstance(layers, list):
        raise ValueError("layers is no list")
    return Network(
        _array(table["mean"]),
        _array(table["spread"]),
        tuple((_array(layer["weights"]), _array(layer["bias"])) for layer in layers),
    )


def _array(numbers: object) -> Array:
    return np.array(numbers, dtype=np.float32)


@cache
def trained() -> Model:
    """The model that comes with the program (`trained.json`; how it was made stands in it)."""
    return parse((files(__package__) / "trained.json").read_text("utf-8"))
