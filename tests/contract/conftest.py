"""`store`: each implementation in turn, empty."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from dialer.storage.database import open_database
from tests.contract.stores import InDatabase, InMemory, Store


@pytest.fixture(scope="module")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Migrated once and copied for each test: the migrations have tests of their own."""
    path = tmp_path_factory.mktemp("empty") / "dialer.db"
    open_database(path).close()
    return path


@pytest.fixture(params=["memory", "sqlite", pytest.param("postgresql", marks=pytest.mark.needs("postgres"))])
def store(request: pytest.FixtureRequest, tmp_path: Path, empty_database: Path) -> Iterator[Store]:
    if request.param == "memory":
        yield InMemory()
        return
    if request.param == "postgresql":
        where = str(request.getfixturevalue("postgres_url"))
    else:
        where = str(shutil.copy(empty_database, tmp_path / "dialer.db"))
    with open_database(where) as database:
        yield InDatabase(database)
