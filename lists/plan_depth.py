"""How many leading digits of a number its numbering plan looks at.

Beyond them the patterns of the plan say "any digit", so two numbers of one length that begin with the same ones
are the same to it: both valid or not, of one kind, in one region and in the same zones, and what is cut off their
front as a prefix is equally long. That is what makes remembering verdicts exact (`lists.number_memo`). The depth
is read from the patterns themselves, path by path, for each beginning anew: 242 in North America (Bahamas) is told
apart to the seventh digit, most of its area codes to the fourth.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

import phonenumbers as pn
from phonenumbers.tzdata import TIMEZONE_DATA

_parser: Any = re._parser  # type: ignore[attr-defined]  # noqa: SLF001 - a pattern taken apart has no public name

_DIGITS = "0123456789"
_LONGEST = 32
_KINDS = (
    "general_desc", "fixed_line", "mobile", "toll_free", "premium_rate", "shared_cost", "personal_number", "voip",
    "pager", "uan", "voicemail",
)  # fmt: skip
_KEEPS_THE_END = re.compile(r"[$\\](\d)")
"""A rule for changing a number that leaves it as it is from one of the pattern's groups on."""

Node = tuple[Any, Any]


class _Walk:
    """One way of going through patterns, for texts of `length` digits that begin with `known`."""

    def __init__(self, known: str, length: int) -> None:
        self._known = known
        self._length = length
        self.depth = len(known)
        self.groups: dict[int | None, set[int]] = {}
        """Where the groups of the patterns may begin."""

    def through(self, nodes: Iterable[Node], starts: set[int]) -> set[int]:
        """Where the pattern may end when it begins at one of these places."""
        for op, argument in nodes:
            starts = self._step(str(op), argument, starts)
            if not starts:
                break
        return starts

    def look_for(self, prefixes: Iterable[str], start: int) -> None:
        """Which of these prefixes stands at a place, if any."""
        known = self._known[start:]
        for prefix in prefixes:
            if len(prefix) + start > self.depth and prefix.startswith(known):
                self.depth = len(prefix) + start

    def _step(self, op: str, argument: Any, starts: set[int]) -> set[int]:
        match op:
            case "LITERAL":
                return self._one(chr(argument), starts)
            case "IN":
                return self._one(_members(argument), starts)
            case "BRANCH":
                return set().union(*(self.through(branch, starts) for branch in argument[1]))
            case "SUBPATTERN":
                self.groups.setdefault(argument[0], set()).update(starts)
                return self.through(argument[3], starts)
            case "MAX_REPEAT":
                least, most, nodes = argument
                return self._repeated(int(least), int(most), nodes, starts)
            case "AT":  # the end: the length tells
                return {start for start in starts if start == self._length}
        raise ValueError(f"a numbering plan uses {op}, which is not understood here")

    def _one(self, allowed: str, starts: set[int]) -> set[int]:
        ends = set()
        for start in starts:
            if start >= self._length:
                continue
            if start >= len(self._known):
                if len(allowed) < len(_DIGITS):
                    self.depth = max(self.depth, start + 1)
            elif self._known[start] not in allowed:
                continue
            ends.add(start + 1)
        return ends

    def _repeated(self, least: int, most: int, nodes: Iterable[Node], starts: set[int]) -> set[int]:
        ends = set(starts) if least == 0 else set()
        for times in range(1, min(most, _LONGEST) + 1):
            starts = self.through(nodes, starts)
            if not starts:
                break
            if times >= least:
                ends |= starts
        return ends


def international_depth(code: str, known: str, length: int) -> int:
    """Of national numbers after a calling code, `length` digits that begin with `known`: how many of them the plan
    looks at, at most `length`. `code`: one that exists."""
    walk = _Walk(known, length)
    main = pn.region_code_for_country_code(int(code))
    if not _prefixed(walk, (_metadata(int(code), main),), code, {0}):
        return length
    return min(walk.depth, length)


def national_depth(region: str, known: str, length: int) -> int:
    """The same of digits as they are dialed in a country (ISO 3166), with or without its prefix for trunk calls or
    its own calling code, but not another's."""
    own = pn.PhoneMetadata.metadata_for_region(region)
    if own is None or own.country_code is None:
        return length
    walk = _Walk(known, length)
    code = str(own.country_code)
    main = _metadata(own.country_code, pn.region_code_for_country_code(own.country_code))
    if own.international_prefix and walk.through(_parsed(own.international_prefix), {0}):
        return length
    starts = {0} | walk.through(_parsed(code), {0})
    if not _prefixed(walk, (own, main), code, starts):
        return length
    return min(walk.depth, length)


def _prefixed(walk: _Walk, plans: tuple[Any, ...], code: str, starts: set[int]) -> bool:
    """Walk through all that is asked of a number from these places on, and behind what may be cut off there. False
    where more than cutting off may be done to it."""
    for plan in plans:
        if not plan.national_prefix_for_parsing:
            continue
        rule = plan.national_prefix_transform_rule
        kept = _KEEPS_THE_END.fullmatch(rule) if rule else None
        walk.groups.clear()
        for start in sorted(starts):
            behind = walk.through(_parsed(plan.national_prefix_for_parsing), {start})
            if rule and kept is None and behind - {start}:
                return False
            starts = starts | behind
        if kept is not None:
            starts = starts | walk.groups.get(int(kept[1]), set())
    for pattern in _patterns(int(code)):
        walk.through(_parsed(pattern), starts)
    for start in starts:
        walk.look_for(_zone_prefixes(code), start)
    return True


@cache
def _patterns(code: int) -> tuple[str, ...]:
    """All patterns of all regions with this calling code, each once."""
    regions = pn.region_codes_for_country_code(code)
    return tuple(dict.fromkeys(pattern for region in regions for pattern in _of_plan(_metadata(code, region))))


def _of_plan(plan: Any) -> Iterator[str]:
    for kind in _KINDS:
        described = getattr(plan, kind)
        if described is not None and described.national_number_pattern:
            yield described.national_number_pattern
    if plan.leading_digits:
        yield plan.leading_digits


def _metadata(code: int, region: str) -> Any:
    return pn.PhoneMetadata.metadata_for_region_or_calling_code(code, region)


@cache
def _zone_prefixes(code: str) -> tuple[str, ...]:
    """Prefixes that the zone data tells apart, without the calling code; none that another in here begins with, so
    that the longest are left."""
    own = sorted(prefix[len(code) :] for prefix in TIMEZONE_DATA if prefix.startswith(code) and prefix != code)
    return tuple(
        prefix
        for place, prefix in enumerate(own)
        if place + 1 == len(own) or not own[place + 1].startswith(prefix)
    )


@cache
def _parsed(pattern: str) -> tuple[Node, ...]:
    return tuple(_parser.parse(pattern))


def _members(argument: Iterable[Node]) -> str:
    """The digits in a set of characters."""
    found: set[str] = set()
    for op, value in argument:
        match str(op):
            case "LITERAL":
                found.add(chr(value))
            case "RANGE":
                found.update(map(chr, range(value[0], value[1] + 1)))
            case "CATEGORY" if str(value) == "CATEGORY_DIGIT":
                found.update(_DIGITS)
            case _:
                raise ValueError(f"a numbering plan uses {op}, which is not understood here")
    return "".join(sorted(found))
