"""The callbacks of a campaign as people read them: what was promised, and what has become of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from statistics import median

from dialer.errors import UnknownName
from dialer.operations.moments import iso
from dialer.ports.store import KEPT, OPEN, Reader, StoredCallback

ON_TIME_S = 900.0
"""A call within a quarter of an hour of the promised moment kept the promise in time."""


@dataclass(frozen=True, slots=True)
class CallbackRow:
    """One callback. `promised_at`: the moment that `local` is in `zone`. `reason`: what came of it, or why it is
    not made yet, a code of `docs/reference/reasons.md` or a result; `due_at`: when its lead is dialed, while it is
    open. `late_s`: from the promised moment to the call."""

    callback: int
    lead_id: int
    number: str
    local: str
    zone: str
    promised_at: str | None
    agent_id: str
    made_by: str
    made_at: str | None
    consent: str
    state: str
    reason: str
    due_at: str | None
    ended_at: str | None
    attempt_id: int | None
    dialed_at: str | None
    late_s: float | None


@dataclass(frozen=True, slots=True)
class CallbackList:
    """`on_time`: share of the kept ones that were dialed within a quarter of an hour of the promised moment;
    `median_late_s`: of the kept ones. None where there are none."""

    campaign: str
    open: int
    kept: int
    dropped: int
    on_time: float | None
    median_late_s: float | None
    callbacks: tuple[CallbackRow, ...]

    def as_dict(self) -> dict[str, object]:
        """The document of `dialer callbacks --json`."""
        return asdict(self)


def list_callbacks(reader: Reader, campaign: str, *, only_open: bool = False) -> CallbackList:
    """By the moment promised. Raises `UnknownName`."""
    if reader.campaign(campaign) is None:
        known = [stored.name for stored in reader.campaigns()]
        raise UnknownName("campaign", campaign, known, "`dialer campaign add FILE` adds one")
    found = reader.callbacks(campaign)
    states = Counter(one.state for one in found)
    late = [late_s for one in found if (late_s := _late_s(one)) is not None and one.state == KEPT]
    return CallbackList(
        campaign=campaign,
        open=states[OPEN],
        kept=states[KEPT],
        dropped=len(found) - states[OPEN] - states[KEPT],
        on_time=sum(abs(one) <= ON_TIME_S for one in late) / len(late) if late else None,
        median_late_s=round(median(late), 3) if late else None,
        callbacks=tuple(_row(one) for one in found if one.state == OPEN or not only_open),
    )


def _row(one: StoredCallback) -> CallbackRow:
    promised = one.callback
    waits = one.state != OPEN or one.due_at != promised.due_at
    return CallbackRow(
        callback=promised.promised_in,
        lead_id=promised.lead_id,
        number=promised.number,
        local=promised.wall,
        zone=promised.zone,
        promised_at=iso(promised.due_at),
        agent_id=promised.agent_id,
        made_by=promised.made_by,
        made_at=iso(promised.made_at),
        consent=promised.consent,
        state=one.state,
        reason=one.reason if waits else "",
        due_at=iso(one.due_at),
        ended_at=iso(one.ended_at),
        attempt_id=one.attempt_id,
        dialed_at=iso(one.dialed_at),
        late_s=_late_s(one),
    )


def _late_s(one: StoredCallback) -> float | None:
    return None if one.dialed_at is None else round(one.dialed_at - one.callback.due_at, 3)
