"""A small campaign with a past: leads, attempts permitted by the engine's own decision, agents' time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from campaigns.applicable import applicable
from campaigns.callback import Callback
from campaigns.eligibility import Permitted, decide
from campaigns.permission.proposed import Proposed
from campaigns.reach import SETUP_ALLOWANCE_S
from campaigns.record import AgentTime, AttemptRecord
from dialer.operations.open_campaign import open_campaign
from dialer.operations.place_leads import place_leads
from dialer.ports.store import (
    FINAL,
    READY,
    Answer,
    AttemptAccepted,
    AttemptIntent,
    CloseAttempt,
    FetchLeads,
    LeadsLeased,
    LeadUpdate,
    NewLead,
    Reader,
    SaveAgentTime,
    SaveAttempt,
    SaveCampaign,
    SaveLeads,
    Write,
)
from lists.lead import PhoneNumber
from lists.phone import parse_phone
from tests.walls import SAVE_SIMULATED, SIMULATED

BODY = """
name = "spring"
title = "Spring renewals"
lists = ["people"]
rules = "fictional"
trunks = ["sim"]
caller_ids = ["+12025550100"]
ring_timeout = "20s"

[pacing]
mode = "power"
ratio = 2.0

[hours]
weekdays = "09:00-20:00"

[limits]
per_lead = 6
per_number = 5
per_number_day = 2
"""
LONDON = ("+442079460001", "+442079460002", "+442079460003")
BERLIN = "+493023125001"


REACH_S = 20.0 + SETUP_ALLOWANCE_S
"""From the decision to the last moment at which the phone may ring."""


def utc(text: str) -> float:
    return datetime.fromisoformat(f"{text}+00:00").timestamp()


MONDAY_10 = utc("2026-11-23T10:00:00")
"""In London, in winter: inside the window."""


def phone(text: str) -> PhoneNumber:
    number = parse_phone(text)
    assert isinstance(number, PhoneNumber)
    return number


class Scene:
    """`write`, `reader`: of any store, empty or with the scene in it. Leads 1 and 2 have one London number, lead 3
    a London and a Berlin one."""

    def __init__(self, write: Callable[[Write], Answer], reader: Reader) -> None:
        self.write = write
        self.reader = reader
        self._intents: dict[int, AttemptIntent] = {}
        if not reader.campaigns():
            self._set()
        self.ids = [lead.lead_id for lead in reader.leads("people")]

    def _set(self) -> None:
        leads = (
            NewLead((phone(LONDON[0]),), "Ana", "Popescu", "X1", (("plan", "gold"),)),
            NewLead((phone(LONDON[1]),), "Bo", "Berg", "X2", (("plan", "=1+1"),)),
            NewLead((phone(LONDON[2]), phone(BERLIN)), "Cy", "Dee", "X3"),
        )
        self.write(SAVE_SIMULATED)
        self.write(SaveLeads("people", leads, "a test", "2026-11-01", MONDAY_10 - 86_400))
        self.write(SaveCampaign("spring", BODY, ("people",), "oldest", MONDAY_10 - 86_400))
        place_leads("spring", write=self.write)

    def attempt(
        self,
        lead_index: int,
        at: float,
        outcome: str = "no_answer",
        *,
        close: bool = True,
        caller_id: str | None = None,
        permit_at: float | None = None,
        next_at: float | None = None,
        position: int = 0,
        **changes: object,
    ) -> int:
        """One attempt on a lead's first number, permitted at `permit_at` (or `at`) whatever its history.
        `position`: of the number to try next."""
        opened = open_campaign(self.reader, "spring")
        lead = self.reader.lead(self.ids[lead_index])
        assert lead is not None
        permitted = decide(
            Proposed(
                campaign=opened.campaign,
                rule_set=applicable(opened.rules, lead, lead.phones[0], at),
                lead=lead,
                number=lead.phones[0],
                trunk="sim",
                caller_id="+12025550100",
                walls=SIMULATED,
            ),
            permit_at or at,
        )
        assert isinstance(permitted, Permitted)
        attempt_id = self.reader.next_attempt_id()
        leased = self.write(
            FetchLeads("spring", 10, at, tuple(group for group, _ in self.reader.zone_groups("spring")))
        )
        assert isinstance(leased, LeadsLeased)
        intent = AttemptIntent(
            attempt_id, "spring", lead.lead_id, lead.phones[0].e164, "sim", caller_id or "+12025550100",
            f"call-{attempt_id}", 1, at, replace(permitted, caps=()), purpose=opened.campaign.purpose.value,
        )  # fmt: skip
        assert isinstance(self.write(SaveAttempt(intent)), AttemptAccepted)
        self._intents[attempt_id] = intent
        if close:
            self.close(attempt_id, outcome, next_at=next_at, position=position, **changes)  # type: ignore[arg-type]
        return attempt_id

    def close(
        self,
        attempt_id: int,
        outcome: str = "no_answer",
        *,
        next_at: float | None = None,
        position: int = 0,
        callback: Callback | None = None,
        **changes: object,
    ) -> None:
        """Twenty seconds after it was placed. `callback`: what was promised in it."""
        intent = self._intents[attempt_id]
        lead = self.reader.lead(intent.lead_id)
        assert lead is not None
        record = replace(_record(intent, outcome), next_attempt_at=next_at, **changes)  # type: ignore[arg-type]
        update = LeadUpdate(
            "spring", lead.lead_id, FINAL if record.final else READY, next_at or intent.created_at, position,
            lead.phones[position].zone_group, 1, (), record.disposition or outcome, callback,
        )  # fmt: skip
        self.write(CloseAttempt(record, update, promised=callback))

    def agent_time(self, activity: str, since: float, until: float) -> None:
        stretch = AgentTime(agent_id="ana", campaign="spring", activity=activity, since=since, until=until)
        self.write(SaveAgentTime((stretch,)))


def _record(intent: AttemptIntent, outcome: str) -> AttemptRecord:
    return AttemptRecord(
        attempt_id=intent.attempt_id, campaign=intent.campaign, list_name="people", lead_id=intent.lead_id,
        number=intent.number, region="GB", zones="Europe/London", local_hour=10, attempt_no=intent.attempt_no,
        mode="power", trunk=intent.trunk, caller_id=intent.caller_id, call_id=intent.call_id,
        created_at=intent.created_at, dialed_at=intent.created_at + 0.25, progress_at=None, answered_at=None,
        assigned_at=None, connected_at=None, ended_at=intent.created_at + 20.0, closed_at=intent.created_at + 20.0,
        outcome=outcome, sip_status=487, q850=None, ended_by="dialer", agent_id=None, disposition=None, live=False,
        machine=False, rpc=False, abandoned=False, hung_up_waiting=False, queued=False, counted=True, talk_s=0.0,
        hold_s=0.0, wrapup_s=0.0, answer_to_agent_s=None, final=False, next_attempt_at=None, rule_set="fictional",
    )  # fmt: skip
