"""Scenes as sound. The speaker is a sine here; one test has espeak-ng speak."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from sim_trunk.greetings.noise import babble, breath, car, music, shaped, street
from sim_trunk.greetings.render import render
from sim_trunk.greetings.scene import Beep, Label, Line, Pause, Say, Scene, Voice, draw
from sim_trunk.greetings.speech import speak
from sim_trunk.greetings.split import Split

VOICE = Voice("en-us", "f2", 160, 50)
CLEAN = Line(
    level_db=-20.0,
    noise=None,
    snr_db=None,
    noise_with_recording=False,
    television=False,
    gated=False,
    mobile=False,
    alaw=False,
)
SCENE = Scene(
    Label.MACHINE,
    "personal",
    "en",
    3,
    (Pause(0.5), Say(VOICE, "a"), Pause(0.5), Beep((1_000.0,), 0.4), Pause(1.0)),
    CLEAN,
    Split.TRAIN,
    beeps=(3,),
)


def hum(voice: Voice, text: str) -> NDArray[np.float32]:
    """A second of 500 Hz."""
    return np.sin(2 * np.pi * 500 * np.arange(8_000) / 8_000).astype(np.float32)


def loudness(samples: NDArray[np.int16], start_s: float, end_s: float) -> float:
    part = samples[round(start_s * 8_000) : round(end_s * 8_000)].astype(float) / 32_768
    return float(10 * np.log10(np.mean(part**2) + 1e-12))


def test_the_truth_is_where_the_sound_is() -> None:
    made = render(SCENE, hum)
    assert made.onset_s == 0.5
    assert made.beeps_s == ((2.0, 2.4),)
    assert made.samples.size == round(3.4 * 8_000)
    assert np.flatnonzero(made.spoken).tolist() == list(range(25, 75))
    assert loudness(made.samples, 0.6, 1.4) == pytest.approx(-20.0, abs=1.0)
    assert loudness(made.samples, 0.0, 0.4) < -55.0


def test_the_same_scene_is_the_same_sound() -> None:
    noisy = replace(SCENE, line=replace(CLEAN, noise="street", snr_db=10.0, mobile=True))
    assert np.array_equal(render(noisy, hum).samples, render(noisy, hum).samples)


@pytest.mark.parametrize("kind", ["white", "pink", "street", "car"])
@pytest.mark.parametrize("snr_db", [20.0, 5.0])
def test_noise_is_as_loud_as_it_says(kind: str, snr_db: float) -> None:
    quiet = render(replace(SCENE, parts=(Pause(3.0), Say(VOICE, "a")), beeps=()), hum)
    noisy = render(
        replace(
            SCENE, parts=(Pause(3.0), Say(VOICE, "a")), beeps=(), line=replace(CLEAN, noise=kind, snr_db=snr_db)
        ),
        hum,
    )
    assert loudness(quiet.samples, 0.0, 2.9) < -55.0
    assert loudness(noisy.samples, 0.0, 2.9) == pytest.approx(-20.0 - snr_db, abs=3.0)


def test_noise_of_a_recording_ends_with_it() -> None:
    line = replace(CLEAN, noise="white", snr_db=10.0, noise_with_recording=True)
    made = render(replace(SCENE, line=line), hum)
    assert loudness(made.samples, 1.6, 1.9) > -35.0
    assert loudness(made.samples, 2.9, 3.4) < -50.0


def test_a_room_goes_on_after_the_voice_but_not_after_the_beep() -> None:
    dry, roomy = (render(replace(SCENE, line=replace(CLEAN, room=room)), hum) for room in (False, True))
    assert loudness(roomy.samples, 1.51, 1.56) > loudness(dry.samples, 1.51, 1.56) + 10.0
    assert loudness(roomy.samples, 2.6, 3.4) < -50.0
    assert np.array_equal(roomy.spoken, dry.spoken), "an echo is nothing that was said"


def test_what_is_lost_is_silent() -> None:
    made = render(replace(SCENE, line=replace(CLEAN, lost=0.2)), hum)
    whole = render(SCENE, hum)
    frames = made.samples.reshape(-1, 160)
    lost = ~frames.any(axis=1) & whole.samples.reshape(-1, 160).any(axis=1)
    assert 0.05 < lost.mean() < 0.4
    assert np.array_equal(frames[~lost], whole.samples.reshape(-1, 160)[~lost])


def test_every_noise_has_unit_level() -> None:
    random = np.random.default_rng(1)
    talker = shaped(random, 16_000, 0.5)
    for made in (
        shaped(random, 16_000, 0.0),
        street(random, 16_000),
        car(random, 16_000),
        music(random, 16_000),
        breath(random, 4_000),
        babble(random, 16_000, [talker, talker[::-1].copy()]),
    ):
        assert np.sqrt(np.mean(made**2)) == pytest.approx(1.0, abs=0.01)


@pytest.mark.needs("espeak-ng")
def test_espeak_speaks() -> None:
    made = render(draw(Split.TRAIN, Label.SCREENING, 1))
    assert made.spoken.mean() > 0.1
    said = speak(VOICE, "Hello?")
    assert 0.15 < said.size / 8_000 < 1.5
