"""PostgreSQL as we use it, through psycopg 3. See `docs/decisions/0008-postgresql.md`.

Passwords are libpq's business: `~/.pgpass`, `PGPASSWORD`, a service file, or the address. None is ever shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.pool import NullPool

from dialer.storage.errors import UnsupportedStore
from dialer.storage.statement import Asked

OLDEST_VERSION = 13
CONNECT_TIMEOUT_S = 5
SILENCE_MS = 10_000
"""How long a server may leave what was sent unacknowledged before the connection is given up (TCP alone)."""

DRIVER = "postgresql+psycopg"
TRANSACTION = "transaction"
FORGOTTEN = "forgotten"
"""Key of `Connection.info`: the number of the transaction that was begun last on the connection that owns the
database (`ownership.py`); there from the moment it does."""
KEPT_NUMBERS = 1_000
"""How many transactions' numbers are kept at least; only the last is ever asked about."""
_NUMBER = "INSERT INTO transactions (number) VALUES ($1)"
_NUMBER_IF_THERE = """
INSERT INTO transactions (number) SELECT CASE WHEN
    (SELECT count(*) FROM attempts WHERE attempt_id = ANY ($2::bigint[]) AND closed_at IS NOT NULL
        AND xmin = pg_current_xact_id()::xid) = cardinality($2::bigint[])
    AND (SELECT count(*) FROM unnest($3::integer[], $4::bigint[]) AS moved (campaign_id, lead_id) WHERE
        (SELECT place.xmin FROM campaign_leads AS place
            WHERE place.campaign_id = moved.campaign_id AND place.lead_id = moved.lead_id)
        = pg_current_xact_id()::xid) = cardinality($4::bigint[])
THEN $1::bigint END
"""
"""Gives the transaction its number if it closed these attempts and moved these places, each of which then is a row
of its own: no number is null, so that otherwise it fails."""
_NOT_NULL = "23502"
_NOT_DURABLY = "SET LOCAL synchronous_commit = off"
_FORGET_NUMBERS = "DELETE FROM transactions WHERE number > $1 AND number <= $2"

# A server finds out about a home that is gone (its machine lost power) within half a minute, and frees its lock.
_KEEP_ALIVE = "-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3"
_NO_LIMITS = "-c statement_timeout=0 -c lock_timeout=0 -c idle_in_transaction_session_timeout=0"
# What the writer asks is answered from indexes, whatever the values. On tables that were empty a moment ago the
# planner may not think so, and a prepared statement keeps its plan.
_PLANS = "-c enable_seqscan=off -c plan_cache_mode=force_generic_plan -c jit=off"
_WRITING = f"-c synchronous_commit=on {_PLANS} {_NO_LIMITS} {_KEEP_ALIVE}"
_READING = "-c default_transaction_read_only=on -c jit=off"


def address_of(url: URL) -> str:
    """The address for messages: user, host, port and database, never a password."""
    host = url.host or _text(url.query.get("host")) or "local socket"
    port = url.port or _text(url.query.get("port")) or 5432
    user = f"{url.username}@" if url.username else ""
    return f"postgresql://{user}{host}:{port}/{url.database or ''}"


def writing_engine(url: URL, name: str) -> Engine:
    """For the writer alone. `name`: how the server lists its connections (`application_name`)."""
    engine = _engine(url, name, _WRITING, poolclass=NullPool)

    def prepare(connection: Any, _record: object) -> None:
        _check(connection, url)
        connection.autocommit = True  # BEGIN is sent by us
        connection.prepare_threshold = None  # and statements are prepared (`session.py`): it would drop those too
        if connection.info.server_version >= 140_000:
            connection.execute("SET idle_session_timeout = 0")

    def begin(connection: Connection) -> None:
        if TRANSACTION not in connection.info:
            connection.exec_driver_sql("BEGIN")

    event.listen(engine, "connect", prepare)
    event.listen(engine, "begin", begin)
    return engine


def begin(connection: Connection) -> Sequence[Asked]:
    """What begins a transaction on the connection that owns the database: sent with the first that is asked in it,
    which saves a round trip. Nothing on any other connection."""
    if TRANSACTION not in connection.info:
        return ()
    connection.info[TRANSACTION] += 1
    return (("BEGIN", ()),)


def commit(
    connection: Connection, closed: list[int], moved: Sequence[tuple[int, int]], *, durably: bool
) -> Sequence[Asked]:
    """What numbers and commits the transaction that `begin` began: sent with the last that is written in it, for
    the server itself sees to it that the attempts `closed` were open and the places `moved` (campaign, lead) were
    there, and fails with `is_unnumbered` otherwise. Nothing on any other connection. Not `durably`: it is answered
    before it is on the disk, which it will be no later than the next one that is.

    Each number is a row of its own: one row for all would have to be looked for among every version of it that a
    long read still keeps."""
    if TRANSACTION not in connection.info:
        return ()
    number = int(connection.info[TRANSACTION])
    campaigns, leads = [campaign_id for campaign_id, _ in moved], [lead_id for _, lead_id in moved]
    if closed or leads:
        statements: list[Asked] = [(_NUMBER_IF_THERE, (number, closed, campaigns, leads))]
    else:
        statements = [(_NUMBER, (number,))]
    if number >= connection.info[FORGOTTEN] + 2 * KEPT_NUMBERS:
        statements.append((_FORGET_NUMBERS, (connection.info[FORGOTTEN], number - KEPT_NUMBERS)))
    if not durably:
        statements.append((_NOT_DURABLY, ()))
    return (*statements, ("COMMIT", ()))


def committed(connection: Connection) -> None:
    """What `commit` returned was run. Only then are the numbers forgotten that it was to forget: those of a
    transaction that fails are the next one's to forget."""
    number = connection.info.get(TRANSACTION)
    if number is not None and number >= connection.info[FORGOTTEN] + 2 * KEPT_NUMBERS:
        connection.info[FORGOTTEN] = number - KEPT_NUMBERS


def is_unnumbered(error: Exception) -> bool:
    """Whether `commit` failed because something that was to be closed or moved was not there."""
    diagnosis: Any = getattr(error, "diag", None)
    return getattr(error, "sqlstate", None) == _NOT_NULL and diagnosis.table_name == "transactions"


def reading_engine(url: URL, name: str) -> Engine:
    """Connections that cannot write. Each read sees one state of the database, however many statements it has."""
    engine = _engine(url, name, _READING, isolation_level="REPEATABLE READ", pool_pre_ping=True)

    def prepare(connection: Any, _record: object) -> None:
        _check(connection, url)

    event.listen(engine, "connect", prepare)
    return engine


def _engine(url: URL, name: str, settings: str, **options: Any) -> Engine:
    given = _text(url.query.get("options"))
    arguments = {
        "application_name": name.encode("ascii", "replace").decode()[:63],
        "options": f"{given} {settings}".strip(),
        "connect_timeout": CONNECT_TIMEOUT_S,
        "tcp_user_timeout": SILENCE_MS,
        "client_encoding": "utf8",
    }
    rest = url.difference_update_query(["options"]).set(drivername=DRIVER)
    return create_engine(rest, connect_args=arguments, **options)


def _check(connection: Any, url: URL) -> None:
    """Raises `UnsupportedStore` for a server or database that cannot hold what we store."""
    version = connection.info.server_version
    if version < OLDEST_VERSION * 10_000:
        raise UnsupportedStore(
            f"{address_of(url)}: this is PostgreSQL {version // 10_000}; {OLDEST_VERSION} is the oldest that"
            " serves. Upgrade the server, or name another one (database.url in dialer.toml)"
        )
    encoding = connection.info.parameter_status("server_encoding")
    if encoding != "UTF8":
        raise UnsupportedStore(
            f"{address_of(url)}: the database is encoded in {encoding}, which cannot hold every name. Make one"
            " with `createdb --encoding UTF8 --template template0 NAME`, and name it (database.url in dialer.toml)"
        )


def _text(value: object) -> str:
    """Of a query parameter, which may be there several times."""
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    return str(value) if value else ""
