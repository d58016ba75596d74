"""A population file (TOML) to a `PopulationSpec`. Format: `docs/reference/population-file.md`.

Every problem of a file is reported at once, each with file, line, column, field, and what to do about it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from pathlib import Path

from campaigns.errors import CampaignFileError
from campaigns.toml_file import read_toml
from campaigns.toml_source import Path as KeyPath
from campaigns.toml_source import TomlSource
from campaigns.toml_table import Table
from sim_trunk.callee import Persona
from sim_trunk.errors import PopulationFileError
from sim_trunk.population_spec import (
    FLAT_DAY,
    HOURS,
    AgentHabits,
    Answering,
    Detector,
    DispositionChance,
    Duration,
    KeyChance,
    Keys,
    Network,
    Numbers,
    Outage,
    PopulationSpec,
    QuirkRates,
    Ringing,
    Unanswered,
)

LONGEST_S = 7 * 86_400.0
"""No duration in the file may be longer than a week."""

_MOST_CV = 10.0
_MOST_WEIGHT = 1_000.0
_MOST_SPREAD = 5.0
_ROUNDING = 1e-9


def read_population(path: Path) -> PopulationSpec:
    """The population of a file. Raises `PopulationFileError`, also when it cannot be read or is not UTF-8."""
    try:
        text = read_toml(path)
    except CampaignFileError as fault:
        raise PopulationFileError(fault.problems) from fault
    return parse_population(text, str(path))


def parse_population(text: str, filename: str) -> PopulationSpec:
    """The population of a file's text; `filename` appears in messages. Raises `PopulationFileError`."""
    try:
        source = _Source(text, filename)
    except CampaignFileError as fault:
        raise PopulationFileError(fault.problems) from fault
    top = _Fields(source, (), source.data)
    spec = PopulationSpec(
        file=filename,
        numbers=_numbers(top.required("numbers")),
        answering=_answering(top.required("answer")),
        ringing=_ringing(top.required("ringing")),
        unanswered=_unanswered(top.required("unanswered")),
        talk=_talk(top.required("talk")),
        patience=top.spread("patience"),
        quirks=_quirks(top.optional("quirks")),
        agents=_agents(top.required("agents")),
        network=_network(top.optional("network")),
        greetings=top.choice("voices", "tones", ("tones", "greetings")) == "greetings",
        detector=_detector(top.optional("detector")),
        keys=_keys(top.optional("keys")),
    )
    top.finish()
    if source.problems:
        raise PopulationFileError(source.problems)
    return spec


class _Source(TomlSource):
    def line_of(self, path: KeyPath) -> int:
        """The line of a key that is in the file."""
        return self._keys[path][0]


class _Fields(Table):
    """The kinds of field a population file has. Whatever is wrong is noted, and something harmless returned."""

    source: _Source
    absent = False
    """There is no such table in the file, which is noted once and not again for each of its keys."""

    def required(self, key: str) -> _Fields:
        """A table that has to be there."""
        fields = self.optional(key)
        fields.absent = not isinstance(self._data.get(key), dict)
        if key not in self:
            name = ".".join(map(str, fields.path))
            self.missing(key, f"write [{name}] and its keys below, as in the bundled populations")
        return fields

    def optional(self, key: str) -> _Fields:
        """A table; an absent one reads as empty."""
        table = self.table(key)
        value = self._data.get(key)
        return _Fields(self.source, table.path, value if isinstance(value, dict) else {})

    def missing(self, key: str, advice: str) -> None:
        if not self.absent:
            super().missing(key, advice)

    def fraction(self, key: str) -> float:
        """A share, chance or rate that has to be there."""
        return self._needed(key, 1.0)

    def rate(self, key: str) -> float:
        """A share, chance or rate; 0 when absent."""
        return self.number(key, 0.0, 0.0, 1.0)

    def size(self, key: str, high: float = LONGEST_S) -> float:
        """A number that has to be there, within [0, high]."""
        return self._needed(key, high)

    def spread(self, key: str) -> Duration:
        """`{ mean_s = …, cv = … }`, or the same as a table."""
        fields = self.required(key)
        duration = Duration(fields.size("mean_s"), fields.size("cv", _MOST_CV))
        fields.finish()
        return duration

    def seconds_range(self, key: str) -> tuple[float, float]:
        """`[least, most]`."""
        advice = f"write {key} = [2.0, 5.0], the least and the most seconds"
        value = self._get(key)
        if value is None:
            self.missing(key, advice)
            return 0.0, 0.0
        if not isinstance(value, list) or len(value) != 2 or not all(map(_is_number, value)):
            self.wrong(key, "is not a pair of numbers", advice)
            return 0.0, 0.0
        least, most = map(float, value)
        if not 0.0 <= least <= most <= LONGEST_S:
            self.wrong(key, f"{least:g} to {most:g} is no span of time", advice)
            return 0.0, 0.0
        return least, most

    def day(self, key: str) -> tuple[float, ...]:
        """A weight for each hour; 1 for each when absent."""
        value = self._get(key)
        advice = f"write {HOURS} numbers from 0 to {_MOST_WEIGHT:g}, for 0:00 to 23:00"
        if value is None:
            return FLAT_DAY
        if not isinstance(value, list) or len(value) != HOURS:
            what = f"has {len(value)} numbers, not {HOURS}" if isinstance(value, list) else "is not a list"
            self.wrong(key, what, advice)
            return FLAT_DAY
        for hour, weight in enumerate(value):
            if not _is_number(weight) or not 0.0 <= weight <= _MOST_WEIGHT:
                self.source.at_value((*self.path, key, hour), f"{weight!r} is no weight", advice)
                return FLAT_DAY
        return tuple(map(float, value))

    def chances(self, key: str) -> tuple[DispositionChance, ...]:
        """A table of disposition codes with their chances."""
        fields = self.required(key)
        codes = fields.keys()
        found = tuple(
            DispositionChance(code, fields.rate(code), self.source.line_of((*fields.path, code))) for code in codes
        )
        fields.at_most_one(codes)
        return found

    def at_most_one(self, keys: Iterable[str]) -> None:
        """Note shares that add up to more than everything, at the last of them."""
        present = [key for key in keys if key in self]
        shares = [self._data[key] for key in present]
        if not all(_is_number(share) and 0.0 <= share <= 1.0 for share in shares):
            return  # noted already
        total = math.fsum(shares)
        if total > 1.0 + _ROUNDING:
            what = f"{', '.join(present)} add up to {total:g}"
            self.wrong(present[-1], what, "lower some, so that they add up to at most 1")

    def _needed(self, key: str, high: float) -> float:
        if key not in self:
            self._get(key)
            self.missing(key, f"write {key} = a number from 0 to {high:g}")
        return self.number(key, 0.0, 0.0, high)


def _numbers(table: _Fields) -> Numbers:
    numbers = Numbers(
        invalid=table.fraction("invalid"),
        changed=table.fraction("changed"),
        wrong_person=table.fraction("wrong_person"),
        gatekeeper=table.fraction("gatekeeper"),
        gatekeeper_answers=table.fraction("gatekeeper_answers"),
        voicemail=table.fraction("voicemail"),
        screening=table.fraction("screening"),
    )
    table.at_most_one(("invalid", "changed"))
    table.at_most_one(("wrong_person", "gatekeeper"))
    table.finish()
    return numbers


def _answering(table: _Fields) -> Answering:
    answering = Answering(
        probability=table.fraction("probability"),
        spread=table.size("spread", _MOST_SPREAD),
        odds_by_hour=table.day("odds_by_hour"),
        odds_by_hour_weekend=table.day("odds_by_hour_weekend"),
    )
    table.finish()
    return answering


def _ringing(table: _Fields) -> Ringing:
    ringing = Ringing(
        pdd=table.spread("pdd"),
        person=table.spread("person"),
        voicemail=table.spread("voicemail"),
        screening=table.spread("screening"),
        decline=table.spread("decline"),
    )
    table.finish()
    return ringing


def _unanswered(table: _Fields) -> Unanswered:
    unanswered = Unanswered(
        busy=table.fraction("busy"),
        unreachable=table.fraction("unreachable"),
        congestion=table.fraction("congestion"),
        declined=table.fraction("declined"),
        timeout=table.fraction("timeout"),
        fails_within_s=table.seconds_range("fails_within_s"),
        rings_forever=table.fraction("rings_forever"),
        rings_out_within_s=table.seconds_range("rings_out_within_s"),
    )
    table.at_most_one(("busy", "unreachable", "congestion", "declined", "timeout"))
    table.finish()
    return unanswered


def _talk(table: _Fields) -> dict[Persona, Duration]:
    talk = {persona: table.spread(persona.value) for persona in Persona}
    table.finish()
    return talk


def _quirks(table: _Fields) -> QuirkRates:
    answered = ("no_provisional", "lost_ack", "bye_crossing", "false_answer", "announcement")
    unanswered = ("answer_after_cancel", "progress_then_unavailable", "no_response")
    names = (*answered, *unanswered, "special_information")
    rates = QuirkRates(**{name: table.rate(name) for name in names})
    table.at_most_one(answered)
    table.at_most_one(unanswered)
    table.finish()
    return rates


def _network(table: _Fields) -> Network:
    outages = []
    for one in table.tables("outage"):
        outages.append(
            Outage(
                trunk=one.text("trunk", advice='write trunk = "sim"'),
                begins_s=one.duration("begins", 0.0, 0.0, LONGEST_S),
                lasts_s=one.duration("lasts", 600.0, 1.0, LONGEST_S),
                status=one.whole("status", 503, 0, 699),
            )
        )
        if 0 < outages[-1].status < 300:
            one.wrong("status", f"{outages[-1].status} refuses nothing", "use 300 to 699, or 0 for silence")
        one.finish()
    network = Network(
        retry_after=table.rate("retry_after"),
        retry_after_s=table.number("retry_after_s", 30.0, 1.0, LONGEST_S),
        redirected=table.rate("redirected"),
        outages=tuple(outages),
    )
    table.finish()
    return network


def _detector(table: _Fields) -> Detector:
    usual = Detector()
    detector = Detector(
        people_lost=table.number("people_lost", usual.people_lost, 0.0, 1.0),
        machines_found=table.number("machines_found", usual.machines_found, 0.0, 1.0),
        person=table.spread("person") if "person" in table else usual.person,
        machine=table.spread("machine") if "machine" in table else usual.machine,
        greeting=table.spread("greeting") if "greeting" in table else usual.greeting,
        beeps=table.number("beeps", usual.beeps, 0.0, 1.0),
    )
    table.finish()
    return detector


def _keys(table: _Fields) -> Keys:
    keys = Keys(
        first=_pressed(table.optional("first")),
        further=_pressed(table.optional("further")),
        after=table.spread("after") if "after" in table else Keys().after,
        most=table.whole("most", Keys().most, 1, 20),
    )
    table.finish()
    return keys


def _pressed(table: _Fields) -> tuple[KeyChance, ...]:
    keys = table.keys()
    for key in keys:
        if len(key) != 1 or key not in "0123456789*#":
            table.wrong_key(key, "is no key of a phone", 'write "1" = 0.1')
    table.at_most_one(keys)
    found = tuple(KeyChance(key, table.rate(key)) for key in keys)
    table.finish()
    return found


def _agents(table: _Fields) -> AgentHabits:
    codes = table.required("dispositions")
    habits = AgentHabits(
        login_every_s=table.size("login_every_s"),
        recognises_machine=table.spread("recognises_machine"),
        gives_up_silence=table.spread("gives_up_silence"),
        wrap=table.spread("wrap"),
        callback_after_s=table.seconds_range("callback_after_s"),
        callback_in_person=table.rate("callback_in_person"),
        dispositions={persona: codes.chances(persona.value) for persona in Persona},
    )
    codes.finish()
    table.finish()
    return habits


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
