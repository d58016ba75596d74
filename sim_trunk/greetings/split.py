"""Which voices, words and seeds belong to training, which to development, which to scoring. Nothing is in two."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from functools import cache
from importlib.resources import files


class Split(Enum):
    TRAIN = "train"
    DEVELOP = "develop"
    """Thresholds are chosen on it, and it is looked at as often as wished."""
    SCORE = "score"
    """Looked at once, after everything is decided."""


LANGUAGES = ("en", "ru", "uk", "ro", "es", "de", "fr", "pl")
KINDS = ("hello", "named", "business", "chat", "opener", "body", "closing", "carrier", "closed", "screening")

# espeak-ng's variants that could pass for a person on a telephone; robots and whispers are left out.
_VARIANTS = (
    *("adam", "Alex", "Alicia", "Andrea", "Andy", "Annie", "antonio", "aunty", "belinda", "benjamin", "boris"),
    *("caleb", "david", "Denis", "Diogo", "ed", "edward", "edward2", "Gene", "Gene2", "Gustave", "Henrique"),
    *(
        "Hugo",
        "iven",
        "iven2",
        "iven3",
        "iven4",
        "Jacky",
        "john",
        "kaukovalta",
        "Lee",
        "linda",
        "marcelo",
        "Marco",
    ),
    *("Mario", "max", "Michael", "michel", "miguel", "Mike", "Mr", "Nguyen", "pablo", "paul", "pedro", "quincy"),
    *("rob", "robert", "steph", "steph2", "steph3", "Storm", "travis", "victor", "Zac", "anika", "AnxiousAndy"),
    *("f1", "f2", "f3", "f4", "f5", "m1", "m2", "m3", "m4", "m5", "m6", "m7", "m8", "grandma", "grandpa"),
    *("klatt", "klatt2", "klatt3", "klatt4", "norbert", "sandro", "shelby"),
)
_PERSONS_OF_THEIR_OWN = re.compile(r"[fm]\d")

_SHARES = (
    *(Split.TRAIN, Split.SCORE, Split.TRAIN, Split.DEVELOP, Split.TRAIN),
    *(Split.SCORE, Split.TRAIN, Split.DEVELOP, Split.TRAIN, Split.SCORE),
)
_SEEDS = {Split.TRAIN: 0, Split.DEVELOP: 1, Split.SCORE: 2}


@dataclass(frozen=True, slots=True)
class Words:
    """What one split says in one language. `texts`: by kind, with {name} and {company} to be filled."""

    language: str
    accents: tuple[str, ...]
    names: tuple[str, ...]
    companies: tuple[str, ...]
    texts: dict[str, tuple[str, ...]]


def family(variant: str) -> str:
    """Variants made from one another (edward, edward2) are one voice; f1 to f5 and m1 to m8 are not."""
    return variant if _PERSONS_OF_THEIR_OWN.fullmatch(variant) else variant.rstrip("0123456789").lower()


@cache
def variants(split: Split) -> tuple[str, ...]:
    """The voices of a split: half of all families train, a fifth develops, the rest scores."""
    families = sorted({family(variant) for variant in _VARIANTS})
    of = {name: _SHARES[nth % len(_SHARES)] for nth, name in enumerate(families)}
    return tuple(variant for variant in _VARIANTS if of[family(variant)] is split)


@cache
def words(split: Split, language: str) -> Words:
    """The words of a split, as `texts/LANGUAGE.toml` has them."""
    table = tomllib.loads((files(__package__) / "texts" / f"{language}.toml").read_text("utf-8"))
    mine = table[split.value]
    return Words(
        language,
        tuple(table["voices"]),
        tuple(mine["names"]),
        tuple(mine["companies"]),
        {kind: tuple(mine[kind]) for kind in KINDS},
    )


def seed(split: Split, number: int) -> int:
    """The seed of greeting `number` (from 0) of a split: no two splits have one in common."""
    return number * len(_SEEDS) + _SEEDS[split]


def spoken(split: Split) -> Iterator[str]:
    """Everything a split may say, as compared between splits: small letters, without punctuation."""
    for language in LANGUAGES:
        own = words(split, language)
        for texts in (own.names, own.companies, *own.texts.values()):
            for text in texts:
                yield " ".join(re.findall(r"[\w{}']+", text.lower()))
