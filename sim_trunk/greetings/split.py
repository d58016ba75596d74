"""Which voices, words and seeds belong to training, which to development, which to scoring. Nothing is in two."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from functools import cache
from importlib.resources import files
from itertools import product


class Split(Enum):
    TRAIN = "train"
    TRAIN_MORE = "train-more"
    """Training's voices with other words: mostly people at work and in a hurry, who say more than a hello."""
    DEVELOP = "develop"
    SCORE = "score"
    """Looked at once, after everything was decided (2026-11-30); in detail since then."""
    SCORE_2 = "score-2"
    """The second, whose people say more, some of them with a room's echo. Looked at on 2026-11-30 as well."""
    SCORE_3 = "score-3"
    """The third: other programs' voices too, rooms, lost packets, people who read out. Looked at on 2026-11-30,
    after all the others had begun to train; in detail since then."""
    SCORE_4 = "score-4"
    """The fourth: the third's mixture of people, machines and lines with other speakers, words and languages. Its
    first 250 people and 150 machines were looked at on 2026-11-30; the speakers of the rest are the same."""
    SCORE_5 = "score-5"
    """The fifth: the same mixture once more. Most of it is spoken by Pico, the rest by festival's Catalan and
    Hindi speakers and by espeak-ng with variants of our own. Looked at in detail since then."""
    SCORE_6 = "score-6"
    """The sixth: the same mixture in three languages that no other set speaks, all of it by espeak-ng with six
    more variants of our own."""


LANGUAGES = ("en", "ru", "uk", "ro", "es", "de", "fr", "pl")
_THIRD_LANGUAGES = (*LANGUAGES, "en", "it", "it")
_FOURTH_LANGUAGES = (*LANGUAGES, "en", "cs", "cs", "fi", "fi")
_FIFTH_LANGUAGES = (*LANGUAGES, "en", "en", "it", "it", "de", "es", "fr", "ca", "hi")
_SIXTH_LANGUAGES = ("pt", "nl", "sv")
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
# Gustave, Mr and Zac are not espeak-ng's names (gustave, Mr serious, zac): for them it speaks with its plain
# voice, which therefore both trains and develops. They stay, or all that was drawn would change; neither set that
# scores has it.
# Of the third half or more come from other programs: FLITE and FESTIVAL, whose sounds are cut from real speakers'.
_THIRD = ("gustave", "zac")
_THIRD_BY_LANGUAGE = {
    "en": ("flite awb", "flite rms", "flite slt", "flite kal16"),
    "it": ("festival lp_diphone", "festival pc_diphone"),
    "ru": ("festival msu_ru_nsh_clunits", *_THIRD),
}
# The fourth: seven speakers of festival that no other set has, and what is left of espeak-ng's variants.
_FOURTH = ("robosoft4", "robosoft5", "robosoft7", "robosoft8", "UniRobot", "Demonic")
_FOURTH_BY_LANGUAGE = {
    "en": ("festival ked_diphone",),
    "cs": tuple(f"festival czech_{name}" for name in ("dita", "krb", "machac", "ph")),
    "fi": ("festival hy_fi_mv_diphone", "festival suo_fi_lj_diphone"),
}
# The fifth: SVOX Pico's six, two speakers of festival's, and for languages that neither speaks variants of our own
# for espeak-ng (`variants/`).
_FIFTH = ("own amber", "own birch", "own cedar", "own dune", "own ember")
_FIFTH_BY_LANGUAGE = {
    "en": ("pico en-US", "pico en-GB"),
    "de": ("pico de-DE",),
    "es": ("pico es-ES",),
    "fr": ("pico fr-FR",),
    "it": ("pico it-IT",),
    "ca": ("festival upc_ca_ona_hts",),
    "hi": ("festival hindi_NSK_diphone",),
}
_SIXTH = ("own fjord", "own grove", "own heath", "own inlet", "own jetty", "own knoll")
_SECOND = ("announcer", "croak", "Mr serious", "RicishayMax", "RicishayMax2", "RicishayMax3", "Tweaky")
_PERSONS_OF_THEIR_OWN = re.compile(r"[fm]\d")

_SHARES = (
    *(Split.TRAIN, Split.SCORE, Split.TRAIN, Split.DEVELOP, Split.TRAIN),
    *(Split.SCORE, Split.TRAIN, Split.DEVELOP, Split.TRAIN, Split.SCORE),
)
_SEEDS = {
    Split.TRAIN: 0,
    Split.DEVELOP: 1,
    Split.SCORE: 2,
    Split.SCORE_2: 30_000_000,
    Split.TRAIN_MORE: 30_000_001,
    Split.SCORE_3: 60_000_002,
    Split.SCORE_4: 90_000_000,
    Split.SCORE_5: 90_000_001,
    Split.SCORE_6: 120_000_002,
}
_SEED_STEP = 3
_CHOICE = re.compile(r"\[([^]]*)\]")


@dataclass(frozen=True, slots=True)
class Words:
    """What one split says in one language. `texts`: by kind, with {name} and {company} to be filled, and where it
    says `[one|other]` one of them to be taken."""

    language: str
    accents: tuple[str, ...]
    names: tuple[str, ...]
    companies: tuple[str, ...]
    texts: dict[str, tuple[str, ...]]


def family(variant: str) -> str:
    """Variants made from one another (edward, edward2) are one voice; f1 to f5 and m1 to m8 are not."""
    return variant if _PERSONS_OF_THEIR_OWN.fullmatch(variant) else variant.rstrip("0123456789").lower()


def languages(split: Split) -> tuple[str, ...]:
    """What a split speaks; one that is there twice is spoken twice as often."""
    own = {
        Split.SCORE_3: _THIRD_LANGUAGES,
        Split.SCORE_4: _FOURTH_LANGUAGES,
        Split.SCORE_5: _FIFTH_LANGUAGES,
        Split.SCORE_6: _SIXTH_LANGUAGES,
    }
    return own.get(split, LANGUAGES)


@cache
def variants(split: Split, language: str) -> tuple[str, ...]:
    """The voices of a split: of `_VARIANTS`' families half train, a fifth developed at first, the rest scored. The
    second set has its own; RicishayMax speaks with an echo, as in a bare room. So have the third to the sixth:
    where one begins with a program's name it is that program's, else a variant of espeak-ng's."""
    if split is Split.SCORE_2:
        return _SECOND
    if split is Split.SCORE_3:
        return _THIRD_BY_LANGUAGE.get(language, _THIRD)
    if split is Split.SCORE_4:
        return _FOURTH_BY_LANGUAGE.get(language, _FOURTH)
    if split is Split.SCORE_5:
        return _FIFTH_BY_LANGUAGE.get(language, _FIFTH)
    if split is Split.SCORE_6:
        return _SIXTH
    families = sorted({family(variant) for variant in _VARIANTS})
    of = {name: _SHARES[nth % len(_SHARES)] for nth, name in enumerate(families)}
    speaking = Split.TRAIN if split is Split.TRAIN_MORE else split
    return tuple(variant for variant in _VARIANTS if of[family(variant)] is speaking)


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
    return number * _SEED_STEP + _SEEDS[split]


def chosen(text: str, pick: Callable[[list[str]], str]) -> str:
    """The text with one taken of each `[one|other]`."""
    return _CHOICE.sub(lambda choice: pick(choice[1].split("|")), text)


def wordings(text: str) -> Iterator[str]:
    """Every text that may be chosen of one."""
    fixed, *rest = _CHOICE.split(text)  # what stays, then in turn choices and what follows them
    choices, between = [choice.split("|") for choice in rest[::2]], rest[1::2]
    for taken in product(*choices):
        yield fixed + "".join(one + after for one, after in zip(taken, between, strict=True))


def spoken(split: Split) -> Iterator[str]:
    """Everything a split may say, as compared between splits: small letters, without punctuation."""
    for language in dict.fromkeys(languages(split)):
        own = words(split, language)
        for texts in (own.names, own.companies, *own.texts.values()):
            for wording in (wording for text in texts for wording in wordings(text)):
                yield " ".join(re.findall(r"[\w{}']+", wording.lower()))
