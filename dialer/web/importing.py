"""Who is importing into which list: the log of changes gets one entry as an import begins, not one a portion."""

from __future__ import annotations

from collections import OrderedDict

FORGOTTEN_AFTER_S = 600.0
_LIMIT = 1_000


class Importing:
    """Bounded: of more imports than `_LIMIT` the oldest is forgotten, and logged once more."""

    def __init__(self) -> None:
        self._latest: OrderedDict[tuple[str, str], float] = OrderedDict()

    def begins(self, by: str, list_name: str, now: float) -> bool:
        """Whether this portion is the first of an import, as far as can be told: none of theirs came into the list
        for ten minutes, or they said that it had ended."""
        latest = self._latest.pop((by, list_name), None)
        self._latest[by, list_name] = now
        while len(self._latest) > _LIMIT:
            self._latest.popitem(last=False)
        return latest is None or now - latest > FORGOTTEN_AFTER_S

    def ended(self, by: str, list_name: str) -> None:
        self._latest.pop((by, list_name), None)
