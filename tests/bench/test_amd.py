"""That the detector's figures are counted right, and that the one beside it does what its parameters say."""

from __future__ import annotations

import numpy as np
import pytest

from dialer.media.amd import Verdict
from dialer.media.amd.model import LongGreeting, Person
from dialer.media.amd.talk import FEATURES
from tests.bench.amd.asterisk import Settings, detect
from tests.bench.amd.fit import fit
from tests.bench.amd.score import Outcome, Share, beeps, delays, ever_machine, judge, share
from tests.bench.amd.seen import BLOCKS, Seen
from tests.bench.amd.thresholds import (
    MARGIN,
    Asked,
    Score,
    cheapest,
    early,
    held,
    human_block,
    machine_block,
    safest,
)
from tests.bench.amd.training import joined as joined_networks
from tests.unit.media.amd.sounds import joined, noise, silence, voice


@pytest.mark.parametrize(
    ("hits", "count", "low", "high"),
    [(0, 1_500, 0.0, 0.00255), (15, 1_500, 0.00607, 0.01643), (90, 100, 0.8256, 0.9448)],
)
def test_wilsons_interval(hits: int, count: int, low: float, high: float) -> None:
    assert Share(hits, count).interval == pytest.approx((low, high), abs=5e-5)


def outcome(verdict: Verdict, at_s: float, **other: object) -> Outcome:
    values: dict[str, object] = {
        "is_machine": False, "group": "hello", "snr_db": None, "onset_s": 0.5, "verdict": verdict, "at_s": at_s,
        "held": Verdict.UNSURE, "held_at_s": 1.8,
        "screening": False, "asterisk": "human", "at_last": verdict,
        "machine_at_s": at_s if verdict is Verdict.MACHINE else None, "heard_beeps": (), "beeps_s": (),
    }  # fmt: skip
    return Outcome(**(values | other))  # type: ignore[arg-type]


def test_shares_and_delays() -> None:
    at_once = outcome(Verdict.HUMAN, 2.3, held=Verdict.HUMAN, held_at_s=1.3)
    outcomes = [at_once, outcome(Verdict.MACHINE, 4.0), outcome(Verdict.UNSURE, 10.0)]
    assert share(outcomes, Verdict.MACHINE) == Share(1, 3)
    assert share(outcomes, Verdict.UNSURE, hold=True) == Share(2, 3)
    advised = outcome(Verdict.HUMAN, 1.3, at_last=Verdict.MACHINE, machine_at_s=9.0)
    assert share([advised], Verdict.MACHINE, last=True) == Share(1, 1)
    assert ever_machine([*outcomes, advised]) == Share(2, 4)
    assert delays(outcomes, from_onset=True) == pytest.approx([1.8, 3.5, 9.5])
    assert delays(outcomes, from_onset=True, hold=True) == pytest.approx([0.8, 1.3, 1.3])
    assert delays(outcomes, from_onset=False) == [2.3, 4.0, 10.0]


def test_one_sound_is_judged_held_and_with_an_agent_joined() -> None:
    hello = joined(silence(0.5), voice(0.4), silence(4.0))
    judged = judge(hello, is_machine=False, group="hello", snr_db=None, onset_s=0.5)
    assert judged.held_at_s <= 1.8
    assert judged.machine_at_s is None


def test_beeps_are_matched_by_their_beginning() -> None:
    there = outcome(Verdict.MACHINE, 4.0, beeps_s=((5.0, 5.4),), heard_beeps=((5.02, 5.45),))
    missed = outcome(Verdict.MACHINE, 4.0, beeps_s=((5.0, 5.4),), heard_beeps=((3.0, 3.2),))
    invented = outcome(Verdict.HUMAN, 1.3, heard_beeps=((1.0, 1.2),))
    found, false, error_ms = beeps([there, missed, invented])
    assert (found, false) == (Share(1, 2), Share(1, 1))
    assert error_ms == pytest.approx(50.0)


WORD = noise(0.4, 0.1)


@pytest.mark.parametrize(
    ("parts", "verdict", "cause"),
    [
        ((silence(0.5), WORD, silence(2.0)), "human", "HUMAN"),
        ((silence(3.0),), "machine", "INITIALSILENCE"),
        ((silence(0.5), noise(2.0, 0.1), silence(2.0)), "machine", "LONGGREETING"),
        ((silence(0.5), *(WORD, silence(0.2)) * 4), "machine", "MAXWORDS"),
        ((silence(0.5), noise(0.05, 0.1), silence(1.0)), "notsure", "ENDED"),
        ((noise(0.3, 0.1), silence(0.1), noise(4.0, 0.1)), "machine", "LONGGREETING"),
    ],
)
def test_asterisks_parameters(
    parts: tuple[np.ndarray[tuple[int], np.dtype[np.int16]], ...], verdict: str, cause: str
) -> None:
    status = detect(joined(*parts))
    assert (status.verdict, status.cause) == (verdict, cause)


def test_networks_joined_answer_their_mean() -> None:
    random = np.random.default_rng(0)
    rows = random.standard_normal((300, 6)).astype(np.float32)
    wanted = (rows[:, 0] > rows[:, 1]).astype(np.float32)
    networks = [fit(rows, wanted, np.ones_like(wanted), (5, 3), epochs=2, seed=seed) for seed in range(3)]
    mean = np.mean([network.logits(rows) for network in networks], axis=0)
    assert joined_networks(networks).logits(rows) == pytest.approx(mean, abs=1e-5)


def test_a_network_learns_and_is_the_same_each_time() -> None:
    random = np.random.default_rng(1)
    rows = random.standard_normal((6_000, 4)).astype(np.float32)
    wanted = (rows[:, 0] * rows[:, 1] > 0).astype(np.float32)
    one, other = (fit(rows, wanted, np.ones_like(wanted), (12,), epochs=150, seed=4) for _ in range(2))
    assert np.mean((one.logits(rows) > 0) == (wanted > 0)) > 0.95
    assert np.array_equal(one.logits(rows), other.logits(rows))


def test_asterisk_gives_up_and_takes_other_settings() -> None:
    patient = Settings(initial_silence=10_000)
    assert detect(silence(6.0), patient).cause == "TOOLONG"
    assert detect(joined(silence(0.5), noise(2.0, 0.1), silence(2.0)), Settings(greeting=5_000)).verdict == "human"


def asked(silence_s: float, spoken_s: float, logit: float, *, told: int = BLOCKS) -> Asked:
    """One greeting of which every block is the same, and none before the fourth has speech."""
    rows = np.zeros((1, BLOCKS, len(FEATURES)), np.float32)
    for name, value in (("silence", silence_s), ("spoken", spoken_s), ("stretch", spoken_s)):
        rows[:, :, FEATURES.index(name)] = value
    begun = np.arange(BLOCKS)[None, :] >= 3
    seen = Seen(
        rows=rows,
        begun=begun,
        heard=np.array([BLOCKS]),
        told=np.array([told]),
        onset_s=np.array([0.3], np.float32),
        quiet=np.array([True]),
        paced=np.array([False]),
        elsewhere=np.array([False]),
        kind=np.array(["hello"]),
    )
    return Asked(seen, np.full((1, BLOCKS), logit, np.float32))


def test_thresholds_say_what_the_detector_says() -> None:
    person, machine = Person(1.0, 0.9, -2.0, -4.0), LongGreeting(from_s=6.0, above=2.0, falls=0.5, least=1.0)
    assert human_block(asked(1.0, 0.5, -2.0), person) == [3]
    assert human_block(asked(0.9, 0.5, -2.0), person) == [BLOCKS]
    assert human_block(asked(1.0, 0.5, -1.9), person) == [BLOCKS]
    assert machine_block(asked(0.0, 5.0, 2.0), machine) == [4], "twice in a row"
    assert machine_block(asked(0.0, 5.0, 1.9), machine) == [BLOCKS]
    assert machine_block(asked(0.0, 6.0, 1.5), machine) == [4], "a second more, and half a unit less"
    assert machine_block(asked(0.0, 12.0, 0.9), machine) == [BLOCKS], "never below the least"
    assert machine_block(asked(0.0, 4.9, 9.0), machine) == [BLOCKS]
    assert machine_block(asked(0.0, 4.9, 9.0, told=40), machine) == [40], "a tone needs no stretch"
    for spoken_s in (4.9, 5.0, 6.3, 9.0):
        for logit in (1.2, 1.5, 2.0):
            told = bool(machine_block(asked(0.0, spoken_s, logit), machine)[0] < BLOCKS)
            assert told is (logit >= machine.wanted(spoken_s, spoken_s))


def test_what_a_person_costs_chooses() -> None:
    def score(lost: float, recognised: float) -> Score:
        return Score(Person(1.0, 0.9, -2.0, -4.0), LongGreeting(6.0, 2.0, 0.5, 1.0), lost, lost, recognised, 0.0)

    bold, careful = score(0.02, 0.95), score(0.002, 0.85)
    assert cheapest([bold, careful], 5.0) == bold
    assert cheapest([bold, careful], 20.0) == careful


def test_the_safest_keep_their_distance() -> None:
    """People at odds of 2.5 are not lost at 3, but with a margin they are."""
    person = Person(1.0, 0.9, -2.0, -4.0)
    chosen = safest(asked(0.0, 9.0, 2.5), asked(0.0, 9.0, 5.0), person, 0.9)
    assert 2.5 + MARGIN < chosen.wanted(9.0, 9.0) <= 5.0
    with pytest.raises(ValueError, match="90%"):
        safest(asked(0.0, 8.0, 9.0), asked(0.0, 8.0, 0.0), person, 0.9)


def test_people_are_told_early_by_the_strictest_that_is_soon_enough() -> None:
    worlds = [(asked(0.3, 0.5, -1.2), asked(0.0, 6.0, 3.0))]
    assert early(worlds, 1.15).below >= -1.0
    with pytest.raises(ValueError, match="half of the people"):
        early(worlds, 0.05)


def test_held_people_are_told_in_time_or_it_is_said_that_they_are_not() -> None:
    people, machines = asked(0.3, 0.5, -2.2), asked(0.0, 6.0, 3.0)
    assert held(people, machines, 1.15).below == -2.0, "the strictest that tells them"
    with pytest.raises(ValueError, match="half of the people"):
        held(people, machines, 0.05)
