from __future__ import annotations

import os
import stat
import threading
from pathlib import Path

import pytest

from dialer.operations.whole_file import whole_file


def test_a_file_appears_once_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "rejects.csv"
    path.write_text("old")
    with whole_file(path) as stream:
        stream.write("new")
        assert path.read_text() == "old"
    assert path.read_text() == "new"
    assert [file.name for file in tmp_path.iterdir()] == ["rejects.csv"]


def test_a_failure_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "rejects.csv"
    path.write_text("old")
    with pytest.raises(ZeroDivisionError), whole_file(path) as stream:
        stream.write(f"half {1 // 0}")
    assert path.read_text() == "old"
    assert [file.name for file in tmp_path.iterdir()] == ["rejects.csv"]


def test_a_pipe_stays_a_pipe(tmp_path: Path) -> None:
    """As root, replacing `/dev/stdout` by a file would break every program of the machine."""
    path = tmp_path / "pipe"
    os.mkfifo(path)
    got: list[str] = []
    reader = threading.Thread(target=lambda: got.append(path.read_text()))
    reader.start()
    with whole_file(path) as stream:
        stream.write("through")
    reader.join(10)
    assert got == ["through"]
    assert stat.S_ISFIFO(path.stat().st_mode)


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real.csv").write_text("old")
    link = tmp_path / "latest.csv"
    link.symlink_to("real.csv")
    with whole_file(link) as stream:
        stream.write("new")
    assert link.is_symlink()
    assert (tmp_path / "real.csv").read_text() == "new"
