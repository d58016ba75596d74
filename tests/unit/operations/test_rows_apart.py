"""Rows read in a second process: the same ones as in this one, and no process is left behind."""

from __future__ import annotations

import multiprocessing
import os
import signal
from pathlib import Path

import pytest

from dialer.operations import import_list as module
from dialer.operations.import_list import ImportOptions, ImportSummary, import_list
from dialer.operations.rows_apart import RowsOrder, rows_apart
from dialer.storage.memory import MemoryStore
from lists.errors import ListFileError
from lists.importing import read_rows
from lists.mapping import Columns, map_columns
from lists.reader import open_list

TEXT = """id,name,phone,phone2,timezone,country,note
1,Ana Popescu,+1 212-555-0101,+1 212-555-0102,,US,first
2,Bo Lind,+1 212-555-0103,123,America/Chicago,,second
3,Cy Roe,,,,,
4,short
5,"Дмитро Коваль",+380 44 123 4567,,,UA,"a ""quoted"" word"
6,Di Poe,+1 212-555-0101,,nowhere,,
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "people.csv"
    path.write_text(TEXT, encoding="utf-8")
    return path


def order(path: Path, columns: Columns) -> RowsOrder:
    return RowsOrder(path, path, ",", None, columns, None, 2, with_cells=True)


def columns_of(path: Path) -> Columns:
    with open_list(path) as file:
        return map_columns(file.header, {}, path, 1)


def test_they_are_what_this_process_reads(path: Path) -> None:
    with open_list(path) as file:
        columns = map_columns(file.header, {}, path, file.header_line)
        here = list(read_rows(file.rows(), columns, None, 2))
    with rows_apart(order(path, columns)) as batches:
        assert list(batches) == here
    assert multiprocessing.active_children() == []


def test_it_is_ended_with_whoever_asked(path: Path) -> None:
    path.write_text(TEXT + "7,Ed,+1 212-555-0107,,,,\n" * 50_000, encoding="utf-8")
    with pytest.raises(KeyboardInterrupt):
        interrupted(order(path, columns_of(path)))
    assert multiprocessing.active_children() == []


def interrupted(order: RowsOrder) -> None:
    with rows_apart(order) as batches:
        next(batches)
        raise KeyboardInterrupt


def test_what_is_wrong_with_the_file_is_told_here(path: Path) -> None:
    asked = order(path, columns_of(path))
    path.write_bytes(TEXT.encode() + b"7,\xff,,,,,\n")
    with pytest.raises(ListFileError, match="line 8: byte 3") as raised, rows_apart(asked) as batches:
        list(batches)
    assert raised.value.line == 8


def test_what_is_wrong_with_the_file_is_told_to_nobody_who_has_gone(
    path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """As when it was found here first, while the rows were counted: no traceback among the words about it."""
    asked = order(path, columns_of(path))
    path.write_bytes(TEXT.encode() + b"7,\xff,,,,,\n")
    with rows_apart(asked):
        pass
    assert capfd.readouterr().err == ""


def test_a_process_that_dies_is_no_end_of_the_file(path: Path) -> None:
    with rows_apart(order(path, columns_of(path))) as batches:
        for child in multiprocessing.active_children():
            child.kill()  # long before it has sent anything
        with pytest.raises(ListFileError, match="has ended early"):
            list(batches)


def test_ctrl_c_is_not_for_it_from_its_first_moment_on(path: Path) -> None:
    asked = order(path, columns_of(path))
    with rows_apart(asked) as batches:
        for child in multiprocessing.active_children():
            assert child.pid is not None
            os.kill(child.pid, signal.SIGINT)  # long before Python has begun in there
        assert sum(map(len, batches)) == 6


def test_another_file_in_its_place_is_not_read_under_the_columns_of_the_first(path: Path) -> None:
    asked = order(path, columns_of(path))
    path.write_text(TEXT.replace("phone,phone2", "phone2,phone", 1), encoding="utf-8")
    with pytest.raises(ListFileError, match="changed while it was imported"), rows_apart(asked) as batches:
        list(batches)


def run(path: Path, *, alone: bool) -> tuple[ImportSummary, MemoryStore]:
    store = MemoryStore()
    summary = import_list(
        path,
        ImportOptions(list_name="spring"),
        write=store.write,
        reader=store,
        now=1_800_000_000.0,
        clock=lambda: 0.0,
        alone=alone,
    )
    return summary, store


def test_an_import_comes_to_the_same(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    beside, stored = run(path, alone=False)
    monkeypatch.setattr(module, "APART_FROM", 1)
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    alone, stored_alone = run(path, alone=True)
    assert alone == beside
    assert list(stored_alone.leads("spring")) == list(stored.leads("spring"))
    assert alone.accepted == 3
