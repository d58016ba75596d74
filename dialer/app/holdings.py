"""What a home has stored, for the console while no service runs on it."""

from __future__ import annotations

from pathlib import Path

from dialer.app.home import load_home
from dialer.app.installation import look_at_home
from dialer.clock import SystemClock
from dialer.errors import EnvironmentFault
from dialer.operations.entries import campaign_entry, list_entry
from dialer.storage.errors import StorageError, as_storage_error
from dialer.tui.source import Holdings


def read_holdings(home: Path) -> Holdings:
    """Campaigns and lists as they are stored at this moment. Nothing is written, so a home without a database
    holds none. Raises `DialerError`."""
    now, timezone = SystemClock().now(), load_home(home).timezone
    try:
        with look_at_home(home) as view:
            if view is None:
                return Holdings(now, timezone)
            reader = view.reader
            campaigns = tuple(campaign_entry(reader, stored) for stored in reader.campaigns())
            return Holdings(now, timezone, campaigns, tuple(map(list_entry, reader.lists())))
    except Exception as error:
        known = as_storage_error(error)
        if isinstance(known, StorageError):
            raise EnvironmentFault(str(known)) from error
        raise
