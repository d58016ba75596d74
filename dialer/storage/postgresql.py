"""PostgreSQL as we use it, through psycopg 3. See `docs/decisions/0008-postgresql.md`.

Passwords are libpq's business: `~/.pgpass`, `PGPASSWORD`, a service file, or the address. None is ever shown.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.pool import NullPool

from dialer.storage.errors import UnsupportedStore

OLDEST_VERSION = 13
CONNECT_TIMEOUT_S = 5
SILENCE_MS = 10_000
"""How long a server may leave what was sent unacknowledged before the connection is given up (TCP alone)."""

DRIVER = "postgresql+psycopg"
TRANSACTION = "transaction"
"""Key of `Connection.info`: the number of the transaction that was begun last on the connection that owns the
database (`ownership.py`); there from the moment it does."""
KEPT_NUMBERS = 1_000
"""How many transactions' numbers are kept at least; only the last is ever asked about."""
_NUMBER = "INSERT INTO transactions (number) VALUES (%s)"
_FORGET_NUMBERS = "DELETE FROM transactions WHERE number > %s AND number <= %s"

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
        if connection.info.server_version >= 140_000:
            connection.execute("SET idle_session_timeout = 0")

    def begin(connection: Connection) -> None:
        if TRANSACTION not in connection.info:
            connection.exec_driver_sql("BEGIN")

    event.listen(engine, "connect", prepare)
    event.listen(engine, "begin", begin)
    return engine


def beginning(connection: Connection) -> list[tuple[str, tuple[int, ...]]]:
    """What begins a transaction on the connection that owns the database, and numbers it: sent with the first that
    is asked in it, which saves a round trip. Each number is a row of its own: one row for all would have to be
    looked for among every version of it that a long read still keeps."""
    if TRANSACTION not in connection.info:
        return []
    connection.info[TRANSACTION] += 1
    number = int(connection.info[TRANSACTION])
    statements: list[tuple[str, tuple[int, ...]]] = [("BEGIN", ()), (_NUMBER, (number,))]
    if number % KEPT_NUMBERS == 0:
        statements.append((_FORGET_NUMBERS, (number - 2 * KEPT_NUMBERS, number - KEPT_NUMBERS)))
    return statements


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
