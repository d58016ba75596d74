"""Import a contact list from a file.

The file is read twice. The first pass reads every row and writes nothing, so that a file that turns out to be
damaged at its last line (a NUL byte, another encoding, a quote never closed) leaves nothing half-imported. The
second pass judges the rows and stores the leads, `CHUNK` at a time, each chunk in one transaction. Should the
store fail in between (a full disk), the chunks before are stored; the same import again finds them as
duplicates and stores the rest.

Where nobody else writes to the store, chunks are larger, and a large file's rows are read in a second process.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Protocol

from campaigns.consent import Consent
from dialer.operations.consents import save_consents
from dialer.operations.import_rejects import rejects_file
from dialer.operations.merge_rows import Merged, merge_rows, new_lead, store_better
from dialer.operations.numbering_plans import open_plans
from dialer.operations.promised_zones import promised_zones
from dialer.operations.registers import RegisterCount
from dialer.operations.rezone import lead_now
from dialer.operations.rows_apart import CHANGED, RowsOrder, rows_apart
from dialer.operations.sheet_apart import is_workbook, sheet_as_text
from dialer.ports.store import Answer, Reader, SaveLeads, Write
from lists.client import client_of, is_list_name
from lists.dates import ORDERS, BadDateError, DateColumn, read_date
from lists.dedupe import Duplicates, Policy, nobody_known
from lists.erased import keys_of
from lists.errors import ColumnError, ListFileError, OptionError
from lists.importing import (
    Accepted,
    Duplicate,
    Judged,
    Lookups,
    Read,
    Rejected,
    Repeated,
    Suppressed,
    Verdict,
    read_rows,
    sift,
)
from lists.lead import Lead
from lists.mapping import Columns, map_columns, parse_map
from lists.phone import COSTLY, check_region
from lists.preview import PROPOSED, Preview, preview
from lists.reader import ListFile, RawRow, open_list
from lists.reasons import Reason
from lists.workbook import Sheet

CHUNK = 500
"""Leads in one `SaveLeads`: the journal of a running campaign goes through the same writer, and must not wait."""

CHUNK_ALONE = 10_000
"""Where no campaign runs. So many touch the index of a million numbers all over: in smaller portions each of its
pages would be written many times."""

APART_FROM = 3_000_000
"""Bytes of a file that a second process is worth its start for: some 30,000 rows."""

UNKNOWN_ZONES = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportOptions:
    """`region`: country of numbers written without one (ISO 3166-1 alpha-2). `mapping`: `COLUMN=FIELD` each.
    `source`, `as_of` (a date): where the list comes from and how old it is, kept with it; a row's own go before
    them. `dates`: day and month of dates that may be two (`lists.dates`), "" to find it out. `delimiter`,
    `encoding`: see `lists.reader.open_list`. `dry_run`: judge, store nothing. `rejects`: file to write with
    every row that was not taken and every number left out. `sheet`: of a workbook; the first one with cells when
    None. `duplicates`: what to do about them. `accept`: costly numbers that are kept, "premium" or "shared_cost";
    they are never dialed."""

    list_name: str
    region: str | None = None
    mapping: tuple[str, ...] = ()
    source: str = ""
    as_of: str = ""
    dates: str = ""
    delimiter: str | None = None
    encoding: str | None = None
    dry_run: bool = False
    rejects: Path | None = None
    sheet: str | None = None
    duplicates: Duplicates = field(default_factory=Duplicates)
    accept: tuple[str, ...] = ()

    @property
    def accepted(self) -> frozenset[Reason]:
        """Raises `OptionError`."""
        for kind in self.accept:
            if kind not in COSTLY:
                raise OptionError("accept", f"{kind!r} is no kind of costly number; write premium or shared_cost")
        return frozenset(map(Reason, self.accept))


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportSummary:
    """What came of an import: read = accepted + rejected + duplicates + suppressed.

    `registers`: rows that were suppressed, by the do-not-call registers that hold for them (`register_name`; one
    may be on several). `reasons`: rows not taken, by `lists.reasons.Reason`. `zones`: leads by the set of zones
    they may be in (all their numbers), joined by "|"; "unknown" for none. `warnings`: of leads that were taken, by
    reason: numbers and values left out, and toll-free numbers, which are not. `consents`: put on the client's
    register.
    `updated`: duplicates that knew something better of somebody; `at_hand`: leads that were not updated, being
    dialed at that moment. `rows_per_s`: over both passes.
    `source_warning`: what calls have shown of the source's last list, where that is bad news.
    `preview`: of a dry run, what was understood of the file; `columns`: how they were read."""

    read: int
    accepted: int
    rejected: int
    duplicates: int
    suppressed: int
    registers: dict[str, int] = field(default_factory=dict, kw_only=True)
    reasons: dict[str, int]
    rows_per_s: float
    zones: dict[str, int]
    warnings: dict[str, int]
    consents: int = 0
    updated: int = 0
    at_hand: int = 0
    source_warning: str = ""
    preview: Preview | None = field(default=None, compare=False)
    columns: Columns | None = field(default=None, compare=False)

    def to_json(self) -> dict[str, object]:
        """The document of `dialer list import --json`."""
        document: dict[str, object] = {
            "read": self.read,
            "accepted": self.accepted,
            "rejected": self.rejected,
            "duplicates": self.duplicates,
            "suppressed": self.suppressed,
            "registers": self.registers,
            "reasons": self.reasons,
            "rows_per_s": self.rows_per_s,
            "zones": self.zones,
            "warnings": self.warnings,
            "consents": self.consents,
            "updated": self.updated,
            "at_hand": self.at_hand,
        }
        if self.source_warning:
            document["source_warning"] = self.source_warning
        return document if self.preview is None else {**document, "preview": self.preview.as_dict()}


class Progress(Protocol):
    """Told after each chunk: rows judged so far, rows in the file."""

    def __call__(self, done: int, total: int) -> None: ...


def import_list(
    path: Path,
    options: ImportOptions,
    *,
    write: Callable[[Write], Answer],
    reader: Reader,
    now: float,
    clock: Callable[[], float],
    progress: Progress | None = None,
    alone: bool = False,
    plans: Path | None = None,
) -> ImportSummary:
    """Import `path` into the list `options.list_name`, made if it is new.

    `write` commits and answers, or raises what kept it from it; `now`: seconds UTC; `clock`: monotonic seconds;
    `alone`: nobody else writes to the store meanwhile; `plans`: folder of the numbering plans' tables.
    Raises `OptionError`, `ListFileError`, `ColumnError`: then nothing has been stored, unless somebody changed
    the file while its rows were stored (the error says so). Leads are committed in chunks: what cuts the import
    short (an interrupt, a full disk) leaves those before it, and carries a note that says so.
    """
    started = clock()
    region = check_region(options.region) if options.region else None
    mapping = parse_map(options.mapping)
    options = _checked(options, path, _today(now))
    tally = _Tally(RegisterCount(reader, client_of(options.list_name), all_purposes=True))
    tables = open_plans(plans)
    accept = options.accepted
    with (
        _text_of(path, options) as (text_path, sheet),
        open_list(
            text_path,
            delimiter="," if sheet else options.delimiter,
            encoding="utf-8" if sheet else options.encoding,
            propose=options.dry_run,
            named=path,
        ) as file,
        ExitStack() as open_too,
    ):
        state = _state(text_path)
        columns = map_columns(file.header, mapping, path, file.header_line)
        columns = replace(columns, today=_today(now))
        chunk_size = CHUNK_ALONE if alone else CHUNK
        apart = alone and (os.cpu_count() or 1) > 1 and state is not None and state[1] >= APART_FROM

        def reading(columns: Columns) -> AbstractContextManager[Iterator[list[Read]]]:
            if not apart:
                return nullcontext(read_rows(file.rows(), columns, region, chunk_size, tables, accept))
            with_cells = options.rejects is not None
            return rows_apart(
                RowsOrder(
                    text_path,
                    file.path,
                    file.delimiter,
                    file.encoding,
                    columns,
                    region,
                    chunk_size,
                    with_cells,
                    plans,
                    accept,
                )
            )

        read = None if columns.dates else open_too.enter_context(reading(columns))  # while the rows are counted
        total, columns = _looked_through(file, columns, options.dates)
        if total == 0:
            raise ListFileError(path, "there is no row of data below the column names", file.header_line)
        understood = (
            preview(file, columns, region, _encoding_by(options, file, sheet), sheet, tables, accept)
            if options.dry_run
            else None
        )
        if read is None:
            read = open_too.enter_context(reading(columns))
        with rejects_file(options.rejects, file) as put, _cut_short(tally, options.list_name):
            lookups = _lookups(reader, options.list_name, options.duplicates, alone=alone)
            rezoned = partial(lead_now, plans=tables, promised=lookups.promised)
            for chunk in sift(read, columns, lookups, options.duplicates):
                if _state(text_path) != state:
                    raise ListFileError(path, CHANGED)
                _store(chunk, options, reader, tally, None if options.dry_run else write, now, rezoned)
                for cells, verdict in chunk:
                    tally.count(verdict)
                    if put is not None:
                        put(cells, verdict)
                if progress is not None:
                    progress(tally.read, total)
            if tally.read != total:
                raise ListFileError(path, CHANGED)
    return replace(tally.summary(clock() - started), preview=understood, columns=columns)


def _store(
    chunk: list[Judged],
    options: ImportOptions,
    reader: Reader,
    tally: _Tally,
    write: Callable[[Write], Answer] | None,
    now: float,
    rezoned: Callable[[Lead], Lead],
) -> None:
    """What comes of these rows. `write`: None to store nothing; `rezoned`: see `merge_rows`."""
    duplicates, name = options.duplicates, options.list_name
    taken = [verdict for _, verdict in chunk if isinstance(verdict, Accepted)]
    if duplicates.policy is Policy.UPDATE:
        taken += [verdict.lead for _, verdict in chunk if isinstance(verdict, Repeated)]
    if not taken:
        return
    if duplicates.policy is Policy.UPDATE:
        found = merge_rows(reader, chunk, duplicates.by, name, options.source, options.as_of, rezoned)
    else:
        found = Merged(() if write is None else tuple(map(new_lead, taken)), (), 0)
    consents = _consents(taken, options)
    tally.consents += len(consents)
    tally.updated += found.rows
    if write is None:
        return
    tally.storing = True
    # First: who imports again, after this one was cut short, finds the leads, and leaves them out.
    save_consents(consents, write=write, now=now, client=client_of(name))
    if found.new:
        write(SaveLeads(name, found.new, options.source, options.as_of, now))
    if found.changed:
        tally.at_hand += store_better(found.changed, name, rezoned, write=write, reader=reader, now=now)


def _state(path: Path) -> tuple[int, int, int] | None:
    """What differs as soon as somebody has written to a file, or put another in its place; None for no file."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns


@contextmanager
def _text_of(path: Path, options: ImportOptions) -> Iterator[tuple[Path, Sheet | None]]:
    """The list as a file of text: the file itself, or a workbook's sheet."""
    if not is_workbook(path):
        if options.sheet is not None:
            raise OptionError("sheet", f"{path} is no workbook; leave it out")
        yield path, None
        return
    for option, value in (("encoding", options.encoding), ("delimiter", options.delimiter)):
        if value is not None:
            raise OptionError(option, f"{path} is a workbook, which has none; leave it out")
    with sheet_as_text(path, options.sheet) as found:
        yield found


def _encoding_by(options: ImportOptions, file: ListFile, sheet: Sheet | None) -> str:
    if sheet is not None:
        return "workbook"
    if options.encoding is not None:
        return "stated"
    if file.encoding is None:
        return "content"
    return "mark" if file.encoding in ("utf-16", "utf-32") else PROPOSED


def _lookups(reader: Reader, list_name: str, duplicates: Duplicates, *, alone: bool) -> Lookups:
    """What the store knows. Of a new list that nobody else adds to there is nothing to ask."""
    client = client_of(list_name)
    summaries = [summary for summary in reader.lists() if client_of(summary.name) == client]
    asked = [list_name]
    if duplicates.across:
        asked += sorted(summary.name for summary in summaries if summary.name != list_name)
    filled = {summary.name for summary in summaries if summary.leads}
    nobody = alone and duplicates.policy is not Policy.UPDATE and filled.isdisjoint(asked)
    return Lookups(
        list_name,
        known=nobody_known if nobody else lambda by, keys: reader.known_leads(asked, by, keys),
        blocked=lambda numbers: reader.blocked_numbers(numbers, client),
        erased=lambda leads: _erased(reader, list_name, leads),
        promised=promised_zones(reader, client),
    )


def _erased(reader: Reader, list_name: str, leads: list[Accepted]) -> set[int]:
    """Rows of people who were erased."""
    if not reader.anyone_erased():
        return set()
    keys = {
        lead.row: keys_of(list_name, (phone.e164 for phone in lead.phones), lead.person_key, lead.external_id)
        for lead in leads
    }
    erased = reader.erased_keys({key for known in keys.values() for key in known})
    return {row for row, known in keys.items() if not erased.isdisjoint(known)}


def _looked_through(file: ListFile, columns: Columns, dates: str) -> tuple[int, Columns]:
    """How many rows there are, and the columns with the order of day and month in those of dates. Raises what
    reading the rows would raise, and `ColumnError` where nobody can say which comes first."""
    if not columns.dates:
        return file.count(), columns
    found = {place: DateColumn() for place in columns.dates}
    total = 0
    for row in file.rows():
        total += 1
        if isinstance(row, RawRow):
            for place, column in found.items():
                column.add(row.cells[place])
    for place, column in found.items():
        if column.ambiguous and not (dates or column.order):
            text = (
                f"column {columns.header[place]!r}: {column.ambiguous!r} may be two dates, and the other rows do "
                "not tell; say which comes first: --dates dmy or --dates mdy"
            )
            raise ColumnError(file.path, text, file.header_line)
    orders = tuple((place, dates or column.order) for place, column in found.items())
    return total, replace(columns, date_orders=orders)


def _today(now: float) -> str:
    """The date where the day begins first."""
    return (datetime.fromtimestamp(now, UTC) + timedelta(hours=14)).date().isoformat()


def _checked(options: ImportOptions, path: Path, today: str) -> ImportOptions:
    if not options.list_name.strip():
        raise OptionError("list", "give the list a name")
    if not is_list_name(options.list_name):
        raise OptionError(
            "list",
            f"{options.list_name!r} has line breaks, control characters or spaces at an end; leave them out",
        )
    if options.dates and options.dates not in ORDERS:
        raise OptionError("dates", f"{options.dates!r} is neither dmy nor mdy")
    as_of = options.as_of
    if as_of:
        try:
            as_of = read_date(as_of, options.dates).isoformat()
        except BadDateError as error:
            raise OptionError("as-of", str(error)) from error
        if as_of > today:
            raise OptionError("as-of", f"{options.as_of!r} is yet to come; give the date when the list was made")
    if options.rejects is not None and options.rejects.resolve() == path.resolve():
        raise OptionError("rejects", "is the imported file itself; give another one")
    return replace(options, as_of=as_of)


def _consents(leads: Iterable[Accepted], options: ImportOptions) -> list[Consent]:
    """For the client's register."""
    return [
        Consent(
            one.number,
            one.kind,
            "",
            one.given_at,
            one.until,
            lead.source or options.source or f"list {options.list_name}",
            one.text,
            one.given_at if one.refused else None,
        )
        for lead in leads
        for one in lead.consents
    ]


@contextmanager
def _cut_short(tally: _Tally, list_name: str) -> Iterator[None]:
    """Whatever ends the import early carries a note of what it leaves behind."""
    try:
        yield
    except BaseException as error:
        if tally.storing and (tally.accepted or not isinstance(error, Exception)):
            stored = f"at least {tally.accepted:,}" if tally.accepted else "maybe some"
            error.add_note(
                f"the import was cut short: {stored} leads are in list {list_name} "
                "already; import the file again for the rest, these then count as duplicates"
            )
        raise


class _Tally:
    """The counts of a summary while they grow."""

    def __init__(self, registers: RegisterCount) -> None:
        self._registers = registers
        self.storing = False
        """Whether anything may have been stored: a write whose answer nobody waited for may be done, too."""
        self.accepted = 0
        self.rejected = 0
        self.duplicates = 0
        self.suppressed = 0
        self.consents = 0
        self.updated = 0
        self.at_hand = 0
        self._reasons: Counter[str] = Counter()
        self._zones: Counter[tuple[str, ...]] = Counter()
        self._warnings: Counter[str] = Counter()

    @property
    def read(self) -> int:
        return self.accepted + self.rejected + self.duplicates + self.suppressed

    def count(self, verdict: Verdict) -> None:
        if isinstance(verdict, Accepted):
            self.accepted += 1
            self._zones[verdict.zones] += 1
            if verdict.warnings:
                self._warnings.update(str(fault.reason) for fault in verdict.warnings)
            return
        self._reasons[str(verdict.fault.reason)] += 1
        if isinstance(verdict, Rejected):
            self.rejected += 1
        elif isinstance(verdict, Duplicate | Repeated):
            self.duplicates += 1
        elif isinstance(verdict, Suppressed):
            self.suppressed += 1
            self._registers.add([verdict.fault.value])

    def summary(self, elapsed_s: float) -> ImportSummary:
        return ImportSummary(
            read=self.read,
            accepted=self.accepted,
            rejected=self.rejected,
            duplicates=self.duplicates,
            suppressed=self.suppressed,
            registers=self._registers.counts(),
            reasons=dict(sorted(self._reasons.items())),
            rows_per_s=round(self.read / elapsed_s, 1) if elapsed_s > 0 else 0.0,
            zones={"|".join(zones) or UNKNOWN_ZONES: count for zones, count in sorted(self._zones.items())},
            warnings=dict(sorted(self._warnings.items())),
            consents=self.consents,
            updated=self.updated,
            at_hand=self.at_hand,
        )
