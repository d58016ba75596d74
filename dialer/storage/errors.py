"""What can go wrong in the store.

StorageError
├── StoreUnusable        the database cannot be opened or used at all
│   ├── SchemaTooNew     written by a later version of the program
│   ├── SchemaMissing    opened for reading only, but it has no tables yet
│   └── UnsupportedStore the address names a database we have no adapter for
├── OwnedElsewhere       another process holds the home
├── DatabaseTaken        another home holds the database (PostgreSQL)
│   └── OwnershipLost    … since this one lost its connection: it can never write again
├── WriterClosed         the writer was closed before this write
├── DiskFull             no space left: nothing of the write is stored
├── WriteFailed          the database refused the write for another reason
│   ├── Outrun           another writer of the same database was quicker; tried again by the writer itself
│   ├── WriteConflict    it would break a rule of the schema (the same id or Call-ID twice, no such lead)
│   └── StoreUnreachable the database server does not answer (PostgreSQL)
├── UnknownCampaign      (also a LookupError)
├── UnknownList          (also a LookupError)
├── UnknownPlace         the lead has no place in the campaign (also a LookupError)
├── UnknownUser          (also a LookupError)
├── UnknownToken         (also a LookupError)
├── ForeignList          a campaign would take a list of another client (also a ValueError)
├── StateConflict        the campaign is not in the state it was expected to be in
├── PersonAtHand         who is to be erased is about to be called, or in a call
└── AttemptNotOpen       the attempt to close does not exist or is closed already (also a LookupError)
"""

from __future__ import annotations

import sqlite3
import sys
from pathlib import Path

from sqlalchemy.exc import DBAPIError

SERVICE_COMMAND = "dialer run"
"""What a service calls itself as the owner of a home."""


class StorageError(Exception):
    """Base of all errors of this package."""


class StoreUnusable(StorageError):
    """The database cannot be opened or used at all."""


class SchemaTooNew(StoreUnusable):
    """The database was written by a later version of the program."""

    def __init__(self, where: str, revision: str) -> None:
        super().__init__(
            f"{where}: its schema is at revision {revision!r}, which this version does not know."
            " Update the program, or open the copy that was backed up before the update."
        )
        self.revision = revision


class SchemaMissing(StoreUnusable):
    """Opened for reading only, but the database has no tables, or those of an earlier version."""

    def __init__(self, where: str) -> None:
        super().__init__(
            f"{where}: not prepared for this version yet. A command that writes (`dialer list import`,"
            " `dialer run`) prepares it."
        )


class UnsupportedStore(StoreUnusable):
    """The address names a kind of database that this version has no adapter for."""


class OwnedElsewhere(StorageError):
    """Another process owns the home. `pid` and `command` are the holder's (0 and "" while it is starting)."""

    def __init__(self, home: Path, pid: int, command: str) -> None:
        holder = f"process {pid} ({command})" if pid else "another process"
        advice = (
            f"`dialer stop --home {home}` stops it" if command == SERVICE_COMMAND else "Wait until it is through"
        )
        super().__init__(f"{home}: in use by {holder}. {advice}.")
        self.home = home
        self.pid = pid
        self.command = command


class DatabaseTaken(StorageError):
    """Another home writes to this database. `holder`: the name it gave itself."""

    def __init__(self, where: str, holder: str) -> None:
        super().__init__(
            f"{where}: {holder or 'another home'} writes to this database already. One home owns a database: stop"
            " that one first, or give this home a database of its own (database.url in dialer.toml)."
        )
        self.where = where
        self.holder = holder


class OwnershipLost(DatabaseTaken):
    """While this home was cut off from the database, another one took it: what this one knows is out of date."""

    def __init__(self, where: str, holder: str) -> None:
        StorageError.__init__(
            self,
            f"{where}: while this home had no connection, {holder or 'another home'} took the database over."
            " Nothing is written or dialed from here any more: start this home again once the other one has"
            " ended.",
        )
        self.where = where
        self.holder = holder


class WriterClosed(StorageError):
    """The writer was closed before this write reached it."""


class DiskFull(StorageError):
    """No space left on the disk. Nothing of the write is stored; later writes succeed once there is space."""


class WriteFailed(StorageError):
    """The database refused the write. Nothing of it is stored."""


class WriteConflict(WriteFailed):
    """The write would break a rule of the schema: the same id or Call-ID twice, or a lead that isn't there."""


class DiskFailed(WriteFailed):
    """The disk did not do what it was told. Whether the write is stored is not known."""


class StoreUnreachable(WriteFailed):
    """The database server does not answer, or closed the connection. `where`: its address, while it is opened.

    `undecided`: the connection was lost while a transaction was being committed, and the server did not come back
    in time, before we ended, to say whether it was: the write may be stored or not. Otherwise nothing of it is."""

    def __init__(self, reason: str, where: str = "", *, undecided: bool = False) -> None:
        reason = reason.rstrip(" .;?")
        told = "Whether this write was stored is not known" if undecided else "Nothing was stored"
        advice = (
            "Check that the server runs, that the database is there and lets this user in, and that database.url"
            " and its password_file in dialer.toml are right"
            if where
            else f"{told}. Check that its server runs: writing goes on by itself once it answers"
        )
        super().__init__(f"{where or 'the database'} cannot be used: {reason}. {advice}.")
        self.reason = reason
        self.where = where
        self.undecided = undecided


class UnknownCampaign(StorageError, LookupError):
    """No campaign of this name is stored."""

    def __init__(self, name: str) -> None:
        super().__init__(f"no campaign named {name!r} is stored; add it with `dialer campaign add FILE`")


class UnknownList(StorageError, LookupError):
    """No list of this name is stored."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"no list named {name!r} is stored; import it with `dialer list import FILE --list {name}`"
        )


class UnknownPlace(StorageError, LookupError):
    """The lead has no place in the campaign."""

    def __init__(self, campaign: str, lead_id: int) -> None:
        super().__init__(f"lead {lead_id} has no place in campaign {campaign!r}")


class UnknownUser(StorageError, LookupError):
    """No user of this name is stored."""

    def __init__(self, name: str) -> None:
        super().__init__(f"no user named {name!r} is stored; `dialer user ls` shows who is")


class UnknownToken(StorageError, LookupError):
    """No token of this id is stored."""

    def __init__(self, token_id: str) -> None:
        super().__init__(f"no token {token_id!r} is stored; `dialer token ls` shows those that are")


class ForeignList(StorageError, ValueError):
    """The campaign would take a list that belongs to another client."""

    def __init__(self, campaign: str, list_name: str) -> None:
        super().__init__(
            f"campaign {campaign!r} cannot take list {list_name!r}: a campaign dials lists of its own client only."
            " Import the contacts into a list of that client, and name that one"
        )


class StateConflict(StorageError):
    """The campaign is not in the state that the change was decided for: somebody was faster, ask again."""

    def __init__(self, campaign: str, state: str, expected: str) -> None:
        super().__init__(f"campaign {campaign!r} is {state} by now, no longer {expected}: nothing was changed")
        self.campaign = campaign
        self.state = state
        self.expected = expected


class AttemptNotOpen(StorageError, LookupError):
    """The attempt to close does not exist, or is closed already."""

    def __init__(self, attempt_id: int) -> None:
        super().__init__(f"attempt {attempt_id} is not open: it was never saved, or is closed already")


class PersonAtHand(StorageError):
    """Who is to be erased is about to be called, or in a call: nothing was erased."""

    def __init__(self, lead_id: int, campaign: str) -> None:
        super().__init__(
            f"lead {lead_id} is in a call of campaign {campaign!r}, or at hand to be dialed: nothing is erased."
            " Try again when the call is over"
        )
        self.lead_id = lead_id
        self.campaign = campaign


class Outrun(WriteFailed):
    """Another writer of the same database was quicker: nothing was stored, and what was seen is no longer so."""


def as_storage_error(error: Exception) -> Exception:
    """The same failure in this package's words; errors that are not the database's come back as they are."""
    cause: BaseException = error
    if isinstance(error, DBAPIError) and error.orig is not None:
        cause = error.orig
    if isinstance(cause, sqlite3.IntegrityError):
        return WriteConflict(f"the write contradicts what is stored: {cause}")
    if isinstance(cause, sqlite3.OperationalError) and cause.sqlite_errorcode == sqlite3.SQLITE_FULL:
        return DiskFull("no space left for the database: this was not stored; free some space and go on")
    if isinstance(cause, sqlite3.OperationalError) and cause.sqlite_errorcode & 0xFF == sqlite3.SQLITE_IOERR:
        return DiskFailed(
            f"the disk of the database failed ({cause}): whether this was stored is not known. Check that disk"
            " before going on"
        )
    if isinstance(cause, sqlite3.Error):
        return WriteFailed(f"the database refused the write: {cause}")
    psycopg = sys.modules.get("psycopg")  # never loaded by a home on SQLite
    if psycopg is not None and isinstance(cause, psycopg.Error):
        return _from_postgresql(cause, lost=isinstance(cause, psycopg.OperationalError))
    return error


def _from_postgresql(cause: Exception, *, lost: bool) -> StorageError:
    """`lost`: it is of the kind that says nothing about the statement. Codes: PostgreSQL manual, appendix A."""
    code = getattr(cause, "sqlstate", None) or ""
    diagnosis = getattr(cause, "diag", None)  # without it, what was said before there was a session
    told = (diagnosis and diagnosis.message_primary) or one_line(cause)
    if code == "53100":
        return DiskFull("no space left on the database's server: this was not stored; free some space and go on")
    if code in ("40001", "40P01") or getattr(diagnosis, "constraint_name", None) == "ix_attempts_chain_place":
        return Outrun(f"another writer was quicker: {told}")
    if code.startswith("23"):
        return WriteConflict(f"the write contradicts what is stored: {told}")
    if code.startswith(("08", "57P")) or (lost and code in ("", "53300")):
        return StoreUnreachable(told)
    return WriteFailed(f"the database refused the write: {told}")


def one_line(error: BaseException) -> str:
    """A server's message, which may have several lines, in one."""
    return "; ".join(line.strip() for line in str(error).splitlines() if line.strip()) or type(error).__name__
