from __future__ import annotations

from pathlib import Path

import pytest

from dialer.errors import EnvironmentFault, HomeError
from dialer.operations.make_home import DIRECTORIES, make_home

FILES = {"dialer.toml": b"# settings\n", "lists/sample.csv": b"phone\n"}


def test_a_home_has_its_files_and_directories(tmp_path: Path) -> None:
    home = tmp_path / "far" / "home"
    assert make_home(home, FILES) == (home / "dialer.toml", home / "lists" / "sample.csv")
    assert (home / "lists" / "sample.csv").read_bytes() == b"phone\n"
    assert all((home / name).is_dir() for name in DIRECTORIES)


def test_an_empty_directory_will_do(tmp_path: Path) -> None:
    assert make_home(tmp_path, FILES)


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "dialer.toml").write_bytes(b"mine")
    with pytest.raises(HomeError, match="not empty"):
        make_home(tmp_path, FILES)
    assert (tmp_path / "dialer.toml").read_bytes() == b"mine"
    with pytest.raises(HomeError, match="is a file"):
        make_home(tmp_path / "dialer.toml", FILES)


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(EnvironmentFault, match="cannot be written"):
        make_home(tmp_path / "file" / "home", FILES)
