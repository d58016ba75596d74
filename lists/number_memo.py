"""What the numbering plan said of numbers, remembered by as many of their digits as it looks at.

libphonenumber takes 50 to 400 µs for a number, most of it for patterns that it tries one after the other. Numbers
of one length that begin alike, as far down as the plan looks (`lists.plan_depth`), get the same answer, so each
kind of number is asked about once. The answers are the same, not similar: a test compares them over all regions.
"""

from __future__ import annotations

from collections.abc import Callable

from lists.lead import NumberKind, PhoneNumber, ZoneSource
from lists.plan_depth import international_depth, national_depth
from lists.reasons import Reason
from lists.value import value

LIMIT = 200_000
"""Kinds of numbers kept, some 40 MB of them. Beyond it all is forgotten and learnt anew."""

KNOWN = 6
"""By so many first digits it is looked up how many digits matter."""

_SHORTEST, _LONGEST = 7, 18
_FILLING = str.maketrans("", "", " -().")


@value
class Kind:
    """All numbers of one kind. `cut`: digits that stand before what is dialed behind `code` (plus and calling
    code). `reason`: why none of them is taken, None where they are."""

    reason: Reason | None
    cut: int = 0
    code: str = ""
    region: str = ""
    kind: NumberKind = NumberKind.UNKNOWN
    zones: tuple[str, ...] = ()
    zone_source: ZoneSource = ZoneSource.UNKNOWN


class NumberMemo:
    """`ask` answers for what it is given, as text and default region; `codes`: the calling codes there are."""

    def __init__(self, ask: Callable[[str, str | None], PhoneNumber | Reason], codes: frozenset[str]) -> None:
        self._ask = ask
        self._codes = codes
        self._depths: dict[tuple[str | None, int, str], int] = {}
        self._kinds: dict[tuple[str | None, int, str], Kind | None] = {}

    def look_up(self, text: str, region: str | None) -> PhoneNumber | Reason | None:
        """The number, or why it is none; None for a text that has to be read as a whole: anything but digits, one
        plus before them and blanks, dots, hyphens, brackets between them."""
        if "   " in text or text.count(".") == 1:  # maybe two numbers in one cell, or one written as a decimal
            return None
        digits = text.translate(_FILLING)
        if digits[:1] == "+":
            digits, region = digits[1:], None
        elif region is None or digits[:2] == "00":  # maybe of another country
            return None
        length = len(digits)
        if not (_SHORTEST <= length <= _LONGEST and digits.isascii() and digits.isdigit()):
            return None
        start = (region, length, digits[:KNOWN])
        depth = self._depths.get(start)
        if depth is None:
            depth = self._depths[start] = self._depth(digits, region)
        if depth >= length:
            return None
        key = (region, length, digits[:depth])
        kind = self._kinds.get(key)
        if kind is None:
            if key in self._kinds:
                return None
            kind = self._learn(key, digits, region)
            if kind is None:
                return None
        if kind.reason is not None:
            return kind.reason
        return PhoneNumber(kind.code + digits[kind.cut :], kind.region, kind.kind, kind.zones, kind.zone_source)

    def _depth(self, digits: str, region: str | None) -> int:
        """Of all the digits, or the whole length where each number is one of its kind."""
        if region is not None:
            return national_depth(region, digits[:KNOWN], len(digits))
        code = next((digits[:size] for size in (1, 2, 3) if digits[:size] in self._codes), None)
        if code is None:
            return len(digits)
        size = len(code)
        return size + international_depth(code, digits[size:KNOWN], len(digits) - size)

    def _learn(self, key: tuple[str | None, int, str], digits: str, region: str | None) -> Kind | None:
        if len(self._kinds) >= LIMIT:
            self._kinds.clear()
            self._depths.clear()
        found = self._ask(digits if region else f"+{digits}", region)
        self._kinds[key] = kind = _kind_of(found, digits, len(key[2]))
        return kind


def _kind_of(found: PhoneNumber | Reason, digits: str, depth: int) -> Kind | None:
    """None where more was changed than what stands within the first `depth` digits."""
    if isinstance(found, Reason):
        return Kind(found)
    for cut in range(depth + 1):
        rest = digits[cut:]
        if found.e164.endswith(rest) and len(found.e164) - len(rest) <= 4:
            code = found.e164[: len(found.e164) - len(rest)]
            return Kind(None, cut, code, found.region, found.kind, found.zones, found.zone_source)
    return None
