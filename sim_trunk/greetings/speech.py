"""Text to 8 kHz samples: espeak-ng, and for the sets that score since the third also flite, festival and Pico."""

from __future__ import annotations

import atexit
import re
import subprocess
import sys
import tempfile
from functools import cache, lru_cache
from pathlib import Path

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from sim_trunk.errors import SimTrunkError
from sim_trunk.greetings.scene import Voice

RATE_HZ = 8_000
PROGRAM = "espeak-ng"


_USUAL_WORDS_PER_MIN = 170
_ENCODINGS = {
    "festival msu_ru_nsh_clunits": "utf-8",
    "festival hindi_NSK_diphone": "utf-8",
    **dict.fromkeys((f"festival czech_{name}" for name in ("dita", "krb", "machac", "ph")), "iso-8859-2"),
}


class NoSpeech(SimTrunkError):
    """The program that speaks is missing or failed."""


@lru_cache(maxsize=2_000)
def speak(voice: Voice, text: str) -> NDArray[np.float32]:
    """The text spoken: mono, 8 kHz, full scale ±1, silence at both ends cut off. Raises `NoSpeech`."""
    with tempfile.TemporaryDirectory() as folder:
        written, spoken_to = Path(folder) / "text", Path(folder) / "wav"
        command = _command(voice, text, str(written), str(spoken_to))
        written.write_text(
            text, _ENCODINGS.get(voice.variant, "iso-8859-1" if "festival" in voice.variant else "utf-8")
        )
        try:
            subprocess.run(command, capture_output=True, check=True, timeout=30)  # noqa: S603 - our own words
        except FileNotFoundError as missing:
            raise NoSpeech(f"{command[0]} is not installed (Debian: espeak-ng, flite, festival)") from missing
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as failed:
            raise NoSpeech(f"{command[0]} failed for voice {voice.variant}: {failed}") from failed
        if not spoken_to.stat().st_size:  # what festival makes of a text without a word
            return np.zeros(0, np.float32)
        samples, rate = soundfile.read(spoken_to, dtype="float32")
    spoken: NDArray[np.float32] = soxr.resample(samples, rate * voice.tract, RATE_HZ)
    loud = np.flatnonzero(np.abs(spoken) > 0.01 * np.abs(spoken).max(initial=1e-9))
    return spoken[loud[0] : loud[-1] + 1] if loud.size else spoken[:0]


def _command(voice: Voice, text: str, written: str, spoken_to: str) -> list[str]:
    program, _, named = voice.variant.rpartition(" ")
    stretch = _USUAL_WORDS_PER_MIN * voice.tract / voice.words_per_min
    if program == "flite":
        return [
            program,
            "-voice",
            named,
            "--setf",
            f"duration_stretch={stretch:.3f}",
            "-f",
            written,
            "-o",
            spoken_to,
        ]
    if program == "festival":
        stretched = f"(begin (voice_{named}) (Parameter.set 'Duration_Stretch {stretch:.3f}))"
        return ["text2wave", written, "-o", spoken_to, "-eval", stretched]
    if program == "pico":
        higher = 0.85 + 0.3 * voice.pitch / 99
        tuned = ["--speed", f"{1 / stretch:.3f}", "--pitch", f"{higher:.3f}"]
        return [sys.executable, "-m", "py_nanotts", text, "-o", spoken_to, "-v", named, *tuned]
    pace = round(voice.words_per_min / voice.tract)
    data = [f"--path={_with_own_variants()}"] if program == "own" else []
    variant = named if program == "own" else voice.variant
    command = [PROGRAM, *data, "-v", f"{voice.accent}+{variant}", "-s", str(pace), "-p", str(voice.pitch)]
    return [*command, "-w", spoken_to, "--", text]


@cache
def _with_own_variants() -> str:
    """A folder with espeak-ng's data in which its variants are ours (`variants/`); it goes with the process."""
    try:
        said = subprocess.run([PROGRAM, "--version"], capture_output=True, check=True, text=True)  # noqa: S603
    except FileNotFoundError as missing:
        raise NoSpeech(f"{PROGRAM} is not installed (Debian: espeak-ng)") from missing
    found = re.search(r"Data at: (.+)", said.stdout)
    if found is None:
        raise NoSpeech(f"{PROGRAM} --version does not say where its data are: {said.stdout!r}")
    folder = tempfile.TemporaryDirectory()
    atexit.register(folder.cleanup)
    data = Path(folder.name) / "espeak-ng-data"
    (data / "voices").mkdir(parents=True)
    for path in Path(found[1].strip()).iterdir():
        if path.name != "voices":
            (data / path.name).symlink_to(path)
    (data / "voices" / "!v").symlink_to(Path(__file__).parent / "variants")
    return folder.name
