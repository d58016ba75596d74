"""Files that are sent to be imported, kept until they are."""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import AsyncIterator
from pathlib import Path
from typing import BinaryIO

from dialer.web.refusals import Refused
from dialer.web.threads import Threads

FOLDER = "uploads"
KEPT_FREE = 512 * 1024 * 1024
"""Bytes of the disk that no upload takes: the journal writes there, too."""
_SUFFIX_LIMIT = 8
_AT_ONCE = 1024 * 1024


async def save_upload(home: Path, suffix: str, body: AsyncIterator[bytes], threads: Threads) -> Path:
    """The body as a file of the home that nobody else may read; its size is the guard's to limit. Raises
    `Refused` (503 for a full disk); then nothing of it is left."""
    folder = home / FOLDER
    path = folder / f"{secrets.token_hex(8)}{suffix if suffix.isascii() and len(suffix) <= _SUFFIX_LIMIT else ''}"
    size = 0
    try:
        descriptor = await threads.run(_create, folder, path)
        with os.fdopen(descriptor, "wb") as file:
            portion = bytearray()
            async for chunk in body:
                size += len(chunk)
                portion += chunk
                if len(portion) >= _AT_ONCE:
                    await threads.run(_append, file, bytes(portion))
                    portion.clear()
            await threads.run(_append, file, bytes(portion))
        if not size:
            raise Refused(422, "wrong_input", "the body is empty; send the file itself as the body")
    except OSError as error:
        path.unlink(missing_ok=True)
        raise Refused(503, "store_failed", f"{folder}: cannot be written: {error.strerror or error}") from error
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return path


def remove_uploads(home: Path) -> None:
    """What an earlier service left when it died."""
    folder = home / FOLDER
    if folder.is_dir():
        for path in folder.iterdir():
            path.unlink(missing_ok=True)


def _append(file: BinaryIO, portion: bytes) -> None:
    disk = os.fstatvfs(file.fileno())
    if disk.f_bavail * disk.f_frsize < KEPT_FREE + len(portion):
        raise OSError(errno.ENOSPC, "the disk is nearly full")
    file.write(portion)


def _create(folder: Path, path: Path) -> int:
    folder.mkdir(mode=0o700, exist_ok=True)
    return os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
