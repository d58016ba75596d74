"""What calls have shown of numbers, counted one by one, as `freshness` has the database count them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

from campaigns.finding import Finding
from dialer.storage.standing import standing_of
from lists.freshness.standing import WEEK_D, Standing
from lists.lead import Lead, PhoneNumber

Call = tuple[float, Finding]


def counted(found: Iterable[Standing]) -> Sequence[Standing]:
    return [replace(one, count=many) for one, many in Counter(found).items()]


def standing_at(
    lead: Lead, field: int, phone: PhoneNumber, added_at: float, calls: Sequence[Call], now: float
) -> Standing:
    """`calls`: those on this number, in whatever order."""
    source, as_of = (phone.source, phone.as_of) if phone.source or phone.as_of else (lead.source, lead.as_of)
    dated = bool(as_of) and _midnight(as_of) <= now  # a date in the future is a slip
    since = _midnight(as_of) if dated else added_at

    def week(at: float) -> int:
        return max(0, int((at - since) // (WEEK_D * 86_400.0)))

    known = sorted((at, what) for at, what in calls if since <= at <= now and what is not Finding.NOTHING)
    return standing_of(
        [(week(at), what) for at, what in known],
        list_name=lead.list_name,
        source=source,
        region=phone.region,
        field=field,
        age_w=week(now),
        dated=dated,
    )


def _midnight(as_of: str) -> float:
    return datetime.combine(date.fromisoformat(as_of), datetime.min.time(), UTC).timestamp()
