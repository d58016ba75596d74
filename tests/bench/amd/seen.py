"""Greetings of a split as arrays: what the second network sees of each, block by block, and what is true of it."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
from numpy.random import Generator, default_rng
from numpy.typing import NDArray

from dialer.media.amd.model import Network
from dialer.media.amd.talk import FEATURES
from sim_trunk.greetings import line
from sim_trunk.greetings.scene import Label
from sim_trunk.greetings.split import Split
from tests.bench.amd.score import QUIET_DB
from tests.bench.amd.sets import examples
from tests.bench.amd.traces import LONGEST_S, Heard, Trace

Array = NDArray[np.float32]

BLOCK_S = 0.1
BLOCKS = round(LONGEST_S / BLOCK_S)
_PACES = (0.7, 1.35)
_TIMES = ((False, False), (False, True), (True, False))
"""Each greeting is seen thrice: (at another pace, elsewhere)."""
TIMES = len(_TIMES)


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """A row each greeting, a column each block. `begun`: there was speech; `heard`: how many blocks there are;
    `told`: in which a tone tells a machine, `BLOCKS` for never; `paced`: read at another pace, which nothing is
    measured on; `elsewhere`: moved to a room or a lossy network; `kind`: the scene's."""

    rows: Array
    begun: NDArray[np.bool_]
    heard: NDArray[np.intp]
    told: NDArray[np.intp]
    onset_s: Array
    quiet: NDArray[np.bool_]
    paced: NDArray[np.bool_]
    elsewhere: NDArray[np.bool_]
    kind: NDArray[np.str_]

    def taken(self, which: NDArray[np.bool_]) -> Seen:
        """Only some of them."""
        return Seen(*(getattr(self, field.name)[which] for field in fields(self)))


def joined(parts: list[Seen]) -> Seen:
    """All of them in one."""
    return Seen(*(np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(Seen)))


def elsewhere(samples: NDArray[np.int16], random: Generator) -> NDArray[np.int16]:
    """The same call from a hands-free telephone in a room, or over a network that loses packets, or both."""
    chance = random.random()
    if chance < 0.75:
        echoed = np.clip(line.in_room(samples, line.room(random)), -32_768, 32_767)
        samples = line.g711(echoed.astype(np.int16), alaw=False)
    if chance > 0.55:
        samples = line.lossy(samples, random, random.uniform(0.005, 0.04))
    return samples


def seen(split: Split, label: Label, count: int, voice: Network) -> Seen:
    """The first `count` of a split and label three times: as they are, elsewhere, at another pace."""
    random = default_rng([count, *split.value.encode(), *label.value.encode()])
    traces: list[Trace] = []
    truths: list[tuple[float, bool, bool, bool, str]] = []
    for example in examples(split, label, count):
        snr_db = example.scene.line.snr_db
        quiet = snr_db is None or snr_db >= QUIET_DB
        heard = Heard(example.samples, voice)
        traces += [heard.trace(), Heard(elsewhere(example.samples, random), voice).trace()]
        traces.append(heard.trace(float(random.uniform(*_PACES))))
        onset_s = example.onset_s or 0.0
        truths += [(onset_s, quiet, paced, away, example.scene.kind) for paced, away in _TIMES]
    size = len(traces)
    rows = np.zeros((size, BLOCKS, len(FEATURES)), np.float32)
    begun = np.zeros((size, BLOCKS), np.bool_)
    for nth, trace in enumerate(traces):
        length = min(len(trace.rows), BLOCKS)
        rows[nth, :length], begun[nth, :length] = trace.rows[:length], trace.begun[:length]
    onsets_s, quiets, paces, moves, kinds = (np.array(column) for column in zip(*truths, strict=True))
    return Seen(
        rows=rows,
        begun=begun,
        heard=np.array([min(len(trace.rows), BLOCKS) for trace in traces]),
        told=np.array([BLOCKS if trace.told < 0 else trace.told for trace in traces]),
        onset_s=onsets_s.astype(np.float32),
        quiet=quiets,
        paced=paces,
        elsewhere=moves,
        kind=kinds,
    )


def kept(path: Path, split: Split, label: Label, count: int, voice: Network) -> Seen:
    """The same, read from a file once it was made."""
    if not path.exists():
        made = seen(split, label, count, voice)
        unfinished = path.with_suffix(".tmp.npz")
        np.savez(unfinished, **{field.name: getattr(made, field.name) for field in fields(Seen)})
        unfinished.rename(path)
    with np.load(path) as table:
        return Seen(*(table[field.name] for field in fields(Seen)))
