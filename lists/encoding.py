"""In which encoding a list's bytes are text.

A byte order mark says it, and bytes that are UTF-8 throughout are hardly anything else. For the rest there is a
proposal, for people to confirm: eight bits tell nothing by themselves, and a wrong guess spoils names without
anybody noticing. So an import goes on with what is certain or stated, and only a preview with what is proposed.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import IO

UTF_8 = "utf-8-sig"
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)  # fmt: skip
_PROPOSED = ("cp1251", "koi8-r", "cp1252", "cp1250")
"""Of several that fit alike the first is proposed."""

_BLOCK = 1 << 16
_WORD = re.compile(r"[^\W\d_]+")
_SIGNS = "“”„«»–—’‘…№€°§"
_COMMON = dict.fromkeys("оеаинтсрвлкОЕАИНТСРВЛК", 1.0) | dict.fromkeys("ъЪёЁэЭ", 0.1)
_EASTERN = "ąćęłńśźżőűčďěňřšťůžăşţđ"
_WESTERN = "éèêàâäáãçñóôöõøæüíïîßåúëùìòûýœÿ"
_NOT_WESTERN = re.compile(r"[šž]|õ(?!e)|û(?!t|l|r)", re.IGNORECASE)
_ONE_EYED = "¹²³º°ª¿Þþ¼½¾¶µ±·"
"""What stands inside words when letters of Central Europe are read as those of Western Europe."""


def marked(head: bytes) -> str | None:
    """The encoding that a file's first four bytes say, None where they say nothing."""
    return next((encoding for mark, encoding in _MARKS if head.startswith(mark)), None)


def is_utf_8(stream: IO[bytes]) -> bool:
    """Whether all of it is, and text (NUL is not, but half of UTF-16); from where the stream stands to its end."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while block := stream.read(_BLOCK):
            if b"\0" in block:
                return False
            decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def proposed(sample: bytes) -> str | None:
    """Which of the usual encodings of eight bits, or of UTF-16 without its mark, suits the bytes best; None where
    none does. `sample`: a piece of the file, best of lines that are not plain ASCII."""
    halves = [sample[start::2].count(0) * 2 / max(1, len(sample)) for start in (0, 1)]
    if max(halves) > 0.4:
        return "utf-16-le" if halves[1] > halves[0] else "utf-16-be"
    scored = list(_scores(sample))
    return max(scored, key=lambda one: one[1])[0] if scored else None


def telling_lines(stream: IO[bytes]) -> bytes:
    """Of a file's lines those that are not plain ASCII, up to 64 KiB; its beginning where all are."""
    found, size, first = [], 0, b""
    for line in iter(lambda: stream.readline(_BLOCK), b""):
        first = first or line
        if not line.isascii() or b"\0" in line:
            found.append(line)
            size += len(line)
            if size >= _BLOCK:
                break
    return b"".join(found) or first


def _scores(sample: bytes) -> Iterator[tuple[str, float]]:
    for encoding in _PROPOSED:
        try:
            text = sample.decode(encoding)
        except UnicodeDecodeError:
            continue
        score = sum(map(_score_of_word, _WORD.findall(text))) + sum(map(_score_of_sign, text))
        if encoding == "cp1252" and _NOT_WESTERN.search(text):  # read so or as cp1250, there they are the same
            score -= 1.0
        yield encoding, score


def _score_of_word(word: str) -> float:
    """How much like a word of a language with more than ASCII's letters."""
    others = [letter for letter in word if not letter.isascii()]
    if not others:
        return 0.0
    cyrillic = ["Ѐ" <= letter <= "ӿ" for letter in word]
    score = 0.0 if all(cyrillic) or not any(cyrillic) else -4.0  # two scripts in one word
    if not (word.islower() or word.isupper() or word[1:].islower()):
        score -= 4.0
    if not any(cyrillic) and len(others) > 2 and len(others) == len(word):
        score -= len(others)  # no language writes so with Latin letters
    for letter in others:
        if "Ѐ" <= letter <= "ӿ":
            score += _COMMON.get(letter, 0.5)
        elif letter.lower() in _EASTERN or letter.lower() in _WESTERN:
            score += 1.0
        else:
            score -= 2.0
    return score


def _score_of_sign(sign: str) -> float:
    if sign.isascii() or (sign.isalpha() and sign not in _ONE_EYED):
        return 0.0
    return 0.0 if sign in _SIGNS else -3.0
