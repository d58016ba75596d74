"""The people of the sample list, any number of them, the same for the same seed.

At any hour of any day at least a sixth of them are inside 09:00-20:00 in every zone they may be in, so that a
demonstration with ordinary calling hours always has somebody to call: 24 % in Australia and Guam, 38 % in
Europe, 38 % in North America (Newfoundland to Hawaii).
"""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Iterable, Iterator
from itertools import cycle, islice

from lists.sample import ranges
from lists.sample.names import FIRST_NAMES, LAST_NAMES, PRODUCTS
from lists.sample.ranges import Range

COLUMNS = ("external_id", "first_name", "last_name", "phone", "phone2", "timezone", "city", "product")

SAMPLE_SIZE = 400
"""Rows of `people.csv`."""

LIMIT = 40_000
"""Rows that `generate` can make: the numbers reserved in North America are used up a little later."""

_SECOND_PHONE_EVERY = 8

_POOLS: dict[str, tuple[Range, ...]] = {
    "guam": ranges.GUAM,
    "hawaii": ranges.HAWAII,
    "alaska": ranges.ALASKA,
    "us": ranges.UNITED_STATES,
    "canada": ranges.CANADA,
    "uk": ranges.UNITED_KINGDOM,
    "germany": ranges.GERMANY,
    "sweden": ranges.SWEDEN,
    "france": ranges.FRANCE,
    "australia": ranges.AUSTRALIA,
}

_MIX = (
    ("guam", 8), ("australia", 16),
    ("uk", 15), ("germany", 10), ("france", 8), ("sweden", 5),
    ("us", 24), ("canada", 6), ("hawaii", 6), ("alaska", 2),
)  # fmt: skip
"""Shares of a hundred leads."""

_INSTEAD = {
    "guam": "australia",
    "sweden": "germany",
    "germany": "france",
    "uk": "france",
    "hawaii": "us",
    "alaska": "us",
    "canada": "us",
}
"""Whose numbers are used once a small pool is used up: a neighbour's in the same part of the day."""


def generate(count: int, seed: int = 0) -> Iterator[dict[str, str]]:
    """`count` rows under `COLUMNS`, each number once. Raises `ValueError` beyond `LIMIT`.

    The order is shuffled in every hundred, so that each stretch of the list has the whole mixture."""
    if not 0 <= count <= LIMIT:
        raise ValueError(f"count must be 0 to {LIMIT}, not {count}")
    rng = random.Random(seed)
    pools = {name: _Numbers(pool, rng) for name, pool in _POOLS.items()}
    mobiles = iter(ranges.AUSTRALIAN_MOBILES)
    swedish_mobiles = iter(rng.sample(range(ranges.SWEDISH_MOBILES.size), ranges.SWEDISH_MOBILES.size))
    for position, name in enumerate(islice(_mixture(rng), count), start=1):
        source, number = _draw(pools, name)
        second, zone = "", ""
        if position % _SECOND_PHONE_EVERY == 0:
            if source.country == "AU":
                second = next(mobiles, "")
                zone = _STATE_ZONES[source.city] if second else ""
            elif source.country == "SE":
                offset = next(swedish_mobiles, None)
                second = "" if offset is None else ranges.SWEDISH_MOBILES.number(offset)
            else:
                second = pools[name].same_city(source) or ""
        elif source.city in _STATED_ZONES and rng.random() < 0.5:
            zone = _STATED_ZONES[source.city]
        yield {
            "external_id": f"C{position:05d}",
            "first_name": rng.choice(FIRST_NAMES[source.country].split()),
            "last_name": rng.choice(LAST_NAMES[source.country].split()),
            "phone": number,
            "phone2": second,
            "timezone": zone,
            "city": source.city,
            "product": rng.choice(PRODUCTS),
        }


def csv_text(rows: Iterable[dict[str, str]]) -> str:
    """Rows as a CSV file's text: comma, CRLF (RFC 4180), without a byte order mark."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


_STATE_ZONES = {
    "Sydney": "Australia/Sydney",
    "Canberra": "Australia/Sydney",
    "Melbourne": "Australia/Melbourne",
    "Hobart": "Australia/Hobart",
    "Brisbane": "Australia/Brisbane",
    "Cairns": "Australia/Brisbane",
}
_STATED_ZONES = {
    "Anchorage": "America/Anchorage",
    "St. John's": "America/St_Johns",
    "Tallahassee": "America/New_York",
    "Gary": "America/Chicago",
}
"""Cities whose area code leaves more than one zone open; about half of their people state theirs."""


class _Numbers:
    """The numbers of several ranges: the ranges take turns, and each gives its numbers in a shuffled order."""

    def __init__(self, pool: tuple[Range, ...], rng: random.Random) -> None:
        self._left = {source: iter(rng.sample(range(source.size), source.size)) for source in pool}
        self._turns = cycle(pool)
        self._ranges = len(pool)

    def draw(self) -> tuple[Range, str] | None:
        """The next number, None when all are used."""
        for source in islice(self._turns, self._ranges):
            number = self.same_city(source)
            if number is not None:
                return source, number
        return None

    def same_city(self, source: Range) -> str | None:
        """Another number of one range, None when it has no more or is not in this pool."""
        offset = next(self._left.get(source, iter(())), None)
        return None if offset is None else source.number(offset)


def _draw(pools: dict[str, _Numbers], name: str) -> tuple[Range, str]:
    while True:
        drawn = pools[name].draw()
        if drawn is not None:
            return drawn
        name = _INSTEAD[name]


def _mixture(rng: random.Random) -> Iterator[str]:
    """Names of pools, endlessly: every hundred in the shares of `_MIX`."""
    hundred = [name for name, share in _MIX for _ in range(share)]
    while True:
        yield from rng.sample(hundred, len(hundred))
