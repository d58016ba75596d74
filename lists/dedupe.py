"""The same contact a second time: by any of its numbers, or by the list's own id. Refused by default."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from hashlib import blake2b

from lists.reasons import Reason

_WORD = re.compile(r"[^\W_]+")

KnownNumbers = Callable[[Iterable[str]], set[str]]
"""Given numbers (E.164), those of them that the list has already."""

KnownIds = Callable[[Iterable[str]], set[str]]
"""Given the list's own ids, those of them that the list has already."""


def twin_key(first_name: str, last_name: str, address: str, place: str) -> str:
    """The same for two entries of one person at one address, "" where the name or the address is not known. The
    order of the words, capitals, accents and punctuation do not matter. `place`: postal code or city."""
    name = _words(f"{first_name} {last_name}")
    where = _words(address)
    if not name or not where:
        return ""
    text = "|".join((" ".join(sorted(name)), " ".join(where), " ".join(_words(place))))
    return blake2b(text.encode(), digest_size=10).hexdigest()


def _words(text: str) -> list[str]:
    plain = "".join(
        one for one in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(one)
    )
    return _WORD.findall(plain)


@dataclass(frozen=True, slots=True)
class Match:
    """What a row repeats. `value`: the number or id; `first_row`: the row that had it first, None when it is
    in the list from before."""

    reason: Reason
    value: str
    first_row: int | None

    @property
    def text(self) -> str:
        where = "is in the list already" if self.first_row is None else f"is in row {self.first_row} already"
        return f"{self.value} {where}"


class Seen:
    """What one file has brought so far. About 100 bytes for each number and id."""

    def __init__(self) -> None:
        self._numbers: dict[int, int] = {}  # E.164 without its plus: half the memory of the text
        self._ids: dict[str, int] = {}

    def match(self, numbers: Iterable[str], external_id: str) -> Match | None:
        """The earlier row of this file that had one of the numbers, or the id ("" is no id)."""
        for number in numbers:
            row = self._numbers.get(int(number[1:]))
            if row is not None:
                return Match(Reason.DUPLICATE_NUMBER, number, row)
        row = self._ids.get(external_id) if external_id else None
        return None if row is None else Match(Reason.DUPLICATE_ID, external_id, row)

    def add(self, numbers: Iterable[str], external_id: str, row: int) -> None:
        """Remember a row that repeats nothing."""
        for number in numbers:
            self._numbers.setdefault(int(number[1:]), row)
        if external_id:
            self._ids.setdefault(external_id, row)


def match_list(numbers: Iterable[str], external_id: str, known: set[str], known_ids: set[str]) -> Match | None:
    """The first of a lead's numbers that is among the `known` ones of its list, or its id ("" is no id)."""
    for number in numbers:
        if number in known:
            return Match(Reason.ALREADY_IN_LIST, number, None)
    if external_id and external_id in known_ids:
        return Match(Reason.DUPLICATE_ID, external_id, None)
    return None
