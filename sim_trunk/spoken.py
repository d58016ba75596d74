"""Greetings in espeak-ng's voices for the simulated carrier, so that an answering-machine detector has something
to hear."""

from __future__ import annotations

from hashlib import blake2b

from dialer.media.linear import encode
from sim_trunk.callee import PEOPLE, Persona
from sim_trunk.greetings.render import render
from sim_trunk.greetings.scene import Label, draw
from sim_trunk.greetings.split import Split
from sim_trunk.utterances import INTERCEPT, SILENCE, VACANT, Utterance, announcement, cut
from sim_trunk.voices import mark

GREETINGS = 12
"""How many people speak, and as many machines; a third of it assistants."""

_LABELS = dict.fromkeys(Persona, Label.MACHINE) | dict.fromkeys(PEOPLE, Label.PERSON)
_LABELS[Persona.SCREENING] = Label.SCREENING


class Greetings:
    """Greetings of the split that the detector may be developed on: which one a call hears, its number and `seed`
    say. Who it is is marked in every frame, so that simulated agents know at once. Raises `NoSpeech` where
    espeak-ng is missing."""

    def __init__(self, seed: int, count: int = GREETINGS) -> None:
        self._seed = seed
        counts = {Label.PERSON: count, Label.MACHINE: count, Label.SCREENING: -(-count // 3)}
        self._spoken = {
            label: tuple(cut(encode(render(draw(Split.DEVELOP, label, nth)).samples)) for nth in range(count))
            for label, count in counts.items()
        }

    def of(self, persona: Persona, number: str, nth_call: int) -> Utterance | None:
        if persona is Persona.SILENCE:
            return None
        spoken = self._spoken[_LABELS[persona]]
        drawn = blake2b(f"{self._seed}/{number}/{nth_call}".encode(), digest_size=4).digest()
        frames = spoken[int.from_bytes(drawn) % len(spoken)]
        if persona is Persona.ANNOUNCEMENT:
            return announcement(INTERCEPT, frames)
        return Utterance(tuple(mark(one, persona) for one in (*frames, SILENCE)), loops=persona in PEOPLE)

    def vacant(self) -> Utterance:
        return announcement(VACANT, self._spoken[Label.MACHINE][0])
