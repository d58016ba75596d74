"""Files of sound, as a telephone would carry them: 8 kHz, one channel, 16 bits."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from dialer.telephony.errors import SoundFileError

RATE_HZ = 8_000


def read_sound(path: Path, *, channel: int | None = None, longest_s: float) -> NDArray[np.int16]:
    """The first `longest_s` seconds of a file, of any rate, width and coding that libsndfile reads.

    `channel`: which one, from 1; None for the mean of all. Raises `SoundFileError` for a file that is missing,
    holds no sound, or has no such channel."""
    try:
        with soundfile.SoundFile(path) as file:
            if channel is not None and not 1 <= channel <= file.channels:
                raise SoundFileError(
                    path, f"has {file.channels} channel(s), and not number {channel}; choose another"
                )
            read = file.read(round(longest_s * file.samplerate), dtype="float32", always_2d=True)
            rate_hz = file.samplerate
    except OSError as error:
        raise SoundFileError(path, f"cannot be read ({error.strerror or error})") from error
    except soundfile.LibsndfileError as error:
        raise SoundFileError(path, _reason(path, error)) from error
    if not read.size:
        raise SoundFileError(path, "holds no sound; record it again")
    mono = read.mean(axis=1) if channel is None else read[:, channel - 1]
    if not np.isfinite(mono).all():
        raise SoundFileError(path, "holds samples that are no numbers; convert it to 16-bit PCM")
    if rate_hz != RATE_HZ:
        mono = soxr.resample(mono, rate_hz, RATE_HZ)
    samples: NDArray[np.int16] = np.clip(np.rint(mono * 32_768.0), -32_768, 32_767).astype(np.int16)
    return samples


def _reason(path: Path, error: soundfile.LibsndfileError) -> str:
    if path.is_dir():
        return "is a directory; name the files in it"
    if not path.exists():
        return "does not exist; check the name"
    if path.stat().st_size == 0:
        return "is empty; record it again"
    cause = error.error_string.strip().rstrip(".")
    return f"is no sound file that can be read ({cause}); convert it to WAV, for instance with sox"
