"""A scene as samples, with the truth about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from random import Random

import numpy as np
from numpy.random import Generator, default_rng
from numpy.typing import NDArray

from sim_trunk.greetings import line, noise
from sim_trunk.greetings.noise import RATE_HZ, Samples
from sim_trunk.greetings.scene import Beep, Breath, Label, Music, Pause, Say, Scene, Voice
from sim_trunk.greetings.speech import speak
from sim_trunk.greetings.split import KINDS, Split, chosen, languages, variants, words

Speaker = Callable[[Voice, str], NDArray[np.float32]]

FRAME = 160
_SPEECH_FLOOR_DB = -32.0
_MOST_S, _WHOLE_S = 12.0, 20.0
"""Of a scene; of a machine's since the fifth set more, for one in five has no beep within 12 s. The fifth's first
250 were scored so, before this was seen."""


@dataclass(frozen=True, slots=True)
class Greeting:
    """`samples`: int16 at 8 kHz, from the answer on. `spoken`: for each 20 ms frame, whether the one who answered
    is speaking. `onset_s`: when speech or music first begins; None if never. `beeps_s`: when each beep that asks
    for a message begins and ends."""

    scene: Scene
    samples: NDArray[np.int16]
    spoken: NDArray[np.bool_]
    onset_s: float | None
    beeps_s: tuple[tuple[float, float], ...]


def _from_db(db: float) -> float:
    return float(10 ** (db / 20))


@lru_cache(maxsize=64)
def _crowd(split: Split, nth: int) -> Samples:
    """Eight seconds or more of one talker in the background, of the split's own voices and words."""
    random = Random(f"crowd/{split.value}/{nth}")
    own = words(split, random.choice(languages(split)))
    voice = Voice(
        random.choice(own.accents), random.choice(variants(split, own.language)), 160, random.randint(20, 80)
    )
    texts = [text for kind in KINDS for text in own.texts[kind]]
    said = [
        speak(voice, chosen(random.choice(texts), random.choice).format(name="", company="")) for _ in range(6)
    ]
    return noise.unit(np.concatenate(said))


def _background(scene: Scene, random: Generator, count: int) -> Samples:
    kind = scene.line.noise
    if kind == "babble":
        talkers = [_crowd(scene.split, int(random.integers(0, 24))) for _ in range(int(random.integers(3, 8)))]
        return noise.babble(random, count, talkers)
    if kind == "street":
        return noise.street(random, count)
    if kind == "car":
        return noise.car(random, count)
    return noise.shaped(random, count, 0.5 if kind == "pink" else 0.0)


def _television(scene: Scene, random: Generator, count: int) -> Samples:
    talker = noise.babble(random, count, [_crowd(scene.split, int(random.integers(0, 24)))])
    return noise.unit(talker + random.uniform(0.0, 0.8) * noise.music(random, count))


def _tone(part: Beep) -> Samples:
    count = int(part.seconds * RATE_HZ)
    t = np.arange(count) / RATE_HZ
    edge = np.minimum(1.0, np.minimum(np.arange(count), np.arange(count)[::-1]) / 40.0)
    out = sum((np.sin(2 * np.pi * hz * t) for hz in part.hz), np.zeros(count))
    return (noise.unit(out) * edge * _from_db(part.level_db)).astype(np.float32)


def render(scene: Scene, speaker: Speaker = speak) -> Greeting:
    """The scene as the dialer hears it. Raises `NoSpeech` where espeak-ng is missing or fails."""
    whole = scene.split in (Split.SCORE_5, Split.SCORE_6) and scene.label is Label.MACHINE
    most_s = _WHOLE_S if whole else _MOST_S
    random = default_rng(scene.seed * 4 + list(type(scene.label)).index(scene.label))
    tracks: list[Samples] = []
    voiced: list[NDArray[np.bool_]] = []
    onset_s, beeps, at = None, [], 0
    for nth, part in enumerate(scene.parts):
        says = isinstance(part, Say | Music)
        if isinstance(part, Say):
            track = noise.unit(line.band(speaker(part.voice, part.text)))
        elif isinstance(part, Pause):
            track = np.zeros(int(part.seconds * RATE_HZ), np.float32)
        elif isinstance(part, Beep):
            track = _tone(part)
            if nth in scene.beeps:
                beeps.append((at / RATE_HZ, (at + track.size) / RATE_HZ))
        elif isinstance(part, Breath):
            track = noise.breath(random, int(part.seconds * RATE_HZ)) * _from_db(-12.0)
        else:
            track = noise.music(random, int(part.seconds * RATE_HZ)) * _from_db(random.uniform(-6.0, 0.0))
        if says and onset_s is None:
            onset_s = at / RATE_HZ
        tracks.append(track)
        voiced.append(np.full(track.size, says))
        at += track.size
        if at > most_s * RATE_HZ:
            break
    voice = np.concatenate(tracks)
    if scene.line.room:
        said = np.concatenate(
            [np.full(track.size, isinstance(part, Say)) for part, track in zip(scene.parts, tracks, strict=False)]
        )
        voice = line.in_room(voice * said, line.room(random)) + voice * ~said
    voice = voice[: voice.size // FRAME * FRAME]
    frames = voice.reshape(-1, FRAME)
    loud = 10 * np.log10(np.mean(np.square(frames), axis=1) + 1e-12) > _SPEECH_FLOOR_DB
    spoken = loud & (np.concatenate(voiced)[: voice.size].reshape(-1, FRAME).mean(axis=1) > 0.5)
    mixed = voice + _surroundings(scene, random, voice, loud)
    samples = np.clip(line.band(mixed) * _from_db(scene.line.level_db) * 32_767, -32_768, 32_767).astype(np.int16)
    if scene.line.mobile:
        samples = line.gsm(samples)
    samples = line.lossy(line.g711(samples, alaw=scene.line.alaw), random, scene.line.lost)
    return Greeting(scene, samples, spoken, onset_s, tuple(beeps))


def _surroundings(scene: Scene, random: Generator, voice: Samples, loud: NDArray[np.bool_]) -> Samples:
    """What else is on the line, at its level relative to the speech (whose root mean square is 1)."""
    count = voice.size
    around = noise.shaped(random, count, 0.0) * _from_db(random.uniform(-55.0, -42.0))
    if scene.line.noise is not None and scene.line.snr_db is not None:
        around = around + noise.unit(line.band(_background(scene, random, count))) * _from_db(-scene.line.snr_db)
    if scene.line.television:
        around = around + noise.unit(line.band(_television(scene, random, count))) * _from_db(
            random.uniform(-22.0, -9.0)
        )
    if scene.line.gated:
        open_ = np.convolve(loud, np.ones(9), mode="same") > 0
        around = around * np.where(np.repeat(open_, FRAME), 1.0, _from_db(-15.0))
    if scene.line.noise_with_recording and loud.any():
        edges = np.flatnonzero(loud)
        first, last = max(int(edges[0]) - 15, 0) * FRAME, min((int(edges[-1]) + 5) * FRAME, count)
        around = around * _from_db(-30.0)
        around[first:last] /= _from_db(-30.0)
    return around.astype(np.float32)
