"""New SQLite databases of the tests' own process get the schema of one that was migrated, instead of going through
every migration each: a tenth of a second, some hundred times. Tests of migrations ask for `real_migrations`."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Engine, create_engine, inspect

from dialer.storage import migrations

migrate = migrations.upgrade


def upgrade(engine: Engine, to: str = migrations.HEAD) -> None:
    """As `migrations.upgrade`."""
    if engine.dialect.name != "sqlite" or to != migrations.HEAD or inspect(engine).get_table_names():
        migrate(engine, to)
        return
    with engine.begin() as connection:
        for statement in _schema():
            connection.exec_driver_sql(statement)
        connection.exec_driver_sql("UPDATE installation SET key = randomblob(length(key))")  # each has its own


@cache
def _schema() -> tuple[str, ...]:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "migrated.db"
        engine = create_engine(f"sqlite:///{path}")
        migrate(engine)
        engine.dispose()
        with closing(sqlite3.connect(path)) as database:
            return tuple(line for line in database.iterdump() if line not in ("BEGIN TRANSACTION;", "COMMIT;"))
