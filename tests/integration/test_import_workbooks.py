"""Workbooks through the whole import, and those that are no use to anybody: nothing of them is stored."""

from __future__ import annotations

from pathlib import Path

import pytest

from dialer.operations import sheet_apart
from dialer.operations.import_list import ImportOptions, ImportSummary, import_list
from dialer.storage.memory import MemoryStore
from lists.errors import ListError
from tests.workbooks import Rows, write_ods, write_xlsx

PEOPLE: Rows = (
    ("phone", "name", "city"),
    ("+442079460001", "Zoë", "London"),
    (442079460002, "Bo", 7),
    ("nonsense", "Cy", None),
)


def run(path: Path, store: MemoryStore, **chosen: object) -> ImportSummary:
    options = ImportOptions(list_name="spring", region="GB", **chosen)  # type: ignore[arg-type]
    return import_list(
        path, options, write=store.write, reader=store, now=1_800_000_000.0, clock=lambda: 0.0, alone=True
    )


@pytest.mark.parametrize("kind", ["xlsx", "ods"])
def test_people_of_a_workbook(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"people.{kind}"
    if kind == "xlsx":
        write_xlsx(path, {"People": PEOPLE})
    else:
        write_ods(path, PEOPLE)
    store, rejects = MemoryStore(), tmp_path / "rejects.csv"
    summary = run(path, store, rejects=rejects)
    assert (summary.accepted, summary.rejected) == (2, 1)
    assert [lead.phones[0].e164 for lead in store.leads("spring")] == ["+442079460001", "+442079460002"]
    assert ",3,4,rejected," in rejects.read_text("utf-8-sig")  # the third row of data, row 4 of the sheet


def test_a_preview_says_what_the_workbook_did_to_numbers(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "people.xlsx", {"People": PEOPLE, "Others": PEOPLE})
    store = MemoryStore()
    seen = run(path, store, dry_run=True).preview
    assert seen is not None
    assert seen.encoding_by == "workbook"
    assert [(one.code, one.column) for one in seen.cautions] == [
        ("other_sheets", ""),
        ("numbers_in_workbook", "phone"),
    ]
    assert store.lists() == []


def test_options_that_make_no_sense(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "people.xlsx", {"People": PEOPLE})
    plain = tmp_path / "people.csv"
    plain.write_text("phone\n+442079460001\n")
    for chosen, file in (({"encoding": "cp1251"}, path), ({"delimiter": ";"}, path), ({"sheet": "People"}, plain)):
        with pytest.raises(ListError, match=f"^--{next(iter(chosen))}: "):
            run(file, MemoryStore(), **chosen)


def test_more_memory_than_there_is_for_it_ends_only_the_reading(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two cells at the far corners of a sheet ask calamine for 17 billion."""
    path = write_xlsx(tmp_path / "people.xlsx", {"People": PEOPLE})
    import zipfile

    with zipfile.ZipFile(path) as parts:
        content = {name: parts.read(name) for name in parts.namelist()}
    sheet = content["xl/worksheets/sheet1.xml"]
    far = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    content["xl/worksheets/sheet1.xml"] = sheet.replace(b"</sheetData>", far)
    with zipfile.ZipFile(path, "w") as parts:
        for name, part in content.items():
            parts.writestr(name, part)
    store = MemoryStore()
    with pytest.raises(ListError, match=r"people\.xlsx: (cannot be read as a workbook|sheet 'People' reaches)"):
        run(path, store)
    assert store.lists() == []
    assert sheet_apart.MEMORY < 8 << 30
