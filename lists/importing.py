"""The pipeline: raw row → Accepted, Rejected, Duplicate or Suppressed. Pure: lookups are given, rows come in.

Rows go through in the order of the file and every row comes out exactly once, so that
read = accepted + rejected + duplicates + suppressed. There are two halves: what a row says by itself (`read_rows`,
which takes most of the time, and may be done elsewhere), and what others say of it (`sift`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from lists import normalise
from lists.consent_cells import StatedConsent
from lists.dedupe import (
    Duplicates,
    Key,
    Known,
    Match,
    MatchBy,
    Policy,
    Seen,
    match_store,
    nobody_known,
    phone_key,
    twin_key,
)
from lists.dnc import BlockedNumbers, first_blocked
from lists.fault import Fault, name_of
from lists.lead import NO_DETAILS, Details, PhoneNumber
from lists.mapping import Columns
from lists.numbering_plan import NO_PLANS, Plans
from lists.phone import NOTHING
from lists.place import is_code
from lists.reader import BrokenRow, RawRow
from lists.reasons import Reason
from lists.row_phones import read_phones
from lists.row_values import as_of_row, cell_of, consents_of, details_of, home_of, names_of
from lists.timezone import UnknownZoneError, stated_zone
from lists.value import value
from lists.zone_evidence import NOWHERE, with_evidence, with_promise

_USUAL = Duplicates()
BATCH_CHARACTERS = 16 << 20
"""Ten thousand rows of a usual list have three million."""


@value
class Accepted:
    """A lead for the list. `warnings`: numbers and other values of it that were left out, names of places that
    nothing here knows, and toll-free numbers, which stay; it has good numbers in any case.
    `source`, `as_of` (ISO date): the row's own.

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
    details: Details = NO_DETAILS
    source: str = ""
    as_of: str = ""
    consents: tuple[StatedConsent, ...] = ()

    @property
    def display_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

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


@dataclass(frozen=True, slots=True)
class Repeated:
    """A row whose contact the file or the store has already, and that may know something better of it
    (`Policy.UPDATE`)."""

    row: int
    line: int
    lead: Accepted
    match: Match
    fault: Fault


Verdict = Accepted | Rejected | Duplicate | Suppressed | Repeated


@dataclass(frozen=True, slots=True)
class Lookups:
    """What is known from before; asked once per batch of rows. `list_name`: where the leads go. `erased`: of these
    leads, the rows of those who were erased and are not to come back. `promised`: zones on whose clocks calls were
    promised, by number."""

    list_name: str
    known: Known
    blocked: BlockedNumbers
    erased: Callable[[list[Accepted]], set[int]] = lambda leads: set()
    promised: Mapping[str, str] = field(default_factory=dict)


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
    duplicates: Duplicates = _USUAL,
) -> Iterator[list[Judged]]:
    """Batches of rows with their verdicts, in the order of the file. `region`: see `parse_phone`; `batch`:
    rows per call of the lookups, at least 1.

    The first row with a number or id has it; what comes of that row does not matter to the later ones."""
    return sift(read_rows(rows, columns, region, batch), columns, lookups, duplicates)


def read_rows(
    rows: Iterable[RawRow | BrokenRow],
    columns: Columns,
    region: str | None,
    batch: int,
    plans: Plans = NO_PLANS,
    accept: frozenset[Reason] = NOTHING,
) -> Iterator[list[Read]]:
    """Batches of rows, each judged on its own merits; smaller ones where rows are so long that they would fill
    the memory."""
    chunk: list[Read] = []
    held = 0
    for row in rows:
        chunk.append((row.cells, read_row(row, columns, region, plans, accept)))
        held += sum(map(len, row.cells))
        if len(chunk) == batch or held >= BATCH_CHARACTERS:
            yield chunk
            chunk, held = [], 0
    if chunk:
        yield chunk


def sift(
    batches: Iterable[list[Read]], columns: Columns, lookups: Lookups, duplicates: Duplicates = _USUAL
) -> Iterator[list[Judged]]:
    """What `read_rows` gives, with what the file said before and what is known from before."""
    seen = Seen()
    by = () if duplicates.policy is Policy.KEEP else duplicates.by
    for chunk in batches:
        keys: dict[int, list[Key]] = {}
        verdicts: list[Verdict] = []
        for _, verdict in chunk:
            if isinstance(verdict, Accepted) and by:
                keys[verdict.row] = mine = keys_of(verdict, by)
                skip = duplicates.policy is Policy.SKIP
                match = seen.meet(mine, verdict.row, learn=not skip)
                if match is not None:
                    verdicts.append((_duplicate if skip else _repeated)(verdict, match, columns))
                    continue
            verdicts.append(verdict)
        verdicts = _against_lookups(verdicts, keys, columns, lookups, duplicates)
        if lookups.promised:
            verdicts = [_with_promises(verdict, lookups.promised) for verdict in verdicts]
        yield [(cells, verdict) for (cells, _), verdict in zip(chunk, verdicts, strict=True)]


def _against_lookups(
    verdicts: list[Verdict],
    keys: Mapping[int, Sequence[Key]],
    columns: Columns,
    lookups: Lookups,
    duplicates: Duplicates,
) -> list[Verdict]:
    """Registers and what is in the store, asked once for all rows that are still in."""
    fresh = [verdict for verdict in verdicts if isinstance(verdict, Accepted)]
    if duplicates.policy is Policy.UPDATE:
        fresh += [verdict.lead for verdict in verdicts if isinstance(verdict, Repeated)]
    blocked = lookups.blocked([phone.e164 for lead in fresh for phone in lead.phones])
    erased = lookups.erased(fresh)
    known = {
        kind: lookups.known(kind, [key for lead in fresh for of, key in keys[lead.row] if of is kind])
        for kind in (duplicates.by if keys and lookups.known is not nobody_known else ())
    }
    if not (blocked or erased or any(known.values())):
        return verdicts
    found: list[Verdict] = []
    for verdict in verdicts:
        lead = _lead_of(verdict)
        if lead is None:
            found.append(verdict)
        elif lead.row in erased:
            found.append(
                Suppressed(lead.row, lead.line, Fault(Reason.ERASED, _phone_column(columns), "", _ERASED))
            )
        elif (number := first_blocked([phone.e164 for phone in lead.phones], blocked)) is not None:
            text = f"{number} is on a do-not-call register"
            fault = Fault(Reason.DO_NOT_CALL, _phone_column(columns), number, text)
            found.append(Suppressed(lead.row, lead.line, fault))
        elif not known or (match := match_store(keys[lead.row], known, lookups.list_name)) is None:
            found.append(verdict)
        elif duplicates.policy is Policy.SKIP:
            found.append(_duplicate(lead, match, columns))
        else:
            found.append(_repeated(lead, match, columns))
    return found


def _lead_of(verdict: Verdict) -> Accepted | None:
    if isinstance(verdict, Accepted):
        return verdict
    return verdict.lead if isinstance(verdict, Repeated) else None


def keys_of(lead: Accepted, by: Sequence[MatchBy]) -> list[Key]:
    """By what a row may be known, in the order of `by`."""
    found: list[Key] = []
    for kind in by:
        if kind is MatchBy.PHONE:
            found += [(kind, phone_key(phone)) for phone in lead.phones]
        elif kind is MatchBy.ID:
            if lead.external_id:
                found.append((kind, lead.external_id))
        elif kind is MatchBy.PERSON:
            if lead.person_key:
                found.append((kind, lead.person_key))
        elif lead.details.address:
            of = lead.details
            key = twin_key(lead.first_name, lead.last_name, of.address, of.postal_code or of.city)
            found += [(kind, key)] if key else []
    return found


def read_row(
    row: RawRow | BrokenRow,
    columns: Columns,
    region: str | None = None,
    plans: Plans = NO_PLANS,
    accept: frozenset[Reason] = NOTHING,
) -> Accepted | Rejected:
    """One row on its own merits. `plans`: tables that say where numbers are in use; `accept`: see
    `parse_phone`."""
    if isinstance(row, BrokenRow):
        return Rejected(row.row, row.line, Fault(row.reason, "", "", row.text))
    cells = normalise.row(row.cells)
    phones, faults, at_column = read_phones(row, columns, region, accept)
    if not phones:
        pairs = zip(row.cells, columns.header, strict=True)
        if all(" ".join(cell.split()) in {name, ""} for cell, name in pairs) and any(row.cells):
            text = "the line of column names again; are these several files in one?"
            return Rejected(row.row, row.line, Fault(Reason.REPEATED_HEADER, "", "", text))
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
    home, unknown = home_of(cells, columns, phones[0].region, zone)
    if codes := [fault for fault in unknown if is_code(fault.value)]:
        return Rejected(row.row, row.line, codes[0], tuple(faults))
    if home is not NOWHERE or plans is not NO_PLANS:
        phones = [with_evidence(phone, home, plans) for phone in phones]
    home_region = home.region or (home.postal_regions[0] if len(home.postal_regions) == 1 else "")
    first_name, last_name, spare = names_of(cells, columns)
    # A name may be in any language: it stays a field, and the rules of the number's own place hold all the same.
    spare += [(fault.field, fault.value) for fault in unknown]
    faults += unknown
    extra = zip(columns.extra_names, map(cells.__getitem__, columns.extra), strict=True)
    details = details_of(cells, columns, spare, faults) if columns.detailed else NO_DETAILS
    as_of = as_of_row(cells, columns, spare, faults) if columns.as_of is not None else ""
    consents = consents_of(cells, columns, at_column, spare, faults) if columns.consents else ()
    return Accepted(  # by place: by name takes three times as long
        row.row,
        row.line,
        tuple(phones),
        first_name,
        last_name,
        cell_of(cells, columns.external_id),
        (*extra, *spare),
        home.country or home_region[:2],
        home_region,
        tuple(faults),
        cell_of(cells, columns.person_key),
        cell_of(cells, columns.debt_id),
        details,
        cell_of(cells, columns.source),
        as_of,
        consents,
    )


_ERASED = "somebody whose data was erased has this number, person key or id; the list is not to bring them back"


def _with_promises(verdict: Verdict, promised: Mapping[str, str]) -> Verdict:
    lead = _lead_of(verdict)
    if lead is None or promised.keys().isdisjoint([phone.e164 for phone in lead.phones]):
        return verdict
    phones = (
        with_promise(phone, promised[phone.e164]) if phone.e164 in promised else phone for phone in lead.phones
    )
    lead = replace(lead, phones=tuple(phones))
    return replace(verdict, lead=lead) if isinstance(verdict, Repeated) else lead


def _duplicate(lead: Accepted, match: Match, columns: Columns) -> Duplicate:
    place = {
        Reason.DUPLICATE_ID: columns.external_id,
        Reason.DUPLICATE_PERSON: columns.person_key,
        Reason.DUPLICATE_ADDRESS: next(iter(columns.address), None),
    }.get(match.reason, columns.phones[0])
    said = lead.display_name if match.reason is Reason.DUPLICATE_ADDRESS else match.value
    match = replace(match, value=said)
    return Duplicate(lead.row, lead.line, Fault(match.reason, name_of(columns, place), match.value, match.text))


def _repeated(lead: Accepted, match: Match, columns: Columns) -> Repeated:
    return Repeated(lead.row, lead.line, lead, match, _duplicate(lead, match, columns).fault)


def _phone_column(columns: Columns) -> str:
    return columns.header[columns.phones[0]]
