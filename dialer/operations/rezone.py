"""The zones of a list's leads, found anew from all evidence that there is now.

A numbering plan, a promise made in a conversation or better data of regions came after the list. Leads whose zones
that changes are updated by portions; what they were stays, for the attempts that were permitted by it.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from dialer.operations.export_list import find_list
from dialer.operations.numbering_plans import open_plans
from dialer.operations.promised_zones import promised_zones
from dialer.operations.update_leads import update_leads
from dialer.ports.store import Answer, Reader, Write
from lists.client import client_of
from lists.lead import Lead, PhoneNumber, ZoneSource
from lists.numbering_plan import Plans
from lists.phone import COSTLY, BadNumber, parse_phone
from lists.postal_code import regions_of_postal_code
from lists.zone_evidence import Home, candidates_of, with_evidence, with_promise

PORTION = 250
"""Leads in one `UpdateLeads`: the journal of running campaigns goes through the same writer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rezoned:
    """`leads`: in the list; `changed`: those with other zones, or other evidence of them, now; `at_hand`: left as
    they are, for a service had them in hand: ask again. `zone_sources`: numbers of all of them by what their zones
    are from."""

    leads: int
    changed: int
    at_hand: int
    zone_sources: dict[str, int]


def rezone(
    reader: Reader,
    name: str,
    *,
    write: Callable[[Write], Answer] | None,
    plans: Path | None,
    now: float,
    progress: Callable[[int, int], None] | None = None,
) -> Rezoned:
    """Update the list's leads. `write`: None to look only; `plans`: folder of the numbering plans' tables;
    `now`: seconds UTC.
    `progress` is told how many leads of how many have been looked at. Raises `UnknownName`, `EnvironmentFault`."""
    total = find_list(reader, name).leads
    tables, promised = open_plans(plans), promised_zones(reader, client_of(name))
    better = partial(lead_now, plans=tables, promised=promised)
    sources: Counter[str] = Counter()
    others = array("q")  # first all are looked at, then these are written: no reading lasts as long as the writing
    done = 0
    for done, lead in enumerate(reader.leads(name), 1):
        found = better(lead)
        sources.update(phone.zone_source.value for phone in found.phones)
        if found.phones != lead.phones:
            others.append(lead.lead_id)
        if progress is not None and (done % PORTION == 0 or done == total):
            progress(done, total)
    at_hand = 0
    if write is not None:
        for start in range(0, len(others), PORTION):
            leads = reader.leads_by_id(others[start : start + PORTION])
            at_hand += update_leads(leads, better, name, write=write, reader=reader, now=now)
    counts = dict(sorted(sources.items()))
    return Rezoned(leads=done, changed=len(others) - at_hand, at_hand=at_hand, zone_sources=counts)


def lead_now(lead: Lead, plans: Plans, promised: Mapping[str, str]) -> Lead:
    """The lead with the zones that its numbers have by everything known now."""
    return replace(lead, phones=tuple(_phones(lead, plans, promised)))


def _phones(lead: Lead, plans: Plans, promised: Mapping[str, str]) -> Iterator[PhoneNumber]:
    country = lead.country or lead.phones[0].region
    postal = regions_of_postal_code(country, lead.details.postal_code)
    for phone in lead.phones:
        said = {one.source: one.zones for one in candidates_of(phone)}
        stated = said.get(ZoneSource.STATED, ("",))[0]
        by_postal_code = postal and ZoneSource.POSTAL_CODE in said and ZoneSource.REGION not in said
        home = Home(stated, lead.country, "" if by_postal_code else lead.region, postal)
        alone = parse_phone(phone.e164, accept=COSTLY)
        if isinstance(alone, BadNumber):  # no longer in use: nothing better is known of it
            yield phone
            continue
        bare = replace(phone, zones=alone.zones, zone_source=alone.zone_source, zone_evidence="")
        found = with_evidence(bare, home, plans)
        zone = promised.get(phone.e164)
        yield with_promise(found, zone) if zone is not None else found
