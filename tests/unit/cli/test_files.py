from __future__ import annotations

from pathlib import Path

import pytest

from dialer.cli.files import output_to
from dialer.errors import InputError


def test_without_a_file_it_is_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    with output_to(None) as out:
        out.write("hello")
    assert capsys.readouterr().out == "hello"


def test_a_file_is_replaced_once_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "report.csv"
    path.write_text("old")
    with output_to(path) as out:
        out.write("new")
        assert path.read_text() == "old"
    assert path.read_text() == "new"


def test_a_failure_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "report.csv"
    path.write_text("old")
    with pytest.raises(ZeroDivisionError), output_to(path) as out:
        out.write(f"half {1 // 0}")
    assert [file.name for file in tmp_path.iterdir()] == ["report.csv"]
    assert path.read_text() == "old"


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="No such file"), output_to(tmp_path / "no" / "file"):
        pass
    with pytest.raises(InputError, match="is a directory"), output_to(tmp_path):
        pass
