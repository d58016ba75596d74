"""`dialer funnel`: of all leads of a campaign, how many may be dialed now, and what keeps each of the others: a
fold over groups of leads, each judged by the engine's own decision."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import islice
from math import floor

from campaigns.destinations import Destinations
from campaigns.eligibility import Permitted
from campaigns.grouping import grouping_of
from campaigns.refusal import Refusal
from campaigns.rule_library import PRESETS, RuleLibrary
from campaigns.walls import Walls
from dialer.errors import InputError
from dialer.operations.lead_verdict import KnownLead, Ways, stands, wrong_numbers
from dialer.operations.moments import iso
from dialer.operations.open_campaign import Version, read_version
from dialer.operations.routes_at import RoutesAt
from dialer.ports.store import FINAL, LEASED, Candidate, LeadGroup, Place, Reader
from dialer.settings.values import TrunkSettings
from dialer.trunks.ceilings import Ceilings
from lists.client import client_of

HOURS = 24
"""For so many hours it is told how many leads come free in each."""

PORTION = 1_000
"""Groups looked at at once: where most leads have been called, most are a group of their own."""

AREA_DIGITS = 4
"""Of North American numbers with the area code, by which rules are chosen (`lists.area_code`)."""

HOUR_S = 3_600.0
LEASED_CODE = "leased"


class Stage(StrEnum):
    """Where a lead is lost, in the order in which a manager asks."""

    STATUS = "status"  # closed, by what closed it
    NEVER = "never"  # may never be dialed as it is
    ATTEMPTS = "attempts"  # none left
    WINDOW = "window"  # outside the calling hours
    CAPS = "caps"  # rolling limits of campaign and rules
    DNC = "dnc"  # do-not-call, consent
    ROUTES = "routes"  # trunks, caller ids, destinations, ceilings
    LEASED = "leased"  # at hand of the running service, or in a call
    WAITING = "waiting"  # for a retry or a callback

    @property
    def words(self) -> str:
        """As a manager reads it."""
        return _WORDS[self]


_WORDS = {
    Stage.STATUS: "closed",
    Stage.NEVER: "can never be dialed",
    Stage.ATTEMPTS: "no attempts left",
    Stage.WINDOW: "outside calling hours",
    Stage.CAPS: "at a cap or cooling off",
    Stage.DNC: "do not call",
    Stage.ROUTES: "no way to call them",
    Stage.LEASED: "at hand or in a call",
    Stage.WAITING: "wait for a retry or callback",
}

STAGE_OF: dict[Refusal, Stage] = {
    Refusal.FINAL: Stage.STATUS,
    Refusal.NO_ZONE: Stage.NEVER,
    Refusal.NO_RULE: Stage.NEVER,
    Refusal.NO_CALENDAR: Stage.NEVER,
    Refusal.RULE_EXPIRED: Stage.NEVER,
    Refusal.NUMBER_KIND: Stage.NEVER,
    Refusal.EMERGENCY: Stage.NEVER,
    Refusal.SHORT_CODE: Stage.NEVER,
    Refusal.NOT_VALID: Stage.NEVER,
    Refusal.PREMIUM: Stage.NEVER,
    Refusal.LIST_EXPIRED: Stage.NEVER,
    Refusal.LEAD_LIMIT: Stage.ATTEMPTS,
    Refusal.NUMBER_LIMIT: Stage.ATTEMPTS,
    Refusal.WINDOW_CLOSED: Stage.WINDOW,
    Refusal.WINDOW_CLOSING: Stage.WINDOW,
    Refusal.CAP: Stage.CAPS,
    Refusal.COOLOFF: Stage.CAPS,
    Refusal.DNC: Stage.DNC,
    Refusal.CONSENT: Stage.DNC,
    Refusal.CALLER_ID: Stage.ROUTES,
    Refusal.PRERECORDED: Stage.ROUTES,
    Refusal.DESTINATION: Stage.ROUTES,
    Refusal.CALLER_ID_NOT_OURS: Stage.ROUTES,
    Refusal.CALLER_ID_COUNTRY: Stage.ROUTES,
    Refusal.CALLER_ID_LIMIT: Stage.ROUTES,
    Refusal.NO_ROUTE: Stage.ROUTES,
    Refusal.ROUTE_DOWN: Stage.ROUTES,
    Refusal.CALLS_CEILING: Stage.ROUTES,
    Refusal.SPEND_CEILING: Stage.ROUTES,
    Refusal.IN_CALL: Stage.LEASED,
    Refusal.NOT_DUE: Stage.WAITING,
}
"""Every reason has its stage (a test compares)."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How it stands with one lead. `stage`: None when it may be dialed now; `code`: then "", else what keeps it: a
    `Refusal` value, "leased", or what closed it. `until`: when it comes free, seconds UTC, None for not by time
    alone. `group`: the zone group of the number that was asked about."""

    stage: Stage | None
    code: str
    until: float | None
    group: str


@dataclass(slots=True)
class ZoneCount:
    """Of the leads of one zone group: how many may be dialed, how many wait for its window, and when the first of
    those comes free."""

    dialable: int = 0
    closed: int = 0
    opens_at: float | None = None


@dataclass(slots=True)
class Funnel:
    """Leads by what keeps them from being dialed at `at` (seconds UTC). Two of the same moment can be merged."""

    campaign: str
    at: float
    total: int = 0
    dialable: int = 0
    lost: Counter[tuple[Stage, str]] = field(default_factory=Counter)
    first: dict[tuple[Stage, str], float] = field(default_factory=dict)
    hours: list[int] = field(default_factory=lambda: [0] * HOURS)
    never: Counter[str] = field(default_factory=Counter)
    zones: dict[str, ZoneCount] = field(default_factory=dict)

    def count(self, standing: Standing, leads: int = 1) -> None:
        """So many leads stand like this."""
        self.total += leads
        zone = self.zones.setdefault(standing.group, ZoneCount()) if standing.group else None
        if standing.stage is None:
            self.dialable += leads
            if zone is not None:
                zone.dialable += leads
            return
        key = (standing.stage, standing.code)
        self.lost[key] += leads
        until = standing.until
        if until is None:
            if standing.stage not in (Stage.STATUS, Stage.LEASED):
                self.never[standing.code] += leads
            return
        self.first[key] = min(until, self.first.get(key, until))
        hour = floor((until - self.at) / HOUR_S)
        if 0 <= hour < HOURS:
            self.hours[hour] += leads
        if standing.stage is Stage.WINDOW and zone is not None:
            zone.closed += leads
            zone.opens_at = until if zone.opens_at is None else min(zone.opens_at, until)

    def merge(self, other: Funnel) -> None:
        """Take in the leads of another of the same moment."""
        self.total += other.total
        self.dialable += other.dialable
        self.lost.update(other.lost)
        self.never.update(other.never)
        for key, at in other.first.items():
            self.first[key] = min(at, self.first.get(key, at))
        self.hours = [mine + theirs for mine, theirs in zip(self.hours, other.hours, strict=True)]
        for name, theirs in other.zones.items():
            mine = self.zones.setdefault(name, ZoneCount())
            mine.dialable += theirs.dialable
            mine.closed += theirs.closed
            moments = [at for at in (mine.opens_at, theirs.opens_at) if at is not None]
            mine.opens_at = min(moments, default=None)

    def by_stage(self) -> list[tuple[Stage, int, list[tuple[str, int, float | None]]]]:
        """Every stage in order: how many are lost there, and its codes with the most of them first: code, leads,
        when the first of them comes free."""
        found = []
        for stage in Stage:
            codes = [
                (code, n, self.first.get((stage, code))) for (at, code), n in self.lost.items() if at is stage
            ]
            codes.sort(key=lambda one: (-one[1], one[0]))
            found.append((stage, sum(n for _, n, _ in codes), codes))
        return found

    def as_dict(self) -> dict[str, object]:
        """The document of `dialer funnel --json`."""
        left = self.total
        stages = []
        for stage, lost, codes in self.by_stage():
            left -= lost
            reasons = [{"code": code, "leads": n, "first_free": iso(at)} for code, n, at in codes]
            stages.append(
                {"stage": stage.value, "text": stage.words, "lost": lost, "left": left, "reasons": reasons}
            )
        waiting = sorted(self.zones.items(), key=lambda one: (one[1].opens_at or float("inf"), one[0]))
        return {
            "campaign": self.campaign,
            "at": iso(self.at),
            "total": self.total,
            "stages": stages,
            "dialable": self.dialable,
            "next": iso(min(self.first.values(), default=None)),
            "hours": [{"from": iso(self.at + n * HOUR_S), "leads": leads} for n, leads in enumerate(self.hours)],
            "never": dict(self.never.most_common()),
            "zones": [
                {
                    "group": name,
                    "dialable": zone.dialable,
                    "closed": zone.closed,
                    "opens_at": iso(zone.opens_at),
                }
                for name, zone in waiting
            ],
        }


def funnel(
    reader: Reader,
    campaign_name: str,
    at: float,
    now: float,
    *,
    walls: Walls,
    trunks: Iterable[TrunkSettings],
    routes: RoutesAt | None = None,
    library: RuleLibrary = PRESETS,
) -> Funnel:
    """The campaign's funnel at `at`, which is `now` or later (seconds UTC): where a lead stands is not kept of
    before. Leads that no decision can tell apart are judged once. Raises `InputError`, `UnknownName`,
    `CampaignFileError`."""
    if at < now:
        raise InputError(
            "--at: where leads stood is not kept; ask about now or later, or `dialer why LEAD --at` about one lead"
        )
    version = read_version(reader, campaign_name, library)
    digits, purpose = digits_that_matter(version, walls, trunks), version[0].purpose.value
    judge = _judge_of(version, Ways(version[0], walls, routes), at)
    found = Funnel(campaign_name, at)
    apart: list[str] = []
    groups = _open_ones(reader.lead_groups(campaign_name, at, digits, purpose), found)
    while portion := {group.lead_id: group for group in islice(groups, PORTION)}:
        for place, candidate in reader.candidates(campaign_name, portion, at, purpose):
            group = portion[place.lead_id]
            standing, settled = judge(place, candidate)
            if group.count > 1 and group.more and not settled:
                apart.append(group.key)  # what their other numbers are decides
            else:
                found.count(standing, group.count)
    one_by_one = reader.leads_of_groups(campaign_name, at, digits, apart, purpose) if apart else ()
    for place, candidate in reader.candidates(campaign_name, one_by_one, at, purpose):
        found.count(judge(place, candidate)[0])
    return found


def _open_ones(groups: Iterable[LeadGroup], found: Funnel) -> Iterator[LeadGroup]:
    """Those that a decision has to be asked for; the others are counted."""
    for group in groups:
        if group.state == FINAL:
            found.count(Standing(Stage.STATUS, group.reason, None, ""), group.count)
        elif group.state == LEASED:
            found.count(Standing(Stage.LEASED, LEASED_CODE, None, ""), group.count)
        else:
            yield group


def _judge_of(version: Version, ways: Ways, at: float) -> Callable[[Place, Candidate], tuple[Standing, bool]]:
    grouping = grouping_of(*version)

    def judge(place: Place, candidate: Candidate) -> tuple[Standing, bool]:
        """How it stands with the lead, and whether its number in turn alone says so."""
        if place.state in (FINAL, LEASED):  # since it was grouped
            stage = Stage.STATUS if place.state == FINAL else Stage.LEASED
            return Standing(stage, place.reason if place.state == FINAL else LEASED_CODE, None, ""), True
        known = known_of(version, candidate)
        turn, due_at = place.phone_position, place.due_at
        position, verdict, settled = stands(version, known, turn, due_at, place.reason, at, ways)
        group = grouping.group_of(candidate.lead, candidate.lead.phones[position])
        if isinstance(verdict, Permitted):
            return Standing(None, "", None, group), settled
        return Standing(STAGE_OF[verdict.reason], verdict.reason.value, verdict.until, group), settled

    return judge


def known_of(version: Version, candidate: Candidate) -> KnownLead:
    """What is known of a lead, as the engine would be given it."""
    return KnownLead(
        lead=candidate.lead,
        history=candidate.history,
        lead_attempts=candidate.charged_attempts,
        blocked=candidate.dnc,
        wrong=wrong_numbers(version[0], candidate.lead, candidate.history),
        elsewhere=candidate.elsewhere,
        callback=candidate.callback,
        consents=candidate.consents,
        tries=candidate.tries,
    )


def digits_that_matter(version: Version, walls: Walls, trunks: Iterable[TrunkSettings]) -> int:
    """How many first digits of a number a decision of this campaign may read: an area code's, the longest prefix
    among destinations, and among rates where a ceiling on spending wants a price."""
    campaign = version[0]
    mine = [trunk for trunk in trunks if trunk.name in campaign.trunks]
    destinations: list[Destinations | None] = [
        walls.house,
        campaign.destinations,
        *(of_client for _, of_client in walls.clients),
        *(trunk.destinations for trunk in walls.trunks),
        *(trunk.destinations for trunk in mine),
        *(owned.shown_in for owned in walls.caller_ids),
    ]
    entries = (entry for one in destinations if one is not None for entry in one.entries)
    longest = [AREA_DIGITS]
    longest += [len(entry.lstrip("-+")) for entry in entries if "+" in entry]
    ceilings = Ceilings(walls.ceilings, walls.currency)
    for trunk in mine:
        if ceilings.needs_price(client_of(campaign.name), trunk.name):
            longest += [len(rate.prefix) for rate in trunk.rates]
    return max(longest)
