"""A CSV file as rows. The only module of `lists` that reads files.

Streaming: memory does not grow with the file. Faults come in two kinds. What leaves the rest of the file
readable is a `BrokenRow`; what does not (bytes that are not text in the encoding, a NUL byte, a quote never
closed, a line without end) raises `ListFileError`, because after it no row can be trusted.
"""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import IO

from lists.column_names import known_field
from lists.encoding import UTF_8, is_utf_8, marked, proposed, telling_lines
from lists.errors import ColumnError, ListFileError, OptionError
from lists.reasons import Reason
from lists.value import value

DELIMITERS = (",", ";", "\t", "|")
MAX_COLUMNS = 1_000
MAX_LINE = 1 << 20
"""Characters. A longer line is taken for a file that is no list at all, before it fills the memory."""

_NAMED_DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "\\t": "\t", "pipe": "|"}
_EXCEL_HINT = re.compile(r"sep=(.)\r?\n?", re.IGNORECASE)
_SIGNATURES = (
    (b"PK\x03\x04", "this is a workbook (XLSX, ODS) or another ZIP archive; save the sheet as CSV UTF-8"),
    (b"\xd0\xcf\x11\xe0", "this is an old Excel workbook (XLS); save the sheet as CSV UTF-8"),
    (b"\x1f\x8b", "this file is compressed (gzip); unpack it first"),
    (b"%PDF", "this is a PDF; save the table that it was made from as CSV UTF-8"),
    (b"\x89PNG", "this is a picture; save the table that it was made from as CSV UTF-8"),
)


@value
class RawRow:
    """A row with as many cells as the header. `row` counts rows of data from 1; `line` is the physical line
    it begins at, counted from 1 (cells may hold line breaks, so the two drift apart)."""

    row: int
    line: int
    cells: tuple[str, ...]


@value
class BrokenRow:
    """A row that does not fit the header. `cells` are as far as it could be split, at most `MAX_COLUMNS`."""

    row: int
    line: int
    cells: tuple[str, ...]
    reason: Reason
    text: str


class ListFile:
    """An open list. `header`, at `header_line`; `delimiter`; `encoding`: None for UTF-8. Iterate `rows` as
    often as needed: each time from the start, over the same open file."""

    def __init__(self, path: Path, stream: IO[str], delimiter: str | None, encoding: str | None) -> None:
        """`stream` is opened with newline="" (csv sees line breaks inside quotes as they are).
        `encoding`: None for UTF-8. Raises `ListFileError`, `ColumnError`."""
        self.path = path
        self._stream = stream
        self.encoding = encoding
        self._skipped = 0
        first = next(self._rewind(), "")
        hint = _EXCEL_HINT.fullmatch(first)
        if hint is not None:  # Excel's own way to state the delimiter; not part of the table
            self._skipped = 1
        hinted = hint[1] if hint is not None and _is_delimiter(hint[1]) else None
        self.delimiter = delimiter or hinted or self._detect()
        self.header_line, self.header = self._read_header()

    def count(self) -> int:
        """How many rows of data there are. Reads the whole file; raises what reading its rows would raise."""
        return sum(1 for _ in self._records()) - 1

    def rows(self) -> Iterator[RawRow | BrokenRow]:
        """Every row of data that is not blank. Raises `ListFileError`."""
        columns = len(self.header)
        records = self._records()
        next(records)
        for row, (line, last, cells, fault) in enumerate(records, start=1):
            over = f" (it goes on to line {last}; is a quote missing?)" if last > line else ""
            if fault is not None:
                yield BrokenRow(row, line, cells, fault[0], fault[1])
            elif len(cells) == columns:
                yield RawRow(row, line, cells)
            elif len(cells) < columns:
                text = f"{len(cells)} columns where the header has {columns}{over}"
                yield BrokenRow(row, line, cells, Reason.TOO_FEW_COLUMNS, text)
            elif any(cell.strip() for cell in cells[columns:]):
                text = (
                    f"{len(cells)} columns where the header has {columns}; "
                    f"quote a cell that has {self.delimiter!r} in it{over}"
                )
                yield BrokenRow(row, line, cells[:MAX_COLUMNS], Reason.TOO_MANY_COLUMNS, text)
            else:  # empty cells at the end of a row are a spreadsheet's habit, and harmless
                yield RawRow(row, line, cells[:columns])

    def _rewind(self) -> _Lines:
        self._stream.seek(0)
        lines = _Lines(self.path, self._stream, self.encoding)
        for _ in range(self._skipped):
            next(lines, "")
        return lines

    def _records(self) -> Iterator[tuple[int, int, tuple[str, ...], tuple[Reason, str] | None]]:
        """(first line, last line, cells, fault) of every record that is not blank, the header first."""
        lines = self._rewind()
        reader = csv.reader(lines, delimiter=self.delimiter, strict=True)
        while True:
            begins = lines.number + 1
            try:
                for cells in reader:
                    if any(map(str.strip, cells)):
                        yield begins, lines.number, tuple(cells), None
                    begins = lines.number + 1
            except csv.Error as error:
                fault = self._row_fault(error, begins, lines)
                yield begins, lines.number, (lines.last.rstrip("\r\n")[:200],), fault
            else:
                return

    def _row_fault(self, error: csv.Error, begins: int, lines: _Lines) -> tuple[Reason, str]:
        """What csv's complaint comes to. csv starts afresh at the next line, which is only right if the row
        had not gone on over several lines."""
        text = str(error)
        if text == "unexpected end of data" or (lines.number > begins and "limit" in text):
            raise ListFileError(
                self.path,
                'a quote (") opened in the row that begins here is never closed; close or remove it',
                begins,
            ) from error
        if "limit" in text:
            return Reason.FIELD_TOO_LONG, f"a cell is longer than {csv.field_size_limit()} characters"
        if lines.number > begins:
            raise ListFileError(
                self.path,
                f'a quote (") opened in the row that begins here closes in the middle of line {lines.number}; '
                "double a quote inside a cell, and quote whole cells only",
                begins,
            ) from error
        return Reason.BAD_QUOTES, 'a quote (") in the middle of a cell; double it, or quote the whole cell'

    def _detect(self) -> str:
        """The delimiter that brings out a phone column's name, then the most names that are known, then the
        one that splits the first two lines alike, then the one that splits the header most."""
        lines = [line for _, line in zip(range(50), self._rewind(), strict=False) if line.strip()][:2]
        return max(DELIMITERS, key=partial(_likeness, lines)) if lines else ","

    def _read_header(self) -> tuple[int, tuple[str, ...]]:
        for line, _, cells, fault in self._records():
            if fault is not None:
                raise ColumnError(self.path, f"the line of column names cannot be read: {fault[1]}", line)
            return line, _named(self.path, line, cells)
        raise ListFileError(self.path, "the file is empty; it needs a line of column names and rows of data")


@contextmanager
def open_list(
    path: Path,
    *,
    delimiter: str | None = None,
    encoding: str | None = None,
    propose: bool = False,
    named: Path | None = None,
) -> Iterator[ListFile]:
    """Open a list. `delimiter`: one character or "tab", "comma", "semicolon", "pipe"; found out from the header
    when None. `encoding`: a Python codec's name; when None that of the file's byte order mark, or UTF-8.
    `propose`: for a file that is neither, read it in the encoding that suits it best instead of refusing it.
    `named`: what messages call the file, if not by its path.

    Raises `ListFileError` (not there, not a file, not text), `ColumnError` (header) and `OptionError`."""
    codec = _codec(encoding)
    separator = _delimiter(delimiter)
    try:
        if path.exists() and not path.is_file():
            raise ListFileError(path, "is not a regular file; the import reads it twice, so save it first")
        with path.open("rb") as head:
            first = head.read(4)
            _check_signature(path, first)
            if codec is None:
                codec = marked(first) or (_proposed(head) if propose else None)
        stream = path.open(encoding=codec or UTF_8, newline="")
    except OSError as error:
        raise ListFileError(path, f"cannot be read: {error.strerror}") from error
    with stream:
        yield ListFile(named or path, stream, separator, codec)


def _proposed(file: IO[bytes]) -> str | None:
    file.seek(0)
    if is_utf_8(file):
        return None
    file.seek(0)
    return proposed(telling_lines(file))


class _Lines:
    """Physical lines, counted, bounded and free of NUL."""

    def __init__(self, path: Path, stream: IO[str], encoding: str | None) -> None:
        self._path = path
        self._encoding = encoding
        self._readline = partial(stream.readline, MAX_LINE)
        self._iterator = self._read()
        self.number = 0
        self.last = ""

    def __iter__(self) -> Iterator[str]:
        return self._iterator

    def __next__(self) -> str:
        return next(self._iterator)

    def _read(self) -> Iterator[str]:
        readline = self._readline
        while True:
            try:
                line = readline()
            except UnicodeError as error:
                raise _not_text(self._path, self._encoding) from error
            except OSError as error:
                raise ListFileError(self._path, f"cannot be read: {error.strerror}", self.number + 1) from error
            if not line:
                return
            self.number += 1
            self.last = line
            if "\0" in line:
                text = (
                    f"NUL byte at character {line.index(chr(0)) + 1}; the file is damaged, not text, "
                    "or UTF-16 (then --encoding utf-16)"
                )
                raise ListFileError(self._path, text, self.number)
            if len(line) >= MAX_LINE:
                text = f"longer than {MAX_LINE} characters; this is not a list"
                raise ListFileError(self._path, text, self.number)
            yield line


def _codec(encoding: str | None) -> str | None:
    if encoding is None:
        return None
    if encoding.lower().replace("_", "-") in ("utf-8", "utf8", "utf-8-sig"):
        return UTF_8
    try:
        with open(os.devnull, encoding=encoding):  # noqa: PTH123 - only text encodings open a text file
            return encoding
    except (LookupError, ValueError) as error:
        raise OptionError(
            "encoding", f"{encoding!r} is not a text encoding; try utf-8, cp1252, cp1250, cp1251, koi8-r, utf-16"
        ) from error


def _delimiter(delimiter: str | None) -> str | None:
    if delimiter is None:
        return None
    character = _NAMED_DELIMITERS.get(delimiter.lower(), delimiter)
    if not _is_delimiter(character):
        raise OptionError("delimiter", f"{delimiter!r} is not a delimiter; give one of , ; tab pipe")
    return character


def _is_delimiter(text: str) -> bool:
    return len(text) == 1 and text not in '"\r\n\0 ' and not text.isalnum()


def _check_signature(path: Path, head: bytes) -> None:
    for signature, text in _SIGNATURES:
        if head.startswith(signature):
            raise ListFileError(path, text)


def _not_text(path: Path, encoding: str | None) -> ListFileError:
    """Where the first byte is that is not text. The file is read once more, because the decoder works ahead
    of the line it is at; only encodings with ASCII inside can be split at line feeds for that."""
    if "\n".encode(encoding or "utf-8") != b"\n":
        return ListFileError(path, f"is not text in {encoding}, or is cut off")
    others = 0
    with path.open("rb") as stream:
        for number, line in enumerate(iter(partial(stream.readline, MAX_LINE), b""), start=1):
            try:
                line.decode(encoding or "utf-8")
            except UnicodeDecodeError as error:
                byte = f"byte {error.start + 1} of the line (0x{line[error.start]:02X})"
                if encoding is not None:
                    return ListFileError(path, f"{byte} is not text in {encoding}", number)
                return ListFileError(path, f"{byte} is not UTF-8{_advice(line, others)}", number)
            others += not line.isascii()
    return ListFileError(path, f"is not text in {encoding or 'UTF-8'}")


def _advice(line: bytes, others: int) -> str:
    """What to do about a line that is not UTF-8. `others`: lines before it that are more than ASCII."""
    if others > 1:
        return (
            f", as {others:,} lines before it are: the file is pasted together from several. Save each of them as "
            "CSV UTF-8, or mend the line"
        )
    best = proposed(line)
    if best is None:
        return "; save the file as CSV UTF-8"
    return (
        f". It may be {best}: look at the names with --dry-run, and if they are right add --encoding {best}. "
        "Others are cp1252 (Western Europe), cp1250 (Central Europe), cp1251 and koi8-r (Cyrillic)"
    )


def _likeness(lines: Sequence[str], delimiter: str) -> tuple[bool, int, bool, int]:
    try:
        counts = [len(cells) for cells in csv.reader(lines, delimiter=delimiter)]
        header = next(csv.reader(lines[:1], delimiter=delimiter))
    except csv.Error:  # a cell beyond csv's limit: reading the file in earnest will name it
        return False, 0, False, 0
    known = [field[0] for field in map(known_field, header) if field is not None]
    return "phone" in known, len(known), counts[0] > 1 and counts[0] == counts[-1], counts[0]


def _named(path: Path, line: int, cells: tuple[str, ...]) -> tuple[str, ...]:
    """The header with blanks trimmed. A column without a name is called by its place."""
    names = tuple(" ".join(cell.split()) or f"column {place}" for place, cell in enumerate(cells, start=1))
    if len(cells) > MAX_COLUMNS:
        text = f"{len(cells):,} columns; a list has at most {MAX_COLUMNS:,}. Is this its line of column names?"
        raise ColumnError(path, text, line)
    first: dict[str, int] = {}
    for place, name in enumerate(names, start=1):
        other = first.setdefault(name.lower(), place)
        if other != place:
            raise ColumnError(path, f"columns {other} and {place} are both called {name!r}; rename one", line)
    return names
