"""Which log odds make a verdict: chosen by what it costs, on greetings that trained none of the networks asked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product

import numpy as np
from numpy.typing import NDArray

from dialer.media.amd.detector import SURE_BLOCKS
from dialer.media.amd.model import IN_ALL_S, LongGreeting, Person
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
class Asked:
    """Greetings, and the log odds of each in each block, by networks that were trained without it."""

    seen: Seen
    logits: Array


@dataclass(frozen=True, slots=True)
class Score:
    """What thresholds come to with an agent joined, whatever was told early: shares of people lost (of all; at
    20 dB and more); shares of machines recognised and taken for people."""

    person: Person
    machine: LongGreeting
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


def machine_block(asked: Asked, told: LongGreeting) -> Blocks:
    """The block in which each is first told a machine, by words or by a tone."""
    seen = asked.seen
    lasts_s = np.maximum(seen.rows[:, :, _STRETCH], seen.rows[:, :, _SPOKEN] + IN_ALL_S)
    wanted = np.maximum(told.above - told.falls * (lasts_s - told.from_s), told.least)
    likely = seen.begun & (lasts_s >= told.from_s - _A_LITTLE) & (asked.logits >= wanted)
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
    lost = [machine_block(people, each) for each in TRIED]
    right = [machine_block(machines, each) for each in TRIED]
    scores = []
    for person in persons:
        human, mistaken = human_block(people, person), human_block(machines, person)
        for machine, people_told, machines_told in zip(TRIED, lost, right, strict=True):
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


TRIED = [
    LongGreeting(from_s, at_10_s + falls * (10.0 - from_s), falls, least)
    for from_s, falls, at_10_s, least in product(
        (6.0, 7.0, 8.0), (0.5, 0.75, 1.0), np.arange(2.5, 5.1, 0.5).tolist(), (4.0,)
    )
]
"""Shorter turns than 6 s are left to people, whoever says what; a person at work waits after most of them. Below 4
none is tried: that lost five people of the fifth set, after 12 s, and told one of its machines."""
MARGIN = 1.0
"""By which the next set's people may be nearer to machines than those that are asked."""


def cheapest(scores: list[Score], person_costs: float) -> Score:
    """The one that costs least, where a person lost costs as much as so many machines that are not recognised."""
    return min(scores, key=lambda each: person_costs * each.lost + 1.0 - each.recognised)


def safest(people: Asked, machines: Asked, person: Person, recognised: float) -> LongGreeting:
    """Of the thresholds that recognise such a share of the machines those that lose the fewest people, if people's
    log odds were higher by `MARGIN`: at 20 dB and more, then of any. Raises `ValueError` where none recognise so
    many."""
    human, mistaken = human_block(people, person), human_block(machines, person)
    nearer = replace(people, logits=people.logits + np.float32(MARGIN))
    best: tuple[tuple[float, float, float], LongGreeting] | None = None
    for told in TRIED:
        found = float((machine_block(machines, told) < mistaken).mean())
        if found < recognised:
            continue
        lost = machine_block(nearer, told) < human
        worth = float(lost[people.seen.quiet].mean()), float(lost.mean()), -found
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
