"""`python -m tests.bench.amd.training`: makes `dialer/media/amd/trained.json` anew, from rendered greetings alone;
the same to the last digit from the same greetings and numpy.

Every set that was looked at trains. Thresholds are chosen on four of them, each asked of networks that were
trained without it: other voices, other words. What scores is not touched. A quarter of an hour of one
processor once the greetings are rendered, which takes an hour; they are kept, and what the networks hear of them
too (`AMD_CACHE`)."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path

import numpy as np
from numpy.random import default_rng
from numpy.typing import NDArray

import dialer.media.amd
from dialer.media.amd.model import IN_ALL_S, Network
from dialer.media.amd.talk import FEATURES
from sim_trunk.greetings.scene import Label
from sim_trunk.greetings.speech import PROGRAM
from sim_trunk.greetings.split import Split
from tests.bench.amd import seen as arrays
from tests.bench.amd.fit import fit
from tests.bench.amd.seen import Seen, elsewhere
from tests.bench.amd.sets import CACHE, examples
from tests.bench.amd.thresholds import Asked, cheapest, early, held, joined_scores, safest
from tests.bench.amd.traces import voice_rows

Array = NDArray[np.float32]

_STRETCH, _SPOKEN = FEATURES.index("stretch"), FEATURES.index("spoken")
_LABELS = (Label.PERSON, Label.MACHINE)
_VOICE_FROM = {Split.TRAIN: (3_000, 3_000), Split.TRAIN_MORE: (1_000, 500)}
"""People and machines that train the first network."""
_MACHINE_FROM = {
    Split.TRAIN: (500, 600),
    Split.TRAIN_MORE: (1_000, 350),
    Split.DEVELOP: (400, 400),
    Split.SCORE: (500, 500),
    Split.SCORE_2: (1_500, 1_500),
    Split.SCORE_3: (750, 500),
    Split.SCORE_4: (250, 150),
}
"""Those that train the second, three times each (`seen`)."""
_ASKED = {
    Split.SCORE: (250, 250),
    Split.SCORE_2: (375, 250),
    Split.SCORE_3: (750, 500),
    Split.SCORE_4: (250, 150),
}
"""People and machines whose voices and words the networks have not met that they are asked of; the first network
has met none. The last two sets' people and lines are mixed as the next one's will be."""
_IN_ROOMS = (Split.SCORE_3, Split.SCORE_4)
_TAUGHT_S = 16.0
"""What comes later in a greeting trains nothing: only machines still speak, and a network learns the clock."""
_NETWORKS = 3
"""Fitted from different beginnings and joined: their mean errs less than each."""
_LATE_S, _SHARE_EARLY = 5.0, 0.2
"""Where somebody has held the turn so long it is decided who is a machine: every block trains. Of earlier ones a
share."""
_PERSON_COSTS = 20.0
"""Machines not recognised: an agent hears a greeting, and hangs up. A person lost was hung up on."""
_CURVE = (5.0, 10.0, 20.0, 40.0, 80.0)
"""Costs of a person for which it is shown what would have been taken."""
_HELD_S = 1.15
"""Median of held people's verdicts, and of the first on others, from their first sound."""
_RECOGNISED = 0.86
"""Share of the asked machines that have to be told with an agent joined."""


def main() -> None:
    voice = _fit_voice()
    everyone = {
        (split, label): arrays.kept(_path(voice, split, label, count), split, label, count, voice)
        for split, counts in _MACHINE_FROM.items()
        for label, count in zip(_LABELS, counts, strict=True)
    }
    worlds = _asked(everyone)
    people, machines = (_together(list(parts)) for parts in zip(*worlds, strict=True))
    scores = joined_scores(people, machines)
    for costs in _CURVE:
        print(f"a person costs {costs:.0f} machines: {cheapest(scores, costs)}")
    person = cheapest(scores, _PERSON_COSTS).person
    long_greeting = safest(people, machines, person, _RECOGNISED)
    machine = _fit_machine(everyone, _MACHINE_FROM)
    espeak = subprocess.run([PROGRAM, "--version"], capture_output=True, check=True, text=True).stdout
    counts = "; ".join(
        f"{split.value} {people} people, {machines} machines"
        for split, (people, machines) in _MACHINE_FROM.items()
    )
    table = {
        "made": {
            "by": "python -m tests.bench.amd.training",
            "from": f"synthetic greetings (sim_trunk.greetings), as they are, elsewhere, paced: {counts}",
            "voices": espeak.split("  ")[0].strip(),
            "thresholds_from": f"{', '.join(each.value for each in _ASKED)}, each by networks trained without it",
            "features": list(FEATURES),
        },
        "long_greeting": asdict(long_greeting),
        "held": asdict(held(people, machines, _HELD_S)),
        "joined": asdict(person),
        "early": asdict(early(worlds, _HELD_S)),
        "voice": _table(voice),
        "machine": _table(machine),
    }
    path = Path(dialer.media.amd.__path__[0]) / "trained.json"
    path.write_text(json.dumps(table, ensure_ascii=False).replace("], [", "],\n[") + "\n", "utf-8")
    print(f"{path}: {path.stat().st_size} octets")


def _path(voice: Network, split: Split, label: Label, count: int) -> Path:
    """Of what this voice network hears with the present code: another of either, another file."""
    digest = hashlib.blake2b(digest_size=6)
    for layer in voice.layers:
        digest.update(layer[0].tobytes() + layer[1].tobytes())
    for path in (*Path(dialer.media.amd.__path__[0]).glob("*.py"), Path(arrays.__file__)):
        digest.update(path.read_bytes())
    folder = CACHE / f"seen-{digest.hexdigest()}"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{split.value}-{label.value}-{count}.npz"


def _fit_voice() -> Network:
    """Four in ten are heard elsewhere; what is speech is what was said, not its echo."""
    rows, wanted = [], []
    for split, counts in _VOICE_FROM.items():
        for label, count in zip(_LABELS, counts, strict=True):
            random = default_rng([count, *split.value.encode(), *label.value.encode(), 1])
            for example in examples(split, label, count):
                moved = random.random() < 0.4
                samples = elsewhere(example.samples, random) if moved else example.samples
                inputs, spoken = voice_rows(samples, example.spoken)
                inputs, spoken = inputs[: len(spoken)], spoken[: len(inputs)]
                # The beginning decides, so more of it is taken.
                taken = random.random(len(inputs)) < np.where(np.arange(len(inputs)) < 150, 0.3, 0.12)
                rows.append(inputs[taken])
                wanted.append(spoken[taken])
    answers = np.concatenate(wanted).astype(np.float32)
    return fit(np.concatenate(rows), answers, np.ones_like(answers), (20,), epochs=8, seed=1)


Everyone = dict[tuple[Split, Label], Seen]


def _fit_machine(everyone: Everyone, splits: Sequence[Split] | dict[Split, tuple[int, int]]) -> Network:
    random = default_rng(1)
    rows, wanted = [], []
    for split in splits:
        for label in _LABELS:
            seen = everyone[split, label]
            blocks = np.arange(arrays.BLOCKS)[None, :]
            # A machine that a tone has told is told.
            taken = seen.begun & (blocks < np.minimum(seen.heard, seen.told)[:, None])
            taken &= blocks < _TAUGHT_S / arrays.BLOCK_S
            late = seen.rows[:, :, [_STRETCH, _SPOKEN]] >= (_LATE_S, _LATE_S - IN_ALL_S / 2)
            taken &= late.any(axis=2) | (random.random(taken.shape) < _SHARE_EARLY)
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


def _asked(everyone: Everyone) -> list[tuple[Asked, Asked]]:
    """People as they are and, where their set has no rooms, elsewhere; machines as they are: of each split that
    thresholds are chosen on."""
    worlds = []
    for held_out, counts in _ASKED.items():
        network = _fit_machine(everyone, [split for split in _MACHINE_FROM if split is not held_out])
        asked = []
        for label, count in zip(_LABELS, counts, strict=True):
            seen = everyone[held_out, label]
            moved = seen.elsewhere & (label is Label.PERSON) & (held_out not in _IN_ROOMS)
            number = np.arange(seen.heard.size) // arrays.TIMES
            seen = seen.taken(~seen.paced & (moved | ~seen.elsewhere) & (number < count))
            rows = seen.rows.reshape(-1, seen.rows.shape[2])
            asked.append(Asked(seen, network.logits(rows).reshape(seen.begun.shape)))
        worlds.append((asked[0], asked[1]))
    return worlds


def _together(parts: list[Asked]) -> Asked:
    return Asked(arrays.joined([each.seen for each in parts]), np.concatenate([each.logits for each in parts]))


def _table(network: Network) -> dict[str, object]:
    def plain(array: Array) -> object:
        return json.loads(json.dumps(np.vectorize(lambda number: float(f"{number:.5g}"))(array).tolist()))

    return {
        "mean": plain(network.mean),
        "spread": plain(network.spread),
        "layers": [{"weights": plain(weights), "bias": plain(bias)} for weights, bias in network.layers],
    }


if __name__ == "__main__":
    if os.environ.get("OPENBLAS_NUM_THREADS") != "1":  # threads add in another order, which makes other numbers
        os.environ["OPENBLAS_NUM_THREADS"] = "1"
        os.execv(sys.executable, [sys.executable, "-m", "tests.bench.amd.training"])
    main()
