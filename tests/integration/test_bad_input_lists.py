"""Lists that are wrong, into a home that is in use: the message says where and what to do, the list stays."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pytest

from dialer.cli import main
from dialer.errors import DONE, WRONG_INPUT
from tests.integration.command import Dialer

GOOD = "".join(f"+4420794{n:05d},Person,{n}\n" for n in range(60_000, 60_600))
"""More rows than are committed at a time, so that half an import would show."""


@pytest.fixture(scope="module")
def first_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("lists") / "home"
    assert main(["init", str(home)]) == DONE
    file = home / "lists" / "one.csv"
    file.write_text("phone,first_name\n+442079460001,Ana\n")
    assert main(["list", "import", str(file), "--list", "people", "--home", str(home)]) == DONE
    return home


@pytest.fixture
def dialer(first_home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Dialer:
    """On a copy of a home that has a list `people` of one lead."""
    return Dialer(capsys, shutil.copytree(first_home, tmp_path / "home"))


@pytest.mark.parametrize(
    ("content", "options", "place", "advice"),
    [
        pytest.param(
            f'phone,first_name,id\n{GOOD}+442079461000,"Bo,1\n+442079461001,Cy,2\n'.encode(), [],
            "new.csv, line 602: a quote (\") opened in the row that begins here is never closed",
            "close or remove it", id="a broken row that swallows the rest",
        ),
        pytest.param(
            b"name,city\nAna,London\n", [],
            "new.csv, line 1: no column holds phone numbers; the file has 'name', 'city'",
            "--map COLUMN=phone", id="a missing column",
        ),
        pytest.param(
            b"phone,name\n+442079460002,Bo\n", ["--map", "mobile=phone2"],
            "--map: there is no column 'mobile'", "the file has 'phone', 'name'", id="a column named that is none",
        ),
        pytest.param(
            b"phone,phone\n+442079460002,+442079460003\n", [],
            "new.csv, line 1: columns 1 and 2 are both called 'phone'", "rename one", id="a column twice",
        ),
        pytest.param(
            b"+442079460002,Bo\n+442079460003,Cy\n", [],
            "new.csv, line 1: this looks like a row of data", "the first line must name the columns",
            id="no line of column names",
        ),
        pytest.param(
            f"phone,name\n{GOOD}+442079460002,Борис\n".encode("cp1251"), [],
            "new.csv, line 602: byte 15 of the line (0xC1) is not UTF-8",
            "It may be cp1251: look at the names with --dry-run, and if they are right add --encoding cp1251",
            id="another encoding",
        ),
        pytest.param(
            b"phone," + b"c," * 9_998 + b"c\n+442079460002\n", [],
            "new.csv, line 1: 10,000 columns", "a list has at most 1,000", id="ten thousand columns",
        ),
        pytest.param(
            b"phone,name\n+442079460002,Bo\n", ["--sheet", "People"],
            "--sheet: ", "is no workbook; leave it out", id="a sheet of what is no workbook",
        ),
        pytest.param(
            b"phone,name\n+442079460002,Bo\n", ["--encoding", "klingon"],
            "--encoding: 'klingon' is not a text encoding", "try utf-8, cp1252", id="an encoding that is none",
        ),
        pytest.param(
            b"phone,name\n", [], "new.csv, line 1: there is no row of data", "below the column names",
            id="no rows",
        ),
        pytest.param(
            b"", [], "new.csv: the file is empty", "a line of column names and rows of data", id="nothing at all"
        ),
        pytest.param(
            b"\n \n\n", [], "new.csv", "a line of column names and rows of data", id="blank lines only"
        ),
        pytest.param(
            f"phone,name\n{GOOD}+44207946\x000002,Bo\n".encode(), [],
            "new.csv, line 602: NUL byte at character 10", "damaged, not text, or UTF-16", id="a NUL byte",
        ),
        pytest.param(
            b"PK\x03\x04\x14\x00\x06\x00", [], "new.csv: is damaged: File is not a zip file", "save it again",
            id="what begins like a workbook",
        ),
        pytest.param(
            b"phone\n+442079460002\n", ["--region", "XX"],
            "--region: 'XX' is not a country", "such as US, GB or DE", id="a country that is none",
        ),
        pytest.param(
            b"phone\n+442079460002\n", ["--as-of", "2026-13-01"], "--as-of: '2026-13-01' is not a date",
            "write 2026-11-22", id="a day that is none",
        ),
        pytest.param(
            b"phone\n+442079460002\n", ["--rejects", "/no/such/place.csv"],
            "--rejects: /no/such/place.csv cannot be written", "No such file", id="rejects that cannot be written",
        ),
    ],
)  # fmt: skip
def test_a_list_that_is_wrong_is_refused_whole(
    dialer: Dialer, tmp_path: Path, content: bytes, options: list[str], place: str, advice: str
) -> None:
    file = tmp_path / "new.csv"
    file.write_bytes(content)
    before = dialer("list", "export", "people").out
    ran = dialer("list", "import", file, "--list", "people", *options, "--json")
    assert (ran.status, ran.out) == (WRONG_INPUT, "")
    (message,) = ran.err.splitlines()
    assert place in message
    assert advice in message
    if place.startswith("new.csv"):
        assert message.startswith(f"dialer: {file}")
    assert dialer("list", "export", "people").out == before
    elsewhere = dialer("list", "import", file, "--list", "another", *options)
    assert elsewhere.status == WRONG_INPUT
    assert [entry["name"] for entry in dialer("list", "ls", "--json").json] == ["people"]


def test_the_encoding_that_the_message_names_is_the_remedy(dialer: Dialer, tmp_path: Path) -> None:
    file = tmp_path / "new.csv"
    file.write_bytes("phone;name\n+442079460002;Борис Петров\n".encode("cp1251"))
    assert dialer("list", "import", file, "--list", "people").status == WRONG_INPUT
    looked = dialer("list", "import", file, "--list", "people", "--dry-run", "--json")
    assert (looked.status, looked.json["preview"]["encoding"]) == (DONE, "cp1251")
    assert looked.json["preview"]["rows"][0]["cells"]["name"] == "Борис Петров"
    ran = dialer("list", "import", file, "--list", "people", "--encoding", "cp1251", "--json")
    assert (ran.status, ran.json["accepted"]) == (DONE, 1)
    assert "Борис" in dialer("list", "export", "people").out


def test_rows_that_are_wrong_by_themselves_are_left_out_with_number_and_reason(
    dialer: Dialer, tmp_path: Path
) -> None:
    file = tmp_path / "new.csv"
    file.write_text(
        "phone,name,timezone\n"
        "+442079460002,Bo,Europe/London\n"
        "+442079460003\n"
        "+442079460004,Di,Europe/London,extra\n"
        "+442079460005,Ed,Mars/Olympus\n"
        "hello,Flo,\n"
        '"+442079460006"x,Gus,\n'
    )
    rejects = tmp_path / "rejects.csv"
    ran = dialer("list", "import", file, "--list", "people", "--rejects", rejects, "--json")
    assert ran.status == DONE
    assert (ran.json["read"], ran.json["accepted"], ran.json["rejected"]) == (6, 1, 5)
    assert ran.json["reasons"] == {
        "bad_quotes": 1, "not_a_number": 1, "too_few_columns": 1, "too_many_columns": 1, "unknown_zone": 1,
    }  # fmt: skip
    with rejects.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [(row["reject_line"], row["reject_reason"]) for row in rows] == [
        ("3", "too_few_columns"),
        ("4", "too_many_columns"),
        ("5", "unknown_zone"),
        ("6", "not_a_number"),
        ("7", "bad_quotes"),
    ]
    zone = rows[2]
    assert (zone["reject_field"], zone["reject_value"]) == ("timezone", "Mars/Olympus")
    assert "write an IANA name such as America/New_York" in zone["reject_text"]


def test_rejects_are_mended_and_imported_again(dialer: Dialer, tmp_path: Path) -> None:
    file, rejects = tmp_path / "new.csv", tmp_path / "rejects.csv"
    file.write_text("phone,name,timezone\n+442079460005,Ed,Mars/Olympus\n")
    dialer("list", "import", file, "--list", "people", "--rejects", rejects)
    rejects.write_text(rejects.read_text("utf-8-sig").replace("Mars/Olympus", "Europe/London", 1), "utf-8")
    ran = dialer("list", "import", rejects, "--list", "people", "--json")
    assert (ran.status, ran.json["accepted"], ran.json["zones"]) == (DONE, 1, {"Europe/London": 1})


def test_what_is_no_file_is_told(dialer: Dialer, tmp_path: Path) -> None:
    (tmp_path / "loop.csv").symlink_to("loop.csv")
    for name, says in (("none.csv", "No such file"), (".", "not a regular file"), ("loop.csv", "cannot be read")):
        ran = dialer("list", "import", tmp_path / name, "--list", "people")
        assert (ran.status, ran.out) == (WRONG_INPUT, "")
        assert says in ran.err


def test_a_list_has_a_name_of_one_line(dialer: Dialer, tmp_path: Path) -> None:
    file = tmp_path / "new.csv"
    file.write_text("phone\n+442079460002\n")
    for name in ("", " ", "two\nlines", "bell\a", " spring"):
        ran = dialer("list", "import", file, "--list", name)
        assert ran.status == WRONG_INPUT
        assert ran.err.startswith("dialer: --list: ")
        assert len(ran.err.splitlines()) == 1


def test_a_number_that_no_lead_has_is_said_to_be_nobodys(dialer: Dialer, first_home: Path, tmp_path: Path) -> None:
    sample = (
        (first_home / "campaigns" / "sample.toml").read_text().replace('lists = ["sample"]', 'lists = ["people"]')
    )
    file = first_home.parent / "sample.toml"
    file.write_text(sample)
    assert dialer("campaign", "add", file).status == DONE
    asked = ["why", "+442079460009", "--campaign", "sample", "--at", "2026-11-23T10:00:00Z"]
    assert dialer(*asked, "--json").json["evidence"]["lead_id"] is None
    assert "No lead of the campaign has this number" in dialer(*asked).out
    assert "No lead" not in dialer(*[*asked[:1], "+442079460001", *asked[2:]]).out
