"""A home with the store behind it: owned by this process to write, or looked at by any."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from dialer.app.home import load_home
from dialer.errors import EnvironmentFault
from dialer.ports.store import Answer, Reader, Write
from dialer.settings import DATABASE_NAME, Settings
from dialer.storage.database import Database, address_of, open_database, open_reader
from dialer.storage.errors import SchemaMissing, StoreUnreachable, WriteFailed
from dialer.storage.owner import acquire_owner
from dialer.storage.reader import SqlReader

Deliver = Callable[[Callable[[], None]], object]


@dataclass(frozen=True, slots=True)
class HomeView:
    """A home opened to look at, whoever owns it."""

    home: Path
    settings: Settings
    reader: SqlReader


@dataclass(frozen=True, slots=True)
class Installation:
    """A home that this process owns. `write` commits and answers, or raises what kept it from it."""

    home: Path
    settings: Settings
    database: Database

    @property
    def reader(self) -> Reader:
        return self.database.reader

    def write(self, write: Write) -> Answer:
        return self.database.writer.write(write)


@contextmanager
def open_home(home: Path, command: str, deliver: Deliver | None = None) -> Iterator[Installation]:
    """Own a home and open its database to write, for as long as the block lasts.

    `command`: how others are told who owns it; `deliver`: see `open_database`. Raises `HomeError`,
    `SettingsError`, `EnvironmentFault`, `OwnedElsewhere`, `DatabaseTaken`, and what else the store may raise.
    """
    settings = load_home(home)
    try:
        lock = acquire_owner(home, command)
    except OSError as error:
        raise EnvironmentFault(f"{error.filename or home}: cannot be written: {error.strerror}") from error
    where = _where(home, settings)
    with lock:
        try:
            database = open_database(where, deliver, owner=_name(home, command))
        except WriteFailed as error:
            raise _unusable(home, settings, error) from error
        with database:
            yield Installation(home, settings, database)


@contextmanager
def read_home(home: Path) -> Iterator[HomeView]:
    """Open a home to read, for as long as the block lasts. A home whose database is not there yet, or of an
    earlier version, is prepared first. Raises as `open_home`."""
    settings = load_home(home)
    try:
        reader = _open_reader(home, settings)
    except SchemaMissing:
        with open_home(home, "preparing the database"):
            pass
        reader = _open_reader(home, settings)
    with closing(reader):
        yield HomeView(home, settings, reader)


@contextmanager
def look_at_home(home: Path) -> Iterator[HomeView | None]:
    """As `read_home`, and nothing is prepared: None when the home has no database yet. Also raises
    `SchemaMissing`, for one that this version has not prepared."""
    settings = load_home(home)
    if not settings.database_url and not (home / DATABASE_NAME).exists():
        yield None
        return
    with closing(_open_reader(home, settings)) as reader:
        yield HomeView(home, settings, reader)


def _open_reader(home: Path, settings: Settings) -> SqlReader:
    try:
        return open_reader(_where(home, settings), owner=_name(home, "reads"))
    except WriteFailed as error:
        raise _unusable(home, settings, error) from error


def example_files() -> dict[str, bytes]:
    """What a new home holds: path below the home → content."""
    templates = resources.files("dialer.operations").joinpath("templates")
    return {
        "dialer.toml": templates.joinpath("dialer.toml").read_bytes(),
        "campaigns/sample.toml": templates.joinpath("campaigns", "sample.toml").read_bytes(),
        "campaigns/press-one.toml": templates.joinpath("campaigns", "press-one.toml").read_bytes(),
        "lists/sample.csv": resources.files("lists.sample").joinpath("people.csv").read_bytes(),
        "population.toml": resources.files("sim_trunk").joinpath("populations", "realistic.toml").read_bytes(),
    }


def _unusable(home: Path, settings: Settings, error: WriteFailed) -> EnvironmentFault:
    """The store does not say which file it is about; of a server that is away it has said all there is to say."""
    if isinstance(error, StoreUnreachable):
        return EnvironmentFault(str(error))
    place = address_of(_where(home, settings))
    advice = "; the user in database.url has to own the database" if "://" in place else ""
    return EnvironmentFault(f"{place}: cannot be used: {error}{advice}")


def _name(home: Path, command: str) -> str:
    """How a database server, and other homes it refuses for our sake, are told about us: 63 characters of it."""
    return f"{command} [{os.getpid()}@{socket.gethostname()}] {home.absolute()}"


def _where(home: Path, settings: Settings) -> Path | str:
    return settings.database_url or home / DATABASE_NAME
