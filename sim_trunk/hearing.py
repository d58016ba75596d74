"""What the answering-machine detector makes of a call in virtual time, where there is no sound: drawn by the rates
of a population file."""

from __future__ import annotations

from campaigns.amd import Heard
from lists.value import value
from sim_trunk.callee import PEOPLE, Persona
from sim_trunk.draws import Draws, normal_pair
from sim_trunk.population_spec import Detector


@value
class Verdict:
    """Said `after_s` seconds from the answer."""

    after_s: float
    heard: Heard
    cause: str


class Hearing:
    """One seed's. Draws of its own, so that nothing else moves because somebody listens."""

    def __init__(self, detector: Detector, seed: int) -> None:
        self._detector = detector
        self._draws = Draws(seed, b"detector")

    def verdict(self, number: str, nth_call: int, persona: Persona) -> Verdict | None:
        """On the `nth_call` (from 1) to `number`; None: nothing that it could be sure of."""
        chance, u1, u2, *_ = self._draws.eight(number, nth_call)
        z_person, z_machine = normal_pair(u1, u2)
        detector = self._detector
        if persona is Persona.SILENCE:
            return None
        is_person = persona in PEOPLE
        if chance < (detector.people_lost if is_person else detector.machines_found):
            return Verdict(detector.machine.at(z_machine), Heard.MACHINE, "long-greeting")
        if is_person:
            return Verdict(detector.person.at(z_person), Heard.HUMAN, "short-greeting")
        return None

    def beep_s(self, number: str, nth_call: int, persona: Persona) -> float | None:
        """When the beep of a voicemail ends, seconds from the answer; None where there is none to be heard."""
        if persona is not Persona.VOICEMAIL:
            return None
        *_, chance, u1, u2 = self._draws.eight(number, nth_call)
        if chance >= self._detector.beeps:
            return None
        return self._detector.greeting.at(normal_pair(u1, u2)[0])
