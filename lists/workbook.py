"""A workbook (XLSX, ODS) as text: one sheet written as CSV, line by line as its rows are.

Formulas come as the values that were saved with them; nothing is computed. Reading is calamine's, which holds the
whole sheet in memory: run it where memory is bounded (`dialer.operations.sheet_apart`).
"""

from __future__ import annotations

import csv
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING

from lists.errors import ListFileError, OptionError

if TYPE_CHECKING:
    from python_calamine import CalamineSheet, CalamineWorkbook

SIGNATURE = b"PK\x03\x04"
UNPACKED_LIMIT = 1 << 30
"""Bytes of all parts together; a million rows of ten columns have about half of that."""
CELLS_LIMIT = 50_000_000
"""A sheet is a rectangle in memory, however few of its cells are filled."""

_STEP = 1 << 20


@dataclass(frozen=True, slots=True)
class Sheet:
    """What was written. `others`: further sheets with cells in them. `numeric`: how many cells of a column (from
    0) are numbers in the workbook: of those leading zeros and plus signs are lost."""

    name: str
    others: tuple[str, ...]
    numeric: dict[int, int]


def check_parts(path: Path) -> None:
    """That unpacking it does not fill the memory: what parts say of their size may be a lie, so they are unpacked,
    and nothing is kept. Raises `ListFileError`, `OSError`."""
    try:
        with zipfile.ZipFile(path) as parts:
            names = set(parts.namelist())
            if not names & {"xl/workbook.xml", "content.xml", "xl/workbook.bin"}:
                raise ListFileError(path, "is a ZIP archive, but no workbook; unpack it, and import what is in it")
            size = 0
            for part in parts.infolist():
                for length in _unpacked(path, part):
                    size += length
                    if size > UNPACKED_LIMIT:
                        text = f"unpacks to more than {UNPACKED_LIMIT >> 20:,} MB; save the sheet as CSV UTF-8"
                        raise ListFileError(path, text)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError) as error:
        raise ListFileError(path, f"is damaged: {error}; save it again") from error


def write_sheet(path: Path, wanted: str | None, out: IO[str]) -> Sheet:
    """Write one sheet, the first visible one with cells in it if none is `wanted`. Raises `ListFileError`,
    `OptionError` for a name that no sheet has, `OSError`."""
    import python_calamine as calamine  # for the one process that reads a workbook

    try:
        workbook = calamine.load_workbook(path)
        sheet, others = _chosen(path, workbook, wanted)
        rows, columns = (place + 1 for place in sheet.end or (-1, -1))
        if rows * columns > CELLS_LIMIT:
            text = (
                f"sheet {sheet.name!r} reaches to row {rows:,} and column {columns:,}; "
                "delete what is far from the list, or save the list as CSV UTF-8"
            )
            raise ListFileError(path, text)
        numeric: Counter[int] = Counter()
        table = csv.writer(out, lineterminator="\n")
        for row in sheet.iter_rows():  # from the first, whether there is anything in it or not
            numeric.update(place for place, cell in enumerate(row) if type(cell) in (int, float))
            table.writerow(map(_text, row))
    except (calamine.CalamineError, calamine.XmlError, calamine.ZipError, calamine.PasswordError) as error:
        raise ListFileError(
            path, f"cannot be read as a workbook ({error}); save the sheet as CSV UTF-8"
        ) from error
    return Sheet(sheet.name, tuple(others), dict(numeric))


def _chosen(path: Path, workbook: CalamineWorkbook, wanted: str | None) -> tuple[CalamineSheet, list[str]]:
    from python_calamine import SheetVisibleEnum

    if wanted is not None:
        if wanted not in workbook.sheet_names:
            raise OptionError("sheet", f"there is no {wanted!r}; the workbook has {_listed(workbook.sheet_names)}")
        return workbook.get_sheet_by_name(wanted), []
    visible = [sheet.name for sheet in workbook.sheets_metadata if sheet.visible is SheetVisibleEnum.Visible]
    filled = [sheet for name in visible if (sheet := workbook.get_sheet_by_name(name)).height]
    if not filled:
        raise ListFileError(path, "no visible sheet has a cell in it")
    return filled[0], [sheet.name for sheet in filled[1:]]


def _unpacked(path: Path, part: zipfile.ZipInfo) -> Iterable[int]:
    """How many bytes it unpacks to, by portions."""
    if part.flag_bits & 1:
        raise ListFileError(path, "is protected by a password; save it without")
    with path.open("rb") as file:
        file.seek(part.header_offset + 26)
        lengths = file.read(4)
        file.seek(int.from_bytes(lengths[:2], "little") + int.from_bytes(lengths[2:], "little"), 1)
        left = part.compress_size
        if part.compress_type == zipfile.ZIP_STORED:
            yield left
            return
        unpack = zlib.decompressobj(-15)
        while left > 0 and not unpack.eof:
            packed = file.read(min(left, _STEP))
            if not packed:
                break
            left -= len(packed)
            while packed:
                yield len(unpack.decompress(packed, _STEP))
                packed = unpack.unconsumed_tail


def _text(cell: object) -> str:
    if isinstance(cell, str):
        return "   ".join(cell.splitlines()) if "\n" in cell or "\r" in cell else cell  # two numbers stay two
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime) and (cell.hour, cell.minute, cell.second, cell.microsecond) == (0, 0, 0, 0):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    return str(cell)


def _listed(names: list[str]) -> str:
    return ", ".join(map(repr, names))
