"""Small networks written out as numbers: one hidden layer or two of tanh, one logistic output."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, fields
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]

IN_ALL_S = 1.0
"""By which what was spoken in all may be shorter than one turn, to weigh as much."""
_A_LITTLE = 1e-6


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


@dataclass(frozen=True, slots=True)
class LongGreeting:
    """A machine is told by words once somebody has held the turn for `from_s` seconds, or spoken for one less in
    all, at log odds of at least `above`; every further second takes `falls` off that, down to `least`. People at
    work say whole sentences too: the shorter one is, the surer it must be that nobody says it."""

    from_s: float
    above: float
    falls: float
    least: float

    def wanted(self, turn_s: float, spoken_s: float) -> float:
        """The log odds at which a machine is told now; infinite before there are any."""
        lasts_s = max(turn_s, spoken_s + IN_ALL_S)
        if lasts_s < self.from_s - _A_LITTLE:
            return math.inf
        return max(self.above - self.falls * (lasts_s - self.from_s), self.least)


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """`voice`: is the one who answered speaking in this frame; `machine`: is it a machine, given what was heard
    until now. `long_greeting`: when one is told by that. `held`, `joined`: the log odds at which a person is told,
    held or with an agent joined; `early`: with an agent joined, at first, which what follows may still correct.
    `made`: where all of it comes from."""

    voice: Network
    machine: Network
    long_greeting: LongGreeting
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
        long_greeting=LongGreeting(*_numbers(table["long_greeting"], LongGreeting)),
        held=Person(*_numbers(table["held"], Person)),
        joined=Person(*_numbers(table["joined"], Person)),
        early=Person(*_numbers(table["early"], Person)),
        made=table["made"],
    )


def _numbers(table: dict[str, float], of: type[LongGreeting | Person]) -> list[float]:
    return [float(table[each.name]) for each in fields(of)]


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
