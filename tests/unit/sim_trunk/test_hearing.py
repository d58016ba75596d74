from __future__ import annotations

from statistics import median

from campaigns.amd import Heard
from sim_trunk.callee import Persona
from sim_trunk.hearing import Hearing, Verdict
from sim_trunk.population_spec import Detector

DETECTOR = Detector(people_lost=0.05)
CALLS = range(1, 2_001)


def verdicts(persona: Persona, seed: int = 1) -> list[Verdict | None]:
    hearing = Hearing(DETECTOR, seed)
    return [hearing.verdict("+442079460000", nth, persona) for nth in CALLS]


def test_people_are_recognised_but_for_those_who_are_lost() -> None:
    found = [said for said in verdicts(Persona.GATEKEEPER) if said is not None]
    assert len(found) == len(CALLS)
    lost = sum(said.heard is Heard.MACHINE for said in found)
    assert 0.03 < lost / len(CALLS) < 0.07
    assert 1.8 < median(said.after_s for said in found if said.heard is Heard.HUMAN) < 2.4


def test_machines_are_recognised_but_for_those_of_which_nobody_is_sure() -> None:
    found = [said for said in verdicts(Persona.VOICEMAIL) if said is not None]
    assert {said.heard for said in found} == {Heard.MACHINE}
    assert 0.83 < len(found) / len(CALLS) < 0.90
    assert 5.0 < median(said.after_s for said in found) < 6.2
    assert 0.005 < sum(said.after_s < 1.8 for said in found) / len(CALLS) < 0.04  # as scored: 2.1 % when held


def test_of_silence_nothing_can_be_said() -> None:
    assert set(verdicts(Persona.SILENCE)) == {None}


def test_the_same_seed_says_the_same() -> None:
    assert verdicts(Persona.VOICEMAIL) == verdicts(Persona.VOICEMAIL)
    assert verdicts(Persona.VOICEMAIL) != verdicts(Persona.VOICEMAIL, seed=2)
