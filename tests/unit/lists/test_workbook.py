"""Workbooks as text. What calamine reads is its own affair; what we make of cells, and what we refuse, is ours."""

from __future__ import annotations

import io
import struct
import zipfile
from pathlib import Path

import pytest

from lists import workbook
from lists.errors import ListFileError, OptionError
from lists.workbook import Sheet, check_parts, write_sheet
from tests.workbooks import Rows, write_ods, write_xlsx

PEOPLE: Rows = (
    ("phone", "name", "balance", "note"),
    ("+442079460001", "Zoë", 12.5, "two\nlines"),
    (442079460002, "Bo", 3, None),
    (),
    ("0207 946 0003", "=HYPERLINK(1)", None, "a, b"),
)
TEXT = """phone,name,balance,note
+442079460001,Zoë,12.5,two   lines
442079460002,Bo,3,
,,,
0207 946 0003,saved,,"a, b"
"""


def text_of(path: Path, wanted: str | None = None) -> tuple[str, Sheet]:
    out = io.StringIO()
    sheet = write_sheet(path, wanted, out)
    return out.getvalue(), sheet


def test_lines_are_rows_and_numbers_are_written_as_people_do(tmp_path: Path) -> None:
    text, sheet = text_of(write_xlsx(tmp_path / "a.xlsx", {"People": PEOPLE}))
    assert text == TEXT
    assert sheet == Sheet("People", (), {0: 1, 2: 2})


def test_ods(tmp_path: Path) -> None:
    text, sheet = text_of(write_ods(tmp_path / "a.ods", PEOPLE[:3]))
    assert text.replace("two   lines", "") == "".join(TEXT.splitlines(keepends=True)[:3]).replace(
        "two   lines", ""
    )
    assert (sheet.name, sheet.numeric) == ("People", {0: 1, 2: 2})


def test_a_list_that_begins_further_down(tmp_path: Path) -> None:
    rows = ((), (), (None, "phone"), (None, "+442079460001"))
    text, _ = text_of(write_xlsx(tmp_path / "a.xlsx", {"People": rows}))
    assert text == '""\n""\nphone\n+442079460001\n'


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_of_a_cell_are_no_lines_of_the_text(tmp_path: Path, end: str) -> None:
    """The rows' numbers would be wrong; and what stands on two lines of a cell of numbers is two numbers."""
    text, _ = text_of(write_xlsx(tmp_path / "a.xlsx", {"People": (("phone",), (f"2125550101{end}2125550102",))}))
    assert text == "phone\n2125550101   2125550102\n"


def test_which_sheet(tmp_path: Path) -> None:
    sheets = {"Notes": (), "Old": PEOPLE, "New": PEOPLE[:2], "More": PEOPLE[:1]}
    path = write_xlsx(tmp_path / "a.xlsx", sheets, hidden=("Old",))
    assert text_of(path)[1] == Sheet("New", ("More",), {2: 1})
    assert text_of(path, "Old")[1].name == "Old"
    with pytest.raises(OptionError, match="--sheet: there is no 'Young'; the workbook has 'Notes', 'Old', 'New'"):
        text_of(path, "Young")


def test_no_cell_at_all(tmp_path: Path) -> None:
    with pytest.raises(ListFileError, match="no visible sheet has a cell"):
        text_of(write_xlsx(tmp_path / "a.xlsx", {"People": ()}))


def test_a_sheet_that_reaches_to_its_last_corner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "CELLS_LIMIT", 100)
    rows = (*PEOPLE, *[()] * 20, (None,) * 10 + ("x",))
    with pytest.raises(ListFileError, match="reaches to row 26 and column 11"):
        text_of(write_xlsx(tmp_path / "a.xlsx", {"People": rows}))


def test_an_archive_that_is_no_workbook(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w") as parts:
        parts.writestr("people.csv", "phone")
    with pytest.raises(ListFileError, match="no workbook"):
        check_parts(path)


def test_a_damaged_one(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", {"People": PEOPLE})
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(ListFileError, match="is damaged"):
        check_parts(path)


def test_a_bomb(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "UNPACKED_LIMIT", 8 << 20)
    path = write_xlsx(tmp_path / "a.xlsx", {"People": PEOPLE}, extra={"xl/media/bomb.bin": bytes(64 << 20)})
    assert path.stat().st_size < 200_000
    with pytest.raises(ListFileError, match="unpacks to more than 8 MB"):
        check_parts(path)


def test_a_bomb_that_lies_about_its_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "UNPACKED_LIMIT", 8 << 20)
    path = write_xlsx(tmp_path / "a.xlsx", {"People": PEOPLE}, extra={"xl/media/bomb.bin": bytes(64 << 20)})
    told = struct.pack("<I", 64 << 20)
    path.write_bytes(path.read_bytes().replace(told, struct.pack("<I", 10)))
    with pytest.raises(ListFileError, match="unpacks to more than 8 MB"):
        check_parts(path)


def test_an_ordinary_one_is_let_through(tmp_path: Path) -> None:
    check_parts(write_xlsx(tmp_path / "a.xlsx", {"People": PEOPLE}))
    check_parts(write_ods(tmp_path / "a.ods", PEOPLE))
