"""Do-not-call registers in memory, as `dnc` keeps them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from dialer.ports.store import BlockNumbers, UnblockNumbers
from lists.client import HOUSE
from lists.dnc import DncEntry, PersonRefused

_Key = tuple[str, str, str, float]
"""Client, purpose, source, since."""


class Registers:
    """Each number with its entries on the registers. `version` rises with every change."""

    def __init__(self) -> None:
        self.version = 0
        self._of_number: dict[str, dict[_Key, float | None]] = {}
        self._of_person: dict[str, dict[_Key, float | None]] = {}

    def block(self, write: BlockNumbers) -> None:
        own = write.client, write.purpose, write.source
        kept = [self._of_number.setdefault(number, {}) for number in write.numbers]
        if write.person:
            kept.append(self._of_person.setdefault(write.person, {}))
        for entries in kept:
            if not any(key[:3] == own and until is None for key, until in entries.items()):
                entries[*own, write.now] = None
        self.version += 1

    def block_known(self, theirs: Mapping[str, Collection[str]], now: float) -> None:
        """As `dnc.block_known`."""
        for person, numbers in theirs.items():
            for client, purpose, source in self.refuses(person):
                self.block(BlockNumbers(tuple(numbers), source, now, client, purpose))

    def refuses(self, person: str) -> list[tuple[str, str, str]]:
        """What they have refused and nobody has taken off: client, purpose, source."""
        return [key[:3] for key, until in self._of_person.get(person, {}).items() if until is None]

    def refused_by(self, persons: Iterable[str], client: str) -> list[PersonRefused]:
        """As `dnc.refused_by`."""
        found = [
            PersonRefused(person, *key, until)
            for person in set(persons)
            for key, until in self._of_person.get(person, {}).items()
            if key[0] in {HOUSE, client}
        ]
        return sorted(found, key=lambda one: (one.person, one.since, one.client, one.purpose, one.source))

    def forget_persons(self, persons: Iterable[str]) -> None:
        """As `dnc.forget_persons`."""
        for person in persons:
            self._of_person.pop(person, None)

    def unblock(self, write: UnblockNumbers, of_persons: Mapping[str, set[str]]) -> None:
        """`of_persons`: all numbers of each person."""
        for number in write.numbers:
            entries = self._of_number.get(number, {})
            for (client, purpose, source, since), until in entries.items():
                if client == write.client and until is None and write.purpose in {"", purpose}:
                    entries[client, purpose, source, since] = write.now
        for person, numbers in of_persons.items():
            if person in self._of_person and not numbers.isdisjoint(write.numbers):
                self._end(self._of_person[person], numbers, write)
        self.version += 1

    def _end(self, refused: dict[_Key, float | None], numbers: set[str], write: UnblockNumbers) -> None:
        """As `dnc._end`."""
        there = {key[:3] for n in numbers for key, until in self._of_number.get(n, {}).items() if until is None}
        for key, until in refused.items():
            if key[0] == write.client and until is None and write.purpose in {"", key[1]} and key[:3] not in there:
                refused[key] = write.now

    def drop(self, number: str, source: str, clients: Collection[str]) -> None:
        """Whatever entries the number has from this source on these registers, as if they had never been."""
        entries = self._of_number.pop(number, {})
        left = {key: until for key, until in entries.items() if key[2] != source or key[0] not in clients}
        if left:
            self._of_number[number] = left

    def put(self, entry: DncEntry) -> None:
        """An entry of another store."""
        key = entry.client, entry.purpose, entry.source, entry.since
        self._of_number.setdefault(entry.number, {})[key] = entry.until

    def source_of(self, number: str, client: str, purpose: str) -> str | None:
        """A source that forbids calls to the number for the purpose; None: there is none."""
        return min((one.source for one in self._on(number, client, purpose)), default=None)

    def among(self, numbers: Iterable[str], client: str, purpose: str) -> set[str]:
        return {number for number in numbers if self._on(number, client, purpose)}

    def entries(self, numbers: Iterable[str], client: str) -> list[DncEntry]:
        found = [one for number in set(numbers) for one in self._of(number) if one.client in {HOUSE, client}]
        return sorted(found, key=lambda one: (one.number, one.since, one.client, one.purpose, one.source))

    def _of(self, number: str) -> list[DncEntry]:
        entries = self._of_number.get(number, {}).items()
        return [DncEntry(number, *key, until) for key, until in entries]

    def _on(self, number: str, client: str, purpose: str) -> list[DncEntry]:
        if number not in self._of_number:
            return []
        return [
            one
            for one in self._of(number)
            if one.until is None and one.client in {HOUSE, client} and one.forbids(purpose)
        ]
