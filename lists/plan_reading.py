"""Tables of numbering plans as authorities publish them (CSV), read.

Each row is a range: a code and the first and last number behind it (`ABC/DEF;From;To;Capacity;Operator;Region`, as
the Russian ministry has it), or a prefix alone.
"""

from __future__ import annotations

import re
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from lists.errors import ColumnError, ListFileError
from lists.numbering_plan import DIGITS, Holder
from lists.phone import calling_code, national_lengths
from lists.reader import ListFile, RawRow
from lists.region import region_named

_COLUMNS = {
    "code": ("abc/def", "abc", "def", "code", "prefix", "ndc", "npa", "код", "префикс"),
    "first": ("от", "from", "start", "first", "begin"),
    "last": ("до", "to", "end", "last"),
    "operator": ("оператор", "operator", "carrier", "company", "provider"),
    "region": ("регион", "region", "territory", "state", "area"),
}
_LOOKALIKES = str.maketrans("авсеонкмтрх", "abceohkmtpx")
_WHOLE = {"российская федерация", "россия", "russian federation", "russia", "all", "*"}
_SEVERAL = re.compile(r"\*|;|,| и | and ")
_DIGITS = re.compile(r"[0-9]+", re.ASCII)


@dataclass(slots=True)
class Ranges:
    """What the rows of one or several files come to, sorted: see `lists.numbering_plan.packed`. `unknown`: texts
    of regions that are not known, by how many rows have them: of those numbers the plan says nothing."""

    starts: array[int] = field(default_factory=lambda: array("Q"))
    ends: array[int] = field(default_factory=lambda: array("Q"))
    held_by: array[int] = field(default_factory=lambda: array("I"))
    holders: list[Holder] = field(default_factory=list)
    unknown: Counter[str] = field(default_factory=Counter)


def read_ranges(files: Iterable[ListFile], country: str) -> Ranges:
    """All ranges of these files. `country`: ISO 3166-1, whose plan it is. Raises `ListFileError` for a row that is
    no range, and for ranges of which one is partly within another."""
    found = Ranges()
    lines = array("I")
    paths: list[tuple[int, Path]] = []
    known: dict[tuple[str, str], int] = {}
    for file in files:
        paths.append((len(lines), file.path))
        for line, start, end, operator, region in _rows(file, country):
            place = known.get((operator, region))
            if place is None:
                place = known[operator, region] = len(found.holders)
                found.holders.append(Holder(operator, _regions(region, country)))
            if not found.holders[place].regions and region.casefold() not in _WHOLE:
                found.unknown[region] += 1
            found.starts.append(start)
            found.ends.append(end)
            found.held_by.append(place)
            lines.append(line)
    return _sorted(found, lines, paths)


def _rows(file: ListFile, country: str) -> Iterator[tuple[int, int, int, str, str]]:
    code, first, last, operator, region = _columns(file)
    calling, lengths = calling_code(country), national_lengths(country)
    for row in file.rows():
        cells = row.cells
        if not isinstance(row, RawRow):
            raise ListFileError(file.path, row.text, row.line)
        prefix = cells[code].strip().removeprefix("+")
        texts = (cells[first].strip(), cells[last].strip()) if first is not None and last is not None else ("", "")
        behind = max(map(len, texts))
        written = _DIGITS.fullmatch(prefix + "".join(texts)) is not None
        if not written or not prefix or bool(texts[0]) != bool(texts[1]):
            shown = ", ".join(map(repr, (cells[code], *texts)))
            text = f"{shown} is no range of numbers: write a code, and the first and the last number behind it"
            raise ListFileError(file.path, text, row.line)
        # A spreadsheet drops the zeros that a number behind the code begins with.
        whole = next((length for length in lengths if length >= len(prefix) + behind), 0)
        width = max(whole - len(prefix), behind) if behind else 0
        start, end = (calling + prefix + text.zfill(width) for text in texts)
        if len(end) > DIGITS or start > end:
            raise ListFileError(file.path, f"+{start} … +{end} is no range of numbers", row.line)
        yield (
            row.line,
            int(start.ljust(DIGITS, "0")),
            int(end.ljust(DIGITS, "9")),
            cells[operator].strip() if operator is not None else "",
            cells[region].strip() if region is not None else "",
        )


def _columns(file: ListFile) -> tuple[int, int | None, int | None, int | None, int | None]:
    names = [re.sub(r"\s+", "", name.strip().lower()) for name in file.header]
    found: dict[str, int] = {}
    for column, known in _COLUMNS.items():
        for name in known:
            spelt = [place for place, one in enumerate(names) if one == name or one.translate(_LOOKALIKES) == name]
            if spelt:
                found[column] = spelt[0]
                break
    if "code" not in found or ("first" in found) != ("last" in found):
        shown = ", ".join(map(repr, file.header[:12]))
        raise ColumnError(
            file.path,
            f"no table of a numbering plan: the file has {shown}. Name the columns code, from, to, operator and"
            " region (or prefix, operator and region)",
            file.header_line,
        )
    return (
        found["code"], found.get("first"), found.get("last"), found.get("operator"), found.get("region"),
    )  # fmt: skip


def _regions(text: str, country: str) -> tuple[str, ...]:
    """ISO 3166-2 codes; none where one of those it names is not known. Of `town|region` the last counts."""
    if text.casefold() in _WHOLE:
        return ()
    codes = []
    for part in _named_in(text.rpartition("|")[2].strip(), country):
        named = region_named(country, part)
        if named is not None:
            codes.append(f"{country}-{named}")
        elif country == "RU" and (named := region_named("UA", part)) is not None:  # which ISO has there
            codes.append(f"UA-{named}")
        else:
            return ()
    return tuple(sorted(set(codes)))


def _named_in(text: str, country: str) -> list[str]:
    if region_named(country, text) is not None:  # "Karachay and Cherkessia" would be one
        return [text]
    return [part.strip() for part in _SEVERAL.split(text) if part.strip()]


def _sorted(found: Ranges, lines: array[int], paths: list[tuple[int, Path]]) -> Ranges:
    """In order, each range once. Raises `ListFileError` for two that overlap."""
    order = sorted(range(len(lines)), key=found.starts.__getitem__)
    result = Ranges(holders=found.holders, unknown=found.unknown)
    before = -1
    for place in order:
        start, end, holder = found.starts[place], found.ends[place], found.held_by[place]
        if result.ends and start <= result.ends[-1]:
            if (start, end, holder) == (result.starts[-1], result.ends[-1], result.held_by[-1]):
                continue
            path = next(path for first, path in reversed(paths) if first <= place)
            other = next(path for first, path in reversed(paths) if first <= before)
            text = f"the range has numbers of that of {other}, line {lines[before]}: a number can be in one only"
            raise ListFileError(path, text, lines[place])
        result.starts.append(start)
        result.ends.append(end)
        result.held_by.append(holder)
        before = place
    return result
