"""The log of changes: who did what, appended in the transaction that did it, and never changed."""

from __future__ import annotations

import json

from sqlalchemy import Connection, bindparam, insert, select

from dialer.ports.access import Change, StoredChange
from dialer.storage.places import pairs_to_json
from dialer.storage.tables import changes

NEWEST = (
    select(changes)
    .where(changes.c.changed_at >= bindparam("since"), changes.c.changed_at < bindparam("until"))
    .order_by(changes.c.changed_at.desc(), changes.c.change_id.desc())
    .limit(bindparam("n"))
)
NEWEST_OF_CLIENT = NEWEST.where(changes.c.client == bindparam("of_client"))


def append(connection: Connection, change: Change) -> None:
    connection.execute(
        insert(changes).values(
            changed_at=change.at, changed_by=change.by, role=change.role, via=change.via, client=change.client,
            action=change.action, subject=change.subject, detail=pairs_to_json(change.detail),
        )
    )  # fmt: skip


def newest(
    connection: Connection, since: float, until: float, client: str | None, limit: int
) -> list[StoredChange]:
    """Of [since, until), newest first."""
    asked: dict[str, object] = {"since": since, "until": until, "n": limit}
    query = NEWEST
    if client is not None:
        query, asked = NEWEST_OF_CLIENT, {**asked, "of_client": client}
    return [
        StoredChange(
            row.change_id,
            Change(
                row.changed_at, row.changed_by, row.role, row.via, row.client, row.action, row.subject,
                tuple((str(name), str(text)) for name, text in json.loads(row.detail)),
            ),
        )
        for row in connection.execute(query, asked)
    ]  # fmt: skip
