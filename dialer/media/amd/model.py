"""Small networks written out as numbers: one hidden layer or two of tanh, one logistic output."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
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


@dataclass(frozen=True, slots=True)
class Person:
    """A person is told after `waits_s` seconds of silence, at log odds of a machine of at most `below` while no
    phrase was longer than `short_s` seconds, of `below_long` after one that was."""

    waits_s: float
    short_s: float
    below: float
    below_long: float


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """`voice`: is the one who answered speaking in this frame; `machine`: is it a machine, given what was heard
    until now. `machine_above`: the log odds at which it is told, once somebody has held the turn for
    `machine_stretch_s` seconds or spoken `machine_spoken_s` in all, for people at work say whole sentences too.
    `held`, `joined`: those at which a person is told, held or with an agent joined; `early`: with an agent joined,
    at first, which what follows may still correct. `made`: where all of it comes from."""

    voice: Network
    machine: Network
    machine_above: float
    machine_stretch_s: float
    machine_spoken_s: float
    held: Person
    joined: Person
    early: Person
    made: dict[str, object]


def parse(text: str) -> Model:
    """A model from its JSON. Raises `KeyError` or `ValueError` for what is none."""
    table = json.loads(text)
    return Model(
        voice=_network(table["voice"]),
        machine=_network(table["machine"]),
        machine_above=float(table["machine_above"]),
        machine_stretch_s=float(table["machine_stretch_s"]),
        machine_spoken_s=float(table["machine_spoken_s"]),
        held=_person(table["held"]),
        joined=_person(table["joined"]),
        early=_person(table["early"]),
        made=table["made"],
    )


def _person(table: dict[str, float]) -> Person:
    return Person(*(float(table[each.name]) for each in fields(Person)))


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
