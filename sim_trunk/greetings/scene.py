"""What happens after the answer, as a list of parts: pure data, drawn from a seed."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import Enum
from random import Random

from sim_trunk.greetings.split import Split, Words, chosen, languages, seed, variants, words


class Label(Enum):
    PERSON = "person"
    MACHINE = "machine"
    SCREENING = "screening"


@dataclass(frozen=True, slots=True)
class Voice:
    """One speaker: espeak-ng's language and variant, or another program's voice (`split.variants`); words per
    minute; pitch 0–99, which only espeak-ng and Pico take. `tract`: how much higher formants and pitch are than
    the voice's, as of a shorter vocal tract (0.8–1.25)."""

    accent: str
    variant: str
    words_per_min: int
    pitch: int
    tract: float = 1.0


@dataclass(frozen=True, slots=True)
class Say:
    voice: Voice
    text: str


@dataclass(frozen=True, slots=True)
class Pause:
    seconds: float


@dataclass(frozen=True, slots=True)
class Beep:
    """A tone of one or two frequencies; `level_db`: relative to the speech."""

    hz: tuple[float, ...]
    seconds: float
    level_db: float = 0.0


@dataclass(frozen=True, slots=True)
class Music:
    seconds: float


@dataclass(frozen=True, slots=True)
class Breath:
    seconds: float


Part = Say | Pause | Beep | Music | Breath

NOISES = ("white", "pink", "babble", "street", "car")
SNRS_DB = (None, 25.0, 20.0, 15.0, 10.0, 5.0)
"""None: no noise but the codec's."""


@dataclass(frozen=True, slots=True)
class Line:
    """How it reaches us. `noise_with_recording`: the noise is in the recording, and ends with it."""

    level_db: float
    noise: str | None
    snr_db: float | None
    noise_with_recording: bool
    television: bool
    gated: bool
    """The telephone sends less of the noise while nobody speaks."""
    mobile: bool
    """A leg coded in GSM full rate."""
    alaw: bool
    room: bool = False
    """What is said is said in a room, to a telephone that is not at the mouth."""
    lost: float = 0.0
    """Share of the packets that do not arrive (0–1)."""


@dataclass(frozen=True, slots=True)
class Scene:
    label: Label
    kind: str
    language: str
    seed: int
    parts: tuple[Part, ...]
    line: Line
    split: Split
    beeps: tuple[int, ...] = field(default=())
    """Which parts are beeps that ask for a message."""


PERSONS = {
    "hello": 0.34, "repeated": 0.17, "named": 0.16, "business": 0.14, "late": 0.06, "chat": 0.06,
    "television": 0.05, "key": 0.02,
}  # fmt: skip
PERSONS_WHO_SAY_MORE = {
    "hello": 0.1, "repeated": 0.1, "named": 0.15, "business": 0.4, "late": 0.02, "chat": 0.2, "television": 0.03,
}  # fmt: skip
"""What `TRAIN_MORE` is for."""
PERSONS_OF_THE_THIRD = {
    "hello": 0.32, "repeated": 0.15, "named": 0.15, "business": 0.14, "reading": 0.04, "late": 0.06, "chat": 0.07,
    "television": 0.05, "key": 0.02,
}  # fmt: skip
MACHINES = {
    "personal": 0.36, "like a person": 0.16, "carrier": 0.22, "closed": 0.12, "music": 0.05, "brief": 0.05,
    "beep": 0.01, "late": 0.03,
}  # fmt: skip


_OF_ANY_TRACT = (Split.TRAIN_MORE, Split.SCORE_2, Split.SCORE_3, Split.SCORE_4, Split.SCORE_5, Split.SCORE_6)
_IN_ROOMS = (Split.SCORE_3, Split.SCORE_4, Split.SCORE_5, Split.SCORE_6)
_PERSONS = {
    Split.TRAIN_MORE: PERSONS_WHO_SAY_MORE,
    Split.SCORE_3: PERSONS_OF_THE_THIRD,
    Split.SCORE_4: PERSONS_OF_THE_THIRD,
    Split.SCORE_5: PERSONS_OF_THE_THIRD,
    Split.SCORE_6: PERSONS_OF_THE_THIRD,
}


def _pick(random: Random, weights: dict[str, float]) -> str:
    return random.choices(list(weights), list(weights.values()))[0]


class _Author:
    """Draws the parts of one scene."""

    def __init__(self, split: Split, random: Random) -> None:
        self.random = random
        self.split = split
        self.own: Words = words(split, random.choice(languages(split)))
        self.voice = Voice(
            random.choice(self.own.accents),
            random.choice(variants(split, self.own.language)),
            random.randint(125, 215),
            random.randint(15, 85),
            round(random.uniform(0.88, 1.14), 3) if split in _OF_ANY_TRACT else 1.0,
        )

    def text(self, kind: str) -> str:
        return chosen(self.random.choice(self.own.texts[kind]), self.random.choice).format(
            name=self.random.choice(self.own.names), company=self.random.choice(self.own.companies)
        )

    def say(self, kind: str) -> Say:
        return Say(self.voice, self.text(kind))

    def pause(self, least_s: float, most_s: float) -> Pause:
        return Pause(round(self.random.uniform(least_s, most_s), 3))

    def person(self, kind: str) -> list[Part]:
        random = self.random
        parts: list[Part] = [self.pause(0.1, 0.9)]
        if random.random() < 0.12:
            parts += [Breath(round(random.uniform(0.15, 0.5), 3)), self.pause(0.05, 0.2)]
        if kind == "late":
            parts = [self.pause(1.5, 3.5), self.say(random.choice(("hello", "named")))]
        elif kind == "key":  # a cordless telephone's own tone as its button is pressed
            parts = [
                Beep((random.uniform(700, 1400),), round(random.uniform(0.06, 0.15), 3)),
                self.pause(0.1, 0.6),
            ]
            parts.append(self.say("hello"))
        elif kind == "repeated":
            parts += [self.say("hello"), self.pause(0.4, 2.2), self.say("hello")]
        elif kind == "reading":  # a sentence from a sheet, slowly, as a machine's
            slow = replace(self.voice, words_per_min=random.randint(115, 145))
            parts.append(Say(slow, self.text("business")))
        elif kind == "television":
            parts.append(self.say(random.choice(("hello", "named", "hello"))))
        else:
            parts.append(self.say(kind))
        # Then the person waits for an answer, and asks again.
        for _ in range(2):
            parts += [self.pause(1.6, 4.0), self.say("hello")]
        return parts

    def machine(self, kind: str) -> list[Part]:
        random = self.random
        parts: list[Part] = [self.pause(1.5, 3.5) if kind == "late" else self.pause(0.05, 1.2)]
        if kind == "beep":
            return [*parts, self.beep(), Pause(4.0)]
        if kind == "music":
            parts += [Music(round(random.uniform(1.0, 4.0), 2)), self.pause(0.0, 0.3)]
            kind = random.choice(("closed", "personal"))
        if kind == "brief":
            parts.append(self.say("closing"))
        elif kind in ("carrier", "closed"):
            parts.append(self.say(kind))
            if kind == "closed" or random.random() < 0.3:  # repeats, hangs up, or plays music
                tail: list[Part] = [self.pause(0.8, 2.0), parts[-1]]
                return parts + (tail if random.random() < 0.6 else [Music(6.0)])
        elif kind == "like a person":
            # A person's own words, then the pause in which an impatient detector decides.
            parts += [self.say(random.choice(("opener", "opener", "hello"))), self.pause(0.3, 0.9)]
            parts += [self.say("body"), self.pause(0.05, 0.4), self.say("closing")]
        else:
            parts += [self.say("opener"), self.pause(0.0, 0.3), self.say("body"), self.pause(0.05, 0.4)]
            parts.append(self.say("closing"))
        return [*parts, self.pause(0.2, 1.4), self.beep(), Pause(4.0)]

    def screening(self) -> list[Part]:
        """Speaks like a machine, then waits for words without a beep."""
        parts: list[Part] = [self.pause(0.1, 0.8), self.say("screening")]
        return [*parts, Pause(6.0)]

    def beep(self) -> Beep:
        random = self.random
        hz = random.uniform(440.0, 1400.0)
        tones = (hz, hz * random.uniform(1.25, 1.9)) if random.random() < 0.12 else (hz,)
        return Beep(
            tuple(round(tone, 1) for tone in tones),
            round(random.choice((random.uniform(0.12, 0.3), random.uniform(0.3, 1.2))), 3),
            round(random.uniform(-8.0, 6.0), 1),
        )

    def line(self, label: Label, kind: str) -> Line:
        random = self.random
        snr = random.choice(SNRS_DB)
        drawn = Line(
            level_db=round(random.uniform(-30.0, -14.0), 1),
            noise=None if snr is None else random.choice(NOISES),
            snr_db=snr,
            noise_with_recording=label is Label.MACHINE and random.random() < 0.5,
            television=kind == "television",
            gated=random.random() < 0.15,
            mobile=random.random() < 0.35,
            alaw=random.random() < 0.5,
        )
        if self.split not in _IN_ROOMS:
            return drawn
        lost = round(random.uniform(0.005, 0.03), 4) if random.random() < 0.25 else 0.0
        return replace(drawn, room=random.random() < 0.3, lost=lost)


def draw(split: Split, label: Label, number: int) -> Scene:
    """Greeting `number` (from 0) of a split: the same each time it is asked for."""
    own = seed(split, number)
    random = Random(f"{label.value}/{own}")
    author = _Author(split, random)
    kind, parts = "screening", []
    if label is Label.PERSON:
        kind = _pick(random, _PERSONS.get(split, PERSONS))
        parts = author.person(kind)
    elif label is Label.MACHINE:
        kind = _pick(random, MACHINES)
        parts = author.machine(kind)
    else:
        parts = author.screening()
    beeps = (
        tuple(nth for nth, part in enumerate(parts) if isinstance(part, Beep)) if label is Label.MACHINE else ()
    )
    return Scene(label, kind, author.own.language, own, tuple(parts), author.line(label, kind), split, beeps)
