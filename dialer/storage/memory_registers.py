"""Do-not-call registers in memory, as `dnc` keeps them."""

from __future__ import annotations

from collections.abc import Iterable

from dialer.storage.spans import Span, merged
from lists.client import HOUSE

_Entry = tuple[str, str, float]
"""Client, source, since."""


class Registers:
    """Each number with its stretches on the registers; an end of None: still on it. `version` rises with every
    change."""

    def __init__(self) -> None:
        self.version = 0
        self._of_number: dict[str, dict[_Entry, float | None]] = {}

    def block(self, numbers: Iterable[str], source: str, now: float, client: str) -> None:
        for number in numbers:
            entries = self._of_number.setdefault(number, {})
            if not any(entry[:2] == (client, source) and end is None for entry, end in entries.items()):
                entries[client, source, now] = None
        self.version += 1

    def unblock(self, numbers: Iterable[str], now: float, client: str) -> None:
        for number in numbers:
            entries = self._of_number.get(number, {})
            entries.update({entry: now for entry, end in entries.items() if entry[0] == client and end is None})
        self.version += 1

    def source_of(self, number: str, client: str) -> str | None:
        """A source that put the number on the house's register or the client's; None: it is on neither."""
        return min((entry[1] for entry in self._on(number, client)), default=None)

    def among(self, numbers: Iterable[str], client: str) -> set[str]:
        return {number for number in numbers if self._on(number, client)}

    def on_register(self, numbers: Iterable[str], client: str) -> set[str]:
        """Of one register alone."""
        return {number for number in numbers if any(entry[0] == client for entry in self._on(number, client))}

    def since(self, numbers: Iterable[str], client: str) -> dict[str, float]:
        found = ((number, self._on(number, client)) for number in numbers)
        return {number: min(entry[2] for entry in entries) for number, entries in found if entries}

    def spans(self, numbers: Iterable[str], client: str) -> dict[str, tuple[Span, ...]]:
        found: dict[str, tuple[Span, ...]] = {}
        for number in sorted(set(numbers)):
            entries = self._of_number.get(number, {}).items()
            mine = [(entry[2], end) for entry, end in entries if entry[0] in (HOUSE, client)]
            if mine:
                found[number] = merged(mine)
        return found

    def _on(self, number: str, client: str) -> list[_Entry]:
        entries = self._of_number.get(number)
        if not entries:
            return []
        return [entry for entry, end in entries.items() if end is None and entry[0] in (HOUSE, client)]
