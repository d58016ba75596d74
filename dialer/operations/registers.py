"""Which do-not-call registers people are on: the house's and each client's, by what put them there."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from dialer.ports.store import Reader
from lists.dnc import DncEntry

AT_ONCE = 1_000
_OF_ATTEMPT = re.compile(r", attempt \d+$")


def register_name(entry: DncEntry) -> str:
    """`house: national 2026-11`, `acme: campaign spring (sales)`: whose it is, the source, and the purpose of the
    calls that it is about, where not of all. Refusals of many attempts are of one source."""
    of = f" ({entry.purpose})" if entry.purpose else ""
    return f"{entry.client or 'house'}: {_OF_ATTEMPT.sub('', entry.source) or 'no source'}{of}"


class RegisterCount:
    """Counts people by the registers that their numbers are on now, as far as those hold for the client: whoever
    is on several is counted for each. `all_purposes`: only entries that refuse whatever call."""

    def __init__(self, reader: Reader, client: str, *, all_purposes: bool = False) -> None:
        self._reader = reader
        self._client = client
        self._all_purposes = all_purposes
        self._waiting: list[tuple[str, ...]] = []
        self._numbers = 0
        self._counts: Counter[str] = Counter()

    def add(self, numbers: Iterable[str]) -> None:
        """One person's numbers, E.164."""
        of_person = tuple(number for number in numbers if number)
        if of_person:
            self._waiting.append(of_person)
            self._numbers += len(of_person)
        if self._numbers >= AT_ONCE:
            self._ask()

    def counts(self) -> dict[str, int]:
        """By `register_name`, the most frequent first."""
        self._ask()
        return dict(sorted(self._counts.items(), key=lambda one: (-one[1], one[0])))

    def _ask(self) -> None:
        asked = dict.fromkeys(number for numbers in self._waiting for number in numbers)
        on: dict[str, set[str]] = {}
        for entry in self._reader.dnc_entries(asked, self._client) if asked else ():
            if entry.until is None and not (self._all_purposes and entry.purpose):
                on.setdefault(entry.number, set()).add(register_name(entry))
        for numbers in self._waiting if on else ():
            self._counts.update(set().union(*(on.get(number, set()) for number in numbers)))
        self._waiting, self._numbers = [], 0
