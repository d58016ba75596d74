"""On PostgreSQL too the migrations lead to the tables the code works with."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, create_engine, make_url, text

from dialer.storage import migrations
from dialer.storage.database import open_database, open_reader
from dialer.storage.errors import SchemaMissing, SchemaTooNew
from dialer.storage.postgresql import DRIVER
from dialer.storage.tables import metadata
from lists.dnc import blocked_since
from tests.postgres import Server

pytestmark = [pytest.mark.needs("postgres"), pytest.mark.usefixtures("real_migrations")]


OURS = ("owner", "transactions")
"""Tables beside the migrated ones (`ownership.py`)."""


@pytest.fixture
def empty_url(postgres_server: Server) -> Iterator[str]:
    with postgres_server.database(empty=True) as url:
        yield url


@pytest.fixture
def empty(empty_url: str) -> Iterator[Engine]:
    engine = engine_of(empty_url)
    yield engine
    engine.dispose()


def engine_of(url: str) -> Engine:
    return create_engine(make_url(url).set(drivername=DRIVER))


def schema(engine: Engine) -> set[tuple[str, ...]]:
    """Columns, constraints and indexes, as the server words them."""
    columns = (
        "SELECT table_name, column_name, data_type, is_nullable, coalesce(column_default, '')"
        " FROM information_schema.columns WHERE table_schema = 'public'"
    )
    constraints = (
        "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE connamespace = 'public'::regnamespace"
    )
    indexes = "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'"
    with engine.connect() as connection:
        rows = [row for query in (columns, constraints, indexes) for row in connection.execute(text(query))]
    return {tuple(map(str, row)) for row in rows if row[0] not in ("alembic_version", *OURS)}


def test_a_migrated_database_has_the_tables_of_the_code(postgres_url: str, empty: Engine) -> None:
    migrated = engine_of(postgres_url)
    try:
        with migrated.connect() as connection:
            context = MigrationContext.configure(
                connection,
                opts={"include_name": lambda name, kind, _parents: kind != "table" or name not in OURS},
            )
            assert compare_metadata(context, metadata) == []
        metadata.create_all(empty)
        assert schema(migrated) == schema(empty)
    finally:
        migrated.dispose()


def test_what_was_stored_by_the_first_version_is_there_after_the_upgrade(empty: Engine, empty_url: str) -> None:
    migrations.upgrade(empty, to="0001")
    with empty.begin() as connection:
        for statement in (
            "INSERT INTO lists VALUES (1, 'acme/spring', 'a test', '', 1.0, 1, 1)",
            "INSERT INTO leads VALUES (1, 1, 'Ada', '', 'X1', '[]', 'a test', '', 1.0)",
            "INSERT INTO numbers VALUES (1, 0, '+442079460000', 'GB', 'fixed', 'Europe/London', 'number')",
            "INSERT INTO campaigns VALUES (1, 'c', 'lists = [\"acme/spring\"]', 'oldest', 0, 1.0)",
            "INSERT INTO campaign_versions VALUES (1, 'ab', 'lists = [\"acme/spring\"]', 1.0)",
            "INSERT INTO campaign_lists VALUES (1, 1)",
            "INSERT INTO campaign_leads VALUES (1, 1, 'ready', 0, 'GB:Europe/London', 1, 0, 0, '[]', '')",
            "INSERT INTO dnc VALUES ('+442079460001', 'register', 5.0)",
        ):
            connection.execute(text(statement))
    with open_database(empty_url) as database:
        reader = database.reader
        assert [one.name for one in reader.lists()] == ["acme-spring"]
        (campaign,) = reader.campaigns()
        assert (campaign.state.value, campaign.body) == ("ready", 'lists = ["acme-spring"]')
        assert reader.lead_counts("c").total == 1
        assert blocked_since(reader.dnc_entries(["+442079460001"])) == {"+442079460001": 5.0}
        assert reader.zone_group_names("c") == ["GB:Europe/London"]


def test_a_migration_that_fails_leaves_nothing_behind(
    empty: Engine, empty_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrations, "REVISIONS", ("0001",))
    with pytest.raises(Exception, match="no-such-revision"):
        migrations.upgrade(empty, to="no-such-revision")
    with empty.connect() as connection:
        assert migrations.current(connection) is None
    with pytest.raises(SchemaMissing, match="A command that writes"):
        open_reader(empty_url)


def test_a_database_of_a_later_version_is_left_alone(postgres_url: str) -> None:
    engine = engine_of(postgres_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    for opening in (open_database, open_reader):
        with pytest.raises(SchemaTooNew, match=r"test_\d+.*'9999'.*Update the program"):
            opening(postgres_url)
