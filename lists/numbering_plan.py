"""A table of a numbering plan: which operator has which numbers, and in which regions.

A million ranges take 20 MB and no time to open: they stand in a file as they are looked through, sorted, in native
byte order (it never leaves its machine). Numbers are compared by their digits filled up to fifteen, so that a
prefix stands beside a range of whole numbers.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from lists.region import zones_of_region
from lists.value import value

DIGITS = 15
"""Of the longest number (ITU-T E.164)."""

_MAGIC = b"rightparty numbering plan 1\n"
_ROW = 8 + 8 + 4


@value
class Holder:
    """Who has a range. `regions`: ISO 3166-2 codes of where its numbers are in use, sorted; none for everywhere,
    or where nothing is known of it."""

    operator: str
    regions: tuple[str, ...]

    @property
    def zones(self) -> tuple[str, ...]:
        """Every zone that is kept in any of its regions; none if that is not known of one of them."""
        found = [zones_of_region(region) for region in self.regions]
        return tuple(sorted({zone for zones in found for zone in zones})) if all(found) else ()


@dataclass(frozen=True, slots=True)
class Title:
    """What a plan is. `country`: ISO 3166-1; `code`: its calling code; `as_of`: ISO date, "" for unknown."""

    name: str
    country: str
    code: str
    source: str
    as_of: str
    ranges: int


class Plan:
    """One table, over the bytes that `packed` makes. Raises `ValueError` for others."""

    def __init__(self, data: memoryview) -> None:
        if data[: len(_MAGIC)] != _MAGIC:
            raise ValueError("is no numbering plan of this version")
        begin = len(_MAGIC) + 8
        head = int.from_bytes(data[len(_MAGIC) : begin], "little")
        document = json.loads(bytes(data[begin : begin + head]))
        self.title = Title(**document["title"])
        self.holders = tuple(Holder(operator, tuple(regions)) for operator, regions in document["holders"])
        count, begin = self.title.ranges, _aligned(begin + head)
        if len(data) != begin + count * _ROW:
            raise ValueError("is not whole")
        self._starts: Sequence[int] = data[begin : begin + 8 * count].cast("Q")
        self._ends: Sequence[int] = data[begin + 8 * count : begin + 16 * count].cast("Q")
        self._holders: Sequence[int] = data[begin + 16 * count :].cast("I")

    def find(self, e164: str) -> Holder | None:
        """Who has this number; None where no range of the plan has it."""
        place = self._place(e164)
        return None if place < 0 else self.holders[self._holders[place]]

    def zones(self, e164: str) -> tuple[str, ...]:
        """Zones of the regions in which the number is in use; none where that is not known."""
        place = self._place(e164)
        return () if place < 0 else self._zones[self._holders[place]]

    def _place(self, e164: str) -> int:
        filled = int(e164[1:].ljust(DIGITS, "0"))
        place = bisect_right(self._starts, filled) - 1
        return place if place >= 0 and filled <= self._ends[place] else -1

    @cached_property
    def _zones(self) -> tuple[tuple[str, ...], ...]:
        return tuple(holder.zones for holder in self.holders)


@dataclass(frozen=True, slots=True)
class Plans:
    """All tables of an installation, by the calling code whose numbers they are about."""

    by_code: Mapping[str, tuple[Plan, ...]]

    @classmethod
    def of(cls, plans: Iterable[Plan]) -> Plans:
        found: dict[str, tuple[Plan, ...]] = {}
        for plan in plans:
            found[plan.title.code] = (*found.get(plan.title.code, ()), plan)
        return cls(found)

    def zones(self, e164: str) -> tuple[str, ...]:
        """Of the first plan that says in which regions the number is in use."""
        return next((zones for plan in self._about(e164) if (zones := plan.zones(e164))), ())

    def find(self, e164: str) -> tuple[Title, Holder] | None:
        """The first plan that has the number, and who has it there."""
        return next(
            ((plan.title, holder) for plan in self._about(e164) if (holder := plan.find(e164)) is not None), None
        )

    def _about(self, e164: str) -> Iterator[Plan]:
        for length in (2, 3, 4):
            yield from self.by_code.get(e164[1:length], ())


NO_PLANS = Plans({})


def packed(
    title: Title, holders: Sequence[Holder], starts: Sequence[int], ends: Sequence[int], held_by: Sequence[int]
) -> Iterator[bytes]:
    """The bytes of a plan, in pieces. `starts`, `ends`: filled up to `DIGITS` digits, sorted, none within another;
    `held_by`: places in `holders`. They are `array`s or the like: their bytes are taken as they are."""
    document = {
        "title": {name: getattr(title, name) for name in Title.__slots__},
        "holders": [(one.operator, one.regions) for one in holders],
    }
    head = json.dumps(document, ensure_ascii=False).encode()
    begin = len(_MAGIC) + 8 + len(head)
    yield _MAGIC + len(head).to_bytes(8, "little") + head + bytes(_aligned(begin) - begin)
    for column in (starts, ends, held_by):
        yield memoryview(column).tobytes()  # type: ignore[arg-type]


def _aligned(place: int) -> int:
    return (place + 7) // 8 * 8
