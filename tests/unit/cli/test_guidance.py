"""Help: what stands in listings fits, and every example is one that the command takes."""

from __future__ import annotations

import shlex
from typing import Any

import pytest

from dialer.cli import guidance as texts
from dialer.cli import main
from dialer.cli.program import command, program

NAMES = [name for name, _ in texts.commands(program)]
GROUPS = [str(group.name) for group in program.registered_groups]


@pytest.mark.parametrize("group", ["", *GROUPS])
def test_no_line_of_a_listing_is_cut(
    group: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert main([*group.split(), "--help"]) == 0
    listing = capsys.readouterr().out.partition("Commands:")[2]
    assert listing
    assert "..." not in listing


@pytest.mark.parametrize("name", [name for name in NAMES if name != "carrier"])  # that one has argparse's
def test_every_command_says_which_home_it_is_about(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*name.split(), "--help"]) == 0
    assert "--home DIR (or DIALER_HOME; else ./dialer-home)" in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize("example", [line for lines in texts.EXAMPLES.values() for line in lines])
def test_every_example_is_taken(example: str) -> None:
    at: Any = command()
    words = [word for word in shlex.split(example)[1:] if word not in ("--home", "my-centre")]
    while hasattr(at, "commands"):
        at = at.commands[words.pop(0)]
    at.make_context(at.name, words)  # raises for what it does not know, and for what is missing


def test_texts_are_for_commands_that_there_are() -> None:
    assert set(texts.EXAMPLES) <= set(NAMES)
    assert set(texts.IN_SHORT) <= {*NAMES, *GROUPS}
