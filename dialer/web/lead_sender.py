"""Leads of an import on their way through the service, so that dialing does not feel them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace

from dialer.api.client import ControlClient
from dialer.api.edits import LeadChanges, LeadPortion
from dialer.api.endpoint import BODY_LIMIT
from dialer.api.requests import store_leads, update_leads
from dialer.clock import monotonic
from dialer.ports.store import LeadsUpdated, SaveLeads, UpdateLeads
from dialer.web.portions import changes_of, portion_of

PORTION = 50
"""Leads in one request: each of them takes the service's interpreter some 50 µs, and its one writer as long.
Ten times as many held up every call for tens of milliseconds (`python -m tests.bench beside`)."""

LEAST_PAUSE_S = 0.005
"""Between two requests: as long as the last one took, and at least this. A service that is busy dialing is asked
for less."""


def send_leads(client: ControlClient, write: SaveLeads) -> None:
    """Have the service store them. Raises as `ControlClient.call`; what was sent before that is stored."""
    for portion in _portions(write, PORTION):
        began = monotonic()
        client.call(store_leads(write.list_name, portion))
        time.sleep(max(LEAST_PAUSE_S, monotonic() - began))


def send_updates(client: ControlClient, write: UpdateLeads) -> LeadsUpdated:
    """Have the service store what is known better of leads; raises as `send_leads`."""
    updated, at_hand, overtaken = 0, list[int](), list[int]()
    for changes in _changes(write, PORTION):
        began = monotonic()
        answer = client.call(update_leads(write.list_name, changes))
        updated += answer.updated
        at_hand += answer.at_hand
        overtaken += answer.overtaken
        time.sleep(max(LEAST_PAUSE_S, monotonic() - began))
    # The service has told its engine what joined running campaigns.
    return LeadsUpdated(updated, tuple(at_hand), overtaken=tuple(overtaken))


def _portions(write: SaveLeads, most: int) -> Iterator[LeadPortion]:
    """Of `most` leads at most, and no larger than the service takes, unless a single lead is."""
    for first in range(0, len(write.leads), most):
        some = replace(write, leads=write.leads[first : first + most])
        portion = portion_of(some)
        if len(some.leads) > 1 and len(portion.model_dump_json().encode()) > BODY_LIMIT:
            yield from _portions(some, (len(some.leads) + 1) // 2)
        else:
            yield portion


def _changes(write: UpdateLeads, most: int) -> Iterator[LeadChanges]:
    """As `_portions`."""
    for first in range(0, len(write.leads), most):
        part = slice(first, first + most)
        some = replace(write, leads=write.leads[part], read_as=write.read_as[part])
        changes = changes_of(some)
        if len(some.leads) > 1 and len(changes.model_dump_json().encode()) > BODY_LIMIT:
            yield from _changes(some, (len(some.leads) + 1) // 2)
        else:
            yield changes
