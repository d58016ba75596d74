"""On which clocks people were promised calls: evidence of where they are that no list has."""

from __future__ import annotations

from dialer.ports.store import Reader
from lists.client import client_of


def promised_zones(reader: Reader, client: str) -> dict[str, str]:
    """Zones by number, of the client's own conversations, the last of each number. The same words may have been
    said of another client's calls: those are not looked at."""
    promises = [
        stored.callback
        for campaign in reader.campaigns()
        if client_of(campaign.name) == client
        for stored in reader.callbacks(campaign.name)
    ]
    return {one.number: one.zone for one in sorted(promises, key=lambda one: one.made_at)}
