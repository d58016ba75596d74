"""espeak-ng, the program: text to 8 kHz samples."""

from __future__ import annotations

import io
import subprocess
from functools import lru_cache

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from sim_trunk.errors import SimTrunkError
from sim_trunk.greetings.scene import Voice

RATE_HZ = 8_000
PROGRAM = "espeak-ng"


class NoSpeech(SimTrunkError):
    """espeak-ng is missing or failed."""


@lru_cache(maxsize=2_000)
def speak(voice: Voice, text: str) -> NDArray[np.float32]:
    """The text spoken: mono, 8 kHz, full scale ±1, silence at both ends cut off. Raises `NoSpeech`."""
    pace = round(voice.words_per_min / voice.tract)
    command = [PROGRAM, "-v", f"{voice.accent}+{voice.variant}", "-s", str(pace), "-p", str(voice.pitch)]
    command += ["--stdout", "--", text]
    try:
        done = subprocess.run(command, capture_output=True, check=True, timeout=30)  # noqa: S603 - our own words
    except FileNotFoundError as missing:
        raise NoSpeech(f"{PROGRAM} is not installed (Debian: espeak-ng)") from missing
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as failed:
        raise NoSpeech(f"{PROGRAM} failed for voice {command[2]}: {failed}") from failed
    samples, rate = soundfile.read(io.BytesIO(done.stdout), dtype="float32")
    spoken: NDArray[np.float32] = soxr.resample(samples, rate * voice.tract, RATE_HZ)
    loud = np.flatnonzero(np.abs(spoken) > 0.01 * np.abs(spoken).max(initial=1e-9))
    return spoken[loud[0] : loud[-1] + 1] if loud.size else spoken[:0]
