from __future__ import annotations

import io
import sys
from collections.abc import Callable

import pytest

from dialer.cli.progress import bar, counter


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Callable[[], Terminal]:
    """Makes standard error a terminal: called in the test, whose own standard error it replaces."""

    def make() -> Terminal:
        shown = Terminal()
        monkeypatch.setattr(sys, "stderr", shown)
        monkeypatch.setenv("COLUMNS", "120")
        monkeypatch.setenv("TERM", "xterm")
        return shown

    return make


def test_nothing_is_drawn_where_nobody_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = io.StringIO()
    monkeypatch.setattr(sys, "stderr", shown)
    with bar("rows") as progress, counter("attempts") as count:
        assert progress is None
        assert count is None
    assert shown.getvalue() == ""


def test_how_far_it_is_of_how_much(terminal: Callable[[], Terminal], capsys: pytest.CaptureFixture[str]) -> None:
    shown = terminal()
    with bar("rows") as progress:
        assert progress is not None
        progress(500, 2_000)
        progress(1_500, 2_000)
    assert "rows" in shown.getvalue()
    assert "1500/2000" in shown.getvalue()
    assert capsys.readouterr().out == ""


def test_how_far_it_is_of_nobody_knows_how_much(terminal: Callable[[], Terminal]) -> None:
    shown = terminal()
    with counter("attempts") as count:
        assert count is not None
        count(3_000)
    assert "3000/?" in shown.getvalue()
