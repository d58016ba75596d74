"""What goes over the control API: one definition for the service, its clients and the OpenAPI document. Here what
all documents are made of, refusals, and the overview; `access`, `desks`, `edits` and `holdings` have the rest.

Moments are seconds since the Unix epoch, UTC, as floats; durations are seconds; shares are fractions 0–1.
A name of a campaign or a list is full (`client/name`, `lists.client`). Requests refuse fields they do not know.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from campaigns.life import CampaignState

Seconds = Annotated[float, Field(ge=0.0)]
Moment = Annotated[float, Field(ge=0.0, lt=253_402_300_800.0)]
"""Seconds UTC, up to the end of the year 9999."""
Name = Annotated[str, Field(max_length=256)]
PLAIN = r"^[^\x00-\x1f\x7f]*$"
"""Without control characters: it is shown on other people's terminals."""
Word = Annotated[str, Field(max_length=64, pattern=PLAIN)]
Remark = Annotated[str, Field(max_length=255)]
E164 = Annotated[str, Field(pattern=r"^\+[1-9]\d{6,14}$", examples=["+12025550123"])]
CONTACT_SHOWN = 100
"""Characters of a contact's name: lists have names of any length, and every reader gets each overview."""


class Shown(BaseModel):
    """Base of answers."""

    model_config = ConfigDict(frozen=True)


class Asked(BaseModel):
    """Base of requests. Numbers are finite, no text holds a NUL (no database that we keep it in takes one), and
    nothing is nested beyond what can be walked through."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    @model_validator(mode="before")
    @classmethod
    def _plain(cls, value: object) -> object:
        _check_plain(value)
        return value


DEEPEST = 20


def _check_plain(document: object) -> None:
    """Raises `ValueError` for a text that no database takes (with a NUL, or half a surrogate pair), and for what
    is nested deeper than `DEEPEST`."""
    level: list[object] = [document]
    for _ in range(DEEPEST):
        texts = "".join(one for one in level if isinstance(one, str))
        if "\0" in texts:
            raise ValueError("a text holds a NUL character; leave it out")
        try:
            texts.encode()
        except UnicodeEncodeError:
            raise ValueError("a text holds half a character (one of a surrogate pair); leave it out") from None
        within = [one for one in level if isinstance(one, dict | list | tuple)]
        level = [one for group in within for one in group]  # of a dictionary, its keys
        level += [one for group in within if isinstance(group, dict) for one in group.values()]
        if not level:
            return
    raise ValueError(f"nested too deeply: more than {DEEPEST} levels")


class AmdFigures(Shown):
    """The answering-machine detector's, under `amd` in `docs/reference/kpi.md`. Times: milliseconds of sound after
    the answer."""

    verdicts: dict[str, int]
    verdict_ms: dict[str, float | None]
    hung_up: int = 0
    checked: int = 0
    people: int = 0


class Figures(Shown):
    """Of one campaign, from committed records created since `since`. Definitions: `docs/reference/kpi.md`.
    `abandon_cap`: the fraction of live answers that its rules allow to be abandoned. `people_lost`: people who are
    likely to be among the calls that the answering-machine detector hung up; `abandonment_rate` is with them.
    `amd`: null where the detector was not asked."""

    since: float
    attempts: int = 0
    connects: int = 0
    live: int = 0
    machine: int = 0
    abandoned: int = 0
    abandonment_rate: float = 0.0
    abandon_cap: float = 0.0
    people_lost: float = 0.0
    rpc: int = 0
    agent_hours: float = 0.0
    rpc_per_agent_hour: float = 0.0
    occupancy: float = 0.0
    busy_share: float = 0.0
    talk_share: float = 0.0
    answer_to_agent_ms: dict[str, float | None] = Field(default_factory=dict)
    amd: AmdFigures | None = None
    outcomes: dict[str, int] = Field(default_factory=dict)
    dispositions: dict[str, int] = Field(default_factory=dict)


class WaitReason(Shown):
    """Why leads are not dialed at this moment: a `Refusal` code, its words, how often it was met since the
    campaign was opened; 0 for leads that are not even asked for, and `until` when the first of them may be."""

    code: str
    text: str
    count: int
    until: float | None = None


class PaceRow(Shown):
    """What predictive pacing believes, and why it launches or waits.

    `answer_rate`, `answer_rate_error`: the chance that a call is answered, and its standard error. `answer_s`,
    `talk_s`, `wrapup_s`: mean time to an answer, of a talk, of a wrap-up. `next_lost`: the chance that the next
    call, if it is answered, finds no agent; `allowed`: up to which chance one is launched. `may_lose`: how many
    more people may be abandoned in the last `window_s` seconds, the window that allows least; below 0: so many too
    many already. `limit`: what kept the last decision from launching more, a `dialer.engine.state.LaunchLimit`
    value."""

    answer_rate: float
    answer_rate_error: float
    answer_s: Seconds
    talk_s: Seconds
    wrapup_s: Seconds
    next_lost: float
    allowed: float
    may_lose: int
    window_s: Seconds
    limit: str


class LeadFigures(Shown):
    """`total`, `attempted`, `final`: of all the campaign's leads; `at_hand`: leased and permitted, next to go.
    `next_in_s`: none is at hand, and so many seconds from now the next may be dialed; None: at hand, or time alone
    brings none."""

    total: int = 0
    attempted: int = 0
    final: int = 0
    penetration: float = 0.0
    at_hand: int = 0
    next_in_s: float | None = None


class CampaignRow(Shown):
    """`state_reason`: why it is in this state, in words. `agents`: agents on duty for it, by their state.
    `no_call`: why it places no call, in words with the next step; "" while it does, or has just begun. `pace`:
    None where nothing is learned (modes but predictive), and before the first decision."""

    name: str
    client: str
    title: str
    mode: str
    state: CampaignState
    state_reason: str
    state_since: float
    figures: Figures
    leads: LeadFigures
    agents: dict[str, int] = Field(default_factory=dict)
    dialing: int = 0  # launched, no answer yet
    waiting: int = 0  # answered, no agent yet
    talking: int = 0
    lines_in_use: int = 0
    lines: int = 0
    waits_because: list[WaitReason] = Field(default_factory=list)
    no_call: str = ""
    pace: PaceRow | None = None


class AgentRow(Shown):
    """`state`: a `dialer.agents.agent.AgentState` value; `for_s`: how long in it. `contact`: whom it is about.
    `desk_lost`: nobody reads the agent's stream. `phone`: how the line to their phone is, a
    `dialer.agents.line.State` value; "" where we call none."""

    agent_id: str
    name: str
    campaign: str
    state: str
    for_s: Seconds
    attempt_id: int | None = None
    contact: str = ""
    pause_code: str = ""
    desk_lost: bool = False
    phone: str = ""


class CallRow(Shown):
    """A call in progress. `number` is masked. `state`: a `dialer.calls.call.CallState` value. `third`: whom the
    agent consults about it, `third_stage`: `calling`, `consulting`, `together`, `handed_over`; "" for nobody.
    `lead_id`: 0 from a service that does not tell it."""

    attempt_id: int
    lead_id: int = 0
    campaign: str
    trunk: str
    number: str
    contact: str
    state: str
    for_s: Seconds
    agent_id: str | None = None
    third: str = ""
    third_stage: str = ""


class TrunkRow(Shown):
    """`state`, `why`, `opens_in_s`: see `dialer.api.trunks.TrunkDetail`. `campaigns`: those running that dial over
    it. `removed`: no longer configured; its last calls go on."""

    name: str
    address: str
    channels: int
    in_use: int
    cps: float
    removed: bool = False
    state: str = "open"
    why: str = ""
    opens_in_s: float | None = None
    campaigns: list[str] = Field(default_factory=list)


class Alarm(Shown):
    """Something that a manager should know, newest first. `text` says what happened and what to do."""

    at: float
    level: Literal["info", "warning", "alarm"]
    code: str
    campaign: str
    text: str


class ServiceInfo(Shown):
    """`state`: `starting` (not dialing yet), `running`, `draining` (stopping)."""

    version: str
    home: str
    pid: int
    started_at: float
    now: float
    state: Literal["starting", "running", "draining"]
    sip_address: str = ""
    timezone: str = "UTC"  # whose midnight `Figures.since` is


class Overview(Shown):
    """Everything of the floor that the caller may see, at one moment."""

    service: ServiceInfo
    campaigns: list[CampaignRow] = Field(default_factory=list)
    agents: list[AgentRow] = Field(default_factory=list)
    calls: list[CallRow] = Field(default_factory=list)
    trunks: list[TrunkRow] = Field(default_factory=list)
    alarms: list[Alarm] = Field(default_factory=list)


class ProblemRow(Shown):
    """See `campaigns.errors.Problem`."""

    file: str
    line: int
    column: int
    field: str
    text: str
    advice: str


class Fault(Shown):
    """A refusal: `code` is stable, `text` says what is wrong and what to do, `problems` where it is in a file."""

    code: str
    text: str
    problems: list[ProblemRow] = Field(default_factory=list)
