"""A list of people with numbers of every region there is, as large as asked for: ten columns, about one number in
four of a large country."""

from __future__ import annotations

import random
from collections.abc import Iterator

import phonenumbers as pn
import pytz

from lists.lead import PhoneNumber
from lists.phone import parse_phone

HEADER = (
    "external_id", "first_name", "last_name", "phone", "phone2", "country", "city", "email", "product", "balance",
)  # fmt: skip
LARGE = (
    "US",
    "IN",
    "BR",
    "ID",
    "RU",
    "MX",
    "DE",
    "GB",
    "FR",
    "IT",
    "ES",
    "PL",
    "UA",
    "RO",
    "AU",
    "CA",
    "KZ",
    "TR",
)
_TRIES = 40
_FREE = 5
"""So many digits at the end of a number are drawn anew for each person."""
_FIRST = ("Ana", "Maria", "John", "Иван", "Olena", "José", "Ayşe", "Wei", "Fatima", "Lars", "Chidi", "Zoë")
_LAST = ("Smith", "Popescu", "Иванова", "Müller", "García", "Nguyen", "O'Neil", "Kowalski", "Tan", "Silva")
_PRODUCTS = ("loan 12", "card gold", "energy, two rates", "insurance", "fibre 500")


def rows(count: int, seed: int = 0) -> Iterator[tuple[str, ...]]:
    """All valid, no number twice; every eighth person has a second one."""
    rng = random.Random(seed)
    large, small = (
        _beginnings(LARGE, 60, rng),
        _beginnings(sorted((pn.SUPPORTED_REGIONS & set(pytz.country_names)) - set(LARGE)), 6, rng),
    )
    used: set[str] = set()

    def number() -> tuple[str, str]:
        while True:
            region, beginning = rng.choice(large if rng.random() < 0.8 else small)
            text = f"{beginning}{rng.randrange(10**_FREE):0{_FREE}d}"
            if text not in used:
                used.add(text)
                return region, text

    for place in range(1, count + 1):
        region, first = number()
        second = number()[1] if place % 8 == 0 else ""
        name, last = rng.choice(_FIRST), rng.choice(_LAST)
        yield (
            f"C{place:07d}", name, last, first, second, region, f"City {rng.randrange(500)}",
            f"person{place}@mail.example", rng.choice(_PRODUCTS), f"{rng.randrange(1_000_000) / 100:.2f}",
        )  # fmt: skip


def _beginnings(regions: tuple[str, ...] | list[str], most: int, rng: random.Random) -> list[tuple[str, str]]:
    """Per region up to `most` beginnings of numbers, all of whose endings are valid as far as tried."""
    found: list[tuple[str, str]] = []
    for region in regions:
        own = set[str]()
        for _ in range(_TRIES * most):
            if len(own) >= most:
                break
            kind = rng.choice((pn.PhoneNumberType.FIXED_LINE, pn.PhoneNumberType.MOBILE))
            example = pn.example_number_for_type(region, kind)
            if example is None:
                continue
            text = pn.format_number(example, pn.PhoneNumberFormat.E164)
            code = len(str(example.country_code)) + 1
            keep = rng.randrange(code + 1, max(code + 2, len(text) - _FREE))
            drawn = "".join(rng.choice("0123456789") for _ in range(max(0, len(text) - _FREE - keep)))
            beginning = text[: min(keep, len(text) - _FREE)] + drawn
            if beginning not in own and all(_taken(f"{beginning}{end}", region) for end in _ENDS):
                own.add(beginning)
        found += [(region, beginning) for beginning in sorted(own)]
    return found


_ENDS = ("00000", "12345", "22222", "31415", "47777", "55100", "69696", "74321", "88888", "99999")


def _taken(text: str, region: str) -> bool:
    number = parse_phone(text)
    return isinstance(number, PhoneNumber) and number.region == region
