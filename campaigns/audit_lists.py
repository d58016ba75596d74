"""Was the list still to be dialed? By the day that was said for it then, and the clocks of the number's zones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

from campaigns.audit_zone import zone_of
from lists.lead import PhoneNumber

SAID_BEFORE_S = 60.0
"""What was said less than this before the attempt may have come behind its permit."""

Expiries = Mapping[str, Sequence[tuple[float, str]]]
"""Of lists by name: when their last day was said (seconds UTC), and which (ISO date, "" for none), in order."""


def expiry_faults(
    expiries: Expiries, list_name: str, saved_at: float, moment: float, number: PhoneNumber | None
) -> Iterator[tuple[str, str]]:
    said = [(at, day) for at, day in expiries.get(list_name, ()) if at <= saved_at - SAID_BEFORE_S]
    last = said[-1][1] if said else ""
    recent = [day for at, day in expiries.get(list_name, ()) if saved_at - SAID_BEFORE_S < at <= saved_at]
    if not last or any(not day or day > last for day in recent):
        return
    clocks = () if number is None else tuple(filter(None, map(zone_of, number.zones)))
    shown = max(datetime.fromtimestamp(moment, clock).date().isoformat() for clock in clocks or (UTC,))
    if shown > last:
        yield "list_expired", f"dialed on {shown} there, and the last day of list {list_name} was {last}"
