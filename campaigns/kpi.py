"""Key figures as folds over records: they can be added up in any order, from any number of parts, and come to
the same, to the last digit. Definitions: `docs/reference/kpi.md`.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from campaigns.amd import AmdPolicy, Heard, people_lost
from campaigns.outcome import NOT_PLACED, Outcome
from campaigns.record import AgentActivity, AgentTime, AttemptRecord

_US = 1_000_000  # agents' time is summed in whole microseconds: integers add up the same in any order
_WORKING = (AgentActivity.TALKING, AgentActivity.HOLDING, AgentActivity.WRAP_UP)
# An agent to whom a call is just being joined has nobody on the line yet: that is waiting, not work.
_WAITING = (AgentActivity.IDLE, AgentActivity.CONNECTING)


RECORDED = "recorded"
"""An answer in a call flow that is a recording."""

NO_WORD = "none"
"""Among the detector's verdicts: the call ended before there was one."""


class Histogram:
    """Quantiles of values >= 0 that can be merged: counts in buckets whose bounds grow by 2 %, so that any
    quantile is within 1 % of a value that was really there (nearest rank). Values below 0.001 read as 0."""

    _GROWTH = 1.02
    _LOG_GROWTH = math.log(_GROWTH)
    _SMALLEST = 0.001

    __slots__ = ("_buckets", "count")

    def __init__(self) -> None:
        self.count = 0
        self._buckets: dict[int, int] = {}

    def add(self, value: float) -> None:
        """Raises `ValueError` for a value that is negative or not finite."""
        if not math.isfinite(value) or value < 0:
            raise ValueError(f"not a duration: {value}")
        bucket = -1
        if value >= self._SMALLEST:
            bucket = math.ceil(math.log(value / self._SMALLEST) / self._LOG_GROWTH)
        self._buckets[bucket] = self._buckets.get(bucket, 0) + 1
        self.count += 1

    def merge(self, other: Histogram) -> None:
        for bucket, count in other._buckets.items():
            self._buckets[bucket] = self._buckets.get(bucket, 0) + count
        self.count += other.count

    def quantile(self, share: float) -> float | None:
        """Value that `share` (0-1) of the values do not exceed; None when there are none."""
        rank = max(1, math.ceil(share * self.count))
        for bucket in sorted(self._buckets):
            rank -= self._buckets[bucket]
            if rank <= 0:
                if bucket < 0:
                    return 0.0
                return self._SMALLEST * self._GROWTH**bucket * 2 / (1 + self._GROWTH)
        return None


@dataclass(slots=True)
class Summary:
    """What a campaign came to in a period: an accumulator.

    `attempts` counts dials; records of attempts that were never placed are in `not_placed` (of which
    `withdrawn`) and in nothing else, so that `outcomes` add up to `attempts`. `answers`: how often each was given
    in call flows, by step and answer with a space between.

    `amd_hung_up`: contacts hung up by the answering-machine detector's word. `amd_checked`: those that went to an
    agent all the same, who said what they were; `amd_people` of them were people. `amd_verdicts`: what is
    on record of the detector's words on answered calls (`campaigns.amd.Heard`; `NO_WORD`: they ended before it had
    said anything), and `amd_verdict_ms` of sound after the answer.
    """

    attempts: int = 0
    not_placed: int = 0
    withdrawn: int = 0
    connects: int = 0
    live: int = 0
    machine: int = 0
    rpc: int = 0
    abandoned: int = 0
    hung_up_waiting: int = 0
    queued: int = 0
    amd_hung_up: int = 0
    amd_checked: int = 0
    amd_people: int = 0
    delivered: int = 0
    messages: int = 0
    messages_left: int = 0
    opted_out: int = 0
    outcomes: dict[str, int] = field(default_factory=dict)
    dispositions: dict[str, int] = field(default_factory=dict)
    answers: dict[str, int] = field(default_factory=dict)
    amd_verdicts: dict[str, int] = field(default_factory=dict)
    amd_verdict_ms: Histogram = field(default_factory=Histogram)
    answer_to_agent_ms: Histogram = field(default_factory=Histogram)
    queue_wait_ms: Histogram = field(default_factory=Histogram)
    activity_us: dict[str, int] = field(default_factory=dict)

    def add(self, record: AttemptRecord) -> None:
        """Count one attempt."""
        if not record.counted:
            self.not_placed += 1
            self.withdrawn += record.outcome in NOT_PLACED
            return
        self.attempts += 1
        self.outcomes[record.outcome] = self.outcomes.get(record.outcome, 0) + 1
        if record.disposition is not None:
            self.dispositions[record.disposition] = self.dispositions.get(record.disposition, 0) + 1
        self.connects += record.answered_at is not None
        self.live += record.live
        self.machine += record.machine
        self.rpc += record.rpc
        self.abandoned += record.abandoned
        self.hung_up_waiting += record.hung_up_waiting
        self.queued += record.queued
        if record.amd_policy and record.answered_at is not None:
            self._add_verdict(record)
        self.delivered += record.outcome == Outcome.DELIVERED
        self.messages += record.message == "abandoned" and record.message_after_s is not None
        self.messages_left += record.outcome == Outcome.MESSAGE_LEFT
        if record.answers:
            self._add_answers(record.answers)
        self.opted_out += record.opted_out_at is not None
        if record.queued:
            wanted_at = record.answered_at if record.to_agents_at is None else record.to_agents_at
            if wanted_at is not None and record.assigned_at is not None:
                self.queue_wait_ms.add(max(0.0, record.assigned_at - wanted_at) * 1000)
        elif record.answer_to_agent_s is not None:
            self.answer_to_agent_ms.add(max(0.0, record.answer_to_agent_s) * 1000)

    def _add_answers(self, answers: str) -> None:
        for step, said in json.loads(answers).items():
            key = f"{step} {RECORDED if said.endswith('.wav') else said}"
            self.answers[key] = self.answers.get(key, 0) + 1

    def _add_verdict(self, record: AttemptRecord) -> None:
        said = record.amd_verdict or NO_WORD
        self.amd_verdicts[said] = self.amd_verdicts.get(said, 0) + 1
        if record.amd_at_s is not None:
            self.amd_verdict_ms.add(record.amd_at_s * 1000)
        if record.amd_policy == AmdPolicy.HOLD and said == Heard.MACHINE:
            self._add_machine(record)

    def _add_machine(self, record: AttemptRecord) -> None:
        self.amd_hung_up += record.agent_id is None and not record.abandoned
        if record.live or record.machine:
            self.amd_checked += record.agent_id is not None
            self.amd_people += record.agent_id is not None and record.live

    def add_time(self, stretch: AgentTime) -> None:
        """Count a stretch of an agent's time."""
        spent = round((stretch.until - stretch.since) * _US)
        self.activity_us[stretch.activity] = self.activity_us.get(stretch.activity, 0) + spent

    def merge(self, other: Summary) -> None:
        """Add everything that `other` has counted."""
        for name in _COUNTERS:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for name in ("outcomes", "dispositions", "answers", "activity_us", "amd_verdicts"):
            mine = getattr(self, name)
            for key, count in getattr(other, name).items():
                mine[key] = mine.get(key, 0) + count
        for name in ("answer_to_agent_ms", "queue_wait_ms", "amd_verdict_ms"):
            getattr(self, name).merge(getattr(other, name))

    @property
    def agent_hours(self) -> float:
        """Logged in, minus pauses and the time that their phone was lost."""
        return self._seconds(*_WORKING, *_WAITING) / 3600

    @property
    def abandonment_rate(self) -> float:
        """Abandoned calls as a fraction 0-1 of live answers; 0 when there were none."""
        return _share(self.abandoned, self.live)

    @property
    def people_lost(self) -> float:
        """People who are likely to be among those whom the detector hung up (`campaigns.amd.people_lost`)."""
        return people_lost(self.amd_hung_up, self.amd_checked, self.amd_people, self.live)

    @property
    def abandonment_rate_with_lost(self) -> float:
        """The same with `people_lost` among both: a person hung up on by a detector has met silence as well."""
        return _share(self.abandoned + self.people_lost, self.live + self.people_lost)

    @property
    def occupancy(self) -> float:
        """(talk + hold + wrap-up) / (talk + hold + wrap-up + waiting for a call), 0-1."""
        working = self._seconds(*_WORKING)
        return _share(working, working + self._seconds(*_WAITING))

    @property
    def busy_share(self) -> float:
        """(talk + hold + wrap-up) / agent time, 0-1."""
        return _share(self._seconds(*_WORKING), self.agent_hours * 3600)

    @property
    def talk_share(self) -> float:
        """(talk + hold) / agent time, 0-1."""
        return _share(self._seconds(AgentActivity.TALKING, AgentActivity.HOLDING), self.agent_hours * 3600)

    @property
    def rpc_per_agent_hour(self) -> float:
        """Right-party contacts per hour of agent time; 0 when there was none."""
        return _share(self.rpc, self.agent_hours)

    def as_dict(
        self,
        *,
        campaign: str,
        since: float,
        until: float,
        leads_total: int,
        leads_attempted: int,
        leads_final: int,
        violations: int,
    ) -> dict[str, object]:
        """The summary that demo, simulate and report print (`docs/reference/kpi.md`). `since`, `until`:
        seconds UTC. Penetration: leads with at least one counted attempt / all leads of the campaign."""
        return {
            "campaign": campaign,
            "from": _iso(since),
            "to": _iso(until),
            "attempts": self.attempts,
            "connects": self.connects,
            "live": self.live,
            "machine": self.machine,
            "abandoned": self.abandoned,
            "hung_up_waiting": self.hung_up_waiting,
            "abandonment_rate": round(self.abandonment_rate, 6),
            "rpc": self.rpc,
            "agent_hours": round(self.agent_hours, 6),
            "rpc_per_agent_hour": round(self.rpc_per_agent_hour, 6),
            "occupancy": round(self.occupancy, 6),
            "busy_share": round(self.busy_share, 6),
            "talk_share": round(self.talk_share, 6),
            "answer_to_agent_ms": _quantiles(self.answer_to_agent_ms),
            "delivered": self.delivered,
            "messages": self.messages,
            "messages_left": self.messages_left,
            "opted_out": self.opted_out,
            "queued": self.queued,
            "queue_wait_ms": _quantiles(self.queue_wait_ms),
            "leads": {
                "total": leads_total,
                "attempted": leads_attempted,
                "final": leads_final,
                "penetration": round(_share(leads_attempted, leads_total), 6),
            },
            "outcomes": dict(sorted(self.outcomes.items())),
            "dispositions": dict(sorted(self.dispositions.items())),
            "answers": _by_step(self.answers),
            "withdrawn": self.withdrawn,
            "not_placed": self.not_placed,
            "violations": violations,
        } | self._amd()

    def _amd(self) -> dict[str, object]:
        """Only where the detector was asked."""
        if not self.amd_verdicts:
            return {}
        figures = {
            "verdicts": dict(sorted(self.amd_verdicts.items())),
            "verdict_ms": _quantiles(self.amd_verdict_ms),
            "hung_up": self.amd_hung_up,
            "checked": self.amd_checked,
            "people": self.amd_people,
            "people_lost": round(self.people_lost, 3),
            "abandonment_rate": round(self.abandonment_rate_with_lost, 6),
        }
        return {"amd": figures}

    def _seconds(self, *activities: AgentActivity) -> float:
        return sum(self.activity_us.get(activity, 0) for activity in activities) / _US


_COUNTERS = (
    "attempts",
    "not_placed",
    "withdrawn",
    "connects",
    "live",
    "machine",
    "rpc",
    "abandoned",
    "hung_up_waiting",
    "queued",
    "amd_hung_up",
    "amd_checked",
    "amd_people",
    "delivered",
    "messages",
    "messages_left",
    "opted_out",
)


def summarise(records: Iterable[AttemptRecord], stretches: Iterable[AgentTime] = ()) -> Summary:
    """A `Summary` of all of these."""
    summary = Summary()
    for record in records:
        summary.add(record)
    for stretch in stretches:
        summary.add_time(stretch)
    return summary


def _by_step(answers: Mapping[str, int]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for key, count in sorted(answers.items()):
        step, _, said = key.partition(" ")
        found.setdefault(step, {})[said] = count
    return found


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0


def _quantiles(histogram: Histogram) -> Mapping[str, float | None]:
    found = {"p50": histogram.quantile(0.5), "p99": histogram.quantile(0.99)}
    return {name: None if value is None else round(value, 3) for name, value in found.items()}


def _iso(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
