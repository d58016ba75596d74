"""The migrations lead to the tables the code works with."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, text
from sqlalchemy.schema import CreateIndex, CreateTable

from dialer.storage import migrations
from dialer.storage.database import open_database, open_reader
from dialer.storage.errors import SchemaMissing, SchemaTooNew
from dialer.storage.tables import metadata

pytestmark = pytest.mark.usefixtures("real_migrations")


def schema(path: Path) -> dict[str, str]:
    engine = create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL")).all()
    engine.dispose()
    return {name: " ".join(sql.split()) for name, sql in rows if name != "alembic_version"}


def by_parts(statements: dict[str, str]) -> dict[str, list[str]]:
    """Each statement as its words in a fixed order: constraints of a table may stand in any."""
    return {name: sorted(re.findall(r"[^\s,()]+", sql)) for name, sql in statements.items()}


def test_a_migrated_database_has_the_tables_of_the_code(tmp_path: Path) -> None:
    path = tmp_path / "dialer.db"
    open_database(path).close()
    engine = create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    engine.dispose()


def test_partial_indexes_and_clustered_tables_are_the_same_too(tmp_path: Path) -> None:
    """What alembic's comparison does not look at."""
    path = tmp_path / "dialer.db"
    open_database(path).close()
    engine = create_engine("sqlite://")
    wanted = {table.name: str(CreateTable(table).compile(engine)) for table in metadata.sorted_tables}
    for table in metadata.sorted_tables:
        wanted |= {str(index.name): str(CreateIndex(index).compile(engine)) for index in table.indexes}
    engine.dispose()
    assert by_parts(schema(path)) == by_parts(wanted)


def test_the_known_revisions_are_those_of_the_scripts() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    scripts = ScriptDirectory.from_config(config)
    found = [script.revision for script in scripts.walk_revisions()]
    assert tuple(reversed(found)) == migrations.REVISIONS
    assert scripts.get_current_head() == migrations.HEAD


def test_opening_again_keeps_what_is_there(tmp_path: Path) -> None:
    with open_database(tmp_path / "dialer.db") as first:
        key = first.key
    with open_database(tmp_path / "dialer.db") as again:
        assert again.key == key
    assert len(key) == 32
    with open_database(tmp_path / "other.db") as other:
        assert other.key != key


def test_a_database_of_a_later_version_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "dialer.db"
    open_database(path).close()
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    for opening in (open_database, open_reader):
        with pytest.raises(SchemaTooNew, match=r"dialer\.db.*'9999'.*Update the program") as caught:
            opening(path)
        assert caught.value.revision == "9999"


def test_a_reader_does_not_prepare_a_database(tmp_path: Path) -> None:
    path = tmp_path / "dialer.db"
    with pytest.raises(SchemaMissing, match="A command that writes"):
        open_reader(path)
