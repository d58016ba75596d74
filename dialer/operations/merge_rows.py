"""Rows of a list merged into the leads that they are about, those of the store and those of the same file."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field, replace
from functools import reduce

from dialer.operations.update_leads import update_leads
from dialer.ports.store import Answer, NewLead, Reader, Write
from lists.dedupe import Key, MatchBy, phone_key
from lists.importing import Accepted, Judged, Repeated, keys_of
from lists.lead import Lead
from lists.merge import merged


@dataclass(slots=True)
class _Slot:
    """A lead on its way to the store. `was`: what one that is there was read as. `said`: what told more of it."""

    lead: Lead
    was: Lead | None = None
    said: list[Lead] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Better:
    """A lead of the store as it was read, with what rows say of it, in their order."""

    was: Lead
    said: tuple[Lead, ...]


@dataclass(frozen=True, slots=True)
class Merged:
    """`new`, `changed`: what is to be stored. `rows`: those that told something new of somebody known."""

    new: tuple[NewLead, ...]
    changed: tuple[Better, ...]
    rows: int


def draft(lead: Accepted, list_name: str, source: str, as_of: str) -> Lead:
    """What a row says, as a lead that has no id yet. `source`, `as_of`: of rows that do not say."""
    return Lead(
        0,
        list_name,
        lead.phones,
        lead.first_name,
        lead.last_name,
        lead.external_id,
        lead.fields,
        lead.country,
        lead.region,
        lead.person_key,
        lead.debt_id,
        lead.details,
        lead.source or source,
        lead.as_of or as_of,
    )


def without(lead: Lead, keys: Collection[Key]) -> Lead:
    """The lead without the numbers and the id that are other leads'."""
    if not keys:
        return lead
    phones = tuple(phone for phone in lead.phones if (MatchBy.PHONE, phone_key(phone)) not in keys)
    external_id = "" if (MatchBy.ID, lead.external_id) in keys else lead.external_id
    return replace(lead, phones=phones, external_id=external_id)


def told_of(lead: Lead, said: Lead, rezoned: Callable[[Lead], Lead]) -> Lead:
    """The lead with what a row knows better. `rezoned`: with the zones that its numbers have by where it lives;
    who has moved has with all of them."""
    found = merged(lead, said)
    return found if _home(found) == _home(lead) else rezoned(found)


def _home(lead: Lead) -> tuple[str, str, str]:
    return lead.country, lead.region, lead.details.postal_code


def merge_rows(
    reader: Reader,
    rows: Iterable[Judged],
    by: tuple[MatchBy, ...],
    list_name: str,
    source: str,
    as_of: str,
    rezoned: Callable[[Lead], Lead],
) -> Merged:
    """What comes of judged rows. Those who repeat somebody whose row was not taken, are left out. `rezoned`: see
    `told_of`."""
    verdicts = [verdict for _, verdict in rows]
    ids = {one.match.lead.lead_id for one in verdicts if isinstance(one, Repeated) and one.match.lead is not None}
    there = {lead.lead_id: _Slot(lead, lead) for lead in reader.leads_by_id(ids)}
    new: list[_Slot] = []
    of_key: dict[Key, _Slot] = {}
    told = 0
    for verdict in verdicts:
        if isinstance(verdict, Accepted):
            slot = _Slot(draft(verdict, list_name, source, as_of))
            new.append(slot)
            of_key |= dict.fromkeys(keys_of(verdict, by), slot)
        elif isinstance(verdict, Repeated):
            known = verdict.match.lead
            keys = keys_of(verdict.lead, by)
            found = (
                there.get(known.lead_id) if known else next((of_key[key] for key in keys if key in of_key), None)
            )
            if found is not None:
                others = {key for key in keys if of_key.get(key, found) is not found} | verdict.match.of_others
                said = without(draft(verdict.lead, list_name, source, as_of), others)
                better = told_of(found.lead, said, rezoned)
                if better != found.lead:
                    told += 1
                    found.lead = better
                    found.said.append(said)
                of_key |= dict.fromkeys((key for key in keys if key not in others), found)
    return Merged(
        tuple(new_lead(slot.lead) for slot in new),
        tuple(Better(slot.was, tuple(slot.said)) for slot in there.values() if slot.was is not None and slot.said),
        told,
    )


def store_better(
    changed: Collection[Better],
    list_name: str,
    rezoned: Callable[[Lead], Lead],
    *,
    write: Callable[[Write], Answer],
    reader: Reader,
    now: float,
) -> int:
    """Store what rows know better, of leads that others have changed meanwhile what they know better than that.
    As `update_leads`; `rezoned`: see `told_of`."""
    said = {one.was.lead_id: one.said for one in changed}

    def better(lead: Lead) -> Lead:
        return reduce(lambda known, one: told_of(known, one, rezoned), said[lead.lead_id], lead)

    leads = [one.was for one in changed]
    return update_leads(leads, better, list_name, write=write, reader=reader, now=now)


def new_lead(lead: Lead | Accepted) -> NewLead:
    return NewLead(
        phones=lead.phones,
        first_name=lead.first_name,
        last_name=lead.last_name,
        external_id=lead.external_id,
        fields=lead.fields,
        person_key=lead.person_key,
        debt_id=lead.debt_id,
        country=lead.country,
        region=lead.region,
        details=lead.details,
        source=lead.source,
        as_of=lead.as_of,
        origins=lead.origins if isinstance(lead, Lead) else (),
    )
