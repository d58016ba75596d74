"""Which column of a list holds what: by the column's name, or as the user says (`--map COLUMN=FIELD`)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from lists.column_names import IGNORE, NAMES, OF_A_NUMBER, OWN, PHONE_NAMES, field_name, key, known_field, use_of
from lists.errors import ColumnError, OptionError
from lists.spreadsheet import plain

MAX_PHONES = 10
REJECT_PREFIX = "reject_"  # columns that the file of rejects adds; dropped when it is imported again


@dataclass(frozen=True, slots=True)
class ConsentColumns:
    """Where the consent to calls on one number stands. `phone`: index into `Columns.phones`."""

    phone: int
    said: int | None
    at: int | None
    text: int | None
    until: int | None


@dataclass(frozen=True, slots=True)
class Columns:
    """Positions in a row. `phones` in the order in which they are to be tried; `extra`: kept, under
    `extra_names`. None: the list has no such column. `uses`: what the numbers of each phone column are for,
    by its name (`NumberUse`, ""). `types`, `extensions`: index into `phones` and column. `date_orders`: column and
    order of day and month, of those that have been looked through (`lists.dates`). `detailed`: whether there is
    anything of `Details`. `today`: the last ISO date that there is anywhere yet, "" to take any."""

    header: tuple[str, ...]
    phones: tuple[int, ...]
    first_name: int | None
    last_name: int | None
    name: int | None
    external_id: int | None
    timezone: int | None
    country: int | None
    region: int | None
    extra: tuple[int, ...]
    extra_names: tuple[str, ...]
    person_key: int | None = None
    debt_id: int | None = None
    postal_code: int | None = None
    address: tuple[int, ...] = ()
    city: int | None = None
    language: int | None = None
    rank: int | None = None
    owner: int | None = None
    source: int | None = None
    as_of: int | None = None
    uses: tuple[str, ...] = ()
    types: tuple[tuple[int, int], ...] = ()
    extensions: tuple[tuple[int, int], ...] = ()
    consents: tuple[ConsentColumns, ...] = ()
    date_orders: tuple[tuple[int, str], ...] = ()
    detailed: bool = False
    today: str = ""

    @property
    def dates(self) -> tuple[int, ...]:
        """Columns of dates."""
        moments = [place for one in self.consents for place in (one.at, one.until)]
        return tuple(place for place in (self.as_of, *moments) if place is not None)

    @property
    def stated(self) -> dict[str, str]:
        """The columns with their fields, so that `map_columns` makes the same of it; those kept are left out."""
        found = {self.header[place]: field for place, field in sorted(self.fields.items())}
        for number, (place, use) in enumerate(zip(self.phones, self.uses, strict=True), 1):
            if use in PHONE_NAMES and use:
                found[self.header[place]] = field_name(PHONE_NAMES[use][0], number)
        dropped = set(range(len(self.header))) - self.fields.keys() - set(self.extra)
        found |= {
            self.header[place]: IGNORE for place in dropped if not self.header[place].startswith(REJECT_PREFIX)
        }
        return found

    @property
    def fields(self) -> dict[int, str]:
        """Column → field as `--map` has it; those that are kept or dropped are left out."""
        found = {place: field for field in SINGLE if (place := getattr(self, field)) is not None}
        found |= {place: f"phone{number}" for number, place in enumerate(self.phones, 1)}
        found |= {place: field_name("address", number) for number, place in enumerate(self.address, 1)}
        for field, places in (("phone_type", self.types), ("extension", self.extensions)):
            found |= {place: field_name(field, phone + 1) for phone, place in places}
        for one in self.consents:
            parts = (
                (one.said, "consent"),
                (one.at, "consent_at"),
                (one.text, "consent_text"),
                (one.until, "consent_until"),
            )
            found |= {place: field_name(field, one.phone + 1) for place, field in parts if place is not None}
        return found


SINGLE = (
    "first_name", "last_name", "name", "external_id", "person_key", "debt_id", "timezone", "city", "country",
    "region", "postal_code", "language", "rank", "owner", "source", "as_of",
)  # fmt: skip
"""Fields of one column each."""
MANY = ("phone", "address")
"""Fields of as many columns as there are."""


def parse_map(options: Iterable[str]) -> dict[str, str]:
    """`COLUMN=FIELD` options as column → field; a column's name may have "=" in it. Raises `OptionError`."""
    mapping: dict[str, str] = {}
    for option in options:
        column, equals, field = option.rpartition("=")
        column, field = column.strip(), field.strip().lower()
        if not equals or not column or not field:
            raise OptionError("map", f"{option!r} is not COLUMN=FIELD, such as --map Rufnummer=phone")
        if column in mapping:
            raise OptionError("map", f"column {column!r} is given twice")
        mapping[column] = read_field(field)
    return mapping


def read_field(text: str) -> str:
    """A field's name as a mapping has it; "tz" and "mobile" are understood, too. Raises `OptionError`."""
    if text == IGNORE:
        return text
    known = known_field(text)
    if known is None:
        raise OptionError("map", f"{text!r} is not a field; there are {_field_names()}")
    return key(text) if text in NAMES or use_of(text) else field_name(*known)


def map_columns(header: Sequence[str], mapping: Mapping[str, str], path: Path, line: int) -> Columns:
    """Which column is which. `mapping` (of `parse_map`) goes before the columns' names. `path` and `line` of
    the header are for messages only. Raises `OptionError`, `ColumnError`."""
    stated = _stated(header, mapping)
    many: dict[str, list[tuple[int, int]]] = {field: [] for field in MANY}
    best: dict[tuple[str, int], tuple[tuple[int, int], int]] = {}
    for position, column in enumerate(header):
        field = stated.get(position)
        known = known_field(column if field is None else field)
        if known is None or field == IGNORE or (field is None and column.startswith(REJECT_PREFIX)):
            continue
        if known[0] in many:
            many[known[0]].append((known[1], position))
            continue
        names = NAMES[known[0]]
        name = key(column)
        rank = (-1 if field is not None else names.index(name) if name in names else len(names), position)
        if known not in best or rank < best[known][0]:
            best[known] = (rank, position)
    if not many["phone"]:
        raise _no_phone(header, path, line)
    phones = sorted(many["phone"])[:MAX_PHONES]
    place_of = {known: place for known, (_, place) in best.items()}
    beside = {
        field: tuple((phone, place_of[field, number]) for number, phone in _numbered(phones, field, place_of))
        for field in OF_A_NUMBER
    }
    found = Columns(
        header=tuple(header),
        phones=tuple(position for _, position in phones),
        extra=(),
        extra_names=(),
        address=tuple(position for _, position in sorted(many["address"])),
        uses=tuple(use_of(stated.get(position, header[position])) for _, position in phones),
        types=beside["phone_type"],
        extensions=beside["extension"],
        consents=_consents(beside),
        first_name=place_of.get(("first_name", 1)),
        last_name=place_of.get(("last_name", 1)),
        name=place_of.get(("name", 1)),
        external_id=place_of.get(("external_id", 1)),
        person_key=place_of.get(("person_key", 1)),
        debt_id=place_of.get(("debt_id", 1)),
        timezone=place_of.get(("timezone", 1)),
        city=place_of.get(("city", 1)),
        country=place_of.get(("country", 1)),
        region=place_of.get(("region", 1)),
        postal_code=place_of.get(("postal_code", 1)),
        language=place_of.get(("language", 1)),
        rank=place_of.get(("rank", 1)),
        owner=place_of.get(("owner", 1)),
        source=place_of.get(("source", 1)),
        as_of=place_of.get(("as_of", 1)),
    )
    details = (found.city, found.postal_code, found.language, found.rank, found.owner)
    used = {*found.fields, *(position for position, field in stated.items() if field == IGNORE)}
    if "external_id" in header and "lead_id" in header:  # an exported list, whose leads get new ids here
        used.add(list(header).index("lead_id"))
    extra = [
        position
        for position, column in enumerate(header)
        if position not in used and not column.startswith(REJECT_PREFIX)
    ]
    return replace(
        found,
        detailed=bool(found.address) or any(place is not None for place in details),
        extra=tuple(extra),
        extra_names=tuple(plain(header[position]).removeprefix(OWN) for position in extra),
    )


def _numbered(
    phones: Sequence[tuple[int, int]], field: str, place_of: Mapping[tuple[str, int], int]
) -> Iterator[tuple[int, int]]:
    """The numbers behind the names of such columns, each with the phone that is meant: that of the same number, or
    the so-manieth."""
    for number in sorted(number for name, number in place_of if name == field):
        same = [phone for phone, (of_name, _) in enumerate(phones) if of_name == number]
        phone = same[0] if same else number - 1
        if phone < len(phones):
            yield number, phone


def _consents(beside: Mapping[str, tuple[tuple[int, int], ...]]) -> tuple[ConsentColumns, ...]:
    said, at, text, until = (
        dict(beside[field]) for field in ("consent", "consent_at", "consent_text", "consent_until")
    )
    return tuple(
        ConsentColumns(phone, said.get(phone), at.get(phone), text.get(phone), until.get(phone))
        for phone in sorted({*said, *at})
    )


def _stated(header: Sequence[str], mapping: Mapping[str, str]) -> dict[int, str]:
    """Position → field for the columns that the user named, exactly or up to case and punctuation."""
    stated: dict[int, str] = {}
    keys = [key(column) for column in header]
    for column, field in mapping.items():
        if column in header:
            position = list(header).index(column)
        elif keys.count(key(column)) == 1:
            position = keys.index(key(column))
        else:
            raise OptionError("map", f"there is no column {column!r}; the file has {_listed(header)}")
        if position in stated:
            raise OptionError("map", f"column {header[position]!r} is given twice")
        if field in stated.values() and field != IGNORE and (known_field(field) or ("",))[0] not in MANY:
            raise OptionError("map", f"field {field!r} is given to more than one column")
        stated[position] = field
    return stated


def _no_phone(header: Sequence[str], path: Path, line: int) -> ColumnError:
    if any(sum(letter.isdigit() for letter in column) >= 7 for column in header):
        text = "this looks like a row of data; the first line must name the columns (phone, first_name, …)"
    else:
        text = (
            f"no column holds phone numbers; the file has {_listed(header)}. "
            "Name one of them 'phone', or say which it is: --map COLUMN=phone"
        )
    return ColumnError(path, text, line)


def _listed(header: Sequence[str]) -> str:
    shown = ", ".join(repr(column if len(column) <= 60 else f"{column[:60]}…") for column in header[:30])
    return f"{shown} and {len(header) - 30} more" if len(header) > 30 else shown


def _field_names() -> str:
    return ", ".join(["phone, phone2 … phone10", *(field for field in NAMES if field != "phone"), IGNORE])
