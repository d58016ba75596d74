"""The trained detector on a few greetings that espeak-ng speaks, of the split that it may be developed on. How
well it does in numbers is a benchmark's to say (`python -m tests.bench amd`)."""

from __future__ import annotations

import pytest

from dialer.media.amd import Decided, Detector, Hold, Verdict
from sim_trunk.greetings.render import render
from sim_trunk.greetings.scene import Label, draw
from sim_trunk.greetings.split import Split

FEW = 6


def verdicts(label: Label, *, hold: bool = False) -> list[Verdict]:
    """What the first greetings of a label come to: held by the first word, else by the last."""
    found = []
    for number in range(FEW):
        detector = Detector(Hold() if hold else None)
        events = [*detector.feed(render(draw(Split.DEVELOP, label, number)).samples), *detector.finish()]
        told = [event.verdict for event in events if isinstance(event, Decided)]
        found.append(told[0 if hold else -1])
    return found


@pytest.mark.needs("espeak-ng")
def test_people_are_not_machines() -> None:
    found = verdicts(Label.PERSON)
    assert Verdict.MACHINE not in found
    assert found.count(Verdict.HUMAN) >= FEW - 2


@pytest.mark.needs("espeak-ng")
def test_most_machines_are_machines() -> None:
    assert verdicts(Label.MACHINE).count(Verdict.MACHINE) >= FEW - 2


@pytest.mark.needs("espeak-ng")
def test_who_is_held_is_a_person_or_unsure() -> None:
    assert Verdict.MACHINE not in verdicts(Label.PERSON, hold=True)
