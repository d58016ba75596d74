"""`python -m tests.bench.amd.training`: makes `dialer/media/amd/trained.json` anew, from nothing but espeak-ng.

The training split trains, the development split sets the thresholds, the scoring split is not touched. An hour
of one processor, nearly all of it to render the greetings, which are kept (`AMD_CACHE`)."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import partial
from itertools import product
from pathlib import Path

import numpy as np
from numpy.random import default_rng
from numpy.typing import NDArray

import dialer.media.amd
from dialer.media.amd.detector import SURE_BLOCKS, WAITS_S
from dialer.media.amd.model import Network
from dialer.media.amd.talk import FEATURES
from sim_trunk.greetings.scene import Label
from sim_trunk.greetings.speech import PROGRAM
from sim_trunk.greetings.split import Split
from tests.bench.amd.fit import fit
from tests.bench.amd.sets import examples
from tests.bench.amd.traces import Heard, voice_rows

Array = NDArray[np.float32]

TRAIN = 3_000
"""People, and as many machines."""
DEVELOP = 1_500
_LABELS = (Label.PERSON, Label.MACHINE)
_BLOCKS = 80
"""Of each greeting, 8 s: nobody waits longer for a verdict by words."""
_BLOCK_S = 0.1
_NETWORKS = 3
"""Fitted from different beginnings and joined: their mean errs less than each."""
_PACES = (0.7, 1.35)
_PEOPLE_LOST = 0.006
_PEOPLE_LOST_QUIET = 0.003
"""Shares of people (of all; at 20 dB and more) that the thresholds may lose on the development split: less than
the targets, for another split differs."""
_VERDICT_S = 1.15


@dataclass(frozen=True, slots=True, eq=False)
class _Seen:
    """Greetings of one label of the development split, a row each, a column a block. `waits`: they have spoken,
    and are silent long enough; `longest_s`: their longest phrase."""

    logits: Array
    begun: NDArray[np.bool_]
    waits: NDArray[np.bool_]
    longest_s: Array
    onset_s: Array
    quiet: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class _Thresholds:
    """As in `Model`."""

    short_s: float
    human_below: float
    human_below_long: float
    machine_above: float


def main() -> None:
    voice = _fit_voice()
    machine = _fit_machine(voice)
    people, machines = (_seen(label, voice, machine) for label in _LABELS)
    thresholds = _thresholds(people, machines)
    espeak = subprocess.run([PROGRAM, "--version"], capture_output=True, check=True, text=True).stdout
    table = {
        "made": {
            "by": "python -m tests.bench.amd.training",
            "from": f"synthetic greetings (sim_trunk.greetings), train split, {TRAIN} people, {TRAIN} machines",
            "voices": espeak.split("  ")[0].strip(),
            "thresholds_from": f"develop split, {DEVELOP} people and {DEVELOP} machines",
            "features": list(FEATURES),
        },
        **asdict(thresholds),
        "voice": _table(voice),
        "machine": _table(machine),
    }
    path = Path(dialer.media.amd.__path__[0]) / "trained.json"
    path.write_text(json.dumps(table, ensure_ascii=False).replace("], [", "],\n[") + "\n", "utf-8")
    print(f"{path}: {path.stat().st_size} octets; {thresholds}")


def _fit_voice() -> Network:
    random = default_rng(0)
    rows, wanted = [], []
    for label in _LABELS:
        for example in examples(Split.TRAIN, label, TRAIN):
            inputs, spoken = voice_rows(example.samples, example.spoken)
            # The beginning decides, so more of it is taken.
            taken = random.random(len(inputs)) < np.where(np.arange(len(inputs)) < 150, 0.3, 0.12)
            rows.append(inputs[taken])
            wanted.append(spoken[taken])
    answers = np.concatenate(wanted).astype(np.float32)
    return fit(np.concatenate(rows), answers, np.ones_like(answers), (20,), epochs=8, seed=1)


def _fit_machine(voice: Network) -> Network:
    random = default_rng(1)
    rows, wanted = [], []
    for label in _LABELS:
        for example in examples(Split.TRAIN, label, TRAIN):
            heard = Heard(example.samples, voice)
            # There are only so many texts: at another pace each is another one.
            for pace in (1.0, random.uniform(*_PACES)):
                seen = heard.trace(pace)
                taken = seen.begun & (np.arange(len(seen.rows)) < _BLOCKS)
                rows.append(seen.rows[taken])
                wanted.append(np.full(int(taken.sum()), label is Label.MACHINE, np.float32))
    inputs, answers = np.concatenate(rows), np.concatenate(wanted)
    one = partial(fit, inputs, answers, np.ones_like(answers), (24, 12), epochs=8, decay=1e-3, blur=0.2)
    return joined([one(seed=seed) for seed in range(_NETWORKS)])


def joined(networks: Sequence[Network]) -> Network:
    """One network whose output is the mean of theirs; all have the same layers and scales."""
    *hidden, last = zip(*(each.layers for each in networks), strict=True)
    layers = []
    for nth, parts in enumerate(hidden):
        weights = [part for part, _ in parts]
        whole = np.concatenate(weights, axis=1) if nth == 0 else _diagonal(weights)
        layers.append((whole, np.concatenate([bias for _, bias in parts])))
    mean = np.concatenate([part / len(networks) for part, _ in last]).astype(np.float32)
    layers.append((mean, (np.sum([bias for _, bias in last], axis=0) / len(networks)).astype(np.float32)))
    return Network(networks[0].mean, networks[0].spread, tuple(layers))


def _diagonal(blocks: Sequence[Array]) -> Array:
    whole = np.zeros(
        (sum(block.shape[0] for block in blocks), sum(block.shape[1] for block in blocks)), np.float32
    )
    row = column = 0
    for block in blocks:
        whole[row : row + block.shape[0], column : column + block.shape[1]] = block
        row, column = row + block.shape[0], column + block.shape[1]
    return whole


def _seen(label: Label, voice: Network, machine: Network) -> _Seen:
    logits, begun, waits, longest_s, onset_s, quiet = [], [], [], [], [], []
    for example in examples(Split.DEVELOP, label, DEVELOP):
        seen = Heard(example.samples, voice).trace()
        logits.append(_row(machine.logits(seen.rows), 0.0))
        begun.append(_row(seen.begun, 0.0) > 0)
        waits.append(_row(seen.begun & (seen.silence_s >= WAITS_S - 1e-6), 0.0) > 0)
        longest_s.append(_row(seen.rows[:, FEATURES.index("longest_phrase")], np.inf))
        onset_s.append(example.onset_s or 0.0)
        snr_db = example.scene.line.snr_db
        quiet.append(snr_db is None or snr_db >= 20.0)
    return _Seen(*map(np.array, (logits, begun, waits, longest_s, onset_s, quiet)))


def _row(values: NDArray[np.generic], beyond: float) -> Array:
    row = np.full(_BLOCKS, beyond, np.float32)
    row[: values.size] = values[:_BLOCKS]
    return row


def _thresholds(people: _Seen, machines: _Seen) -> _Thresholds:
    """Those that take the fewest machines for people, within what people may be lost and how long they may
    wait."""
    best: tuple[float, _Thresholds] | None = None
    grid = product(
        (0.7, 0.9, 1.2), np.arange(-3.0, 0.1, 0.25), np.arange(-5.0, -0.9, 0.5), np.arange(2.0, 6.1, 0.25)
    )
    for short_s, short, long, above in grid:
        tried = _Thresholds(short_s, float(short), float(long), float(above))
        if long > short:
            continue
        human, machine = _first_verdicts(people, tried)
        lost = machine < human
        wait_s = np.median((np.minimum(human, machine) + 1) * _BLOCK_S - people.onset_s)
        if lost.mean() > _PEOPLE_LOST or lost[people.quiet].mean() > _PEOPLE_LOST_QUIET or wait_s > _VERDICT_S:
            continue
        human, machine = _first_verdicts(machines, tried)
        # Of machines that are unsure by their words most are told by their beep.
        unsure = np.minimum(human, machine) >= _BLOCKS
        cost = float((human < machine).mean() + 0.3 * unsure.mean())
        if best is None or cost < best[0]:
            best = cost, tried
    if best is None:
        raise SystemExit(
            "no thresholds meet the limits on the development split: train on more, or mend the features"
        )
    return best[1]


def _first_verdicts(seen: _Seen, told: _Thresholds) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The block of each greeting in which it is first human, and machine, by words alone; `_BLOCKS` for never.
    What the detector does."""
    below = np.where(seen.longest_s <= told.short_s, told.human_below, told.human_below_long)
    human = seen.waits & (seen.logits <= below)
    likely = seen.begun & (seen.logits >= told.machine_above)
    machine = likely.copy()
    for back in range(1, SURE_BLOCKS):
        machine[:, back:] &= likely[:, :-back]
        machine[:, :back] = False
    return (
        np.where(human.any(axis=1), human.argmax(axis=1), _BLOCKS),
        np.where(machine.any(axis=1), machine.argmax(axis=1), _BLOCKS),
    )


def _table(network: Network) -> dict[str, object]:
    def plain(array: Array) -> object:
        return json.loads(json.dumps(np.vectorize(lambda number: float(f"{number:.5g}"))(array).tolist()))

    return {
        "mean": plain(network.mean),
        "spread": plain(network.spread),
        "layers": [{"weights": plain(weights), "bias": plain(bias)} for weights, bias in network.layers],
    }


if __name__ == "__main__":
    main()
