"""A stored list as CSV, in the form that `dialer list import` reads."""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterator
from typing import IO

from dialer.errors import UnknownName
from dialer.ports.store import ListSummary, Reader
from lists.lead import Lead, ZoneSource
from lists.spreadsheet import harmless

_LEADING = ("lead_id", "external_id", "person_key", "debt_id", "first_name", "last_name", "country", "region")
TIMEZONE = "timezone"


def find_list(reader: Reader, name: str) -> ListSummary:
    """Raises `UnknownName`."""
    summaries = {summary.name: summary for summary in reader.lists()}
    if name not in summaries:
        raise UnknownName("list", name, list(summaries), "`dialer list import FILE --list NAME` makes one")
    return summaries[name]


def export_list(reader: Reader, name: str, out: IO[str]) -> int:
    """Write the list's leads in the order of their ids; answers how many.

    Columns: lead_id, external_id, person_key, debt_id, first_name, last_name, country, region, phone, phone2, …,
    timezone (only as stated by the list itself, never what was derived from a number), then the list's own columns
    (`own NAME` for one that is called like those). Raises `UnknownName`.
    """
    find_list(reader, name)
    phones, own = 1, dict[str, None]()
    for lead in reader.leads(name):
        phones = max(phones, len(lead.phones))
        own.update((field, None) for field, _ in lead.fields)
    table = csv.writer(out, lineterminator="\n")
    numbered = ["phone", *(f"phone{place}" for place in range(2, phones + 1))]
    ours = [*_LEADING, *numbered, TIMEZONE]
    table.writerow([*ours, *map(harmless, _told_apart(own, ours))])
    count = 0
    for lead in reader.leads(name):
        table.writerow(_row(lead, phones, own))
        count += 1
    return count


def _told_apart(own: Collection[str], ours: Collection[str]) -> Iterator[str]:
    """The list's own columns, none of them called like another: a list exported once has a column `lead_id`."""
    taken = {name.lower() for name in ours}
    for name in own:
        shown = name
        while shown.lower() in taken:
            shown = f"own {shown}"
        taken.add(shown.lower())
        yield shown


def _row(lead: Lead, phones: int, own: Collection[str]) -> Iterator[str]:
    yield str(lead.lead_id)
    yield from map(harmless, (lead.external_id, lead.person_key, lead.debt_id, lead.first_name, lead.last_name))
    yield from (lead.country, lead.region)
    for place in range(phones):
        yield lead.phones[place].e164 if place < len(lead.phones) else ""
    stated = {phone.zones for phone in lead.phones if phone.zone_source is ZoneSource.STATED}
    yield next(iter(stated))[0] if len(stated) == 1 else ""
    fields = dict(lead.fields)
    yield from (harmless(fields.get(name, "")) for name in own)
