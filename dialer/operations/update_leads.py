"""Leads changed by what is known better of them, also where others change the same ones meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from dialer.errors import EnvironmentFault
from dialer.ports.store import Answer, LeadsUpdated, Reader, UpdateLeads, Write
from lists.lead import Lead

TRIES = 20


def update_leads(
    leads: Sequence[Lead],
    better: Callable[[Lead], Lead],
    list_name: str,
    *,
    write: Callable[[Write], Answer],
    reader: Reader,
    now: float,
) -> int:
    """Put the `better` one in the place of each. Those that are others by then than they were read as are read
    again. How many were left as they are, being dialed. Raises `EnvironmentFault` when they never are what was
    read."""
    at_hand = 0
    for _ in range(TRIES):
        pairs = [(lead, found) for lead in leads if (found := better(lead)) != lead]
        if not pairs:
            return at_hand
        marks = tuple(lead.mark for lead, _ in pairs)
        answer = write(UpdateLeads(list_name, tuple(found for _, found in pairs), now, marks))
        if not isinstance(answer, LeadsUpdated):
            raise TypeError(f"UpdateLeads was answered with {answer!r}")
        at_hand += len(answer.at_hand)
        if not answer.overtaken:
            return at_hand
        leads = reader.leads_by_id(answer.overtaken)
    raise EnvironmentFault(
        f"list {list_name}: {len(leads)} leads were changed by somebody else each time they were read; "
        "do it again when nobody else changes them: what is stored already stays as it is"
    )
