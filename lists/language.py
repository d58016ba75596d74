"""The language that somebody speaks, as a tag of BCP 47 (RFC 5646)."""

from __future__ import annotations

import re
from functools import lru_cache

# language ["-" script] ["-" region] *("-" variant), which is what lists have.
_TAG = re.compile(
    r"([a-z]{2,3})(?:[-_]([a-z]{4}))?(?:[-_]([a-z]{2}|\d{3}))?((?:[-_](?:[a-z0-9]{5,8}|\d[a-z0-9]{3}))*)"
)

_NAMED = {
    "ar": "arabic العربية", "be": "belarusian белорусский", "bg": "bulgarian български",
    "cs": "czech čeština", "de": "german deutsch немецкий німецька alemán germană",
    "el": "greek ελληνικά", "en": "english englisch английский англійська inglés engleză eng",
    "es": "spanish español spanisch испанский іспанська spaniolă", "fr": "french français französisch французский",
    "he": "hebrew עברית", "hi": "hindi हिन्दी", "hu": "hungarian magyar ungarisch maghiară",
    "id": "indonesian indonesia", "it": "italian italiano italienisch", "kk": "kazakh қазақша казахский",
    "nl": "dutch nederlands", "pl": "polish polski polnisch польский польська",
    "pt": "portuguese português portugiesisch", "ro": "romanian română rumänisch румынский румунська rumano",
    "ru": "russian русский russisch російська rusă ruso рус rus", "sk": "slovak slovenčina",
    "sv": "swedish svenska", "tr": "turkish türkçe türkisch",
    "uk": "ukrainian українська ukrainisch украинский ucraineană ucraniano укр ukr", "zh": "chinese 中文",
}  # fmt: skip
_TAG_OF = {name: tag for tag, names in _NAMED.items() for name in names.split()}


class UnknownLanguageError(ValueError):
    """Neither a tag nor a name that is known. The text says what to write."""


@lru_cache(maxsize=4096)
def read_language(text: str) -> str:
    """The tag in its proper spelling: `EN_gb` is `en-GB`, `Ukrainian` is `uk`. Raises `UnknownLanguageError`."""
    written = text.strip().casefold()
    if written in _TAG_OF:
        return _TAG_OF[written]
    match = _TAG.fullmatch(written)
    if match is None:
        raise UnknownLanguageError(f"{text!r} is not a language; write its tag: en, pt-BR, uk")
    language, script, region, variants = match.groups()
    parts = (language, (script or "").title(), (region or "").upper())
    return "-".join(filter(None, parts)) + variants.replace("_", "-")
