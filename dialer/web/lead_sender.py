"""Leads of an import on their way through the service, so that dialing does not feel them."""

from __future__ import annotations

import time
from dataclasses import replace

from dialer.api.client import ControlClient
from dialer.api.requests import store_leads
from dialer.clock import monotonic
from dialer.ports.store import SaveLeads
from dialer.web.portions import portion_of

PORTION = 50
"""Leads in one request: they are read in the service's event loop, some 20 µs each, and stored by its one writer.
Ten times as many held up every call for tens of milliseconds (`python -m tests.bench beside`)."""

LEAST_PAUSE_S = 0.005
"""Between two requests: as long as the last one took, and at least this. A service that is busy dialing is asked
for less."""


def send_leads(client: ControlClient, write: SaveLeads) -> None:
    """Have the service store them. Raises as `ControlClient.call`; what was sent before that is stored."""
    for first in range(0, len(write.leads), PORTION):
        began = monotonic()
        portion = portion_of(replace(write, leads=write.leads[first : first + PORTION]))
        client.call(store_leads(write.list_name, portion))
        time.sleep(max(LEAST_PAUSE_S, monotonic() - began))
