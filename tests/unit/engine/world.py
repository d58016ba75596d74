"""A scripted world around the engine: tests say what happens, and look at what the engine wants."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TypeVar

from campaigns.campaign import AttemptLimits, Campaign, Mode, Pacing
from campaigns.compliance import RuleSet
from campaigns.hours import WeeklyHours
from campaigns.hours_rule import HoursRule
from campaigns.preset_files import load_rule_set
from campaigns.record import AttemptRecord
from campaigns.rule_choice import Rules
from campaigns.walls import Walls
from dialer.engine import events as ev
from dialer.engine.commands import CloseAttempt, Command, FetchLeads, Originate, SaveAttempt
from dialer.engine.engine import Engine
from dialer.ports.store import Candidate, LeadUpdate
from dialer.trunks.trunk import Trunk
from lists.lead import Lead, NumberKind, PhoneNumber, ZoneSource
from tests.walls import SIMULATED

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC).timestamp()  # a Monday, noon in London
LONDON = "GB:Europe/London"
TRUNK = Trunk("sim", "127.0.0.1", 5060, channels=50, cps=50.0)
ALL_DAY = HoursRule(WeeklyHours(days=(((0, 1440),),) * 7))

RULES = replace(load_rule_set("fictional"), fictional=False)
"""Ordinary rules that never go out of date; not invented ones, which real trunks do not carry."""

C = TypeVar("C", bound=Command)


def campaign(**changes: object) -> Campaign:
    base = Campaign(
        name="spring",
        lists=("people",),
        rules=("fictional",),
        hours=ALL_DAY,
        pacing=Pacing(Mode.PROGRESSIVE),
        trunks=("sim",),
        caller_ids=("+442079460000",),
        limits=AttemptLimits(),
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def phone(n: int, zone: str = "Europe/London", region: str = "GB") -> PhoneNumber:
    return PhoneNumber(f"+4420794600{n:02d}", region, NumberKind.FIXED, (zone,), ZoneSource.NUMBER)


def candidate(lead_id: int, *phones: PhoneNumber, **changes: object) -> Candidate:
    lead = Lead(lead_id, "people", phones or (phone(lead_id),))
    return replace(Candidate(lead, 0, NOON, 0), **changes)  # type: ignore[arg-type]


class World:
    """An engine with one campaign, and the commands it has given so far."""

    def __init__(
        self,
        of: Campaign | None = None,
        *,
        agents: int = 1,
        rule_set: RuleSet | None = None,
        rules: Rules | None = None,
        now: float = NOON,
        groups: tuple[str, ...] = (LONDON,),
        trunks: Sequence[Trunk] = (TRUNK,),
        walls: Walls = SIMULATED,
    ) -> None:
        self.engine = Engine(trunks, walls=walls, next_attempt_id=1, call_id_of=lambda n: f"call-{n}@test")
        self.now = now
        self.commands: list[Command] = []
        self.campaign = of or campaign()
        self.tell(ev.CampaignOpened(self.campaign, rules or rule_set or RULES, groups))
        for n in range(1, agents + 1):
            self.tell(ev.AgentLoggedIn(f"a{n}", "spring"))
            self.tell(ev.AgentReady(f"a{n}"))

    def tell(self, event: ev.Event, after: float = 0.0) -> list[Command]:
        """Something happens `after` seconds from now; deadlines that fall due until then fire on time."""
        until = self.now + after
        while (deadline := self.engine.next_deadline()) is not None and deadline <= until:
            self.now = max(self.now, deadline)
            self.commands += self.engine.handle(ev.WakeUp(), self.now)
        self.now = until
        given = self.engine.handle(event, until)
        self.commands += given
        return given

    def wait(self, seconds: float) -> None:
        self.tell(ev.WakeUp(), after=seconds)

    def leads(self, *candidates: Candidate, next_due_at: float | None = None) -> None:
        """Answer the engine's outstanding question for leads."""
        assert any(isinstance(c, FetchLeads) for c in self.commands), "the engine has not asked for leads"
        self.tell(ev.LeadsFetched("spring", candidates, next_due_at))
        self.wait(0.25)

    def dial(self, *candidates: Candidate) -> int:
        """Leads come, the first attempt is committed and placed. Returns its id."""
        self.leads(*candidates)
        attempt_id = self.last(SaveAttempt).intent.attempt_id
        self.tell(ev.AttemptSaved(attempt_id))
        assert self.last(Originate).attempt_id == attempt_id
        return attempt_id

    def all(self, kind: type[C]) -> list[C]:
        return [command for command in self.commands if isinstance(command, kind)]

    def last(self, kind: type[C]) -> C:
        found = self.all(kind)
        assert found, f"no {kind.__name__} among {[type(c).__name__ for c in self.commands]}"
        return found[-1]

    @property
    def record(self) -> AttemptRecord:
        return self.last(CloseAttempt).record

    @property
    def update(self) -> LeadUpdate:
        return self.last(CloseAttempt).update
