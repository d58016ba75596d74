"""Greetings rendered once and kept: 250 a file, in a directory named by what made them."""

from __future__ import annotations

import fcntl
import hashlib
import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import sim_trunk.greetings
from sim_trunk.greetings.render import render
from sim_trunk.greetings.scene import Label, Scene, draw
from sim_trunk.greetings.speech import PROGRAM
from sim_trunk.greetings.split import Split

PORTION = 250
CACHE = Path(os.environ.get("AMD_CACHE", Path(tempfile.gettempdir()) / "rightparty-amd"))


@dataclass(frozen=True, slots=True)
class Example:
    """A greeting as kept: `spoken` for each 20 ms frame; times in seconds from the answer."""

    scene: Scene
    samples: NDArray[np.int16]
    spoken: NDArray[np.bool_]
    onset_s: float | None
    beeps_s: tuple[tuple[float, float], ...]


@cache
def _made_by() -> str:
    """The generator's own sources and espeak-ng's version: another generator, another directory."""
    digest = hashlib.blake2b(digest_size=6)
    folder = Path(sim_trunk.greetings.__path__[0])
    for path in sorted([*folder.glob("*.py"), *folder.glob("texts/*.toml"), *folder.glob("variants/*")]):
        digest.update(path.read_bytes())
    digest.update(subprocess.run([PROGRAM, "--version"], capture_output=True, check=True).stdout)
    return digest.hexdigest()


@contextmanager
def _turn() -> Iterator[None]:
    """Where several share the processors by a lock file, this much work at a time."""
    path = os.environ.get("AMD_LOCK")
    if path is None:
        yield
        return
    with Path(path).open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_SH)
        yield


def examples(split: Split, label: Label, count: int) -> Iterator[Example]:
    """The first `count` greetings of a split and label; those not rendered yet are rendered and kept."""
    folder = CACHE / _made_by()
    folder.mkdir(parents=True, exist_ok=True)
    for first in range(0, count, PORTION):
        path = folder / f"{split.value}-{label.value}-{first}.npz"
        if not path.exists():
            with _turn():
                _make(path, split, label, first)
        with np.load(path) as kept:
            samples, spoken = kept["samples"], kept["spoken"]
            ends, onsets, beeps = kept["ends"], kept["onsets"], kept["beeps"]
        begin = 0
        for nth, end in enumerate(ends[: count - first]):
            yield Example(
                draw(split, label, first + nth),
                samples[begin:end],
                spoken[begin // 160 : end // 160],
                None if np.isnan(onsets[nth]) else float(onsets[nth]),
                tuple((float(a), float(b)) for number, a, b in beeps if number == nth),
            )
            begin = int(end)


def _make(path: Path, split: Split, label: Label, first: int) -> None:
    made = [render(draw(split, label, first + nth)) for nth in range(PORTION)]
    unfinished = path.with_suffix(".tmp.npz")
    np.savez_compressed(
        unfinished,
        samples=np.concatenate([each.samples for each in made]),
        spoken=np.concatenate([each.spoken for each in made]),
        ends=np.cumsum([each.samples.size for each in made]),
        onsets=np.array([np.nan if each.onset_s is None else each.onset_s for each in made]),
        beeps=np.array([(nth, *beep) for nth, each in enumerate(made) for beep in each.beeps_s]).reshape(-1, 3),
    )
    unfinished.rename(path)
