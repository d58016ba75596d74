"""What a list says of consents: to which calls, on which number, when, in which words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from lists.dates import BadDateError, read_moment
from lists.mapping import Columns, ConsentColumns
from lists.value import value

KINDS = ("call", "prerecorded", "recording")
"""`campaigns.consent.ConsentKind`."""

LONGEST_TEXT = 2_000

_YES = frozenset(("yes", "y", "true", "1", "x", "ok", "ja", "j", "sí", "si", "s", "da", "oui", "да", "так", "+"))
_NO = frozenset(("no", "n", "false", "0", "none", "nein", "nu", "non", "нет", "ложь", "ні", "-", "refused"))
_BETWEEN = re.compile(r"[\s,;/|+]+")


class BadConsentError(ValueError):
    """It cannot be put on record. The text says why, and what to write."""


@value
class StatedConsent:
    """`given_at`, `until`: seconds UTC. `refused`: it says that they had not agreed, at that moment."""

    number: str
    kind: str
    given_at: float
    until: float | None
    text: str
    refused: bool = False


def read_consents(
    cells: Sequence[str], columns: Columns, told: ConsentColumns, numbers: Sequence[str]
) -> Iterator[StatedConsent]:
    """The consents of a row in these columns. `numbers`: those of the phone column that they are about. Raises
    `BadConsentError`, `BadDateError`."""
    said, at, text, until = (
        "" if place is None else cells[place] for place in (told.said, told.at, told.text, told.until)
    )
    kinds, refused = _kinds(said, bool(at))
    if not kinds or (refused and not at):  # who has just not ticked a box has not asked for anything either
        return
    if not at:
        raise BadConsentError("a consent without a date proves nothing; give its date (consent_at)")
    if not numbers:
        return
    if len(text) > LONGEST_TEXT:
        raise BadConsentError(f"the text of the consent is longer than {LONGEST_TEXT:,} characters")
    if len(numbers) > 1:
        raise BadConsentError(f"is for which of {', '.join(numbers)}? give each number a column of its own")
    orders = dict(columns.date_orders)
    given_at = read_moment(at, orders.get(told.at if told.at is not None else -1, ""))
    ends_at = read_moment(until, orders.get(told.until if told.until is not None else -1, "")) if until else None
    if ends_at is not None and ends_at <= given_at:
        raise BadDateError(f"{until!r} is before the consent was given")
    for kind in kinds:
        yield StatedConsent(numbers[0], kind, given_at, None if refused else ends_at, text, refused)


def _kinds(said: str, dated: bool) -> tuple[tuple[str, ...], bool]:
    """Kinds, and whether they are refused. A date alone says yes."""
    word = said.strip().casefold()
    if word in _YES or (not word and dated):
        return KINDS[:1], False
    if not word or word in _NO:
        return (KINDS[:1], True) if word else ((), False)
    kinds = tuple(dict.fromkeys(filter(None, _BETWEEN.split(word))))
    if not set(kinds) <= set(KINDS):
        raise BadConsentError(f"{said!r} is neither yes nor no, nor one of {', '.join(KINDS)}")
    return kinds, False
