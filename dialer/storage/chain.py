"""The chain of permits: each attempt is sealed in the transaction that inserts it, in the order of the commits.

    digest = SHA-256(salt, permit)
    link   = SHA-256(link before, digest, attempt id, place in the chain)

Numbers are 8 bytes, big-endian; salts 16 random bytes. The link before the first is SHA-256 of how many attempts
stand outside of the chain (those of earlier versions) and of the highest id among them. Whoever edits, removes,
inserts or swaps permits afterwards has to change every link behind, and the last one may have been written down
elsewhere. The digest is salted, so that what it was made of cannot be guessed: once salt and permit are gone,
nothing of the person is left in it, and the chain still holds. The audit reads it with code of its own
(`campaigns.audit_chain`).
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable

from sqlalchemy import func, select
from sqlalchemy.engine.interfaces import DBAPICursor, Dialect

from dialer.storage.statement import Statement
from dialer.storage.tables import attempts

SALT_BYTES = 16

HEAD = (
    select(attempts.c.chain_place, attempts.c.link)
    .where(attempts.c.chain_place.is_not(None))
    .order_by(attempts.c.chain_place.desc())
    .limit(1)
)
OUTSIDE = select(func.count(), func.coalesce(func.max(attempts.c.attempt_id), 0)).where(
    attempts.c.chain_place.is_(None)
)

Sealed = tuple[int, bytes, bytes, bytes]
"""Place, salt, digest, link."""


class Chain:
    """The end of the chain, as a writer goes on with it. `forget` after a rollback."""

    def __init__(self, dialect: Dialect) -> None:
        self._head = Statement(HEAD, dialect, ())
        self._outside = Statement(OUTSIDE, dialect, ())
        self._end: tuple[int, bytes] | None = None
        self._answer: DBAPICursor | None = None

    def forget(self) -> None:
        self._end = self._answer = None

    def ask(self, another: Callable[[], DBAPICursor]) -> None:
        """Where the chain ends, where that is not known: before anything is asked about attempts, for who asks
        that first may miss an attempt that another writer commits, and still go on behind it. `learn` when it is
        answered."""
        if self._end is None:
            self._answer = another()
            self._head.run(self._answer)

    def learn(self, cursor: DBAPICursor) -> None:
        """What has been asked is answered."""
        if self._answer is not None:
            found = self._answer.fetchall()
            self._answer = None
            self._end = (found[0][0], bytes(found[0][1])) if found else self._beginning(cursor)

    def seal(self, cursor: DBAPICursor, attempt_id: int, permit: str) -> Sealed:
        """Make the next link. Nothing but the end of the chain is kept of it: the caller stores it."""
        place, before = self._end if self._end is not None else self._read(cursor)
        place += 1
        salt = os.urandom(SALT_BYTES)
        digest = hashlib.sha256(salt + permit.encode()).digest()
        link = hashlib.sha256(before + digest + attempt_id.to_bytes(8, "big") + place.to_bytes(8, "big")).digest()
        self._end = place, link
        return place, salt, digest, link

    def _read(self, cursor: DBAPICursor) -> tuple[int, bytes]:
        for place, link in self._head.rows(cursor):
            return place, bytes(link)
        return self._beginning(cursor)

    def _beginning(self, cursor: DBAPICursor) -> tuple[int, bytes]:
        ((count, highest),) = self._outside.rows(cursor)
        return 0, hashlib.sha256(count.to_bytes(8, "big") + highest.to_bytes(8, "big")).digest()
