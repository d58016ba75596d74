"""Invented people for benchmarks, all in one time zone: numbers Ofcom keeps for drama."""

from __future__ import annotations

from datetime import UTC, datetime

from dialer.clock import monotonic
from dialer.ports.store import NewLead
from lists.lead import PhoneNumber
from lists.phone import parse_phone

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC).timestamp()  # a Monday, noon in London
_AREAS = (
    *("113496", "114496", "116496", "117496", "118496", "121496"),
    *("131496", "141496", "151496", "161496", "191498", "207946"),
)

CAMPAIGN = """
name = "bench"
lists = ["people"]
rules = "fictional"
trunks = ["sim"]
caller_ids = ["+442079460999"]
ring_timeout = "20s"
wrapup_limit = "30s"
[pacing]
mode = "progressive"
[hours]
daily = "09:00-20:00"
"""


class NoonClock:
    """Runs as clocks do, but from noon of a working day on, so that a benchmark may dial at any hour."""

    def __init__(self) -> None:
        self._base = NOON - monotonic()

    def now(self) -> float:
        return self._base + monotonic()


def londoners(count: int) -> tuple[NewLead, ...]:
    """`count` people with a number each. Beyond 12,000 the numbers may be somebody's: they are dialed over
    simulated trunks alone, which lead nowhere but to this machine."""
    leads = []
    for n in range(count):
        area = n // 1_000
        text = f"+44{_AREAS[area]}0{n % 1_000:03d}" if area < len(_AREAS) else f"+44208{n:07d}"
        phone = parse_phone(text)
        if not isinstance(phone, PhoneNumber):
            raise TypeError(phone.text)
        leads.append(NewLead((phone,), first_name="Person", last_name=str(n)))
    return tuple(leads)
