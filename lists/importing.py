"""The pipeline: raw row → Accepted, Rejected, Duplicate or Suppressed. Pure: lookups are given, rows come in.

Rows go through in the order of the file and every row comes out exactly once, so that
read = accepted + rejected + duplicates + suppressed. There are two halves: what a row says by itself (`read_rows`,
which takes most of the time, and may be done elsewhere), and what others say of it (`sift`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from lists import normalise
from lists.dedupe import KnownIds, KnownNumbers, Match, Seen, match_list
from lists.dnc import BlockedNumbers, first_blocked
from lists.lead import PhoneNumber
from lists.mapping import Columns
from lists.numbering_plan import NO_PLANS, Plans
from lists.phone import BadNumber, parse_phone
from lists.place import UnknownPlaceError, is_code, read_country, read_region
from lists.postal_code import regions_of_postal_code
from lists.reader import BrokenRow, RawRow
from lists.reasons import Reason
from lists.timezone import UnknownZoneError, stated_zone
from lists.value import value
from lists.zone_evidence import NOWHERE, Home, with_evidence

BATCH_CHARACTERS = 16 << 20
"""Ten thousand rows of a usual list have three million."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong, and where. `field`: the column's name ("" for the row as a whole); `value`: its cell."""

    reason: Reason
    field: str
    value: str
    text: str


@value
class Accepted:
    """A lead for the list. `warnings`: numbers of it that were left out, and names of places that nothing here
    knows; it has good numbers besides.

    `fields`: the columns without a meaning of their own, in file order."""

    row: int
    line: int
    phones: tuple[PhoneNumber, ...]
    first_name: str
    last_name: str
    external_id: str
    fields: tuple[tuple[str, str], ...]
    country: str = ""
    region: str = ""
    warnings: tuple[Fault, ...] = ()
    person_key: str = ""
    debt_id: str = ""

    @property
    def zones(self) -> tuple[str, ...]:
        """Every zone that the person may be in: the candidates of all the numbers, sorted."""
        if len(self.phones) == 1:
            return self.phones[0].zones
        return tuple(sorted({zone for phone in self.phones for zone in phone.zones}))


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that holds no lead. `fault` is the first; `others` those of its further numbers."""

    row: int
    line: int
    fault: Fault
    others: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A row whose contact the file or the list has already."""

    row: int
    line: int
    fault: Fault


@dataclass(frozen=True, slots=True)
class Suppressed:
    """A row whose contact is on a do-not-call register."""

    row: int
    line: int
    fault: Fault


Verdict = Accepted | Rejected | Duplicate | Suppressed


@dataclass(frozen=True, slots=True)
class Lookups:
    """What is known from before; asked once per batch of rows. `erased`: of these leads, the rows of those who
    were erased and are not to come back."""

    known: KnownNumbers
    known_ids: KnownIds
    blocked: BlockedNumbers
    erased: Callable[[list[Accepted]], set[int]] = lambda leads: set()


Read = tuple[tuple[str, ...], Accepted | Rejected]
"""A row's cells, as they stand in the file, and what it says by itself."""
Judged = tuple[tuple[str, ...], Verdict]


def judge(
    rows: Iterable[RawRow | BrokenRow],
    columns: Columns,
    lookups: Lookups,
    *,
    region: str | None = None,
    batch: int = 500,
) -> Iterator[list[Judged]]:
    """Batches of rows with their verdicts, in the order of the file. `region`: see `parse_phone`; `batch`:
    rows per call of the lookups, at least 1.

    The first row with a number or id has it; what comes of that row does not matter to the later ones."""
    return sift(read_rows(rows, columns, region, batch), columns, lookups)


def read_rows(
    rows: Iterable[RawRow | BrokenRow], columns: Columns, region: str | None, batch: int, plans: Plans = NO_PLANS
) -> Iterator[list[Read]]:
    """Batches of rows, each judged on its own merits; smaller ones where rows are so long that they would fill
    the memory."""
    chunk: list[Read] = []
    held = 0
    for row in rows:
        chunk.append((row.cells, read_row(row, columns, region, plans)))
        held += sum(map(len, row.cells))
        if len(chunk) == batch or held >= BATCH_CHARACTERS:
            yield chunk
            chunk, held = [], 0
    if chunk:
        yield chunk


def sift(batches: Iterable[list[Read]], columns: Columns, lookups: Lookups) -> Iterator[list[Judged]]:
    """What `read_rows` gives, with what the file said before and what is known from before."""
    seen = Seen()
    for chunk in batches:
        verdicts = [_within_file(verdict, columns, seen) for _, verdict in chunk]
        fresh = [verdict for verdict in verdicts if isinstance(verdict, Accepted)]
        numbers = [phone.e164 for lead in fresh for phone in lead.phones]
        known = lookups.known(numbers)
        known_ids = lookups.known_ids([lead.external_id for lead in fresh if lead.external_id])
        blocked = lookups.blocked(numbers)
        if known or known_ids or blocked:
            verdicts = [_against_lookups(verdict, columns, known, known_ids, blocked) for verdict in verdicts]
        if erased := lookups.erased(fresh):
            verdicts = [_without_erased(verdict, columns, erased) for verdict in verdicts]
        yield [(cells, verdict) for (cells, _), verdict in zip(chunk, verdicts, strict=True)]


def read_row(
    row: RawRow | BrokenRow, columns: Columns, region: str | None = None, plans: Plans = NO_PLANS
) -> Accepted | Rejected:
    """One row on its own merits. `plans`: tables that say where numbers are in use."""
    if isinstance(row, BrokenRow):
        return Rejected(row.row, row.line, Fault(row.reason, "", "", row.text))
    cells = normalise.row(row.cells)
    phones, faults = _phones(row, columns, region)
    if not phones:
        if not faults:
            field = columns.header[columns.phones[0]]
            faults = [Fault(Reason.NO_PHONE, field, "", "no phone number in the row")]
        return Rejected(row.row, row.line, faults[0], tuple(faults[1:]))
    zone = ""
    if columns.timezone is not None and (stated := cells[columns.timezone]):
        try:
            zone = stated_zone(stated)
        except UnknownZoneError as error:
            fault = Fault(Reason.UNKNOWN_ZONE, columns.header[columns.timezone], stated, str(error))
            return Rejected(row.row, row.line, fault, tuple(faults))
    home, unknown = _home(cells, columns, phones[0].region, zone)
    if codes := [fault for fault in unknown if is_code(fault.value)]:
        return Rejected(row.row, row.line, codes[0], tuple(faults))
    if home is not NOWHERE or plans is not NO_PLANS:
        phones = [with_evidence(phone, home, plans) for phone in phones]
    home_region = home.region or (home.postal_regions[0] if len(home.postal_regions) == 1 else "")
    first_name, last_name, spare = _names(cells, columns)
    # A name may be in any language: it stays a field, and the rules of the number's own place hold all the same.
    spare += [(fault.field, fault.value) for fault in unknown]
    faults += unknown
    extra = [(columns.header[place], cells[place]) for place in columns.extra]
    return Accepted(
        row=row.row,
        line=row.line,
        phones=tuple(phones),
        first_name=first_name,
        last_name=last_name,
        external_id=_cell(cells, columns.external_id),
        fields=(*extra, *spare),
        country=home.country or home_region[:2],
        region=home_region,
        warnings=tuple(faults),
        person_key=_cell(cells, columns.person_key),
        debt_id=_cell(cells, columns.debt_id),
    )


def _phones(row: RawRow, columns: Columns, region: str | None) -> tuple[list[PhoneNumber], list[Fault]]:
    """The row's good numbers, each once, and what is wrong with the others."""
    phones: dict[str, PhoneNumber] = {}
    faults: list[Fault] = []
    for place in columns.phones:
        raw = normalise.phone(row.cells[place])
        if not raw:
            continue
        number = parse_phone(raw, region)
        if isinstance(number, BadNumber):
            faults.append(Fault(number.reason, columns.header[place], raw, number.text))
        else:
            phones.setdefault(number.e164, number)
    return list(phones.values()), faults


def _names(cells: tuple[str, ...], columns: Columns) -> tuple[str, str, list[tuple[str, str]]]:
    """First name, last name, and the full name as a field of its own where it was not needed."""
    first, last, full = (_cell(cells, place) for place in (columns.first_name, columns.last_name, columns.name))
    if not full or columns.name is None:
        return first, last, []
    if not first and not last:
        return *normalise.split_name(full), []
    return first, last, [(columns.header[columns.name], full)]


def _home(cells: tuple[str, ...], columns: Columns, plan: str, zone: str) -> tuple[Home, list[Fault]]:
    """Where the person lives, and what nothing here knows. `plan`: the country of the first number, whose parts
    and postal codes are meant where the list says no country; `zone`: the stated one."""
    country, region, postal = (
        _cell(cells, place) for place in (columns.country, columns.region, columns.postal_code)
    )
    if not (country or region or postal):
        return (Home(zone) if zone else NOWHERE), []
    home, unknown = _home_of(zone, country, region, postal, plan)
    if not unknown:
        return home, []
    places = {"country": columns.country, "region": columns.region}
    return home, [
        Fault(Reason.UNKNOWN_PLACE, _name_of(columns, places[said]), text, why) for said, text, why in unknown
    ]


@lru_cache(maxsize=65_536)
def _home_of(
    zone: str, country_text: str, region_text: str, postal_text: str, plan: str
) -> tuple[Home, tuple[tuple[str, str, str], ...]]:
    """The same, and what is not known as (country or region, text, what is wrong)."""
    country = region = ""
    unknown = []
    try:
        country = read_country(country_text) if country_text else ""
    except UnknownPlaceError as error:
        unknown.append(("country", country_text, str(error)))
    if region_text and unknown:
        unknown.append(("region", region_text, f"{region_text!r} is in a country that is not known"))
    elif region_text:
        try:
            region = read_region(region_text, country or plan)
            if country and not region.startswith(country):
                raise UnknownPlaceError(f"{region_text!r} is not in {country}, which the row says is the country")
        except UnknownPlaceError as error:
            region = ""
            unknown.append(("region", region_text, str(error)))
    known = country or ("" if country_text else region[:2] or plan)
    return Home(zone, country, region, regions_of_postal_code(known, postal_text)), tuple(unknown)


def _cell(cells: tuple[str, ...], place: int | None) -> str:
    return "" if place is None else cells[place]


def _within_file(verdict: Accepted | Rejected, columns: Columns, seen: Seen) -> Verdict:
    if isinstance(verdict, Rejected):
        return verdict
    numbers = [phone.e164 for phone in verdict.phones]
    match = seen.match(numbers, verdict.external_id)
    if match is None:
        seen.add(numbers, verdict.external_id, verdict.row)
        return verdict
    return _duplicate(verdict, match, columns)


def _against_lookups(
    verdict: Verdict, columns: Columns, known: set[str], known_ids: set[str], blocked: set[str]
) -> Verdict:
    if not isinstance(verdict, Accepted):
        return verdict
    numbers = [phone.e164 for phone in verdict.phones]
    number = first_blocked(numbers, blocked)
    if number is not None:
        text = f"{number} is on a do-not-call register"
        fault = Fault(Reason.DO_NOT_CALL, _phone_column(columns), number, text)
        return Suppressed(verdict.row, verdict.line, fault)
    match = match_list(numbers, verdict.external_id, known, known_ids)
    return verdict if match is None else _duplicate(verdict, match, columns)


def _without_erased(verdict: Verdict, columns: Columns, erased: set[int]) -> Verdict:
    if verdict.row not in erased:
        return verdict
    text = "somebody whose data was erased has this number, person key or id; the list is not to bring them back"
    return Suppressed(verdict.row, verdict.line, Fault(Reason.ERASED, _phone_column(columns), "", text))


def _duplicate(lead: Accepted, match: Match, columns: Columns) -> Duplicate:
    by_id = match.reason is Reason.DUPLICATE_ID
    field = _name_of(columns, columns.external_id) if by_id else _phone_column(columns)
    return Duplicate(lead.row, lead.line, Fault(match.reason, field, match.value, match.text))


def _phone_column(columns: Columns) -> str:
    return columns.header[columns.phones[0]]


def _name_of(columns: Columns, place: int | None) -> str:
    return "" if place is None else columns.header[place]
