"""What is drawn for a greeting."""

from __future__ import annotations

from collections import Counter

import pytest

from sim_trunk.greetings.scene import MACHINES, PERSONS, PERSONS_OF_THE_THIRD, SNRS_DB, Beep, Label, Say, draw
from sim_trunk.greetings.split import Split

MANY = 400


@pytest.mark.parametrize("label", Label)
def test_the_same_number_is_the_same_scene(label: Label) -> None:
    assert draw(Split.TRAIN, label, 7) == draw(Split.TRAIN, label, 7)
    assert draw(Split.TRAIN, label, 7) != draw(Split.TRAIN, label, 8)
    assert draw(Split.TRAIN, label, 7) != draw(Split.SCORE, label, 7)


def test_every_kind_comes_up() -> None:
    assert {draw(Split.TRAIN, Label.PERSON, number).kind for number in range(MANY)} == set(PERSONS)
    third = {draw(Split.SCORE_3, Label.PERSON, number).kind for number in range(MANY)}
    assert third == set(PERSONS_OF_THE_THIRD)
    assert {draw(Split.TRAIN, Label.MACHINE, number).kind for number in range(MANY)} == set(MACHINES)


@pytest.mark.parametrize("label", [Label.PERSON, Label.MACHINE])
def test_noise_does_not_tell_people_from_machines(label: Label) -> None:
    """Both labels draw their noise alike, or the detector would learn the noise."""
    found = Counter(draw(Split.TRAIN, label, number).line.snr_db for number in range(MANY))
    assert set(found) == set(SNRS_DB)
    assert min(found.values()) > MANY / len(SNRS_DB) / 2


def test_rooms_and_losses_are_the_thirds_alone() -> None:
    lines = [draw(Split.SCORE_3, label, number).line for number in range(MANY) for label in Label]
    assert 0.2 < sum(line.room for line in lines) / len(lines) < 0.4
    assert 0.15 < sum(line.lost > 0 for line in lines) / len(lines) < 0.35
    others = [draw(Split.SCORE_2, Label.PERSON, number).line for number in range(MANY)]
    assert not any(line.room or line.lost for line in others)


def test_only_machines_ask_for_a_message_by_a_beep() -> None:
    for number in range(MANY):
        assert draw(Split.TRAIN, Label.PERSON, number).beeps == ()
        machine = draw(Split.TRAIN, Label.MACHINE, number)
        for nth in machine.beeps:
            beep = machine.parts[nth]
            assert isinstance(beep, Beep)
            assert 440.0 <= beep.hz[0] <= 1_400.0


def test_somebody_always_says_something_but_for_a_mere_beep() -> None:
    for number in range(MANY):
        for label in Label:
            scene = draw(Split.TRAIN, label, number)
            assert scene.kind == "beep" or any(isinstance(part, Say) for part in scene.parts)
