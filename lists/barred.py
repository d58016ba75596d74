"""Numbers that are never dialed, whoever asks and whatever a list says of them: emergency services of any
country in any writing, short codes, what no numbering plan has, and ranges that cost extra.

A number is judged by its digits alone. What is stored of it (kind, region) may have come over the control API.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from enum import StrEnum
from functools import lru_cache

from lists.costly import costly
from lists.emergency import EMERGENCY
from lists.lead import NumberKind
from lists.phone import country_codes, plan_of, short_number
from lists.value import value


class Bar(StrEnum):
    """Why a number is never dialed. Documented in `docs/reference/reasons.md`."""

    EMERGENCY = "emergency"
    SHORT_CODE = "short_code"
    NOT_VALID = "not_valid"
    PREMIUM = "premium"


@value
class Judged:
    """`bar`: why it is never dialed, None for one that may be; then `region` and `kind` are its plan's."""

    bar: Bar | None
    detail: str
    region: str = ""
    kind: NumberKind = NumberKind.UNKNOWN


LONGEST_SHORT = 6
"""No emergency number and no short code that is looked for has more digits."""

MOST_COSTLY = frozenset({NumberKind.PREMIUM, NumberKind.SHARED_COST})
_OUT_OF_THE_COUNTRY = ("00", "011", "0011", "009", "010", "001", "810")
_TRUNK_PREFIXES = "0189"
_E164 = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)


@lru_cache(maxsize=65_536)
def judge(number: str) -> Judged:
    """May this be dialed at all? `number`: as it is about to be dialed; only E.164 with its plus ever is."""
    international = _E164.fullmatch(number) is not None
    if international:
        digits = number[1:]
    else:
        digits = "".join(str(unicodedata.digit(char)) for char in number if char.isdigit())
    for form in _short_forms(digits):
        if form in EMERGENCY or short_number(form) == "emergency":
            return Judged(Bar.EMERGENCY, f"{form} is an emergency number")
    if len(digits) <= LONGEST_SHORT:
        return Judged(Bar.SHORT_CODE, f"{number!r} is a short code, not a subscriber's number")
    if not international:
        return Judged(Bar.NOT_VALID, f"{number!r} is not an international number like +12025550123")
    plan = plan_of(number)
    if plan is None:
        return Judged(Bar.NOT_VALID, f"no numbering plan has {number}")
    region, kind = plan
    if kind in MOST_COSTLY:
        return Judged(Bar.PREMIUM, f"a {kind.value} number")
    if what := costly(number):
        return Judged(Bar.PREMIUM, what)
    return Judged(None, "", region, kind)


def _short_forms(digits: str) -> Iterator[str]:
    """Every few digits that some exchange could take this for: as it stands, behind codes for leaving a
    country or a house, behind a calling code (or the same twice), behind the prefix for trunk calls."""
    outer = [digits, digits.lstrip("0"), digits[1:] if digits[:1] in _TRUNK_PREFIXES else ""]
    outer += [digits[len(code) :] for code in _OUT_OF_THE_COUNTRY if digits.startswith(code)]
    codes = country_codes()
    for start in dict.fromkeys(outer):
        yield from _few(start)
        for length in (1, 2, 3):
            code, rest = start[:length], start[length:]
            if code in codes:
                for inner in (rest, rest.removeprefix(code)):
                    yield from _few(inner)
                    yield from _few(inner.lstrip("0"))
                    if inner[:1] in _TRUNK_PREFIXES:
                        yield from _few(inner[1:])


def _few(digits: str) -> tuple[str, ...]:
    return (digits,) if 2 <= len(digits) <= LONGEST_SHORT else ()
