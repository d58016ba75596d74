"""The journal while this home owns the database: the first sign that another home took it is told at once."""

from __future__ import annotations

from collections.abc import Callable

from dialer.ports.store import Answer, Journal, Write
from dialer.storage.errors import OwnershipLost


class OwnedJournal:
    """Implements `Journal` over `journal`. `lost` is called once, before whoever asked is answered."""

    def __init__(self, journal: Journal, lost: Callable[[OwnershipLost], None]) -> None:
        self._journal = journal
        self._lost = lost
        self._told = False

    def submit(self, write: Write, done: Callable[[Answer | Exception], None]) -> None:
        def answered(answer: Answer | Exception) -> None:
            if isinstance(answer, OwnershipLost) and not self._told:
                self._told = True
                self._lost(answer)
            done(answer)

        self._journal.submit(write, answered)
