"""What all tests share: programs a test needs are asked for by marker, never found out in its body; one database
server serves all tests of a process; long tests are left to CI (CI=true) and to whoever asks for them."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.programs import is_here

if TYPE_CHECKING:
    from tests.postgres import Server


_left_out = pytest.StashKey[int]()


def in_ci() -> bool:
    return os.environ.get("CI", "").lower() in ("1", "true", "yes")


def pytest_configure() -> None:
    """Started in a shell's background, tests and their programs would ignore Ctrl-C, and those about it fail."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:  # by `nohup`
        signal.signal(signal.SIGHUP, signal.SIG_DFL)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """`@pytest.mark.long` is run in CI, and wherever a test, file or marker is asked for by name."""
    if in_ci() or config.option.markexpr or config.option.keyword or config.args != config.getini("testpaths"):
        return
    long = [item for item in items if item.get_closest_marker("long")]
    config.stash[_left_out] = len(long)
    config.hook.pytest_deselected(items=long)
    items[:] = [item for item in items if item not in long]


def pytest_report_collectionfinish(config: pytest.Config) -> str:
    count = config.stash.get(_left_out, 0)
    return f"{count} long tests are left out: CI=true runs them too, `-m long` runs them alone" if count else ""


def pytest_runtest_setup(item: pytest.Item) -> None:
    """`@pytest.mark.needs("sipp")`, or `needs("::1")`: without the program or address the test is skipped, but in
    CI (CI=true) it fails, so that nothing is left out there unnoticed."""
    for marker in item.iter_markers("needs"):
        for program in marker.args:
            if is_here(str(program)):
                continue
            text = f"needs {program}, which is not on this machine"
            if in_ci():
                pytest.fail(f"{text}; CI must install it", pytrace=False)
            pytest.skip(text)


@pytest.fixture(scope="session", autouse=True)
def _migrated_once() -> Iterator[None]:
    from dialer.storage import migrations
    from tests.migrated import upgrade

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(migrations, "upgrade", upgrade)
        yield


@pytest.fixture
def real_migrations(monkeypatch: pytest.MonkeyPatch) -> None:
    """New databases go through every migration."""
    from dialer.storage import migrations
    from tests.migrated import migrate

    monkeypatch.setattr(migrations, "upgrade", migrate)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Server]:
    """A PostgreSQL server, for tests marked `needs("postgres")`. Each worker of pytest-xdist has its own."""
    from tests.postgres import running_server

    with running_server() as server:
        yield server


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.needs("postgres"))])
def store_address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where to open a new database, once for each kind."""
    if request.param == "sqlite":
        return str(tmp_path / "dialer.db")
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture
def postgres_url(postgres_server: Server) -> Iterator[str]:
    """The address of a new database with the schema in it."""
    with postgres_server.database() as url:
        yield url
