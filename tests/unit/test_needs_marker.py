"""A test that asks for a program which is not there is skipped at home and fails in CI."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

import pytest

from tests.conftest import pytest_runtest_setup


def item(*programs: str) -> pytest.Item:
    markers = [pytest.mark.needs(*programs).mark]
    return cast(pytest.Item, SimpleNamespace(iter_markers=lambda name: markers if name == "needs" else []))


def test_skipped_at_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="needs no-such-program"):
        pytest_runtest_setup(item("sh", "no-such-program"))


def test_a_failure_in_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="CI must install it"):
        pytest_runtest_setup(item("no-such-program"))


def test_what_is_there_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    pytest_runtest_setup(item("sh"))


def test_an_address_is_needed_like_a_program(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    pytest_runtest_setup(item("127.0.0.1"))
    with pytest.raises(pytest.fail.Exception, match=r"needs 192\.0\.2\.1"):  # RFC 5737: nobody's
        pytest_runtest_setup(item("192.0.2.1"))
