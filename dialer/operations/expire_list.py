"""The last day of a list: after it nobody on it is dialed. A later day takes up again whom it has closed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import date
from itertools import islice

from campaigns.refusal import Refusal
from dialer.errors import InputError
from dialer.operations.export_list import find_list
from dialer.operations.show_list import campaigns_of
from dialer.ports.access import Actor
from dialer.ports.store import Answer, Audited, ExpireList, Reader, RequeueLeads, Write
from lists.client import client_of

NEVER = "never"
PORTION = 500


@dataclass(frozen=True, slots=True)
class Expiry:
    """`expires_on`, `before`: the last day of the list, and the one that it had ("": none). `campaigns`: those
    that dial it. `back`: leads, counted for each campaign, that the day before had closed and that are taken up
    again. `stored`: False for what would happen."""

    name: str
    expires_on: str
    before: str
    leads: int
    campaigns: tuple[str, ...]
    back: int
    stored: bool = False

    def as_dict(self) -> dict[str, object]:
        """The document of `dialer list expire --json`."""
        return asdict(self)


def read_day(text: str) -> str:
    """ISO date, "" for `never`. Raises `InputError`."""
    if text.strip().lower() == NEVER:
        return ""
    try:
        return date.fromisoformat(text.strip()).isoformat()
    except ValueError:
        raise InputError(f"{text!r} is no day; write 2026-12-31, or {NEVER}") from None


def plan_expiry(reader: Reader, name: str, expires_on: str) -> tuple[Expiry, dict[str, list[int]]]:
    """What would happen, and by campaign the leads that are taken up again. Raises `UnknownName`."""
    summary = find_list(reader, name)
    back: dict[str, list[int]] = {}
    if _is_later(expires_on, summary.expires_on):
        own = [one.name for one in reader.campaigns() if client_of(one.name) == client_of(name)]
        closed = {campaign: list(_closed(reader, campaign, name)) for campaign in own}
        back = {campaign: lead_ids for campaign, lead_ids in closed.items() if lead_ids}
    count = sum(map(len, back.values()))
    dialing = tuple(campaigns_of(reader, name))
    return Expiry(name, expires_on, summary.expires_on, summary.leads, dialing, count), back


def expiry_writes(
    expiry: Expiry, back: dict[str, list[int]], actor: Actor, now: float
) -> Iterator[Audited | RequeueLeads]:
    """The writes that do it: the day, with its entry in the log of changes, then the leads by portions."""
    detail = {"expires_on": expiry.expires_on or NEVER, "back": str(expiry.back)}
    change = actor.change(now, "list.expire", expiry.name, client_of(expiry.name), **detail)
    yield Audited(ExpireList(expiry.name, expiry.expires_on, now), change)
    for campaign, lead_ids in back.items():
        for start in range(0, len(lead_ids), PORTION):
            yield RequeueLeads(campaign, tuple(lead_ids[start : start + PORTION]), None, now)


def expire_list(
    reader: Reader, name: str, expires_on: str, *, write: Callable[[Write], Answer], actor: Actor, now: float
) -> Expiry:
    """Do it, while no service runs. Raises as `plan_expiry`."""
    planned, back = plan_expiry(reader, name, expires_on)
    for one in expiry_writes(planned, back, actor, now):
        write(one)
    return replace(planned, stored=True)


def _is_later(day: str, before: str) -> bool:
    return before != "" and (day == "" or day > before)


def _closed(reader: Reader, campaign: str, list_name: str) -> Iterator[int]:
    """Leads of the list that its last day has closed in the campaign."""
    lead_ids = reader.closed_leads(campaign, (Refusal.LIST_EXPIRED.value,))
    while portion := list(islice(lead_ids, PORTION)):
        yield from (lead.lead_id for lead in reader.leads_by_id(portion) if lead.list_name == list_name)
