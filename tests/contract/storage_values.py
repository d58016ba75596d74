"""Values the storage tests write: leads on numbers reserved for fiction, attempts, their records."""

from __future__ import annotations

from dataclasses import replace

from campaigns.eligibility import Permitted
from campaigns.permission.caps import CapCheck
from campaigns.permission.evidence import Evidence, ZoneEvidence
from campaigns.permission.past import PastAttempt
from campaigns.record import AgentTime, AttemptRecord
from dialer.ports.store import (
    READY,
    AttemptIntent,
    BlockNumbers,
    CloseAttempt,
    LeadUpdate,
    NewLead,
    PlaceLeads,
    SaveAttempt,
    SaveCampaign,
    SaveLeads,
)
from lists.client import client_of
from lists.lead import NumberKind, PhoneNumber, ZoneSource

NOW = 1_790_000_000.0
LONDON = "GB:Europe/London"
SYDNEY = "AU:Australia/Sydney"
NEW_YORK = "US:America/New_York"


def phone(index: int, group: str = LONDON) -> PhoneNumber:
    region, zones = group.split(":")
    prefix = {"GB": "+44207946", "AU": "+6149157", "US": "+1212555"}[region]
    return PhoneNumber(
        f"{prefix}{index:04d}", region, NumberKind.FIXED, tuple(zones.split("|")), ZoneSource.NUMBER
    )


def new_leads(count: int, group: str = LONDON, first: int = 0) -> tuple[NewLead, ...]:
    return tuple(
        NewLead((phone(index, group),), first_name=f"First {index}", last_name="Last", external_id=f"X{index}",
                fields=(("plan", "gold"), ("città", "Torino")))
        for index in range(first, first + count)
    )  # fmt: skip


def save_leads(leads: tuple[NewLead, ...], list_name: str = "people") -> SaveLeads:
    return SaveLeads(list_name, leads, source="a test", as_of="2026-01-31", now=NOW)


def save_campaign(name: str = "c", lists: tuple[str, ...] = ("people",), order: str = "oldest") -> SaveCampaign:
    return SaveCampaign(name, f'name = "{name}"\n', lists, order, NOW, order_seed=7)


def place_leads(name: str = "c", limit: int = 1_000) -> PlaceLeads:
    return PlaceLeads(name, limit)


def evidence(lead_id: int, number: str, campaign: str = "c", at: float = NOW) -> Evidence:
    return Evidence(
        at=at, lead_id=lead_id, number=number, region="GB", kind="fixed", trunk="t1", caller_id="+442079460999",
        campaign=campaign, campaign_hash="ab" * 32, rule_set="demo", rule_set_hash="cd" * 32,
        zones=(ZoneEvidence("Europe/London", 0, "2026-09-21T14:13:20+01:00"),), zone_source="number",
        zone_data="pytz 2026.6", window_closes_at=at + 3600.0, counters=(("per_number_day", 0, 3),), dnc_version=0,
    )  # fmt: skip


def save_attempt(
    attempt_id: int, lead_id: int, number: str, *, campaign: str = "c", at: float = NOW,
    caps: tuple[CapCheck, ...] = (), person: str = "", debt: str = "", purpose: str = "",
) -> SaveAttempt:  # fmt: skip
    permitted = Permitted(evidence(lead_id, number, campaign, at), valid_until=at + 60.0, caps=caps)
    intent = AttemptIntent(
        attempt_id, campaign, lead_id, number, "t1", "+442079460999", f"call-{attempt_id}", 1, at, permitted,
        person, debt, purpose,
    )  # fmt: skip
    return SaveAttempt(intent)


def record_for(save: SaveAttempt, outcome: str = "busy", **changes: object) -> AttemptRecord:
    intent = save.intent
    record = AttemptRecord(
        attempt_id=intent.attempt_id, campaign=intent.campaign, list_name="people", lead_id=intent.lead_id,
        number=intent.number, region="GB", zones="Europe/London", local_hour=14, attempt_no=intent.attempt_no,
        mode="power", trunk=intent.trunk, caller_id=intent.caller_id, call_id=intent.call_id,
        created_at=intent.created_at, dialed_at=intent.created_at + 0.25, progress_at=intent.created_at + 1.5,
        answered_at=None, assigned_at=None, connected_at=None, ended_at=intent.created_at + 9.75,
        closed_at=intent.created_at + 10.0, outcome=outcome, sip_status=486, q850=17, ended_by="network",
        agent_id=None, disposition=None, live=False, machine=False, rpc=False, abandoned=False,
        hung_up_waiting=False, queued=True, counted=outcome != "withdrawn", talk_s=0.0, hold_s=0.0, wrapup_s=0.0,
        answer_to_agent_s=None, final=False, next_attempt_at=intent.created_at + 3600.0, rule_set="demo",
        note="a note", stage="none" if outcome == "withdrawn" else "alerted", contact="none",
        person=intent.person, debt=intent.debt, purpose=intent.purpose,
    )  # fmt: skip
    return replace(record, **changes)  # type: ignore[arg-type]


def update_for(
    lead_id: int, *, campaign: str = "c", state: str = READY, due_at: float = NOW, group: str = LONDON,
    attempts: int = 1, tries: tuple[tuple[str, int], ...] = (("busy", 1),), reason: str = "busy",
    position: int = 0,
) -> LeadUpdate:  # fmt: skip
    return LeadUpdate(campaign, lead_id, state, due_at, position, group, attempts, tries, reason)


def close_attempt(
    save: SaveAttempt, outcome: str = "busy", *, update: LeadUpdate | None = None, block: str | None = None
) -> CloseAttempt:
    place = update or update_for(save.intent.lead_id, campaign=save.intent.campaign, due_at=NOW + 3600.0)
    record = record_for(save, outcome)
    source, client = f"campaign {record.campaign}", client_of(record.campaign)
    blocked = None if block is None else BlockNumbers((block,), source, record.closed_at, client)
    return CloseAttempt(record, place, blocked)


def number_cap(limit: int, number: str, *, since: float = NOW - 86_400.0, campaign: str | None = None) -> CapCheck:
    return CapCheck("per_number_day", limit, since, number=number, campaign=campaign)


def idle(agent_id: str, since: float, until: float, campaign: str = "c") -> AgentTime:
    return AgentTime(agent_id=agent_id, campaign=campaign, activity="idle", since=since, until=until)


def past_of(save: SaveAttempt, outcome: str = "busy") -> PastAttempt:
    """As the next decision is told of the attempt once it is closed like `close_attempt`."""
    intent = save.intent
    return PastAttempt(
        intent.number, intent.campaign, intent.created_at + 0.25, outcome, None, "t1", "alerted",
        contact="none", ended_at=intent.created_at + 9.75,
    )  # fmt: skip
