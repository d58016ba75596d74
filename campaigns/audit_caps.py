"""The audit's count: limits, caps and cool-offs over the attempts before, and nobody called twice at once.

Written apart from `permission.caps`, as all of the audit: by the dates that calendars on the wall showed.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from campaigns.audit_attempt import CLOCK_STEP_S, AuditedAttempt
from campaigns.audit_zone import zone_of
from campaigns.campaign import Campaign
from campaigns.cap import Cap, Cooloff
from campaigns.compliance import RuleSet
from campaigns.outcome import Counts

_REMEMBERED = 1_000
"""Attempts on one number, lead, person or debt."""

_Who = tuple[str, str | int]


@dataclass(frozen=True, slots=True)
class KeptPromise:
    """The callback that an attempt was to keep, when it was promised, and whether the person had asked for it."""

    callback_id: int
    made_at: float
    asked: bool


class Ledger:
    """Dials so far, per number, lead, person and debt."""

    def __init__(self) -> None:
        self._past: dict[_Who, deque[AuditedAttempt]] = {}
        self._in_campaign: dict[tuple[str, str, str | int], int] = {}
        self._called_until: dict[_Who, float] = {}
        self._kept: set[int] = set()

    def count(self, attempt: AuditedAttempt) -> None:
        for scope, who in (
            ("number", attempt.number),
            ("lead", attempt.lead_id),
            ("person", attempt.person),
            ("debt", attempt.debt),
        ):
            if who:
                past = self._past.get((scope, who))
                if past is None:
                    past = self._past[scope, who] = deque(maxlen=_REMEMBERED)
                past.append(attempt)
        for scope, who in (("number", attempt.number), ("lead", attempt.lead_id)):
            key = (attempt.campaign, scope, who)
            self._in_campaign[key] = self._in_campaign.get(key, 0) + attempt.counts_as("charged")
        for called in (("number", attempt.number), _on("person", attempt)):
            self._called_until[called] = max(attempt.over_at, self._called_until.get(called, attempt.over_at))

    def faults(
        self,
        attempt: AuditedAttempt,
        rules: Sequence[RuleSet],
        campaign: Campaign | None,
        zones: Sequence[str],
        promise: KeptPromise | None = None,
    ) -> Iterator[tuple[str, str]]:
        """What of it forbade the attempt. `campaign`: as it was then; None: not known. `promise`: for which its
        limits made way, once, and cool-offs that a law lifts for who has asked to be called."""
        if promise is not None and attempt.counts_as("charged"):
            if promise.callback_id in self._kept:
                promise = None
            else:
                self._kept.add(promise.callback_id)
        for called in (("number", attempt.number), _on("person", attempt)):
            if attempt.moment + CLOCK_STEP_S < self._called_until.get(called, attempt.moment):
                yield "in_call", f"another call to the {called[0]} was not over yet"
        caps = [cap for rule_set in rules for cap in rule_set.caps]
        if campaign is not None and promise is None:
            limits = campaign.limits
            for code, scope, who, limit in (
                ("lead_limit", "lead", attempt.lead_id, limits.per_lead),
                ("number_limit", "number", attempt.number, limits.per_number),
            ):
                before = self._in_campaign.get((attempt.campaign, scope, who), 0)
                if before >= limit:
                    yield code, f"attempt {before + 1} on the {scope}, of {limit} allowed"
            caps.append(_day_cap(limits.per_number_day))
        for cap in caps:
            floor = CLOCK_STEP_S + _began(cap, zones, attempt.moment)
            before = sum(
                1
                for one in self._concerned(str(cap.scope), attempt)
                if one.moment > floor and one.counts_as(str(cap.counts)) and _same(cap, one, attempt)
            )
            if before >= cap.limit:
                yield "cap", f"{cap.name}: dial {before + 1} within {cap.period}, of {cap.limit} allowed"
        for cooloff in (cooloff for rule_set in rules for cooloff in rule_set.cooloffs):
            if campaign is not None and _lifted(cooloff, campaign):
                continue
            floor = CLOCK_STEP_S + _began(cooloff, zones, attempt.moment)
            asked_at = float("-inf") if promise is None or not promise.asked else promise.made_at
            lifted = attempt.moment - asked_at < cooloff.unless_asked_s
            ends = [
                one.over_at
                for one in self._concerned(str(cooloff.scope), attempt)
                if one.over_at > floor
                and one.came_to(str(cooloff.after))
                and _same(cooloff, one, attempt)
                and not (lifted and one.moment <= asked_at)
            ]
            if ends:
                since = f"{attempt.moment - max(ends):.3f} s after a call that may have come to that"
                yield "cooloff", f"{cooloff.name}: {cooloff.period} after {cooloff.after}, dialed {since}"

    def _concerned(self, scope: str, attempt: AuditedAttempt) -> Iterator[AuditedAttempt]:
        """The attempts before that a rule of that scope counts. Where nobody says who the person is, whoever else
        was called on the number may have been the same."""
        on = _on(scope, attempt)
        yield from self._past.get(on, ())
        if on[0] == "lead" and scope in ("person", "debt"):
            at_number = self._past.get(("number", attempt.number), ())
            yield from (one for one in at_number if one.lead_id != attempt.lead_id)


def _on(scope: str, attempt: AuditedAttempt) -> _Who:
    """Whom a rule of that scope counts on: who is not known as a person is known as a lead."""
    if scope == "number":
        return scope, attempt.number
    if scope == "debt" and attempt.debt:
        return scope, attempt.debt
    if scope in ("person", "debt") and attempt.person:
        return "person", attempt.person
    return "lead", attempt.lead_id


def _same(rule: Cap | Cooloff, one: AuditedAttempt, attempt: AuditedAttempt) -> bool:
    """Whether it was for the same purpose, or for nobody knows what, where only those count."""
    return not rule.same_purpose or one.purpose in ("", attempt.purpose)


def _lifted(cooloff: Cooloff, campaign: Campaign) -> bool:
    if cooloff.after == "machine" and campaign.amd.policy == "off":
        return True
    return cooloff.unless_agent_waits and campaign.pacing.mode == "preview"


def _began(rule: Cap | Cooloff, zones: Sequence[str], moment: float) -> float:
    """The earliest of the moments at which the day, week or month that is showing in one of the zones began there;
    that of UTC where no zone is known."""
    if rule.calendar is None:
        return moment - rule.period_s
    begins = []
    for timezone in (*filter(None, map(zone_of, zones)),) or (UTC,):
        first = datetime.fromtimestamp(moment, timezone).date()
        if rule.calendar == "week":
            first -= timedelta(days=first.weekday())
        elif rule.calendar == "month":
            first = first.replace(day=1)
        # The earlier midnight where there are two; the moment at which clocks leapt over it where there is none.
        begins.append(datetime(first.year, first.month, first.day, tzinfo=timezone, fold=0).timestamp())
    return min(begins)


@lru_cache(maxsize=64)
def _day_cap(limit: int) -> Cap:
    return Cap("per_number_day", limit, 86_400.0, counts=Counts.CHARGED)
