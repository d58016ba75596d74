"""Text to 8 kHz samples: espeak-ng, and for the third and fourth sets that score also flite and festival."""

from __future__ import annotations

import subprocess
import tempfile
from functools import lru_cache
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
    pace = round(voice.words_per_min / voice.tract)
    command = [PROGRAM, "-v", f"{voice.accent}+{voice.variant}", "-s", str(pace), "-p", str(voice.pitch)]
    return [*command, "-w", spoken_to, "--", text]
