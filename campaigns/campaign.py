"""A campaign: what to do with its lists. Read from TOML by `loader.py`; a value, never changed in place."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from campaigns.abandoned import AbandonedMessage
from campaigns.amd import Amd
from campaigns.callback_rule import CallbackRule
from campaigns.dayparts import USUAL, Dayparts
from campaigns.destinations import Destinations
from campaigns.disposition import NO_DISPOSITION, STANDARD, Disposition
from campaigns.flow import Flow, prompt_of
from campaigns.hours_rule import HoursRule
from campaigns.outcome import Outcome
from campaigns.prompt import Prompt
from campaigns.purpose import Purpose
from campaigns.recording_rule import RecordingRule
from campaigns.refusal_rule import USUAL as USUAL_REFUSAL
from campaigns.refusal_rule import RefusalRule
from campaigns.retry import DEFAULT_SCHEDULE, RetrySchedule


class Mode(StrEnum):
    """How calls are paced. Preview has its name here and is not built yet."""

    PREVIEW = "preview"
    PROGRESSIVE = "progressive"
    POWER = "power"
    PREDICTIVE = "predictive"
    LINES = "lines"  # as many calls at once as are allowed: for campaigns whose calls a flow takes


class Delivery(StrEnum):
    """Who speaks with the people called."""

    AGENTS = "agents"
    PRERECORDED = "prerecorded"  # a call flow


class LeadOrder(StrEnum):
    """In which order leads that are due are taken (VICIdial's list order)."""

    OLDEST = "oldest"  # UP: as imported
    NEWEST = "newest"  # DOWN: last imported first
    RANDOM = "random"  # a seeded shuffle, stable over restarts
    RANK = "rank"  # DOWN RANK: the list's highest first, of equal rank as imported, those without one last
    LAST_CALL = "last_call"  # UP LAST CALL TIME: whom this campaign has never called, then who waits longest


class Routing(StrEnum):
    """Which of the campaign's trunks is tried first."""

    ORDER = "order"  # as they stand in the file
    COST = "cost"  # the cheapest for the number by its rate; of equal price as they stand in the file


@dataclass(frozen=True, slots=True)
class Pacing:
    """How hard to dial. `ratio` (power mode): lines in flight per agent, 1.0–15.0. `abandon_target`: fraction
    0.001–0.99 of live answers that may be abandoned; predictive mode keeps to it. `grace_s`: seconds a live answer
    may wait for an agent before it counts as abandoned. `lines` (lines mode): calls at once, at most."""

    mode: Mode
    ratio: float = 1.0
    abandon_target: float = 0.03
    grace_s: float = 2.0
    lines: int = 0


@dataclass(frozen=True, slots=True)
class AttemptLimits:
    """The campaign's own limits; rule sets may only add to them. Rolling periods in elapsed UTC time."""

    per_lead: int = 6  # attempts on one lead in this campaign, ever
    per_number: int = 6  # attempts on one number in this campaign, ever
    per_number_day: int = 3  # attempts on one number in any 24 h, over all campaigns


@dataclass(frozen=True, slots=True)
class Recording:
    """`wish`: how conversations are to be recorded where the rule set allows it. `announcement`: what is played to
    the person called before. `keep_days`: see `campaigns.retention.Keeping`; None: as long as the installation
    keeps them."""

    wish: RecordingRule = RecordingRule.NEVER
    announcement: Prompt | None = None
    keep_days: int | None = None


@dataclass(frozen=True, slots=True)
class Campaign:
    """One campaign. Durations in seconds; hours are the contact's local time. `name` and `lists` are full names
    (`lists.client`).

    `rules` names the rule sets it keeps to, for all of its calls; none: they are chosen for each number, by the
    `purpose`. `source_hash` is the SHA-256 of the file it was read from.
    `destinations`: narrower than what the house allows; None for all of that. `local_presence`: caller ids
    that are local to the number first. `withhold_caller_id`: where the rules allow it. `flow`: what is said to
    whoever answers, with prerecorded delivery alone. `abandoned`: what people hear whom no agent takes in time.
    `narrower_hours`: of some regions and lists, within `hours`. `refusal`: what one blocks, if rules want no more.
    """

    name: str
    lists: tuple[str, ...]
    rules: tuple[str, ...]
    hours: HoursRule
    pacing: Pacing
    trunks: tuple[str, ...]
    caller_ids: tuple[str, ...]
    retry: RetrySchedule = DEFAULT_SCHEDULE
    limits: AttemptLimits = field(default_factory=AttemptLimits)
    order: LeadOrder = LeadOrder.OLDEST
    ring_timeout_s: float = 25.0
    wrapup_limit_s: float = 60.0
    dispositions: tuple[Disposition, ...] = STANDARD
    script: str = ""
    title: str = ""
    source_hash: str = ""
    routing: Routing = Routing.ORDER
    destinations: Destinations | None = None
    local_presence: bool = False
    withhold_caller_id: bool = False
    amd: Amd = field(default_factory=Amd)
    recording: Recording = field(default_factory=Recording)
    dayparts: Dayparts = USUAL
    callbacks: CallbackRule = field(default_factory=CallbackRule)

    delivery: Delivery = Delivery.AGENTS
    flow: Flow | None = None
    abandoned: AbandonedMessage | None = None
    purpose: Purpose = Purpose.SALES
    narrower_hours: tuple[HoursRule, ...] = ()
    refusal: RefusalRule = USUAL_REFUSAL

    def __hash__(self) -> int:
        return hash((self.name, self.source_hash))  # part of the key of what is kept of every decision

    @property
    def needs_agents(self) -> bool:
        """Whether nobody is to be called while no agent is on duty."""
        return self.flow is None or self.flow.reaches_agents

    @property
    def prompts(self) -> tuple[Prompt, ...]:
        """Everything that may be played to the people called, each once."""
        return tuple(dict.fromkeys(prompt for _, prompt in prompts_of(self)))

    def disposition(self, code: str) -> Disposition:
        """The campaign's disposition with this code. Raises `KeyError` for an unknown one."""
        if code == NO_DISPOSITION.code:
            return NO_DISPOSITION
        for disposition in self.dispositions:
            if disposition.code == code:
                return disposition
        raise KeyError(code)


def prompts_of(campaign: Campaign) -> Iterator[tuple[tuple[str, ...], Prompt]]:
    """Every prompt, with the table of the campaign file that it stands in, and what comes before its keys there:
    `("flow", "greeting", "")`, `("abandoned", "confirmation_")`."""
    abandoned, announcement = campaign.abandoned, campaign.recording.announcement
    for name, step in () if campaign.flow is None else campaign.flow.steps:
        if (prompt := prompt_of(step)) is not None:
            yield ("flow", name, ""), prompt
    if abandoned is not None:
        yield ("abandoned", ""), abandoned.prompt
        if abandoned.confirmation is not None:
            yield ("abandoned", "confirmation_"), abandoned.confirmation
    if announcement is not None:
        yield ("recording", "announcement_"), announcement
    if campaign.amd.message is not None:
        yield ("amd", "message_"), campaign.amd.message


def source_hash_of(text: str) -> str:
    """SHA-256 of a campaign file's text, in hex: by it a permit names the text it was given under."""
    return hashlib.sha256(text.encode()).hexdigest()


__all__ = [
    "AttemptLimits",
    "Campaign",
    "Delivery",
    "LeadOrder",
    "Mode",
    "Outcome",
    "Pacing",
    "Routing",
    "source_hash_of",
]
