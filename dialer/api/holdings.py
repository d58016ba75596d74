"""What goes over the control API about what an installation holds: campaigns, lists, leads, registers, settings.

As `schemas`: moments are seconds UTC, names are full.
"""

from __future__ import annotations

from typing import Literal

from pydantic import ConfigDict, Field

from campaigns.life import CampaignState
from dialer.api.access import ChangeRow, TokenRow, UserRow
from dialer.api.edits import LeadDetails, OriginText, Phone
from dialer.api.schemas import AgentRow, CallRow, Shown


class CampaignEntry(Shown):
    """A stored campaign. `mode` is None when this version does not understand its stored text."""

    name: str
    client: str
    title: str
    mode: str | None
    lists: list[str]
    state: CampaignState
    state_reason: str
    state_since: float
    added_at: float
    leads: int
    attempted: int
    final: int


class CampaignDetail(CampaignEntry):
    """`campaign`: the document of `dialer campaign show --json`; `toml`: the stored text."""

    campaign: dict[str, object]
    toml: str


class Campaigns(Shown):
    campaigns: list[CampaignEntry]


class ListEntry(Shown):
    """See `dialer.ports.store.ListSummary`."""

    name: str
    client: str
    leads: int
    numbers: int
    source: str
    as_of: str
    created_at: float
    expires_on: str = ""


class Lists(Shown):
    lists: list[ListEntry]


class MappingEntry(Shown):
    """A saved mapping. `columns`: how many it says; `problem`: what is wrong in its file."""

    name: str
    columns: int = 0
    source: str = ""
    problem: str = ""


class Mappings(Shown):
    mappings: list[MappingEntry]


class MappingShown(Shown):
    """The document of `dialer list mapping show --json`."""

    name: str
    columns: dict[str, str]
    region: str
    encoding: str
    delimiter: str
    source: str
    sheet: str
    dates: str


class SegmentShown(Shown):
    """The document of `dialer list segment --json`."""

    name: str
    where: list[str]
    of: int
    leads: int
    numbers: int
    by: dict[str, int]


class ListDetail(ListEntry):
    """`first`: the leads imported first. `campaigns`: those that call it."""

    campaigns: list[str]
    first: list[LeadEntry]


class LeadEntry(Shown):
    """See `lists.lead.Lead`."""

    lead_id: int
    list_name: str
    external_id: str
    first_name: str
    last_name: str
    phones: list[Phone]
    fields: list[tuple[str, str]]
    person_key: str = ""
    debt_id: str = ""
    country: str = ""
    region: str = ""
    details: LeadDetails = Field(default_factory=LeadDetails)
    source: str = ""
    as_of: str = ""
    origins: list[OriginText] = Field(default_factory=list)


class AttemptEntry(Shown):
    """An attempt on a number of the lead. `outcome`, `disposition`: None while it is open, and without one."""

    attempt_id: int
    campaign: str
    number: str
    created_at: float
    outcome: str | None
    disposition: str | None


class LeadDetail(Shown):
    """`attempts`: on its numbers, of campaigns that the caller may see, oldest first."""

    lead: LeadEntry
    attempts: list[AttemptEntry]


class Leads(Shown):
    leads: list[LeadEntry]


class Updated(Shown):
    """How many leads were changed, and which were left as they are: being dialed, or since they are others by now
    than they were `read_as`."""

    updated: int
    at_hand: list[int]
    overtaken: list[int] = Field(default_factory=list)


class Stored(Shown):
    """How many leads, or numbers, were stored."""

    stored: int


class WhyAnswer(Shown):
    """The document of `dialer why --json`."""

    allowed: bool
    reason: str | None
    until: str | None
    evidence: dict[str, object]


class RuleSetEntry(Shown):
    """An entry of `dialer rules --json`. `state`: in force, outdated (and still relied on), over, not yet in
    force."""

    name: str
    title: str
    jurisdiction: list[str]
    purpose: list[str]
    binding: str
    basis: str
    confidence: str
    verified_on: str | None
    valid_from: str | None
    valid_to: str | None
    state: str
    relied_on_until: str | None


class RuleSets(Shown):
    rule_sets: list[RuleSetEntry]


class RuleEntry(Shown):
    """One rule of a rule set. `verified`: at its source."""

    rule: str
    says: str
    citation: str
    confidence: str
    verified: bool
    binding: str
    verified_on: str | None
    valid_from: str | None
    valid_to: str | None
    note: str


class RuleSetDetail(RuleSetEntry):
    """The document of `dialer rules show --json`. `declared`: by whom, on which day, from which source."""

    delivery: list[str]
    numbers: list[str]
    citation: str
    note: str
    hash: str
    declared: dict[str, str] | None
    rules: list[RuleEntry]


class RulesForNumber(Shown):
    """The document of `dialer rules for --json`."""

    campaign: str
    purpose: str
    chosen: str
    at: str
    numbers: list[dict[str, object]]


class WhyEverywhere(Shown):
    """The document of `dialer why --json` without a campaign."""

    at: str
    allowed: bool
    leads: list[int]
    numbers: list[str]
    registers: list[dict[str, object]]
    attempts: list[dict[str, object]]
    campaigns: list[dict[str, object]]


class LossReason(Shown):
    """`code`: a `Refusal` value, what closed the leads, or `leased`. `first_free`: when the first comes free."""

    code: str
    leads: int
    first_free: str | None


class FunnelStage(Shown):
    """`text`: of the stage, in words. `left`: leads that are not lost at this stage or before."""

    stage: str
    text: str
    lost: int
    left: int
    reasons: list[LossReason]


class FunnelHour(Shown):
    """Leads that come free in the hour from this moment on."""

    model_config = ConfigDict(frozen=True, populate_by_name=True)

    since: str = Field(alias="from")
    leads: int


class FunnelZone(Shown):
    """Of leads with a number of this country and these time zones: how many may be dialed, how many wait for their
    window, and when the first of those opens."""

    group: str
    dialable: int
    closed: int
    opens_at: str | None


class FunnelAnswer(Shown):
    """The document of `dialer funnel --json`."""

    campaign: str
    at: str
    total: int
    stages: list[FunnelStage]
    dialable: int
    next: str | None
    hours: list[FunnelHour]
    never: dict[str, int]
    zones: list[FunnelZone]


class CallbackEntry(Shown):
    """As a row of `dialer.operations.callbacks`."""

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


class Callbacks(Shown):
    """The document of `dialer callbacks --json`."""

    campaign: str
    open: int
    kept: int
    dropped: int
    on_time: float | None
    median_late_s: float | None
    callbacks: list[CallbackEntry]


class DncChanged(Shown):
    """`changed`: numbers that were not there before, or were taken off; `unchanged`: the others."""

    changed: int
    unchanged: int


class DncSpan(Shown):
    """From when until when (None: still) a number was on a register that holds for the client asked about.
    `purpose`: of the calls that it is about, "" for all."""

    since: float
    until: float | None
    purpose: str


class DncState(Shown):
    """Whether the number may not be called for `client`, for whatever purpose or (given) for this one: by the
    house's register or the client's own."""

    number: str
    client: str
    purpose: str
    blocked: bool
    since: float | None
    spans: list[DncSpan]


class ConsentRow(Shown):
    """See `campaigns.consent.Consent`."""

    number: str
    kind: str
    purpose: str
    given_at: float
    expires_at: float | None
    source: str
    evidence: str
    withdrawn_at: float | None


class ConsentState(Shown):
    """What `client` has ever been told of the number, oldest first."""

    number: str
    client: str
    consents: list[ConsentRow]


class ConsentsChanged(Shown):
    changed: int


class Users(Shown):
    users: list[UserRow]


class Tokens(Shown):
    tokens: list[TokenRow]


class Changes(Shown):
    """Newest first."""

    changes: list[ChangeRow]


class Agents(Shown):
    agents: list[AgentRow]


class Calls(Shown):
    calls: list[CallRow]


class JobRow(Shown):
    """Long work. `done`, `total`: in units of it (rows, attempts); `result`: its JSON document at its end."""

    job_id: str
    kind: str
    subject: str
    client: str
    state: Literal["waiting", "running", "done", "failed", "cancelled"]
    done: int = 0
    total: int = 0
    started_at: float | None = None
    ended_at: float | None = None
    error: str = ""
    result: dict[str, object] | None = None


class Jobs(Shown):
    """Newest first."""

    jobs: list[JobRow]


class SettingsShown(Shown):
    """`dialer.toml` as in force: by section; secrets are left out, and said to be set or not."""

    settings: dict[str, object]


class Reloaded(Shown):
    """`changed`: settings in force now; `needs_restart`: settings that changed in the file and take a restart."""

    changed: list[str]
    needs_restart: list[str]


class Health(Shown):
    """`checks`: what was looked at, with "ok" or what is wrong."""

    status: str
    checks: dict[str, str] = Field(default_factory=dict)


class Accepted(Shown):
    """The service has taken the request; what comes of it is to be seen on the stream. `unstored`: what keeps it
    from being in the log of changes yet."""

    accepted: bool = True
    unstored: str = ""


ListDetail.model_rebuild()
