"""A PostgreSQL server of the tests' own: a data directory that is thrown away, a Unix socket, no network.

It is never the machine's own cluster. It runs as an unprivileged user (the server refuses root), commits to the
disk as a real one does, and sorts text by ICU's rules, as many installations do and SQLite does not.
"""

from __future__ import annotations

import ctypes
import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from dialer.storage.database import open_database
from tests.programs import path_of

START_LIMIT_S = 30.0
ADMIN = "admin"
ROLE = "dialer"
"""Owns the databases; no superuser, as in an installation."""
MIGRATED = "migrated"

_SETTINGS = {
    "listen_addresses": "",
    "fsync": "on",
    "full_page_writes": "on",
    "max_connections": "40",
    "shared_buffers": "64MB",
    "autovacuum_naptime": "10s",
    "logging_collector": "off",
}
_PR_SET_PDEATHSIG = 1


class Server:
    """A cluster in a directory of its own. `start` and `stop` as often as a test needs."""

    def __init__(self, settings: Mapping[str, str] | None = None) -> None:
        self._settings = {**_SETTINGS, **(settings or {})}
        self.folder = Path(tempfile.mkdtemp(prefix="pg-"))  # a socket's path may have 107 characters
        self._account = _account()
        self._process: subprocess.Popen[bytes] | None = None
        self._names = itertools.count(1)
        if self._account:
            os.chown(self.folder, pwd.getpwnam(self._account).pw_uid, -1)
        self._initialise()

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    def _initialise(self) -> None:
        version = int(self._run("postgres", "--version").split()[2].split(".")[0])
        locale = ["--locale-provider=icu", "--icu-locale=en-US"] if version >= 15 else []
        self._run(
            "initdb", "--pgdata", str(self._data), "--username", ADMIN, "--auth", "trust", "--encoding", "UTF8",
            "--no-sync", "--locale", "C.UTF-8", *locale,
        )  # fmt: skip

    def _run(self, program: str, *arguments: str) -> str:
        command = [_path(program), *arguments]
        done: subprocess.CompletedProcess[str] = subprocess.run(
            command, capture_output=True, text=True, check=False, cwd="/", **self._as_account()
        )
        if done.returncode != 0:
            raise RuntimeError(f"{program} failed: {done.stdout}{done.stderr}")
        return done.stdout

    def _as_account(self) -> dict[str, Any]:
        return {"user": self._account, "group": "nogroup", "extra_groups": []} if self._account else {}

    def start(self) -> None:
        """Returns when it takes connections."""
        settings = [f"--{name}={value}" for name, value in self._settings.items()]
        log = (self.folder / "log").open("ab")
        with log:
            self._process = subprocess.Popen(
                [_path("postgres"), "-D", str(self._data), "-k", str(self.folder), *settings],
                stdout=log,
                stderr=log,
                cwd="/",
                preexec_fn=_die_with_parent,  # noqa: PLW1509 - no thread of ours holds a lock it takes
                **self._as_account(),
            )
        give_up_at = time.monotonic() + START_LIMIT_S
        while True:
            try:
                self.connect("postgres").close()
            except psycopg.OperationalError as error:
                if self._process.poll() is not None or time.monotonic() > give_up_at:
                    raise RuntimeError(f"the server does not start: {error}\n{self.log()}") from error
                time.sleep(0.02)
            else:
                return

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """SIGINT ends sessions and writes everything out; SIGQUIT drops everything, as a crash does."""
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(30)
            self._process = None

    def remove(self) -> None:
        self.stop(signal.SIGQUIT)
        shutil.rmtree(self.folder)

    def log(self) -> str:
        return (self.folder / "log").read_text(encoding="utf-8", errors="replace")

    def connect(self, database: str) -> psycopg.Connection[Any]:
        """As the administrator."""
        return psycopg.connect(host=str(self.folder), user=ADMIN, dbname=database, autocommit=True)

    def url(self, database: str) -> str:
        return f"postgresql://{ROLE}@/{database}?host={self.folder}"

    def prepare(self) -> None:
        """The role, and a database with the schema to copy."""
        with self.connect("postgres") as connection:
            connection.execute(f"CREATE ROLE {ROLE} LOGIN")
            connection.execute(f"CREATE DATABASE {MIGRATED} OWNER {ROLE}")
        open_database(self.url(MIGRATED)).close()

    @contextmanager
    def database(self, *, empty: bool = False) -> Iterator[str]:
        """The address of a new database with the schema in it, or quite `empty`; gone afterwards."""
        name = f"test_{next(self._names)}"
        template = "template1" if empty else MIGRATED
        with self.connect("postgres") as connection:
            connection.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER {}").format(
                    *map(sql.Identifier, (name, template, ROLE))
                )
            )
        try:
            yield self.url(name)
        finally:
            with suppress(psycopg.OperationalError), self.connect("postgres") as connection:
                connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def _path(program: str) -> str:
    path = path_of(program)
    if path is None:
        raise RuntimeError(f"{program} is not on this machine (Debian: postgresql)")
    return path


def _account() -> str:
    """Whom the server runs as; "" when we are nobody special ourselves."""
    if os.getuid() != 0:
        return ""
    known = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"


def _die_with_parent() -> None:
    """A run of the tests that is killed leaves no server behind (Linux)."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGQUIT)


@contextmanager
def running_server(settings: Mapping[str, str] | None = None) -> Iterator[Server]:
    server = Server(settings)
    try:
        server.start()
        server.prepare()
        yield server
    finally:
        server.remove()
