"""The same contact a second time: by its numbers, the list's own id, its person, or its name and address."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from hashlib import blake2b

from lists.errors import OptionError
from lists.lead import PhoneNumber
from lists.reasons import Reason
from lists.value import value

_WORD = re.compile(r"[^\W_]+")


class MatchBy(StrEnum):
    """By what two rows are known to be about one contact."""

    PHONE = "phone"  # any of the numbers, with its extension
    ID = "id"  # the list's own id
    PERSON = "person"  # the person key
    ADDRESS = "address"  # name and address


class Policy(StrEnum):
    """What becomes of a row whose contact is known."""

    SKIP = "skip"  # it is left out
    UPDATE = "update"  # the lead that is there learns what the row knows better
    KEEP = "keep"  # it is one more lead


USUAL = "phone,id"
"""What tells where nobody says (`read_match_by`)."""


@dataclass(frozen=True, slots=True)
class Duplicates:
    """What to do about them. `by`: the first that tells has it. `across`: whether the client's other lists are
    asked, too."""

    by: tuple[MatchBy, ...] = (MatchBy.PHONE, MatchBy.ID)
    policy: Policy = Policy.SKIP
    across: bool = False


def read_match_by(text: str) -> tuple[MatchBy, ...]:
    """Of `phone,id`. Raises `OptionError`."""
    names = [name.strip().lower() for name in text.split(",") if name.strip()]
    if unknown := [name for name in names if name not in set(MatchBy)]:
        raise OptionError("duplicates-by", f"{unknown[0]!r} is not one of {', '.join(MatchBy)}")
    if not names:
        raise OptionError(
            "duplicates-by", f"give one or more of {', '.join(MatchBy)}; --on-duplicate keep for none"
        )
    return tuple(dict.fromkeys(MatchBy(name) for name in names))


@value
class KnownLead:
    """A lead in the store."""

    lead_id: int
    list_name: str


Key = tuple[MatchBy, str]
Known = Callable[[MatchBy, Collection[str]], Mapping[str, KnownLead]]
"""Given keys of a kind, those of them that some lead has, each with that lead."""


def nobody_known(by: MatchBy, keys: Collection[str]) -> Mapping[str, KnownLead]:
    """Of an empty store."""
    return {}


def phone_key(phone: PhoneNumber) -> str:
    """Two behind one exchange are two contacts."""
    return f"{phone.e164};{phone.extension}" if phone.extension else phone.e164


def twin_key(first_name: str, last_name: str, address: str, place: str) -> str:
    """The same for two entries of one person at one address, "" where the name or the address is not known. The
    order of the words, capitals, accents and punctuation do not matter. `place`: postal code or city."""
    if not address:
        return ""
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
    """What a row repeats. `value`: the number, id or name; `first_row`: the row that had it first, None when it is
    in the store from before, in `lead`. `of_others`: what else it has, and another lead in the store."""

    reason: Reason
    value: str
    first_row: int | None
    lead: KnownLead | None = None
    of_others: frozenset[Key] = frozenset()

    @property
    def text(self) -> str:
        if self.lead is not None and self.reason is Reason.IN_OTHER_LIST:
            return f"{self.value} is in list {self.lead.list_name} already"
        where = "is in the list already" if self.first_row is None else f"is in row {self.first_row} already"
        return f"{self.value} {where}"


_IN_FILE = {
    MatchBy.PHONE: Reason.DUPLICATE_NUMBER,
    MatchBy.ID: Reason.DUPLICATE_ID,
    MatchBy.PERSON: Reason.DUPLICATE_PERSON,
    MatchBy.ADDRESS: Reason.DUPLICATE_ADDRESS,
}
_IN_LIST = _IN_FILE | {MatchBy.PHONE: Reason.ALREADY_IN_LIST}


class Seen:
    """What one file has brought so far. About 100 bytes for each key."""

    def __init__(self) -> None:
        self._rows: dict[MatchBy, dict[str | int, int]] = {kind: {} for kind in MatchBy}

    def meet(self, keys: Sequence[Key], row: int, *, learn: bool = False) -> Match | None:
        """The earlier row of this file that had one of the keys; one that had none is remembered. `learn`: what
        else a row has that repeats one is that one's from now on."""
        new: list[tuple[dict[str | int, int], str | int]] = []
        found: Match | None = None
        for kind, key in keys:
            rows = self._rows[kind]
            # A number without its plus: half the memory of the text.
            small = int(key[1:]) if kind is MatchBy.PHONE and ";" not in key else key
            earlier = rows.get(small)
            if earlier is None:
                new.append((rows, small))
                continue
            found = found or Match(_IN_FILE[kind], key, earlier)
            if not learn:
                return found
        for rows, small in new:
            rows[small] = row if found is None or found.first_row is None else found.first_row
        return found


def match_store(
    keys: Sequence[Key], known: Mapping[MatchBy, Mapping[str, KnownLead]], list_name: str
) -> Match | None:
    """The first of a lead's keys that some lead of its list, or of another, has."""
    found = [(kind, key, lead) for kind, key in keys if (lead := known[kind].get(key)) is not None]
    if not found:
        return None
    kind, key, lead = found[0]
    reason = _IN_LIST[kind] if lead.list_name == list_name else Reason.IN_OTHER_LIST
    of_others = frozenset((kind, key) for kind, key, one in found if one.lead_id != lead.lead_id)
    return Match(reason, key, None, lead, of_others)
