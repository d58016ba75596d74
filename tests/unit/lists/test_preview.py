from __future__ import annotations

from pathlib import Path

import pytest

from lists.mapping import map_columns, parse_map
from lists.preview import DROPPED, PROPOSED, Preview, preview
from lists.reader import open_list


def look(tmp_path: Path, text: str, region: str | None = None, mapping: tuple[str, ...] = ()) -> Preview:
    path = tmp_path / "people.csv"
    path.write_text(text, encoding="utf-8")
    with open_list(path) as file:
        columns = map_columns(file.header, parse_map(mapping), path, file.header_line)
        return preview(file, columns, region, "content")


def cautions(seen: Preview) -> dict[str, tuple[str, int]]:
    return {one.code: (one.column, one.count) for one in seen.cautions}


def test_columns_and_the_first_rows(tmp_path: Path) -> None:
    text = "id;Name;Tel;Mobile;city;junk\n" + "7;Ana Pop;+1 212-555-0101;12;Rome;x\n" * 9
    seen = look(tmp_path, text, mapping=("junk=ignore",))
    assert (seen.encoding, seen.delimiter) == ("utf-8", ";")
    assert seen.fields == {
        "id": "external_id", "Name": "name", "Tel": "phone1", "Mobile": "phone2", "city": "city", "junk": DROPPED,
    }  # fmt: skip
    assert [row.line for row in seen.rows] == [2, 3, 4, 5, 6]
    assert seen.rows[0].numbers == ("+12125550101",)
    assert seen.rows[0].zones == ("America/New_York",)
    assert seen.rows[0].cells["city"] == "Rome"
    assert seen.cautions == ()


def test_rows_that_are_not_taken_say_why(tmp_path: Path) -> None:
    seen = look(tmp_path, "phone,name\n+4412,Ana\n+12125550101,Bo,more\n")
    assert ["too short" in seen.rows[0].fault, "3 columns" in seen.rows[1].fault] == [True, True]


def test_what_spreadsheets_do_to_numbers(tmp_path: Path) -> None:
    text = "phone,phone2\n442079460001.0,4.477E+11\n442079460002.0,+442079460003\n"
    assert cautions(look(tmp_path, text, "GB")) == {"written_as_number": ("phone", 2), "rounded": ("phone2", 1)}


def test_leading_zeros_that_are_missing_throughout(tmp_path: Path) -> None:
    lost = "phone\n" + "".join(f"207946000{n}\n" for n in range(4))
    kept = "phone\n" + "".join(f"0207946000{n}\n" for n in range(4))
    assert cautions(look(tmp_path, lost, "GB")) == {"zeros_lost": ("phone", 4)}
    assert cautions(look(tmp_path, kept, "GB")) == {}
    assert cautions(look(tmp_path, lost.replace("207", "212"), "US")) == {}  # there is none to lose


def test_numbers_of_nobody_knows_where(tmp_path: Path) -> None:
    assert cautions(look(tmp_path, "phone\n02079460001\n+442079460001\n")) == {"no_country": ("phone", 1)}


def test_numbers_without_a_country_however_they_are_written(tmp_path: Path) -> None:
    text = "phone\n020 7946 0001\n(020) 7946-0002\n020/79460003\n+44 20 7946 0004\n12 items\n"
    assert cautions(look(tmp_path, text)) == {"no_country": ("phone", 3)}
    assert cautions(look(tmp_path, text, "GB")) == {}


@pytest.mark.parametrize("encoding", ["cp1252", "cp1251", "koi8-r"])
def test_rows_of_utf_8_read_in_the_encoding_that_somebody_said(tmp_path: Path, encoding: str) -> None:
    """Nothing else would tell: each byte is a letter there."""
    path = tmp_path / "people.csv"
    path.write_bytes("phone,name\n+442079460001,Iva\n+442079460001,Müllër\n+442079460001,Zoë\n".encode())
    with open_list(path, encoding=encoding) as file:
        seen = preview(file, map_columns(file.header, {}, path, 1), None, "stated")
    assert cautions(seen) == {"utf_8_misread": ("", 2)}


@pytest.mark.parametrize(
    ("encoding", "name"),
    [
        ("cp1252", "Müllër"),
        ("cp1250", "Łódź"),
        ("cp1251", "Вірменія"),
        ("koi8-r", "Иванова"),
        ("utf-16-le", "Анна"),
    ],
)
def test_rows_that_are_in_the_encoding_that_somebody_said(tmp_path: Path, encoding: str, name: str) -> None:
    path = tmp_path / "people.csv"
    path.write_bytes(f"phone,name\n+442079460001,{name}\n".encode(encoding))
    with open_list(path, encoding=encoding) as file:
        assert preview(file, map_columns(file.header, {}, path, 1), None, "stated").cautions == ()


def test_an_encoding_that_is_only_proposed(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_bytes("phone;имя\n+442079460001;Иванова\n".encode("cp1251"))
    with open_list(path, propose=True) as file:
        seen = preview(file, map_columns(file.header, {}, path, 1), None, PROPOSED)
    assert seen.rows[0].cells["имя"] == "Иванова"
    assert "--encoding cp1251" in seen.cautions[0].text
