"""Everything that can be asked of the service, each as a value: one definition for the sync and the async client.

`client.call(start_campaign("acme/spring"))` answers a `CampaignMoved`; the type follows from the request.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, Literal, TypeVar
from urllib.parse import quote

from pydantic import BaseModel

from dialer.api.access import Bearer, Login, Me, NewToken, NewUser, UserRow
from dialer.api.callbacks import DueCallbacks
from dialer.api.conversations import ConsultAsked, PhoneAsked, SupervisionAsked, Supervisions
from dialer.api.desks import (
    AgentChange,
    AgentDisposition,
    AgentLine,
    AgentLogin,
    AgentPause,
    PauseAsked,
    RecordingAsked,
)
from dialer.api.edits import (
    CampaignAdded,
    CampaignMoved,
    CampaignReset,
    CampaignText,
    Consents,
    ExpiryText,
    ImportEnd,
    LeadChanges,
    LeadPortion,
    ListExpiry,
    ListMoved,
    MoveText,
    Numbers,
    ResetAsked,
    Withdrawn,
)
from dialer.api.freshness import FreshnessAnswer
from dialer.api.holdings import (
    Accepted,
    Agents,
    Callbacks,
    Calls,
    CampaignDetail,
    Campaigns,
    Changes,
    ConsentsChanged,
    ConsentState,
    DncChanged,
    DncState,
    FunnelAnswer,
    Health,
    JobRow,
    Jobs,
    LeadDetail,
    Leads,
    ListDetail,
    Lists,
    Mappings,
    MappingShown,
    Reloaded,
    SegmentShown,
    SettingsShown,
    Stored,
    Tokens,
    Updated,
    Users,
    WhyAnswer,
    WhyEverywhere,
)
from dialer.api.person import ErasureAsked, PersonErased, RetentionAsked, RetentionDone
from dialer.api.schemas import Overview
from dialer.api.trunks import Trunks, TrunkTest, TrunkTested

T = TypeVar("T", bound=BaseModel)

TRY_S = 120.0
"""The same for what waits for a carrier: silence takes 32 s, and as long again after a challenge."""

SHORT_S = 30.0
"""How long an answer may take that comes from memory or one short read or write."""
LONG_S = 900.0
"""The same for what goes over many leads or attempts."""

Params = Mapping[str, str | int | float | list[str]]


@dataclass(frozen=True, slots=True)
class Request(Generic[T]):
    """`answer`: the schema of what comes back. `timeout_s`: for the answer, once the request is sent."""

    method: str
    path: str
    answer: type[T]
    params: Params = field(default_factory=dict)
    body: BaseModel | None = None
    timeout_s: float = SHORT_S


def _given(**params: str | float | list[str] | None) -> Params:
    return {name: value for name, value in params.items() if value is not None}


def _name(name: str) -> str:
    return quote(name, safe="/")


# --- the service --------------------------------------------------------------------------------------------


def readiness() -> Request[Health]:
    return Request("GET", "/readyz", Health)


def overview() -> Request[Overview]:
    return Request("GET", "/v1/overview", Overview)


def settings() -> Request[SettingsShown]:
    return Request("GET", "/v1/settings", SettingsShown)


def reload_settings() -> Request[Reloaded]:
    return Request("POST", "/v1/settings/reload", Reloaded)


def stop_service() -> Request[Accepted]:
    return Request("POST", "/v1/service/stop", Accepted)


def trunks() -> Request[Trunks]:
    return Request("GET", "/v1/trunks", Trunks)


def try_trunk(name: str, call: str | None = None, caller_id: str = "") -> Request[TrunkTested]:
    body = TrunkTest(call=call, caller_id=caller_id)
    return Request("POST", f"/v1/trunks/{_name(name)}/test", TrunkTested, body=body, timeout_s=TRY_S)


def release_trunk(name: str) -> Request[Accepted]:
    return Request("POST", f"/v1/trunks/{_name(name)}/release", Accepted)


# --- access -------------------------------------------------------------------------------------------------


def log_in(user: str, password: str) -> Request[Bearer]:
    return Request("POST", "/v1/login", Bearer, body=Login(user=user, password=password))


def log_out() -> Request[Accepted]:
    return Request("POST", "/v1/logout", Accepted)


def me() -> Request[Me]:
    return Request("GET", "/v1/me", Me)


def tokens() -> Request[Tokens]:
    return Request("GET", "/v1/tokens", Tokens)


def make_token(token: NewToken) -> Request[Bearer]:
    return Request("POST", "/v1/tokens", Bearer, body=token)


def revoke_token(token_id: str) -> Request[Accepted]:
    return Request("DELETE", f"/v1/tokens/{_name(token_id)}", Accepted)


def users() -> Request[Users]:
    return Request("GET", "/v1/users", Users)


def save_user(name: str, user: NewUser) -> Request[UserRow]:
    return Request("PUT", f"/v1/users/{_name(name)}", UserRow, body=user)


def remove_user(name: str) -> Request[Accepted]:
    return Request("DELETE", f"/v1/users/{_name(name)}", Accepted)


def changes(
    *, since: float | None = None, until: float | None = None, client: str | None = None, limit: int | None = None
) -> Request[Changes]:
    """`client`: of one client alone, for a caller who may see all."""
    params = _given(since=since, until=until, client=client, limit=limit)
    return Request("GET", "/v1/changes", Changes, params)


# --- campaigns ----------------------------------------------------------------------------------------------


def campaigns() -> Request[Campaigns]:
    return Request("GET", "/v1/campaigns", Campaigns)


def campaign(name: str) -> Request[CampaignDetail]:
    return Request("GET", f"/v1/campaigns/{_name(name)}", CampaignDetail)


def put_campaign(name: str, text: CampaignText) -> Request[CampaignAdded]:
    return Request("PUT", f"/v1/campaigns/{_name(name)}", CampaignAdded, body=text, timeout_s=LONG_S)


def start_campaign(name: str) -> Request[CampaignMoved]:
    return Request("POST", f"/v1/campaigns/{_name(name)}/start", CampaignMoved)


def pause_campaign(name: str) -> Request[CampaignMoved]:
    return Request("POST", f"/v1/campaigns/{_name(name)}/pause", CampaignMoved)


def stop_campaign(name: str) -> Request[CampaignMoved]:
    return Request("POST", f"/v1/campaigns/{_name(name)}/stop", CampaignMoved)


def reset_campaign(name: str, asked: ResetAsked) -> Request[CampaignReset]:
    return Request("POST", f"/v1/campaigns/{_name(name)}/reset", CampaignReset, body=asked, timeout_s=LONG_S)


def segment(name: str, where: Sequence[str], *, by: str = "") -> Request[SegmentShown]:
    params = _given(by=by or None, where=list(where))
    return Request("GET", f"/v1/lists/{_name(name)}/segment", SegmentShown, params, timeout_s=LONG_S)


def mappings() -> Request[Mappings]:
    return Request("GET", "/v1/mappings", Mappings)


def mapping(name: str) -> Request[MappingShown]:
    return Request("GET", f"/v1/mappings/{_name(name)}", MappingShown)


def remove_mapping(name: str) -> Request[Accepted]:
    return Request("DELETE", f"/v1/mappings/{_name(name)}", Accepted)


def expire_list(name: str, asked: ExpiryText) -> Request[ListExpiry]:
    return Request("POST", f"/v1/lists/{_name(name)}/expiry", ListExpiry, body=asked, timeout_s=LONG_S)


def move_leads(name: str, asked: MoveText) -> Request[ListMoved]:
    return Request("POST", f"/v1/lists/{_name(name)}/moves", ListMoved, body=asked, timeout_s=LONG_S)


def apply_retention(asked: RetentionAsked) -> Request[RetentionDone]:
    return Request("POST", "/v1/person/retention", RetentionDone, body=asked, timeout_s=LONG_S)


def erase_person(asked: ErasureAsked) -> Request[PersonErased]:
    return Request("POST", "/v1/person/erase", PersonErased, body=asked, timeout_s=LONG_S)


def summarise(name: str, since: float | None = None, until: float | None = None) -> Request[JobRow]:
    """Start a report; ask `job` for its progress and, at its end, its result."""
    params = _given(**{"from": since, "to": until})
    return Request("POST", f"/v1/campaigns/{_name(name)}/reports", JobRow, params)


def why(
    campaign: str, *, lead: int | None = None, number: str | None = None, at: float | None = None
) -> Request[WhyAnswer]:
    return Request("GET", "/v1/why", WhyAnswer, _given(campaign=campaign, lead=lead, number=number, at=at))


def why_everywhere(
    *, lead: int | None = None, number: str | None = None, at: float | None = None
) -> Request[WhyEverywhere]:
    """For every campaign that calls it, and at large. `lead` or `number`."""
    return Request("GET", "/v1/why/everywhere", WhyEverywhere, _given(lead=lead, number=number, at=at))


def funnel(campaign: str, *, at: float | None = None) -> Request[FunnelAnswer]:
    """`at`: a later moment; None: now, maybe some seconds old."""
    path = f"/v1/campaigns/{_name(campaign)}/funnel"
    return Request("GET", path, FunnelAnswer, _given(at=at), timeout_s=LONG_S)


def callbacks(campaign: str, *, only_open: bool = False) -> Request[Callbacks]:
    return Request("GET", f"/v1/campaigns/{_name(campaign)}/callbacks", Callbacks, _given(open=only_open or None))


def due_callbacks(campaign: str | None = None, *, limit: int | None = None) -> Request[DueCallbacks]:
    """Those still to be made, of one campaign or of all, the longest overdue first."""
    return Request("GET", "/v1/callbacks", DueCallbacks, _given(campaign=campaign, limit=limit))


# --- lists and leads ----------------------------------------------------------------------------------------


def lists() -> Request[Lists]:
    return Request("GET", "/v1/lists", Lists)


def contact_list(name: str, first: int | None = None) -> Request[ListDetail]:
    return Request("GET", f"/v1/lists/{_name(name)}", ListDetail, _given(first=first))


def freshness(
    name: str, *, at: float | None = None, verify_below: float | None = None, worth_from: float | None = None
) -> Request[FreshnessAnswer]:
    """`at`: None: now, maybe some minutes old; `verify_below`, `worth_from`: shares alive, between 0 and 1."""
    given = _given(at=at, verify_below=verify_below, worth_from=worth_from)
    return Request("GET", f"/v1/lists/{_name(name)}/freshness", FreshnessAnswer, given, timeout_s=LONG_S)


def store_leads(name: str, portion: LeadPortion) -> Request[Stored]:
    return Request("POST", f"/v1/lists/{_name(name)}/leads", Stored, body=portion, timeout_s=LONG_S)


def update_leads(name: str, changes: LeadChanges) -> Request[Updated]:
    return Request("POST", f"/v1/lists/{_name(name)}/leads/update", Updated, body=changes, timeout_s=LONG_S)


def end_import(name: str, end: ImportEnd) -> Request[Accepted]:
    return Request("POST", f"/v1/lists/{_name(name)}/imports/end", Accepted, body=end)


def lead(lead_id: int) -> Request[LeadDetail]:
    return Request("GET", f"/v1/leads/{lead_id}", LeadDetail)


def leads_by_number(number: str) -> Request[Leads]:
    return Request("GET", "/v1/leads", Leads, {"number": number})


def jobs() -> Request[Jobs]:
    return Request("GET", "/v1/jobs", Jobs)


def job(job_id: str) -> Request[JobRow]:
    return Request("GET", f"/v1/jobs/{_name(job_id)}", JobRow)


def cancel_job(job_id: str) -> Request[JobRow]:
    return Request("POST", f"/v1/jobs/{_name(job_id)}/cancel", JobRow)


# --- do not call --------------------------------------------------------------------------------------------


def block(numbers: Numbers) -> Request[DncChanged]:
    return Request("POST", "/v1/dnc", DncChanged, body=numbers)


def unblock(numbers: Numbers) -> Request[DncChanged]:
    return Request("POST", "/v1/dnc/remove", DncChanged, body=numbers)


def dnc(number: str, client: str | None = None, purpose: str | None = None) -> Request[DncState]:
    return Request("GET", f"/v1/dnc/{quote(number)}", DncState, _given(client=client, purpose=purpose))


# --- consents -----------------------------------------------------------------------------------------------


def save_consents(consents: Consents) -> Request[ConsentsChanged]:
    return Request("POST", "/v1/consents", ConsentsChanged, body=consents)


def withdraw_consents(numbers: Withdrawn) -> Request[ConsentsChanged]:
    return Request("POST", "/v1/consents/withdraw", ConsentsChanged, body=numbers)


def consents(number: str, client: str | None = None) -> Request[ConsentState]:
    return Request("GET", f"/v1/consents/{quote(number)}", ConsentState, _given(client=client))


# --- agents and calls ---------------------------------------------------------------------------------------


def agents() -> Request[Agents]:
    return Request("GET", "/v1/agents", Agents)


def agent_login(agent_id: str, login: AgentLogin) -> Request[AgentLine]:
    return Request("POST", f"/v1/agents/{_name(agent_id)}/login", AgentLine, body=login)


def supervise(agent_id: str, asked: SupervisionAsked) -> Request[Accepted]:
    return Request("POST", f"/v1/agents/{_name(agent_id)}/supervision", Accepted, body=asked)


def end_supervision(agent_id: str, phone: str) -> Request[Accepted]:
    path = f"/v1/agents/{_name(agent_id)}/supervision/end"
    return Request("POST", path, Accepted, body=PhoneAsked(phone=phone))


def supervisions() -> Request[Supervisions]:
    return Request("GET", "/v1/supervisions", Supervisions)


def consult(attempt_id: int, phone: str | None = None, number: str | None = None) -> Request[Accepted]:
    """A phone of `dialer.toml`, or a number outside."""
    asked = ConsultAsked(phone=phone, number=number)
    return Request("POST", f"/v1/calls/{attempt_id}/consult", Accepted, body=asked)


def consult_step(attempt_id: int, step: Literal["join", "complete", "drop"]) -> Request[Accepted]:
    """`join`: all three talk; `complete`: the agent leaves; `drop`: the third party does."""
    return Request("POST", f"/v1/calls/{attempt_id}/consult/{step}", Accepted)


def agent_ready(agent_id: str) -> Request[Accepted]:
    return Request("POST", f"/v1/agents/{_name(agent_id)}/ready", Accepted)


def agent_pause(agent_id: str, code: str = "") -> Request[Accepted]:
    return Request("POST", f"/v1/agents/{_name(agent_id)}/pause", Accepted, body=AgentPause(code=code))


def agent_logout(agent_id: str) -> Request[Accepted]:
    return Request("POST", f"/v1/agents/{_name(agent_id)}/logout", Accepted)


def agent_hangup(agent_id: str) -> Request[Accepted]:
    return Request("POST", f"/v1/agents/{_name(agent_id)}/hangup", Accepted)


def dispose(agent_id: str, disposition: AgentDisposition) -> Request[Accepted]:
    return Request("POST", f"/v1/agents/{_name(agent_id)}/disposition", Accepted, body=disposition)


def agent_recording(agent_id: str, asked: RecordingAsked) -> Request[Accepted]:
    return Request("POST", f"/v1/agents/{_name(agent_id)}/recording", Accepted, body=asked)


def calls() -> Request[Calls]:
    return Request("GET", "/v1/calls", Calls)


def hang_up(attempt_id: int) -> Request[Accepted]:
    return Request("POST", f"/v1/calls/{attempt_id}/hangup", Accepted)


def pause_recording(attempt_id: int, *, paused: bool) -> Request[Accepted]:
    return Request("POST", f"/v1/calls/{attempt_id}/recording", Accepted, body=PauseAsked(paused=paused))


# --- streams ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Stream(Generic[T]):
    """Server-sent events of one kind. `silence_s`: without a word (the service sends a comment every few seconds)
    for so long, the connection counts as lost."""

    path: str
    event: str
    schema: type[T]
    params: Params = field(default_factory=dict)
    silence_s: float = 30.0


def overview_stream(every_s: int = 1) -> Stream[Overview]:
    """An overview at once, and then each `every_s` (1–60) seconds."""
    return Stream("/v1/stream", "overview", Overview, {"every": every_s}, silence_s=30.0 + every_s)


def agent_stream(agent_ids: Iterable[str]) -> Stream[AgentChange]:
    """Each change of these agents' states from now on, in order."""
    return Stream("/v1/agents/stream", "agent", AgentChange, {"agent": list(agent_ids)})
