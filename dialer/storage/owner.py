"""One process owns a home: it writes, it dials. A lock of the operating system says which, and dies with it."""

from __future__ import annotations

import fcntl
import json
import os
import struct
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from dialer.storage.errors import OwnedElsewhere

LOCK_NAME = "owner.lock"
_FLOCK = struct.Struct("hhqqi4x")
"""`struct flock` of 64-bit Linux: kind, whence, start, length, process."""


@dataclass(frozen=True, slots=True)
class Owner:
    """Who holds a home. `pid` 0 and `command` "": it has not written its name yet."""

    pid: int
    command: str


class OwnerLock:
    """The ownership of a home, from `acquire_owner` until `release`. The file stays behind, unlocked: removing
    it would let two processes lock two files of the same name."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self.path = path
        self._descriptor = descriptor

    def release(self) -> None:
        """Give the home up. May be called again."""
        if self._descriptor >= 0:
            os.ftruncate(self._descriptor, 0)
            os.close(self._descriptor)
            self._descriptor = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


def acquire_owner(home: Path, command: str) -> OwnerLock:
    """Own the home, or raise `OwnedElsewhere` naming the process that does. `command`: how others are told
    about us. What a dead process left behind is no hindrance. Raises `OSError` when the home is not there."""
    path = home / LOCK_NAME
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        fcntl.fcntl(descriptor, fcntl.F_OFD_SETLK, _whole_file(fcntl.F_WRLCK))
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, json.dumps({"pid": os.getpid(), "command": command}).encode(), 0)
    except BlockingIOError:
        holder = _read(descriptor)
        os.close(descriptor)
        raise OwnedElsewhere(home, holder.pid, holder.command) from None
    except BaseException:
        os.close(descriptor)
        raise
    return OwnerLock(path, descriptor)


def owner_of(home: Path) -> Owner | None:
    """Who owns the home at this moment; None when nobody does."""
    try:
        descriptor = os.open(home / LOCK_NAME, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        # Asked about, not taken: a lock of ours, however short, would turn an owner away that comes just then.
        answer = fcntl.fcntl(descriptor, fcntl.F_OFD_GETLK, _whole_file(fcntl.F_RDLCK))
        return None if _FLOCK.unpack(answer)[0] == fcntl.F_UNLCK else _read(descriptor)
    finally:
        os.close(descriptor)


def _whole_file(kind: int) -> bytes:
    """A lock of the open file description, fcntl_locking(2): it ends with the process, as flock's does."""
    return _FLOCK.pack(kind, os.SEEK_SET, 0, 0, 0)


def _read(descriptor: int) -> Owner:
    try:
        data = json.loads(os.pread(descriptor, 65_536, 0))
        return Owner(int(data["pid"]), str(data["command"]))
    except (ValueError, KeyError, TypeError):
        return Owner(0, "")  # locked a moment ago, its name not written yet
