"""What was understood of a list, for people to look at before anything is stored."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import islice

from lists import normalise
from lists.encoding import UTF_8
from lists.importing import Accepted, read_row
from lists.mapping import REJECT_PREFIX, Columns
from lists.numbering_plan import NO_PLANS, Plans
from lists.phone import NOTHING, SCIENTIFIC, WRITTEN_AS_FLOAT, trunk_prefix
from lists.reader import ListFile, RawRow
from lists.reasons import Reason
from lists.workbook import Sheet

SHOWN_ROWS = 5
LOOKED_AT = 2_000
"""So many rows at the beginning are what warnings are drawn from."""

KEPT, DROPPED = "kept", "dropped"
PROPOSED = "proposed"
_BARE = re.compile(r"\(?\d[\d ()./-]{5,}")
_SUSPICIOUS = 3


@dataclass(frozen=True, slots=True)
class Caution:
    """Something to look at. `count`: cells of `column` ("" for the file) among the first `LOOKED_AT` rows."""

    code: str
    column: str
    count: int
    text: str


@dataclass(frozen=True, slots=True)
class ShownRow:
    """One row: its cells under the columns' names, the numbers found in it, the zones its person may be in, and
    why it is not taken, "" if it is."""

    line: int
    cells: dict[str, str]
    numbers: tuple[str, ...]
    zones: tuple[str, ...]
    fault: str


@dataclass(frozen=True, slots=True)
class Preview:
    """`encoding_by`: how the encoding is known: "stated", "mark" (byte order mark), "content" (it is UTF-8),
    "workbook" or `PROPOSED` (to be confirmed). `fields`: column → field, `KEPT` (as its own) or `DROPPED`."""

    encoding: str
    encoding_by: str
    delimiter: str
    fields: dict[str, str]
    rows: tuple[ShownRow, ...]
    cautions: tuple[Caution, ...]

    def as_dict(self) -> dict[str, object]:
        return asdict(self)


def preview(
    file: ListFile,
    columns: Columns,
    region: str | None,
    encoding_by: str,
    sheet: Sheet | None = None,
    plans: Plans = NO_PLANS,
    accept: frozenset[Reason] = NOTHING,
) -> Preview:
    """Reads the beginning of the file. `sheet`: of the workbook that it was; `plans`, `accept`: see `read_row`.
    Raises `ListFileError`."""
    beginning = list(islice(file.rows(), LOOKED_AT))
    whole = [row for row in beginning if isinstance(row, RawRow)]
    shown = []
    for row in beginning[:SHOWN_ROWS]:
        lead = read_row(row, columns, region, plans, accept)
        cells = dict(zip(columns.header, row.cells, strict=False))
        if isinstance(lead, Accepted):
            numbers = tuple(phone.e164 for phone in lead.phones)
            shown.append(ShownRow(row.line, cells, numbers, lead.zones, ""))
        else:
            shown.append(ShownRow(row.line, cells, (), (), lead.fault.text))
    return Preview(
        encoding="utf-8" if file.encoding in (None, UTF_8) else file.encoding,
        encoding_by=encoding_by,
        delimiter=file.delimiter,
        fields=dict(_fields(columns)),
        rows=tuple(shown),
        cautions=(*_of_sheet(sheet, columns), *_cautions(file, whole, columns, region, encoding_by)),
    )


def _fields(columns: Columns) -> Iterator[tuple[str, str]]:
    field_at = columns.fields | dict.fromkeys(columns.extra, KEPT)
    for place, column in enumerate(columns.header):
        if not column.startswith(REJECT_PREFIX):
            yield column, field_at.get(place, DROPPED)


def _of_sheet(sheet: Sheet | None, columns: Columns) -> Iterator[Caution]:
    if sheet is None:
        return
    if sheet.others:
        others = ", ".join(map(repr, sheet.others))
        yield Caution(
            "other_sheets", "", len(sheet.others), f"this is sheet {sheet.name!r}; there are {others} too"
        )
    for place in columns.phones:
        if count := sheet.numeric.get(place, 0):
            text = "are numbers in the workbook: zeros before them are lost; make the column text there"
            yield Caution("numbers_in_workbook", columns.header[place], count, text)


def _cautions(
    file: ListFile, rows: list[RawRow], columns: Columns, region: str | None, encoding_by: str
) -> Iterator[Caution]:
    if encoding_by == PROPOSED:
        text = (
            f"the file is not UTF-8; it is shown as {file.encoding}. If the names are right import it with "
            f"--encoding {file.encoding}; if not try cp1252, cp1250, cp1251 or koi8-r"
        )
        yield Caution("encoding", "", 0, text)
    encoding = file.encoding or UTF_8
    if misread := sum(any(_is_utf_8_misread(cell, encoding) for cell in row.cells) for row in rows):
        text = (
            f"{misread:,} of the first rows are UTF-8, which in {encoding} is read as other letters: leave "
            "--encoding out, or, if the file is pasted together from several, save each of them as CSV UTF-8"
        )
        yield Caution("utf_8_misread", "", misread, text)
    prefix = trunk_prefix(region) if region else ""
    for place in columns.phones:
        column = columns.header[place]
        cells = [normalise.phone(row.cells[place]) for row in rows]
        floats = sum(WRITTEN_AS_FLOAT.fullmatch(cell) is not None for cell in cells)
        if floats:
            text = "such as 447700900000.0: a spreadsheet held them as numbers, and zeros before them are lost"
            yield Caution("written_as_number", column, floats, text)
        rounded = sum(SCIENTIFIC.fullmatch(cell) is not None for cell in cells)
        if rounded:
            text = "such as 4.477E+11: they have lost digits: make the column text, and export the list again"
            yield Caution("rounded", column, rounded, text)
        bare = [cell for cell in cells if _BARE.fullmatch(cell)]
        if (
            prefix == "0"
            and len(bare) >= _SUSPICIOUS
            and not any(cell.lstrip("(").startswith("0") for cell in bare)
        ):
            text = (
                f"none begins with the 0 that national numbers of {region} have: a spreadsheet may have dropped it"
            )
            yield Caution("zeros_lost", column, len(bare), text)
        if not region and bare:
            text = "written without + and country code: say whose numbers they are with --region"
            yield Caution("no_country", column, len(bare), text)


def _is_utf_8_misread(cell: str, encoding: str) -> bool:
    """Whether its bytes are UTF-8 with more than ASCII in it, but were read in an encoding of eight bits."""
    if cell.isascii() or encoding == UTF_8:
        return False
    try:
        written = cell.encode(encoding)
        return "\n".encode(encoding) == b"\n" and not written.isascii() and bool(written.decode("utf-8"))
    except UnicodeError:
        return False
