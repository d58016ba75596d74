"""Parts of countries (ISO 3166-2) that lists name: how they are written, and which time zones their people keep.

Data: `regions.csv`, with its sources. Codes of all other countries: `lists.subdivision`.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Mapping
from functools import cache
from importlib import resources

from lists.value import value

_SPELT_OUT = {
    "обл": "область", "респ": "республика", "г": "город", "гор": "город", "м": "місто", "мисто": "місто",
    "ао": "автономный округ", "аобл": "автономная область", "обласць": "область", "jud": "judetul",
    "prov": "province", "rep": "republic", "edo": "estado", "obl": "oblast", "reg": "region",
}  # fmt: skip
_KINDS = (
    "область", "республика", "республіка", "край", "город", "місто", "город федерального значения",
    "автономный округ", "автономная область", "облысы", "oblast", "oblysy", "region", "krai", "kray", "republic",
    "respublika", "autonomous okrug", "city", "judetul", "judet", "county", "state", "state of", "province",
    "province of", "territory", "provinsi", "propinsi", "estado", "estado de", "estado do", "estado da",
    "provincia", "municipiul", "the",
)  # fmt: skip
_CLAIMED = {
    "RU": {
        "UA-09": ("Луганская Народная Республика", "ЛНР", "Luhansk People's Republic"),
        "UA-14": ("Донецкая Народная Республика", "ДНР", "Donetsk People's Republic"),
        "UA-23": (), "UA-40": ("92",), "UA-43": ("91", "Республика Крым", "Republic of Crimea"), "UA-65": (),
    },
}  # fmt: skip
"""Parts that another country counts as its own (federal law 6-FKZ of 2014; 5- to 8-FKZ of 2022), with names that
they have there alone. ISO, and so we, have them where the United Nations do (A/RES/68/262, A/RES/ES-11/4); their
zones are those of both clocks, whoever writes them."""


@value
class Region:
    """`code`: within its country ("FL"). `zones`: IANA names, sorted, together all the clocks that are kept there.
    `names`: the first is its usual one."""

    code: str
    zones: tuple[str, ...]
    names: tuple[str, ...]


@cache
def regions() -> Mapping[str, Mapping[str, Region]]:
    """By country and code."""
    found: dict[str, dict[str, Region]] = {}
    text = resources.files("lists").joinpath("regions.csv").read_text(encoding="utf-8")
    for line in text.splitlines():
        if line[2:3] == "-":
            full, zones, names = line.split(";")
            region = Region(full[3:], tuple(zones.split("|")), tuple(names.split("|")))
            found.setdefault(full[:2], {})[region.code] = region
    return found


def zones_of_region(region: str) -> tuple[str, ...]:
    """The zones of a part of a country (`US-FL`); none where no table here has it."""
    found = regions().get(region[:2], {}).get(region[3:])
    return found.zones if found is not None else ()


def name_of_region(region: str) -> str:
    """What a part of a country (`US-FL`) is called; "" where no table here has it."""
    found = regions().get(region[:2], {}).get(region[3:])
    return found.names[0] if found is not None else ""


def region_named(country: str, text: str) -> str | None:
    """The code of the part that `text` names, in whatever spelling; None for none, or more than one."""
    exact, bare = _spellings(country)
    written = _folded(text)
    return exact.get(written) or bare.get(_without_kind(written))


def region_claimed(country: str, text: str) -> str | None:
    """ISO 3166-2 of the part that `text` names, which `country` counts as its own and ISO does not."""
    written = _folded(text)
    for full, names in _CLAIMED.get(country, {}).items():
        spelt = {_folded(name) for name in (*names, *regions()[full[:2]][full[3:]].names)}
        if written in spelt or _without_kind(written) in map(_without_kind, spelt):
            return full
    return None


def lies_in(region: str, country: str) -> bool:
    """Whether a part (`US-FL`) is one of the country's, or one that the country counts as its own."""
    return region.startswith(f"{country}-") or region in _CLAIMED.get(country, {})


def nearly_named(country: str, text: str) -> tuple[str, ...]:
    """Codes of the parts whose names are like `text`, the nearest first."""
    parts = regions().get(country, {})
    names = {_without_kind(_folded(name)): code for code, part in parts.items() for name in part.names}
    close = difflib.get_close_matches(_without_kind(_folded(text)), names, n=6, cutoff=0.7)
    return tuple(dict.fromkeys(names[name] for name in close))


@cache
def _spellings(country: str) -> tuple[Mapping[str, str], Mapping[str, str | None]]:
    """Codes by their names, and by those without "oblast" and the like: None where two would have the same."""
    exact: dict[str, str] = {}
    bare: dict[str, str | None] = {}
    for code, part in regions().get(country, {}).items():
        for name in part.names:
            written = _folded(name)
            exact.setdefault(written, code)
            short = _without_kind(written)
            bare[short] = code if bare.get(short, code) == code else None
    return exact, bare


def _folded(text: str) -> str:
    """Words in small letters without accents, usual abbreviations spelt out: `Обл. Московская` and `область
    московская` are the same."""
    plain = unicodedata.normalize("NFKD", text.casefold().replace("ё", "е"))
    letters = "".join(letter for letter in plain if not unicodedata.combining(letter) and letter not in "'’ʼ`\"")
    words = re.sub(r"[^\w]+", " ", letters).split()
    return " ".join(_SPELT.get(word, word) for word in words)


def _bare_form(text: str) -> str:
    return "".join(letter for letter in unicodedata.normalize("NFKD", text) if not unicodedata.combining(letter))


_SPELT = {short: _bare_form(long) for short, long in _SPELT_OUT.items()}
_KIND = re.compile("|".join(rf"\b{_bare_form(kind)}\b" for kind in sorted(_KINDS, key=len, reverse=True)))


def _without_kind(folded: str) -> str:
    return " ".join(_KIND.sub(" ", folded).split()) or folded
