"""Recordings of real speakers, from Debian's packages where these are installed; none is part of this repository.

They are no telephone calls. As people who answer: single words, syllables and short lines (klettres-data,
ktuberling-data: volunteers who read words to children, a speaker a language; fillets-ng-data-cs and -nl: actors
of a game), each said after a moment of silence, followed by silence. As people who say a whole sentence: the
actors' longer lines. As machines: greetings put together from
the prompts that Asterisk's voice mail plays, and its longer announcements (asterisk-core-sounds-*-wav: one
professional speaker a language). Everything through a telephone's band and codec."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

import numpy as np
import soundfile
import soxr
from numpy.random import default_rng
from numpy.typing import NDArray

from sim_trunk.greetings import line, noise

RATE_HZ = 8_000
SHARE = Path("/usr/share")
PACKAGES = {
    "klettres-data": SHARE / "klettres",
    "ktuberling-data": SHARE / "ktuberling/sounds",
    "fillets-ng-data-cs": SHARE / "games/fillets-ng/sound/start/cs",
    "fillets-ng-data-nl": SHARE / "games/fillets-ng/sound/start/nl",
    "asterisk-core-sounds-en-wav": SHARE / "asterisk/sounds/en_US_f_Allison",
    "asterisk-core-sounds-es-wav": SHARE / "asterisk/sounds/es_MX_f_Allison",
    "asterisk-core-sounds-fr-wav": SHARE / "asterisk/sounds/fr_CA_f_June",
    "asterisk-core-sounds-it-wav": SHARE / "asterisk/sounds/it_IT_m_Carlo",
    "asterisk-core-sounds-ru-wav": SHARE / "asterisk/sounds/ru_RU_f_IvrvoiceRU",
}
_A_SPEAKER = 20
"""At most so many recordings of one speaker: no voice shall make the figure."""
_SENTENCES = 75
"""Of one actor."""
_SPEECH_S, _SENTENCE_S = (0.25, 2.5), (2.5, 8.0)
_ANNOUNCEMENT_S = 4.0

Sound = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Recording:
    """`samples`: int16 at 8 kHz from the answer on. `group`: whose voice it is."""

    is_machine: bool
    group: str
    samples: NDArray[np.int16]
    onset_s: float
    snr_db: float | None


def missing() -> list[str]:
    """Packages that are not installed."""
    return [name for name, path in PACKAGES.items() if not path.exists()]


def recordings(snr_db: float | None) -> Iterator[Recording]:
    """All of them; `snr_db`: with pink noise so far below the speech, None for none."""
    for group, sound in [*_people(), *_actors(), *_actors(_SENTENCE_S, _SENTENCES, " sentences")]:
        yield _call(group, (sound,), is_machine=False, snr_db=snr_db)
    for group, parts in _machines():
        yield _call(group, parts, is_machine=True, snr_db=snr_db)


def _call(group: str, parts: tuple[Sound, ...], *, is_machine: bool, snr_db: float | None) -> Recording:
    random = Random(f"{group}/{sum(part.size for part in parts)}/{snr_db}")
    onset_s = random.uniform(0.2, 0.8)
    pieces = [np.zeros(round(onset_s * RATE_HZ), np.float32)]
    for part in parts:
        pieces += [part, np.zeros(round(random.uniform(0.05, 0.3) * RATE_HZ), np.float32)]
    pieces.append(np.zeros(4 * RATE_HZ, np.float32))
    voice = line.band(np.concatenate(parts))
    whole = line.band(np.concatenate(pieces)) / float(np.sqrt(np.mean(np.square(voice))))
    around = default_rng(random.getrandbits(64))
    whole += noise.shaped(around, whole.size, 0.0) * 0.004
    if snr_db is not None:
        whole += noise.unit(line.band(noise.shaped(around, whole.size, 0.5))) * np.float32(10 ** (-snr_db / 20))
    samples = np.clip(whole * 0.1 * 32_767, -32_768, 32_767).astype(np.int16)
    return Recording(is_machine, group, line.g711(samples, alaw=False), onset_s, snr_db)


def _read(path: Path) -> Sound:
    """8 kHz, silence at both ends cut off."""
    sound, rate = soundfile.read(path, dtype="float32", always_2d=True)
    mono: Sound = sound.mean(axis=1)
    if rate != RATE_HZ:
        mono = soxr.resample(mono, rate, RATE_HZ)
    size = mono.size // 80 * 80
    loud = np.abs(mono[:size]).reshape(-1, 80).mean(axis=1)
    spoken = np.flatnonzero(loud > 0.08 * loud.max(initial=1e-9))
    return mono[spoken[0] * 80 : (spoken[-1] + 1) * 80] if spoken.size else mono[:0]


def _chosen(
    paths: list[Path], seed: str, lengths_s: tuple[float, float] = _SPEECH_S, most: int = _A_SPEAKER
) -> Iterator[Sound]:
    """At most so many of a speaker's, of such lengths: at first those of what people say when they answer."""
    found = 0
    for path in Random(seed).sample(sorted(paths), len(paths)):
        sound = _read(path)
        if lengths_s[0] <= sound.size / RATE_HZ <= lengths_s[1]:
            found += 1
            yield sound
        if found == most:
            return


def _people() -> Iterator[tuple[str, Sound]]:
    for name in ("klettres-data", "ktuberling-data"):
        folder = PACKAGES[name]
        for language in sorted(path for path in folder.glob("*") if path.is_dir() and "@" not in path.name):
            paths = [path for path in language.rglob("*.ogg") if "Tux" not in path.name]
            if len(paths) < 10:  # a note and a few sounds of animals
                continue
            for sound in _chosen(paths, str(language)):
                yield f"{name.removesuffix('-data')} {language.name}", sound


def _actors(
    lengths_s: tuple[float, float] = _SPEECH_S, most: int = _A_SPEAKER, named: str = ""
) -> Iterator[tuple[str, Sound]]:
    """The two fish speak through the whole game: their files begin with m (the small one) and v (the big one)."""
    for language in ("cs", "nl"):
        for who in ("-m-", "-v-"):
            paths = list((SHARE / "games/fillets-ng/sound").glob(f"*/{language}/*{who}*.ogg"))
            for sound in _chosen(paths, f"{language}{who}", lengths_s, most):
                yield f"fillets {language} {who[1]}{named}", sound


def _machines() -> Iterator[tuple[str, tuple[Sound, ...]]]:
    for name, folder in PACKAGES.items():
        if not name.startswith("asterisk") or not folder.exists():
            continue
        random = Random(name)
        group = f"asterisk {name.split('-')[3]}"
        digits = [folder / "digits" / f"{digit}.wav" for digit in range(10)]
        beep = _read(folder / "beep.wav")
        for _ in range(_A_SPEAKER):
            number = [_read(random.choice(digits)) for _ in range(random.randint(2, 4))]
            opening = [_read(folder / f"{random.choice(('vm-theperson', 'vm-extension'))}.wav"), *number]
            state = _read(folder / f"{random.choice(('vm-isunavail', 'vm-isonphone'))}.wav")
            yield f"{group} voice mail", (*opening, state, _read(folder / "vm-intro.wav"), beep)
        long = [path for path in sorted(folder.glob("*.wav")) if soundfile.info(path).duration >= _ANNOUNCEMENT_S]
        for path in random.sample(long, min(len(long), _A_SPEAKER)):
            yield f"{group} announcements", (_read(path),)
