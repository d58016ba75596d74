"""What each kind of failure comes to: the exit status, and whether there is a traceback."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest
from sqlalchemy.exc import DatabaseError

from campaigns.errors import CampaignFileError, Problem
from dialer.cli import program
from dialer.errors import (
    EnvironmentFault,
    HomeError,
    ServiceNotRunning,
    SettingsError,
    UnknownName,
)
from dialer.storage.errors import DiskFull, OwnedElsewhere
from dialer.telephony.errors import AddressUnavailable
from lists.errors import OptionError
from sim_trunk.errors import PopulationFileError, TwinError

PROBLEM = Problem("file.toml", 3, 1, "field", "is wrong", "mend it")


def failing(error: BaseException) -> Callable[..., NoReturn]:
    def command(**_: object) -> NoReturn:
        raise error

    return command


def run(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> int:
    monkeypatch.setattr(program, "command", lambda: failing(error))
    return program.run([])


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (UnknownName("list", "x", []), 2),
        (HomeError(Path("/x"), "is not there"), 2),
        (SettingsError([PROBLEM]), 2),
        (EnvironmentFault("the disk is gone"), 2),
        (ServiceNotRunning("the service is not running; start it with `dialer run`"), 3),
        (OptionError("region", "is no country"), 2),
        (CampaignFileError([PROBLEM]), 2),
        (PopulationFileError([PROBLEM]), 2),
        (AddressUnavailable("127.0.0.1", 5060, "in use", "take another port"), 2),
        (DiskFull("no space left"), 2),
        (OwnedElsewhere(Path("/x"), 7, "dialer run"), 2),
        (DatabaseError("SELECT 1", {}, sqlite3.DatabaseError("malformed")), 2),
    ],
)
def test_what_a_user_can_mend_has_a_status_and_no_traceback(
    error: Exception, status: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, error) == status
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("dialer: ")
    assert "Traceback" not in captured.err


@pytest.mark.parametrize("error", [ZeroDivisionError(), TwinError("a deadline that never passes")])
def test_a_fault_of_the_program_is_not_hidden_nor_taken_for_an_answer(
    error: Exception, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, error) == 70
    said = capsys.readouterr().err
    assert "Traceback" in said
    assert type(error).__name__ in said


def test_an_interrupt_has_its_status(monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(monkeypatch, KeyboardInterrupt()) == 130


def test_what_an_operation_leaves_behind_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    full, cut, broken = (
        DiskFull("no space left"),
        KeyboardInterrupt(),
        DatabaseError("", {}, sqlite3.Error("gone")),
    )
    for error, status in ((full, 2), (cut, 130), (broken, 2)):
        error.add_note("half of it is there")
        assert run(monkeypatch, error) == status
        assert capsys.readouterr().err.splitlines()[-1] == "dialer: half of it is there"


@pytest.mark.parametrize(("code", "status"), [(0, 0), (1, 1), (2, 2), (130, 130), (None, 0)])
def test_a_command_says_its_status(code: int | None, status: int, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(monkeypatch, SystemExit(code)) == status


def test_what_only_asks_the_service_loads_no_database_and_no_server() -> None:
    """They are the larger half of what a command would load."""
    code = "import sys, dialer.cli.program, dialer.cli.service, dialer.app.remote; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert "httpx" in loaded
    assert not {"sqlalchemy", "fastapi", "numpy", "alembic"} & set(loaded)
