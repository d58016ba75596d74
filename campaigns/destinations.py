"""Where calls may go, as a list of countries and prefixes: `["GB", "+1212", "-+4470"]`."""

from __future__ import annotations

import re
from collections.abc import Iterable

from lists.value import value

_COUNTRY = re.compile(r"-?[A-Z]{2}", re.ASCII)
_PREFIX = re.compile(r"-?\+[1-9][0-9]{0,14}", re.ASCII)
FORM = 'write countries ("GB") and prefixes ("+1212"); a dash in front refuses one ("-+4470")'


@value
class Destinations:
    """Entries as they are written. The most specific one that a number falls under decides, a longer prefix
    before a shorter one, every prefix before a country; under none it is refused."""

    entries: tuple[str, ...]

    @classmethod
    def parse(cls, entries: Iterable[str]) -> Destinations:
        """Raises `ValueError` for an entry that is neither a country nor a prefix."""
        found = tuple(entries)
        for entry in found:
            if not (_COUNTRY.fullmatch(entry) or _PREFIX.fullmatch(entry)):
                raise ValueError(f'"{entry}" is no destination')
        return cls(found)

    def allow(self, e164: str, region: str) -> bool:
        """Whether a number of this region (ISO 3166-1) may be called."""
        best, allowed = -1, False
        for entry in self.entries:
            refused = entry.startswith("-")
            where = entry[1:] if refused else entry
            if where.startswith("+"):
                specific = len(where) if e164.startswith(where) else -1
            else:
                specific = 0 if where == region else -1
            if specific > best or (specific == best >= 0 and refused):
                best, allowed = specific, not refused
        return allowed

    def __str__(self) -> str:
        return ", ".join(self.entries) or "none"
