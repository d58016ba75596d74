"""A population that behaves as the people of a campaign's records did.

Each figure of a population file is estimated from what it decides in the twin: who picked up at which local
hour, how long it rang, what came of the calls that nobody took, how long was talked, what agents wrote down. Where
too few calls speak of a figure, that of the template stays, and is named.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from statistics import fmean, pstdev

from campaigns.disposition import Disposition
from campaigns.hours import DAY_S, SATURDAY, weekday
from campaigns.outcome import Outcome
from campaigns.record import AttemptRecord
from campaigns.zone_offsets import unknown_zones, utc_offset
from sim_trunk.callee import PEOPLE, Persona
from sim_trunk.population_spec import (
    HOURS,
    Answering,
    DispositionChance,
    Duration,
    Numbers,
    PopulationSpec,
    Unanswered,
)

ENOUGH = 30
"""Calls or talks that a figure is estimated from; of fewer, the template's stays."""
_HOUR_COUNTS_AS = 20.0
"""Calls at the campaign's own average that each local hour begins with: few calls say little of an hour."""
_WIDEST_SPREAD = 3.0
_NODES = 61
_OUT_OF_SERVICE = frozenset({Outcome.INVALID.value, Outcome.NOT_IN_USE.value, Outcome.INCOMPLETE.value})
_LASTS_BY: Mapping[Persona, str] = {
    Persona.VOICEMAIL: "recognises_machine",
    Persona.SCREENING: "recognises_machine",
    Persona.SILENCE: "gives_up_silence",
}
"""Agents end these calls: how long they would have lasted is not seen."""
_FAILURES: Mapping[str, str] = {
    Outcome.BUSY.value: "busy",
    Outcome.UNREACHABLE.value: "unreachable",
    Outcome.CONGESTION.value: "congestion",
    Outcome.REJECTED.value: "declined",
    Outcome.UNWANTED.value: "declined",
    Outcome.TIMEOUT.value: "timeout",
    Outcome.NO_ANSWER.value: "rings_on",
}


def persona_of(disposition: Disposition) -> Persona | None:
    """Whom an agent had on the line who says so; None where that is not told."""
    if disposition.rpc:
        return Persona.RIGHT_PARTY
    if disposition.wrong_number:
        return Persona.WRONG_PERSON
    if disposition.machine:
        return Persona.SCREENING if disposition.code == "screened" else Persona.VOICEMAIL
    if disposition.live:
        return Persona.GATEKEEPER
    return {"announcement": Persona.ANNOUNCEMENT, "dead_air": Persona.SILENCE}.get(disposition.code)


@dataclass(slots=True)
class Calls:
    """What the records say, added up. `dispositions`: of the campaign, by code."""

    dispositions: Mapping[str, Disposition]
    _numbers: dict[str, str] = field(default_factory=dict)  # with "", or why it is out of service
    _screening: set[str] = field(default_factory=set)
    _hours: Counter[tuple[bool, int, bool]] = field(default_factory=Counter)  # weekend, hour, answered
    _tries: Counter[tuple[int, bool]] = field(default_factory=Counter)  # how many before, answered
    _before: Counter[str] = field(default_factory=Counter)
    _ends: Counter[str] = field(default_factory=Counter)
    _personas: Counter[Persona] = field(default_factory=Counter)
    _codes: defaultdict[Persona, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    _seconds: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    def add(self, record: AttemptRecord) -> None:
        """One attempt; one that never left says nothing."""
        if record.dialed_at is None or not record.counted:
            return
        number = record.number
        if record.outcome in _OUT_OF_SERVICE or record.outcome == Outcome.CHANGED.value:
            self._numbers[number] = "changed" if record.outcome == Outcome.CHANGED.value else "invalid"
            return
        self._numbers.setdefault(number, "")
        said = self.dispositions.get(record.disposition or "")
        persona = None if said is None else persona_of(said)
        if persona is Persona.SCREENING:
            self._screening.add(number)
        picked_up = persona in PEOPLE or record.live
        self._add_seconds(record, persona, picked_up=picked_up)
        if persona is not None:
            self._personas[persona] += 1
            self._codes[persona][record.disposition or ""] += 1
        elif record.machine:
            self._personas[Persona.VOICEMAIL] += 1
        if persona is Persona.SCREENING:
            return  # the assistant takes every call: whether a person would have is not told
        self._add_answering(record, picked_up=picked_up)
        if not picked_up:
            self._ends["voicemail" if record.machine else _FAILURES.get(record.outcome, "other")] += 1

    def _add_answering(self, record: AttemptRecord, *, picked_up: bool) -> None:
        zone = record.zones.partition("|")[0]
        if zone and not unknown_zones((zone,)):
            day, second = divmod(record.created_at + utc_offset(zone, record.created_at), DAY_S)
            self._hours[weekday(int(day)) >= SATURDAY, int(second // 3_600), picked_up] += 1
        self._tries[self._before[record.number], picked_up] += 1
        self._before[record.number] += 1

    def _add_seconds(self, record: AttemptRecord, persona: Persona | None, *, picked_up: bool) -> None:
        if record.dialed_at is not None and record.progress_at is not None:
            self._seconds["pdd"].append(record.progress_at - record.dialed_at)
            rang = None if record.answered_at is None else record.answered_at - record.progress_at
            if rang is not None and (picked_up or record.machine):
                who = "person" if picked_up else "screening" if persona is Persona.SCREENING else "voicemail"
                self._seconds[who].append(rang)
            if _FAILURES.get(record.outcome) == "declined" and record.ended_at is not None:
                self._seconds["decline"].append(record.ended_at - record.progress_at)
        if persona is not None and record.talk_s > 0.0:
            self._seconds[_LASTS_BY.get(persona, f"talk.{persona.value}")].append(record.talk_s)
        if record.wrapup_s > 0.0:
            self._seconds["wrap"].append(record.wrapup_s)

    @property
    def attempts(self) -> int:
        """Those that say something of people."""
        return self._before.total()

    def population(self, template: PopulationSpec) -> tuple[PopulationSpec, tuple[str, ...]]:
        """The population, and which of its figures are the template's."""
        kept: list[str] = []
        diverted_s = template.unanswered.fails_within_s[1]  # at once, as it was busy: no ring time of a voicemail
        self._seconds["voicemail"] = [rang for rang in self._seconds["voicemail"] if rang > diverted_s]
        spec = replace(
            template,
            numbers=self._of_numbers(template.numbers, template.ringing.voicemail, kept),
            answering=self._answering(template.answering, kept),
            ringing=replace(
                template.ringing,
                **{
                    name: self._duration(name, getattr(template.ringing, name), f"ringing.{name}", kept)
                    for name in ("pdd", "person", "voicemail", "screening", "decline")
                },
            ),
            unanswered=self._unanswered(template.unanswered, kept),
            talk={
                persona: self._duration(f"talk.{persona.value}", talk, f"talk.{persona.value}", kept)
                for persona, talk in template.talk.items()
            },
            agents=replace(
                template.agents,
                wrap=self._duration("wrap", template.agents.wrap, "agents.wrap", kept),
                recognises_machine=self._duration(
                    "recognises_machine", template.agents.recognises_machine, "agents.recognises_machine", kept
                ),
                gives_up_silence=self._duration(
                    "gives_up_silence", template.agents.gives_up_silence, "agents.gives_up_silence", kept
                ),
                dispositions={
                    persona: self._codes_of(persona, chances, kept)
                    for persona, chances in template.agents.dispositions.items()
                },
            ),
        )
        return spec, tuple(kept)

    def _of_numbers(self, template: Numbers, template_voicemail: Duration, kept: list[str]) -> Numbers:
        states = Counter(self._numbers.values())
        if states.total() < ENOUGH:
            kept.append("numbers")
            return template
        people = sum(self._personas[persona] for persona in PEOPLE)
        rang_out = sum(self._ends[end] for end in ("busy", "unreachable", "rings_on"))
        late = self._too_late(template_voicemail)
        machines = self._ends["voicemail"] + late
        known = people >= ENOUGH
        if not known:
            kept += ["numbers.wrong_person", "numbers.gatekeeper"]
        gatekeepers = self._personas[Persona.GATEKEEPER] / people if known else 0.0
        wrong = self._personas[Persona.WRONG_PERSON] / people if known else template.wrong_person
        answers = template.gatekeeper_answers or 1.0
        return replace(
            template,
            invalid=states["invalid"] / states.total(),
            changed=states["changed"] / states.total(),
            wrong_person=wrong,
            gatekeeper=min(gatekeepers / answers, 1.0 - wrong) if known else template.gatekeeper,
            voicemail=machines / (machines + rang_out - late) if machines + rang_out else template.voicemail,
            screening=len(self._screening) / max(states[""], 1),
        )

    def _too_late(self, template: Duration) -> float:
        """Calls that we gave up before voicemail took them: those seen are the part of all that its ring times let
        come before the latest that was."""
        seen = self._seconds["voicemail"]
        if not seen:
            return 0.0
        in_time = self._duration("voicemail", template, "", []).share_within(max(seen))
        return min(len(seen) * (1.0 / max(in_time, 0.5) - 1.0), float(self._ends["rings_on"]))

    def _answering(self, template: Answering, kept: list[str]) -> Answering:
        answered = sum(count for (_, _, yes), count in self._hours.items() if yes)
        if not ENOUGH <= answered <= self._hours.total() - ENOUGH:
            kept.append("answer")
            return template
        share = answered / self._hours.total()
        spread = self._spread(template.spread, kept)
        median = _median_for(share, spread)
        tables = {
            weekend: tuple(
                round(_odds(_median_for(self._share_at(weekend, hour, share), spread)) / _odds(median), 3)
                for hour in range(HOURS)
            )
            for weekend in (False, True)
        }
        return Answering(median, spread, tables[False], tables[True])

    def _share_at(self, weekend: bool, hour: int, share: float) -> float:
        """Who picks up then, drawn towards the average by as much as few calls say."""
        yes, no = self._hours[weekend, hour, True], self._hours[weekend, hour, False]
        return (yes + _HOUR_COUNTS_AS * share) / (yes + no + _HOUR_COUNTS_AS)

    def _spread(self, template: float, kept: list[str]) -> float:
        """How much numbers differ: the more they do, the fewer of those that did not pick up the first time do the
        second time."""
        first = [self._tries[0, picked_up] for picked_up in (True, False)]
        second = [self._tries[1, picked_up] for picked_up in (True, False)]
        if min(first) < ENOUGH or second[0] < ENOUGH:
            kept.append("answer.spread")
            return template
        share, again = first[0] / sum(first), second[0] / sum(second)
        low, high = 0.0, _WIDEST_SPREAD
        for _ in range(30):
            middle = (low + high) / 2
            if _second_share(share, middle) > again:
                low = middle
            else:
                high = middle
        return round(low, 3)

    def _unanswered(self, template: Unanswered, kept: list[str]) -> Unanswered:
        calls = self._ends.total() - self._ends["other"]
        if calls < ENOUGH:
            kept.append("unanswered")
            return template
        diverted = self._ends["voicemail"]
        rang_out = sum(self._ends[end] for end in ("busy", "unreachable", "rings_on"))
        own = rang_out / (rang_out + diverted) if rang_out else 1.0  # share of numbers without a voicemail
        return replace(
            template,
            busy=self._ends["busy"] / calls / own,
            unreachable=self._ends["unreachable"] / calls / own,
            congestion=self._ends["congestion"] / calls,
            declined=self._ends["declined"] / calls,
            timeout=self._ends["timeout"] / calls,
        )

    def _duration(self, name: str, template: Duration, key: str, kept: list[str]) -> Duration:
        seconds = [one for one in self._seconds[name] if one >= 0.0]
        mean = fmean(seconds) if seconds else 0.0
        if len(seconds) < ENOUGH or mean <= 0.0:
            kept.append(key)
            return template
        return Duration(round(mean, 3), round(min(pstdev(seconds) / mean, 10.0), 3))

    def _codes_of(
        self, persona: Persona, template: Sequence[DispositionChance], kept: list[str]
    ) -> tuple[DispositionChance, ...]:
        codes = self._codes[persona]
        if codes.total() < ENOUGH:
            kept.append(f"agents.dispositions.{persona.value}")
            return tuple(template)
        return tuple(DispositionChance(code, n / codes.total()) for code, n in sorted(codes.items()))


def _odds(p: float) -> float:
    return p / (1.0 - p)


def _mean_share(median: float, spread: float) -> tuple[float, float]:
    """Of numbers whose log-odds are normal with this median and spread: the mean of q, and of q(1 - q)."""
    middle, total, mean, product = math.log(_odds(median)), 0.0, 0.0, 0.0
    for node in range(_NODES):
        z = -4.0 + 8.0 * node / (_NODES - 1)
        weight = math.exp(-z * z / 2)
        q = 1.0 / (1.0 + math.exp(-(middle + spread * z)))
        total, mean, product = total + weight, mean + weight * q, product + weight * q * (1.0 - q)
    return mean / total, product / total


def _median_for(share: float, spread: float) -> float:
    """The chance at the median number with which that share of all pick up."""
    low, high = 1e-6, 1.0 - 1e-6
    for _ in range(40):
        middle = (low + high) / 2
        if _mean_share(middle, spread)[0] < share:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _second_share(share: float, spread: float) -> float:
    """Of those who did not pick up the first time, how many do the second."""
    mean, product = _mean_share(_median_for(share, spread), spread)
    return product / (1.0 - mean)
