"""What calls have shown of numbers, counted one by one, as `freshness` has the database count them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

from campaigns.finding import Finding
from lists.freshness.standing import MOST_CALLS, WEEK_D, Standing, State
from lists.lead import Lead, PhoneNumber

Call = tuple[float, Finding]
_SHOWS = (Finding.OURS, Finding.STRANGER, Finding.WORKS)
_DEAD = (Finding.INVALID, Finding.CHANGED)


def counted(found: Iterable[Standing]) -> Sequence[Standing]:
    return [replace(one, count=many) for one, many in Counter(found).items()]


def standing_of(
    lead: Lead, field: int, phone: PhoneNumber, added_at: float, calls: Sequence[Call], now: float
) -> Standing:
    """`calls`: those on this number, in whatever order."""
    source, as_of = (phone.source, phone.as_of) if phone.source or phone.as_of else (lead.source, lead.as_of)
    dated = bool(as_of) and _midnight(as_of) <= now  # a date in the future is a slip
    since = _midnight(as_of) if dated else added_at
    known = sorted((at, what) for at, what in calls if since <= at <= now and what is not Finding.NOTHING)

    def week(at: float | None) -> int | None:
        return None if at is None else max(0, int((at - since) // (WEEK_D * 86_400.0)))

    def last(*findings: Finding) -> float | None:
        return max((at for at, what in known if what in findings), default=None)

    worked_at, ours_at = last(*_SHOWS), last(Finding.OURS)
    dead = [one for one in known if one[1] in _DEAD and one[0] > (worked_at or 0.0)]
    strange = [at for at, what in known if what is Finding.STRANGER and at > (ours_at or 0.0)]
    told = [at for at, what in known if what is not Finding.SILENT]
    if dead:
        state = State.CHANGED if dead[-1][1] is Finding.CHANGED else State.INVALID
    elif strange:
        state = State.WRONG_PERSON
    elif ours_at is not None:
        state = State.CONFIRMED
    elif worked_at is not None:
        state = State.UNKNOWN
    else:
        state = State.UNREACHED if known else State.UNCALLED
    return Standing(
        list_name=lead.list_name,
        source=source,
        region=phone.region,
        field=field,
        state=state,
        age_w=week(now) or 0,
        dated=dated,
        worked_w=week(worked_at),
        ours_w=week(ours_at),
        gone_w=week(dead[0][0] if dead else strange[0] if strange else None),
        first_w=week(known[0][0] if known else None),
        called_w=week(known[-1][0] if known else None),
        silent=min(sum(at < min(told, default=now + 1) for at, _ in known), MOST_CALLS),
    )


def _midnight(as_of: str) -> float:
    return datetime.combine(date.fromisoformat(as_of), datetime.min.time(), UTC).timestamp()
