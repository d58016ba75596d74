from __future__ import annotations

import os
from pathlib import Path

import pytest

from lists.errors import ColumnError, ListFileError, OptionError
from lists.reader import MAX_COLUMNS, MAX_LINE, BrokenRow, RawRow, open_list
from lists.reasons import Reason


def write(tmp_path: Path, content: str | bytes) -> Path:
    path = tmp_path / "people.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def rows(path: Path, delimiter: str | None = None, encoding: str | None = None) -> list[RawRow | BrokenRow]:
    with open_list(path, delimiter=delimiter, encoding=encoding) as file:
        return list(file.rows())


def fault(path: Path, encoding: str | None = None) -> ListFileError:
    with pytest.raises(ListFileError) as caught:
        rows(path, encoding=encoding)
    assert str(path) in str(caught.value)
    return caught.value


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_the_usual_kinds_of_csv(tmp_path: Path, delimiter: str, mark: bytes, newline: str) -> None:
    text = newline.join([delimiter.join(row) for row in (("phone", "name"), ("+12125550101", "Zoë"))]) + newline
    path = write(tmp_path, mark + text.encode())
    with open_list(path) as file:
        assert (file.delimiter, file.header) == (delimiter, ("phone", "name"))
        assert list(file.rows()) == [RawRow(1, 2, ("+12125550101", "Zoë"))]


@pytest.mark.parametrize(
    ("content", "delimiter"),
    [
        ("Name, Vorname;Telefon\nA, B;1\n", ";"),  # a comma inside a name
        ('"a;b",phone\n1,2\n', ","),
        ("phone\n+12125550101\n", ","),
        ("a;b,c\n1;2\n3;4\n", ";"),  # no known name: what splits the next line alike
        ("x|y,phone\n1|2,3\n", ","),
        ("id|phone|first name\n1|+12125550101|Ana, Bo\n", "|"),
    ],
)
def test_the_delimiter_is_found_from_the_header(tmp_path: Path, content: str, delimiter: str) -> None:
    with open_list(write(tmp_path, content)) as file:
        assert file.delimiter == delimiter


@pytest.mark.parametrize("given", ["|", "pipe"])
def test_the_delimiter_may_be_given(tmp_path: Path, given: str) -> None:
    assert rows(write(tmp_path, "phone|a,b\n1|2\n"), given) == [RawRow(1, 2, ("1", "2"))]


@pytest.mark.parametrize("given", ["", ",,", '"', "a", "\n"])
def test_a_delimiter_that_is_none(tmp_path: Path, given: str) -> None:
    with pytest.raises(OptionError, match="--delimiter"):
        rows(write(tmp_path, "phone\n1\n"), given)


def test_a_spreadsheets_own_line_about_the_delimiter(tmp_path: Path) -> None:
    assert rows(write(tmp_path, "sep=;\r\nphone;a,b\r\n1;2\r\n")) == [RawRow(1, 3, ("1", "2"))]


@pytest.mark.parametrize("hint", ["", '"', " ", "x"])
def test_a_line_about_a_delimiter_that_is_none(tmp_path: Path, hint: str) -> None:
    assert rows(write(tmp_path, f"sep={hint}\r\nphone;a,b\r\n1;2\r\n")) == [RawRow(1, 3, ("1", "2"))]


def test_rows_are_counted_and_so_are_lines(tmp_path: Path) -> None:
    path = write(tmp_path, 'phone,note\n1,"two\nlines"\n\n,\n2,x\n')
    assert rows(path) == [RawRow(1, 2, ("1", "two\nlines")), RawRow(2, 6, ("2", "x"))]


def test_rows_may_be_read_again(tmp_path: Path) -> None:
    with open_list(write(tmp_path, b"\xef\xbb\xbfphone\n1\n2\n")) as file:
        assert list(file.rows()) == list(file.rows())


def test_broken_rows_are_rows_and_the_rest_is_read(tmp_path: Path) -> None:
    path = write(tmp_path, 'phone,name\n1\n2,b,c\n3,"x"y\n4,d,, \n5,e\n')
    found = rows(path)
    assert [(row.row, row.line) for row in found] == [(1, 2), (2, 3), (3, 4), (4, 5), (5, 6)]
    assert [row.reason for row in found if isinstance(row, BrokenRow)] == [
        Reason.TOO_FEW_COLUMNS,
        Reason.TOO_MANY_COLUMNS,
        Reason.BAD_QUOTES,
    ]
    assert found[3:] == [RawRow(4, 5, ("4", "d")), RawRow(5, 6, ("5", "e"))]


def test_a_row_of_columns_without_end_does_not_fill_the_memory(tmp_path: Path) -> None:
    """Ten thousand rows are held at a time."""
    (found,) = rows(write(tmp_path, "phone,name\n1,b" + ",x" * 5_000 + "\n"))
    assert isinstance(found, BrokenRow)
    assert len(found.cells) == MAX_COLUMNS
    assert "5002 columns where the header has 2" in found.text


def test_a_huge_cell_breaks_its_row_only(tmp_path: Path) -> None:
    found = rows(write(tmp_path, f"phone,name\n1,{'x' * 200_000}\n2,b\n"))
    assert isinstance(found[0], BrokenRow)
    assert (found[0].reason, found[0].line) == (Reason.FIELD_TOO_LONG, 2)
    assert len(found[0].cells[0]) <= 200
    assert found[1] == RawRow(2, 3, ("2", "b"))


def test_a_line_without_end_is_no_list(tmp_path: Path) -> None:
    error = fault(write(tmp_path, b"phone\n1\n" + b"x" * (MAX_LINE + 10)))
    assert error.line == 3


@pytest.mark.parametrize("after", ["", "3,c\n" * 100_000])
def test_a_quote_never_closed(tmp_path: Path, after: str) -> None:
    error = fault(write(tmp_path, f'phone,name\n1,a\n2,"b\n{after}'))
    assert error.line == 3
    assert "never closed" in str(error)


def test_a_quote_closed_in_the_middle_of_a_later_row(tmp_path: Path) -> None:
    error = fault(write(tmp_path, 'phone,name\n1,"a\n2,b"c\n3,d\n'))
    assert error.line == 2
    assert "line 3" in str(error)


@pytest.mark.parametrize("content", [b"", b"\xef\xbb\xbf", b"\n\n", b" , \n"])
def test_an_empty_file(tmp_path: Path, content: bytes) -> None:
    assert "is empty" in str(fault(write(tmp_path, content)))


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    assert "No such file" in str(fault(tmp_path / "people.csv"))


def test_a_directory_and_a_pipe(tmp_path: Path) -> None:
    assert "not a regular file" in str(fault(tmp_path))
    os.mkfifo(tmp_path / "pipe")
    assert "not a regular file" in str(fault(tmp_path / "pipe"))


def test_another_encoding_is_named_by_line_and_byte(tmp_path: Path) -> None:
    path = write(tmp_path, "phone,name\n1,a\n2,Zoë\n".encode("cp1252"))
    error = fault(path)
    assert error.line == 3
    assert "byte 5 of the line (0xEB) is not UTF-8" in str(error)
    assert "--encoding cp1252" in str(error)
    assert rows(path, encoding="cp1252")[1] == RawRow(2, 3, ("2", "Zoë"))


def test_the_line_is_right_far_into_a_file(tmp_path: Path) -> None:
    """The decoder reads ahead: the line it is at is not the line at fault."""
    content = b"phone,name\n" + b"1,abcdefgh\n" * 5000 + b"2,\xff\n" + b"1,a\n" * 5000
    assert fault(write(tmp_path, content)).line == 5002


def test_an_encoding_that_does_not_fit(tmp_path: Path) -> None:
    error = fault(write(tmp_path, b"phone,name\n1,\x98\n"), encoding="cp1251")
    assert error.line == 2
    assert "(0x98) is not text in cp1251" in str(error)


@pytest.mark.parametrize("encoding", ["klingon", "rot13", "hex", "a\0b"])
def test_an_encoding_that_is_none(tmp_path: Path, encoding: str) -> None:
    with pytest.raises(OptionError, match="--encoding"):
        rows(write(tmp_path, "phone\n1\n"), encoding=encoding)


def test_utf_16_says_so_itself(tmp_path: Path) -> None:
    path = write(tmp_path, "phone\tname\r\n1\tZoë\r\n".encode("utf-16"))
    assert rows(path) == rows(path, encoding="utf-16") == [RawRow(1, 2, ("1", "Zoë"))]


@pytest.mark.parametrize("encoding", ["cp1251", "koi8-r", "cp1250", "utf-16-le"])
def test_an_encoding_is_proposed_only_to_who_asks_for_it(tmp_path: Path, encoding: str) -> None:
    name = "Łukasz Żak" if encoding == "cp1250" else "Иванова Мария"
    path = write(tmp_path, f"phone;name\n1;a\n2;{name}\n".encode(encoding))
    fault(path)
    with open_list(path, propose=True) as file:
        assert file.encoding == encoding
        assert list(file.rows())[1] == RawRow(2, 3, ("2", name))


def test_nothing_is_proposed_for_what_is_utf_8(tmp_path: Path) -> None:
    with open_list(write(tmp_path, "phone,name\n1,Łukasz\n"), propose=True) as file:
        assert file.encoding is None


def test_a_file_of_two_encodings(tmp_path: Path) -> None:
    good = "1,Zoë\n2,Łukasz\n".encode()
    error = fault(write(tmp_path, b"phone,name\n" + good + "3,Борис\n".encode("cp1251") + good))
    assert error.line == 4
    assert "as 2 lines before it are: the file is pasted together from several" in str(error)


def test_utf_16_that_is_cut(tmp_path: Path) -> None:
    path = write(tmp_path, "phone\n1\n".encode("utf-16")[:-1])
    assert "not text in utf-16" in str(fault(path, encoding="utf-16"))


def test_a_nul_byte(tmp_path: Path) -> None:
    error = fault(write(tmp_path, b"phone,name\n1,a\n2,b\0c\n"))
    assert error.line == 3
    assert "NUL byte at character 4" in str(error)


@pytest.mark.parametrize(
    ("head", "text"),
    [
        (b"PK\x03\x04", "XLSX"),
        (b"\xd0\xcf\x11\xe0", "XLS"),
        (b"\x1f\x8b", "gzip"),
        (b"%PDF-1.7", "PDF"),
        (b"\x89PNG", "picture"),
    ],
)
def test_files_that_are_no_csv(tmp_path: Path, head: bytes, text: str) -> None:
    assert text in str(fault(write(tmp_path, head + b"\0\1\2")))


def test_two_columns_of_one_name(tmp_path: Path) -> None:
    with pytest.raises(ColumnError, match="columns 1 and 3 are both called 'Phone'; rename one"):
        rows(write(tmp_path, "phone,name,Phone\n1,2,3\n"))


def test_columns_without_a_name_are_called_by_their_place(tmp_path: Path) -> None:
    with open_list(write(tmp_path, "phone,,\n1,2,3\n")) as file:
        assert file.header == ("phone", "column 2", "column 3")


def test_a_header_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(ColumnError, match="line 1: the line of column names"):
        rows(write(tmp_path, '"phone"x,name\n1,2\n'))


def test_rows_that_a_quote_has_swallowed_are_told(tmp_path: Path) -> None:
    found = rows(write(tmp_path, 'phone,name\n1,"a\n2,b\n3,c",d\n4,e\n'))
    assert isinstance(found[0], BrokenRow)
    assert (found[0].line, found[0].reason) == (2, Reason.TOO_MANY_COLUMNS)
    assert "goes on to line 4" in found[0].text
    assert found[1] == RawRow(2, 5, ("4", "e"))
