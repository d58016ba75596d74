from __future__ import annotations

from statistics import median

from campaigns.amd import LONGEST_HOLD_S, Heard
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
    assert 3.1 < median(said.after_s for said in found if said.heard is Heard.HUMAN) < 3.7


def test_machines_are_recognised_but_for_those_of_which_nobody_is_sure() -> None:
    found = [said for said in verdicts(Persona.VOICEMAIL) if said is not None]
    assert {said.heard for said in found} == {Heard.MACHINE}
    assert 0.82 < len(found) / len(CALLS) < 0.89
    assert 9.3 < median(said.after_s for said in found) < 10.2


def test_within_a_hold_no_words_tell_a_machine() -> None:
    found = [said for persona in (Persona.VOICEMAIL, Persona.GATEKEEPER) for said in verdicts(persona) if said]
    assert not [said for said in found if said.heard is Heard.MACHINE and said.after_s <= LONGEST_HOLD_S]


def test_of_silence_nothing_can_be_said() -> None:
    assert set(verdicts(Persona.SILENCE)) == {None}


def test_the_same_seed_says_the_same() -> None:
    assert verdicts(Persona.VOICEMAIL) == verdicts(Persona.VOICEMAIL)
    assert verdicts(Persona.VOICEMAIL) != verdicts(Persona.VOICEMAIL, seed=2)
