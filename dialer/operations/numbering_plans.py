"""Tables of numbering plans that an installation has: read from files, kept in its home, opened for an import."""

from __future__ import annotations

import mmap
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from dialer.errors import EnvironmentFault, InputError, UnknownName
from lists.errors import ListFileError
from lists.numbering_plan import NO_PLANS, Plan, Plans, Title, packed
from lists.phone import calling_code, check_region
from lists.plan_reading import read_ranges
from lists.reader import open_list

FOLDER = "numbering-plans"
"""In the home. A plan is one file there, that takes the place of one of its name at once."""

_SUFFIX = ".plan"


@dataclass(frozen=True, slots=True)
class ImportedPlan:
    """`placed`: ranges of which the regions are known. `unknown`: texts of regions that are not, by rows."""

    title: Title
    placed: int
    unknown: dict[str, int]


def plans_of(home: Path) -> Path:
    """The folder of a home's plans, there or not."""
    return home / FOLDER


def import_plan(
    folder: Path,
    files: Sequence[Path],
    *,
    region: str,
    name: str = "",
    source: str = "",
    as_of: str = "",
    encoding: str | None = None,
    delimiter: str | None = None,
) -> ImportedPlan:
    """One plan from files that are of one table, in the place of the one of its name. `region`: ISO 3166-1, whose
    numbers they are; `name`: the region if not given.

    Raises `OptionError`, `ListFileError`, `InputError` (a name that is none), `EnvironmentFault`."""
    country = check_region(region)
    name = name or country
    if not name.isprintable() or name != Path(name).name or name.startswith("."):
        raise InputError(f"--name: {name!r} is no name for a plan; write letters, digits and hyphens")
    with ExitStack() as opened:
        lists = [
            opened.enter_context(open_list(path, delimiter=delimiter, encoding=encoding, propose=True))
            for path in files
        ]
        ranges = read_ranges(lists, country)
    if not ranges.starts:
        raise ListFileError(files[0], "there is no range of numbers below the column names")
    title = Title(name, country, calling_code(country), source, as_of, len(ranges.starts))
    placed = [bool(holder.regions) for holder in ranges.holders]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        unfinished = folder / f"{name}.part"
        with unfinished.open("wb") as out:
            out.writelines(packed(title, ranges.holders, ranges.starts, ranges.ends, ranges.held_by))
        unfinished.replace(folder / f"{name}{_SUFFIX}")
    except OSError as error:
        raise EnvironmentFault(f"{error.filename or folder}: cannot be written: {error.strerror}") from error
    return ImportedPlan(title, sum(map(placed.__getitem__, ranges.held_by)), dict(ranges.unknown.most_common()))


def open_plans(folder: Path | None) -> Plans:
    """All plans of a home, mapped into memory as they are needed. Raises `EnvironmentFault` for one that cannot be
    read: without it numbers would get other zones, and nothing would say so."""
    return Plans.of(_opened(folder)) if folder is not None and folder.is_dir() else NO_PLANS


def _opened(folder: Path) -> Iterator[Plan]:
    for path in sorted(folder.glob(f"*{_SUFFIX}")):
        try:
            with path.open("rb") as file:
                yield Plan(memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise EnvironmentFault(
                f"{path}: {error}; import the numbering plan again, or `dialer numbering-plan remove {path.stem}`"
            ) from error


def remove_plan(folder: Path, name: str) -> None:
    """Raises `UnknownName`."""
    path = folder / f"{name}{_SUFFIX}"
    names = [found.stem for found in sorted(folder.glob(f"*{_SUFFIX}"))]
    if name not in names:
        raise UnknownName(
            "numbering plan", name, names, "`dialer numbering-plan import FILE --region CC` makes one"
        )
    path.unlink()
