"""Bringing a database to the schema of this version: alembic, run by the program itself.

`REVISIONS` lists the revisions this version knows, oldest first; the last is the one it works with.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from dialer.storage.errors import SchemaMissing, SchemaTooNew

REVISIONS = (
    "0001", "0002", "0003", "0004", "0005", "0007", "0008", "0009", "0010", "0011", "0012", "0013", "0014",
    "0015", "0016", "0017", "0018", "0019", "0020", "0021", "0022",
)  # fmt: skip
HEAD = REVISIONS[-1]
UPGRADE_LOCK = {"class": 0x4449414C, "lock": 2}
"""Beside the one of `ownership.py`."""


def current(connection: Connection) -> str | None:
    """The revision of the database, None for one without tables."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return None if found is None else str(found)


def check(engine: Engine) -> None:
    """Raise `SchemaTooNew` or `SchemaMissing` unless the database is at this version's schema."""
    with engine.connect() as connection:
        revision = current(connection)
    if revision is not None and revision not in REVISIONS:
        raise SchemaTooNew(str(engine.url.database), revision)
    if revision != HEAD:
        raise SchemaMissing(str(engine.url.database))


def upgrade(engine: Engine, to: str = HEAD) -> None:
    """Bring the database to this version's schema (or to an earlier one of `REVISIONS`, for tests of what follows
    it), in one transaction. Raises `SchemaTooNew`."""
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":  # SQLite's transaction is alone as it is
            connection.execute(text("SELECT pg_advisory_xact_lock(:class, :lock)"), UPGRADE_LOCK)
        revision = current(connection)
        if revision == to:
            return
        if revision is not None and revision not in REVISIONS:
            raise SchemaTooNew(str(engine.url.database), revision)
        # Imported only when there is something to do: alembic takes a fifth of a second to load.
        from alembic import command
        from alembic.config import Config

        config = Config()
        config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
        config.attributes["connection"] = connection
        command.upgrade(config, to)


__all__ = ["HEAD", "REVISIONS", "check", "current", "upgrade"]
