from __future__ import annotations

from collections.abc import Callable

from dialer.live.owned_journal import OwnedJournal
from dialer.ports.store import Answer, Done, SaveAgentTime, Write
from dialer.storage.errors import DiskFull, OwnershipLost


class Answering:
    def __init__(self, *answers: Answer | Exception) -> None:
        self._answers = list(answers)

    def submit(self, write: Write, done: Callable[[Answer | Exception], None]) -> None:
        done(self._answers.pop(0))


def test_that_the_database_is_lost_is_told_once_and_before_anybody_is_answered() -> None:
    lost = OwnershipLost("here", "another")
    told: list[object] = []
    journal = OwnedJournal(Answering(Done(), DiskFull("full"), lost, lost), told.append)
    for _ in range(4):
        journal.submit(SaveAgentTime(()), told.append)
    assert [type(one) for one in told] == [Done, DiskFull, OwnershipLost, OwnershipLost, OwnershipLost]
