"""A stored list as CSV, in the form that `dialer list import` reads."""

from __future__ import annotations

import csv
from collections.abc import Callable, Collection, Iterator
from typing import IO

from dialer.errors import UnknownName
from dialer.ports.store import ListSummary, Reader
from lists.column_names import OWN, known_field
from lists.lead import Lead, ZoneSource
from lists.mapping import REJECT_PREFIX
from lists.spreadsheet import harmless

_MORE = ("address", "city", "postal_code", "language", "owner", "rank", "source", "as_of")
_LEADING = ("lead_id", "external_id", "person_key", "debt_id", "first_name", "last_name", "country", "region")
TIMEZONE = "timezone"


def find_list(reader: Reader, name: str) -> ListSummary:
    """Raises `UnknownName`."""
    summaries = {summary.name: summary for summary in reader.lists()}
    if name not in summaries:
        raise UnknownName("list", name, list(summaries), "`dialer list import FILE --list NAME` makes one")
    return summaries[name]


def export_list(reader: Reader, name: str, out: IO[str], leads: Callable[[], Iterator[Lead]] | None = None) -> int:
    """Write the list's leads in the order of their ids; answers how many.

    Columns: lead_id, external_id, person_key, debt_id, first_name, last_name, country, region, phone, phone2, …,
    timezone (only as stated by the list itself, never what was derived from a number); of address, city,
    postal_code, language, owner, rank, source, as_of, and of each number's type and extension those in which
    anything stands; then the list's own columns (`own NAME` for one that would be read as something else). An
    import takes it back as it was, with other lead ids. `leads`: those alone, asked for twice. Raises
    `UnknownName`.
    """
    find_list(reader, name)
    chosen = leads or (lambda: reader.leads(name))
    phones, own, filled = 1, dict[str, None](), set[str]()
    for lead in chosen():
        phones = max(phones, len(lead.phones))
        own.update((field, None) for field, _ in lead.fields)
        filled.update(field for field, text in _more(lead).items() if text)
    more = [field for field in _MORE if field in filled]
    more += [
        field
        for place in range(1, phones + 1)
        for field in (f"phone{place}_type", f"phone{place}_extension")
        if field in filled
    ]
    table = csv.writer(out, lineterminator="\n")
    numbered = ["phone", *(f"phone{place}" for place in range(2, phones + 1))]
    ours = [*_LEADING, *numbered, TIMEZONE, *more]
    table.writerow([*ours, *map(harmless, _told_apart(own, ours))])
    count = 0
    for lead in chosen():
        table.writerow(_row(lead, phones, more, own))
        count += 1
    return count


def _more(lead: Lead) -> dict[str, str]:
    """What few lists say."""
    of = lead.details
    found = {
        "address": of.address, "city": of.city, "postal_code": of.postal_code, "language": of.language,
        "owner": of.owner, "rank": "" if of.rank is None else str(of.rank), "source": lead.source,
        "as_of": lead.as_of,
    }  # fmt: skip
    for place, phone in enumerate(lead.phones, 1):
        found |= {f"phone{place}_type": phone.use, f"phone{place}_extension": phone.extension}
    return found


def _told_apart(own: Collection[str], ours: Collection[str]) -> Iterator[str]:
    """The list's own columns, with `own ` before those that an import would read as something else."""
    taken = {name.lower() for name in ours}
    for name in own:
        plain = name.lower()
        known = plain in taken or known_field(name) is not None or plain.startswith((OWN, REJECT_PREFIX))
        yield f"{OWN}{name}" if known else name


def _row(lead: Lead, phones: int, more: Collection[str], own: Collection[str]) -> Iterator[str]:
    yield str(lead.lead_id)
    yield from map(harmless, (lead.external_id, lead.person_key, lead.debt_id, lead.first_name, lead.last_name))
    yield from (lead.country, lead.region)
    for place in range(phones):
        yield lead.phones[place].e164 if place < len(lead.phones) else ""
    stated = {phone.zones for phone in lead.phones if phone.zone_source is ZoneSource.STATED}
    yield next(iter(stated))[0] if len(stated) == 1 else ""
    told = _more(lead)
    yield from (harmless(told.get(field, "")) for field in more)
    fields = dict(lead.fields)
    yield from (harmless(fields.get(name, "")) for name in own)
