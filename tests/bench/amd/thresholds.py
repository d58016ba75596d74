"""Which log odds make a verdict: chosen by what it costs, on greetings that trained none of the networks asked."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from dialer.media.amd.detector import SURE_BLOCKS
from dialer.media.amd.model import Person
from dialer.media.amd.policy import LONGEST_HOLD_S
from dialer.media.amd.talk import FEATURES
from tests.bench.amd.seen import BLOCK_S, BLOCKS, Array, Seen

_LONGEST_PHRASE, _SILENCE = FEATURES.index("longest_phrase"), FEATURES.index("silence")
_STRETCH, _SPOKEN = FEATURES.index("stretch"), FEATURES.index("spoken")
_A_LITTLE = 1e-6
_SHORT_S = 0.9
_HELD_WAITS_S, _JOINED_WAITS_S, _EARLY_WAITS_S = 0.2, 1.0, 0.1
Blocks = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Machine:
    """When a machine is told by words, as in `Model`."""

    above: float
    stretch_s: float
    spoken_s: float


@dataclass(frozen=True, slots=True)
class Asked:
    """Greetings, and the log odds of each in each block, by networks that were trained without it."""

    seen: Seen
    logits: Array


@dataclass(frozen=True, slots=True)
class Score:
    """What thresholds come to with an agent joined, whatever was told early: shares of people lost (of all; at
    20 dB and more); shares of machines recognised and taken for people."""

    person: Person
    machine: Machine
    lost: float
    lost_quiet: float
    recognised: float
    mistaken: float


def human_block(asked: Asked, told: Person) -> Blocks:
    """The block in which each is first told a person by words; `BLOCKS` for never."""
    seen = asked.seen
    below = np.where(seen.rows[:, :, _LONGEST_PHRASE] <= told.short_s, told.below, told.below_long)
    waits = seen.begun & (seen.rows[:, :, _SILENCE] >= told.waits_s - _A_LITTLE)
    return _first(waits & (asked.logits <= below), seen.heard)


def machine_block(asked: Asked, told: Machine) -> Blocks:
    """The block in which each is first told a machine, by words or by a tone."""
    seen, rows = asked.seen, asked.seen.rows
    speaks_on = (rows[:, :, _STRETCH] >= told.stretch_s - _A_LITTLE) | (
        rows[:, :, _SPOKEN] >= told.spoken_s - _A_LITTLE
    )
    likely = seen.begun & speaks_on & (asked.logits >= told.above)
    sure = likely.copy()
    for back in range(1, SURE_BLOCKS):
        sure[:, back:] &= likely[:, :-back]
        sure[:, :back] = False
    return np.minimum(_first(sure, seen.heard), seen.told)


def _first(found: NDArray[np.bool_], heard: Blocks) -> Blocks:
    block = np.where(found.any(axis=1), found.argmax(axis=1), BLOCKS)
    return np.where(block < heard, block, BLOCKS)


def joined_scores(people: Asked, machines: Asked) -> list[Score]:
    """All that are tried for the policy that has an agent joined."""
    persons = [
        Person(_JOINED_WAITS_S, _SHORT_S, float(below), float(below_long))
        for below, below_long in product(np.arange(-4.0, 1.1), np.arange(-7.0, 0.1))
        if below_long <= below
    ]
    tried = [Machine(float(above), *after) for above, after in product(np.arange(0.0, 6.1, 0.5), _SPEAKS_ON)]
    lost = [machine_block(people, each) for each in tried]
    right = [machine_block(machines, each) for each in tried]
    scores = []
    for person in persons:
        human, mistaken = human_block(people, person), human_block(machines, person)
        for machine, people_told, machines_told in zip(tried, lost, right, strict=True):
            is_lost = people_told < human
            scores.append(
                Score(
                    person,
                    machine,
                    lost=float(is_lost.mean()),
                    lost_quiet=float(is_lost[people.seen.quiet].mean()),
                    recognised=float((machines_told < mistaken).mean()),
                    mistaken=float((mistaken < machines_told).mean()),
                )
            )
    return scores


_SPEAKS_ON = [
    (stretch_s, spoken_s) for stretch_s in (4.0, 6.0, 7.0, 8.0, 9.0) for spoken_s in (6.0, 7.0, 8.0, 99.0)
]
_NEVER_S = 99.0
_SAFE = (8.0, 9.0, 10.0, 11.0), (7.0, 8.0, 9.0, 10.0, _NEVER_S), tuple(np.arange(1.0, 6.1, 0.5).tolist())
_MARGIN = 1.0
"""By which the next set's people may be nearer to machines than those that are asked."""


def cheapest(scores: list[Score], person_costs: float) -> Score:
    """The one that costs least, where a person lost costs as much as so many machines that are not recognised."""
    return min(scores, key=lambda each: person_costs * each.lost + 1.0 - each.recognised)


def safest(worlds: list[tuple[Asked, Asked]], person: Person, recognised: float) -> Machine:
    """Of the thresholds that recognise such a share of the machines of the last world those that lose the fewest
    people of the worst of all, if people's log odds were higher by `_MARGIN`: at 20 dB and more, then of any.
    Raises `ValueError` where none recognise so many."""
    humans = [(human_block(people, person), human_block(machines, person)) for people, machines in worlds]
    best: tuple[tuple[float, float, float], Machine] | None = None
    for stretch_s, spoken_s, above in product(*_SAFE):
        told, bolder = Machine(above, stretch_s, spoken_s), Machine(above - _MARGIN, stretch_s, spoken_s)
        found = float((machine_block(worlds[-1][1], told) < humans[-1][1]).mean())
        if found < recognised or (stretch_s < spoken_s < _NEVER_S):
            continue
        lost = [
            machine_block(people, bolder) < human for (people, _), (human, _) in zip(worlds, humans, strict=True)
        ]
        quiet = max(float(each[people.seen.quiet].mean()) for each, (people, _) in zip(lost, worlds, strict=True))
        worth = quiet, max(float(each.mean()) for each in lost), -found
        if best is None or worth < best[0]:
            best = worth, told
    if best is None:
        raise ValueError(f"no thresholds recognise {recognised:.0%} of the machines")
    return best[1]


def early(worlds: list[tuple[Asked, Asked]], verdict_s: float) -> Person:
    """For the first word to an agent who has joined: the fewest machines told to be people, of the thresholds that
    tell half of the people of each world within `verdict_s` seconds of their first sound. Raises `ValueError`
    where none does."""
    best: tuple[float, Person] | None = None
    for below, below_long in product(np.arange(-3.0, 0.1, 0.5), np.arange(-5.0, 0.1, 0.5)):
        told = Person(_EARLY_WAITS_S, _SHORT_S, float(below), float(below_long))
        waited_s = [
            float(np.median((human_block(people, told) + 1) * BLOCK_S - people.seen.onset_s))
            for people, _ in worlds
        ]
        mistaken = max(float((human_block(machines, told) < BLOCKS).mean()) for _, machines in worlds)
        within = below_long <= below and max(waited_s) <= verdict_s
        if within and (best is None or mistaken < best[0]):
            best = mistaken, told
    if best is None:
        raise ValueError(f"no thresholds tell half of the people within {verdict_s} s of their first sound")
    return best[1]


def held(people: Asked, machines: Asked, verdict_s: float) -> Person:
    """For who is held: the fewest machines told to be people, of those that tell half of the people within
    `verdict_s` seconds of their first sound, the end of the hold included. Raises `ValueError` where none does."""
    best: tuple[float, Person] | None = None
    at_last = round(LONGEST_HOLD_S / BLOCK_S) - 1
    for below, below_long in product(np.arange(-3.0, 3.1, 0.5), np.arange(-5.0, 3.1)):
        told = Person(_HELD_WAITS_S, _SHORT_S, float(below), float(below_long))
        waited_s = (np.minimum(human_block(people, told), at_last) + 1) * BLOCK_S - people.seen.onset_s
        mistaken = float((human_block(machines, told) <= at_last).mean())
        within = below_long <= below and float(np.median(waited_s)) <= verdict_s
        if within and (best is None or mistaken < best[0]):
            best = mistaken, told
    if best is None:
        raise ValueError(f"no thresholds tell half of the people within {verdict_s} s of their first sound")
    return best[1]
