"""Values the tests of this package start from."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from importlib import resources
from zoneinfo import ZoneInfo

from campaigns.campaign import Campaign, Mode, Pacing
from campaigns.cap import Cap
from campaigns.compliance import RuleSet
from campaigns.hours_rule import HoursRule
from campaigns.permission.proposed import Proposed
from campaigns.record import AttemptRecord
from lists.lead import Lead, NumberKind, PhoneNumber, ZoneSource
from tests.walls import SIMULATED

ALWAYS = HoursRule.parse({"daily": "00:00-24:00"})
DAYTIME = HoursRule.parse({"daily": "09:00-20:00"})

NEW_YORK = PhoneNumber("+12025550101", "US", NumberKind.FIXED, ("America/New_York",), ZoneSource.NUMBER)
LONDON = PhoneNumber("+442079460001", "GB", NumberKind.FIXED, ("Europe/London",), ZoneSource.NUMBER)
LEAD = Lead(7, "sample", (NEW_YORK, LONDON), "Ada", "Example")

RULES = RuleSet(
    name="rules",
    title="Rules",
    jurisdiction=("US", "GB"),
    hours=(HoursRule.parse({"daily": "08:00-21:00"}),),
    caps=(Cap("week", 5, 7 * 86_400.0),),
    ring_min_s=15.0,
    abandon_max=0.03,
    abandon_clock_s=2.0,
    fictional=False,
    citation="",
    confidence="H",
    verified_on="2026-11-01",
    valid_from="",
    valid_to="",
    hash="cafe",
)

CAMPAIGN = Campaign(
    name="spring",
    lists=("sample",),
    rules=("rules",),
    hours=DAYTIME,
    pacing=Pacing(Mode.POWER, 1.5),
    trunks=("sim",),
    caller_ids=("+12025550123",),
    source_hash="beef",
)

PROPOSED = Proposed(CAMPAIGN, RULES, LEAD, NEW_YORK, "sim", CAMPAIGN.caller_ids[0], SIMULATED)
"""Of a call that nothing speaks against in the daytime."""

NOON = datetime(2026, 11, 18, 17, 0, tzinfo=UTC).timestamp()
"""A Wednesday, 12:00 in New York."""


def utc(text: str) -> float:
    """Seconds UTC of an ISO moment, UTC unless it says otherwise."""
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def reference_zone(name: str) -> ZoneInfo:
    """The zone as the tzdata package has it, never the operating system's (which may be years older)."""
    with resources.files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as data:
        return ZoneInfo.from_file(data, key=name)


RECORD = AttemptRecord(
    attempt_id=1,
    campaign="spring",
    list_name="sample",
    lead_id=7,
    number="+12025550101",
    region="US",
    zones="America/New_York",
    local_hour=12,
    attempt_no=1,
    mode="power",
    trunk="sim",
    caller_id="+12025550123",
    call_id="a1@dialer",
    created_at=NOON,
    dialed_at=NOON + 0.01,
    progress_at=NOON + 1,
    answered_at=NOON + 9,
    assigned_at=NOON + 9,
    connected_at=NOON + 9.02,
    ended_at=NOON + 69,
    closed_at=NOON + 80,
    outcome="connected",
    sip_status=200,
    q850=None,
    ended_by="callee",
    agent_id="a1",
    disposition="sale",
    live=True,
    machine=False,
    rpc=True,
    abandoned=False,
    hung_up_waiting=False,
    queued=False,
    counted=True,
    talk_s=60.0,
    hold_s=0.0,
    wrapup_s=11.0,
    answer_to_agent_s=0.02,
    final=True,
    next_attempt_at=None,
    rule_set="rules",
)


def busy_record(attempt_id: int) -> AttemptRecord:
    """A dial that met a busy line."""
    return replace(
        RECORD,
        attempt_id=attempt_id,
        answered_at=None,
        assigned_at=None,
        connected_at=None,
        outcome="busy",
        sip_status=486,
        agent_id=None,
        disposition=None,
        live=False,
        rpc=False,
        talk_s=0.0,
        wrapup_s=0.0,
        answer_to_agent_s=None,
        final=False,
    )
