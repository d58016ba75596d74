"""Which leads are about contacts that somebody asks after: by numbers, ids, person keys, names and addresses."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Select, literal_column, select

from dialer.storage.rows import portions
from dialer.storage.tables import leads, lists, numbers
from lists.dedupe import KnownLead, MatchBy

_COLUMNS = {MatchBy.ID: leads.c.external_id, MatchBy.PERSON: leads.c.person_key, MatchBy.ADDRESS: leads.c.twin_key}


def known_leads(
    connection: Connection, list_names: Sequence[str], by: MatchBy, keys: Iterable[str]
) -> dict[str, KnownLead]:
    """See `Reader.known_leads`."""
    wanted = set(keys) - {""}
    rank = {name: place for place, name in enumerate(list_names)}
    found: dict[str, KnownLead] = {}
    for portion in portions({key.partition(";")[0] for key in wanted} if by is MatchBy.PHONE else wanted):
        for lead_id, name, *parts in connection.execute(known_query(list_names, by, portion)):
            key = ";".join(filter(None, parts))
            known = found.get(key)
            if key in wanted and (known is None or (rank[name], lead_id) < (rank[known.list_name], known.lead_id)):
                found[key] = KnownLead(lead_id, name)
    return found


def known_query(list_names: Sequence[str], by: MatchBy, portion: Sequence[str]) -> Select[*tuple[Any, ...]]:
    """Lead, list and key; of numbers the key is in two parts."""
    query = _by_number(portion) if by is MatchBy.PHONE else _by_column(by, portion)
    return query.where(lists.c.name.in_(list_names))


def _by_number(portion: Sequence[str]) -> Select[*tuple[Any, ...]]:
    return (
        select(leads.c.lead_id, lists.c.name, numbers.c.e164, numbers.c.extension)
        .join_from(numbers, leads, leads.c.lead_id == numbers.c.lead_id)
        .join(lists, lists.c.list_id == leads.c.list_id)
        .where(numbers.c.e164.in_(portion))
    )


def _by_column(by: MatchBy, portion: Sequence[str]) -> Select[*tuple[Any, ...]]:
    """The last condition is that of the partial index: the planner takes it only when it sees it."""
    column = _COLUMNS[by]
    return (
        select(leads.c.lead_id, lists.c.name, column)
        .join_from(leads, lists, lists.c.list_id == leads.c.list_id)
        .where(column.in_(portion), column != literal_column("''"))
    )
