"""Promised calls that are still to be made, of several campaigns, the longest overdue first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from campaigns.callback_rule import CallbackRule
from campaigns.consent import ConsentCheck, ConsentKind, consent_until
from campaigns.errors import CampaignsError
from dialer.operations.open_campaign import read_campaign
from dialer.ports.store import Reader, StoredCallback
from lists.client import client_of


@dataclass(frozen=True, slots=True)
class DueCallback:
    """One that is open. `promised_at`: the moment promised, `local` on the clock of `zone`. `agent_id`: who alone
    is to make it until `agent_until`, then anyone; "" for anyone from the beginning. `consent`: the person
    agreed to be called then, and has not withdrawn it. `at_hand`: a service has its lead, to be dialed or in the
    call; else it is dialed from `due_at` on, and `reason` is what it waits for when that is later than promised.
    Moments: seconds UTC."""

    campaign: str
    callback: int
    lead_id: int
    contact: str
    number: str
    local: str
    zone: str
    promised_at: float
    agent_id: str
    agent_until: float | None
    consent: bool
    at_hand: bool
    due_at: float | None
    reason: str


@dataclass(frozen=True, slots=True)
class DueCallbacks:
    """`total`: how many are open, `overdue`: promised before the moment asked about; `callbacks`: the first of
    them."""

    total: int
    overdue: int
    callbacks: tuple[DueCallback, ...]


def due_callbacks(reader: Reader, campaigns: Iterable[str], now: float, limit: int) -> DueCallbacks:
    """Of these campaigns, the first `limit` by the moment promised."""
    found = [(name, one) for name in campaigns for one in reader.callbacks(name, ended=False)]
    found.sort(key=lambda pair: (pair[1].callback.due_at, pair[1].callback.promised_in))
    shown = found[:limit]
    terms = {name: _terms(reader, name) for name in {name for name, _ in shown}}
    rows = tuple(_row(reader, name, one, *terms[name], now) for name, one in shown)
    return DueCallbacks(len(found), sum(one.callback.due_at <= now for _, one in found), rows)


def _terms(reader: Reader, campaign: str) -> tuple[float, str]:
    """How long an agent is waited for, and what its calls are for."""
    try:
        read = read_campaign(reader, campaign)
    except CampaignsError:  # stored by another version
        return CallbackRule().patience_s, ""
    return read.callbacks.patience_s, read.purpose.value


def _row(
    reader: Reader, campaign: str, one: StoredCallback, patience_s: float, purpose: str, now: float
) -> DueCallback:
    promised, lead = one.callback, reader.lead(one.callback.lead_id)
    check = ConsentCheck(ConsentKind.CALLBACK, purpose)
    agreed = reader.consents((promised.number,), client_of(campaign)) if promised.consent else ()
    # As the engine: from the opening on, where it has to wait for that.
    due_at = promised.due_at if one.due_at is None else one.due_at
    return DueCallback(
        campaign=campaign,
        callback=promised.promised_in,
        lead_id=promised.lead_id,
        contact="" if lead is None else lead.display_name,
        number=promised.number,
        local=promised.wall,
        zone=promised.zone,
        promised_at=promised.due_at,
        agent_id=promised.agent_id,
        agent_until=due_at + patience_s if promised.agent_id else None,
        consent=consent_until(agreed, promised.number, check, now) is not None,
        at_hand=one.at_hand,
        due_at=one.due_at,
        reason=one.reason if one.due_at != promised.due_at else "",
    )
