"""Whatever bytes a file holds, it is read, or refused with a message: nothing else ever comes out."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lists.errors import ListFileError
from lists.phone import BadNumber, parse_phone
from lists.reader import RawRow, open_list
from lists.spreadsheet import harmless, plain

CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)
TOKENS = st.sampled_from(
    [b"phone", b",", b";", b"\t", b'"', b"\n", b"\r", b"\0", b"\xff", b"\xc3\xab", b"1", b" "]
)


def _temporary(factory: Path, content: bytes) -> Path:
    path = factory / "people.csv"
    path.write_bytes(content)
    return path


@given(content=st.lists(TOKENS, max_size=40).map(b"".join) | st.binary(max_size=80))
def test_any_bytes_are_read_or_refused(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = _temporary(tmp_path_factory.getbasetemp(), content)
    try:
        with open_list(path) as file:
            header, found = file.header, list(file.rows())
    except ListFileError:
        return
    assert all(len(row.cells) == len(header) for row in found if isinstance(row, RawRow))
    assert [row.row for row in found] == list(range(1, len(found) + 1))


@given(
    rows=st.lists(st.tuples(CELLS, CELLS), max_size=8),
    delimiter=st.sampled_from([",", ";", "\t"]),
    mark=st.sampled_from(["utf-8", "utf-8-sig"]),
)
def test_what_was_written_is_read(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str]], delimiter: str, mark: str
) -> None:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerows([("phone", "name"), *rows])
    path = _temporary(tmp_path_factory.getbasetemp(), text.getvalue().encode(mark))
    with open_list(path) as file:
        assert file.delimiter == delimiter
        cells = [row.cells for row in file.rows() if isinstance(row, RawRow)]
    assert cells == [row for row in rows if any(cell.strip() for cell in row)]


@given(
    raw=st.text(max_size=30) | st.text("+0123456789 ()-./xE,;", max_size=30),
    region=st.sampled_from([None, "US", "DE"]),
)
def test_any_text_is_a_number_or_says_why_not(raw: str, region: str | None) -> None:
    number = parse_phone(raw, region)
    if isinstance(number, BadNumber):
        assert number.text
    else:
        assert parse_phone(number.e164) == number  # E.164 is its own spelling, and needs no region


@given(cell=st.text("=+-@'\t ab1", max_size=6))
def test_a_rejects_file_gives_back_what_went_in(cell: str) -> None:
    written = harmless(cell)
    assert not written.startswith(("=", "+", "-", "@", "\t", "\r"))
    if not cell.startswith("'"):
        assert plain(written) == cell
