"""`[database] url`: which database it names, in the one spelling that the store takes, its password apart."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote, urlsplit

from campaigns.toml_table import Table
from dialer.settings.secrets import read_secret

POSTGRESQL = "postgresql+psycopg"
_POSTGRESQL = frozenset({"postgresql", "postgres", POSTGRESQL})
_SQLITE = frozenset({"sqlite", "sqlite+pysqlite"})
_ADVICE = 'write "postgresql://user@host/database" or "sqlite:////var/lib/dialer/dialer.db", or leave it out'


def read_database_address(table: Table, home: Path) -> str:
    """The address with its password in place, "" for none; what is wrong with it is noted in the table."""
    url = table.text("url", "")
    password = read_secret(table, home, "password")
    if not url:
        if password:
            table.missing("url", "a password without an address is of no use")
        return ""
    kind, separator, rest = url.partition("://")
    if not separator:
        table.wrong("url", "is no database address", _ADVICE)  # not shown: it may hold a password
        return ""
    if kind in _SQLITE:
        if password:
            table.wrong("url", "an SQLite file has no password", "remove the password")
        if not rest.lstrip("/"):
            table.wrong("url", "names no file", 'write "sqlite:////var/lib/dialer/dialer.db", or leave it out')
        return url
    if kind not in _POSTGRESQL:
        table.wrong("url", f"{kind} is not a kind of database that is spoken here", _ADVICE)
        return ""
    return _postgresql(table, rest, password)


def _postgresql(table: Table, rest: str, password: str) -> str:
    url = f"{POSTGRESQL}://{rest}"
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises for one that is none
    except ValueError:
        table.wrong("url", "host and port cannot be read", "write postgresql://user@host:5432/database")
        return ""
    if not parts.path.strip("/"):
        table.wrong("url", "names no database", "write postgresql://user@host/database")
        return ""
    if not password:
        return url
    if parts.password is not None:
        table.wrong("url", "holds a password, and so does another key", "keep one of them")
        return ""
    if not parts.username:
        table.wrong("url", "has a password and no user", "write postgresql://user@host/database")
        return ""
    user, _, place = parts.netloc.rpartition("@")
    return parts._replace(netloc=f"{user}:{quote(password, safe='')}@{place}").geturl()


def without_password(url: str) -> str:
    """The address for messages, as one writes it: `postgresql://dialer@db.example/dialer`."""
    kind, separator, rest = url.partition("://")
    kind = "postgresql" if kind == POSTGRESQL else kind
    end = min((at for at in map(rest.find, "/?#") if at >= 0), default=len(rest))
    user, at, place = rest[:end].rpartition("@")
    return f"{kind}{separator}{user.partition(':')[0]}{at}{place}{rest[end:]}"
