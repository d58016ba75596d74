"""What a population file says, as values. Shares, chances and rates are fractions 0–1; durations are seconds.

The file itself is described in `docs/reference/population-file.md`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from sim_trunk.callee import Persona

HOURS = 24
FLAT_DAY: tuple[float, ...] = (1.0,) * HOURS


@dataclass(frozen=True, slots=True)
class Duration:
    """A lognormal duration with this mean and coefficient of variation (standard deviation / mean). Always
    exactly the mean when `cv` is 0."""

    mean_s: float
    cv: float = 0.0
    _mu: float = field(init=False, repr=False, compare=False)
    _sigma: float = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        variance = math.log1p(self.cv * self.cv)
        object.__setattr__(self, "_sigma", math.sqrt(variance))
        object.__setattr__(self, "_mu", math.log(self.mean_s) - variance / 2 if self.mean_s > 0 else -math.inf)

    def share_within(self, seconds: float) -> float:
        """How many of such durations last no longer."""
        if self._sigma == 0.0 or seconds <= 0.0:
            return float(self.mean_s <= seconds)
        return 0.5 * math.erfc(-(math.log(seconds) - self._mu) / (self._sigma * math.sqrt(2.0)))

    def at(self, z: float) -> float:
        """The duration at the standard normal deviate `z`: 0 gives the median."""
        if self._sigma == 0.0:
            return self.mean_s
        return math.exp(self._mu + self._sigma * z)


@dataclass(frozen=True, slots=True)
class Numbers:
    """What a number is, for good. `invalid`, `changed`: shares of all numbers. The rest are shares of those in
    service; `gatekeeper_answers`: how often somebody else picks up where there is somebody else."""

    invalid: float
    changed: float
    wrong_person: float
    gatekeeper: float
    gatekeeper_answers: float
    voicemail: float
    screening: float


@dataclass(frozen=True, slots=True)
class Answering:
    """Whether a person picks up. `probability`: at the median number, at an hour of weight 1. `spread`: standard
    deviation, between numbers, of the log-odds. The tables multiply the odds, by local hour."""

    probability: float
    spread: float
    odds_by_hour: tuple[float, ...] = FLAT_DAY
    odds_by_hour_weekend: tuple[float, ...] = FLAT_DAY

    @property
    def is_flat(self) -> bool:
        """True when the hour changes nothing, so that nobody needs to know where a number is."""
        return self.odds_by_hour == FLAT_DAY == self.odds_by_hour_weekend


@dataclass(frozen=True, slots=True)
class Ringing:
    """Seconds from the 18x until something answers or declines; `pdd`: from the INVITE to the 18x."""

    pdd: Duration
    person: Duration
    voicemail: Duration
    screening: Duration
    decline: Duration


@dataclass(frozen=True, slots=True)
class Unanswered:
    """Shares of the calls that no person picks up; what they leave of 1 rings on. `rings_forever`: of those that
    ring on with no voicemail, the share that the network never ends. Ranges are (least, most) seconds since the
    INVITE."""

    busy: float
    unreachable: float
    congestion: float
    declined: float
    timeout: float
    fails_within_s: tuple[float, float]
    rings_forever: float
    rings_out_within_s: tuple[float, float]


@dataclass(frozen=True, slots=True)
class QuirkRates:
    """Rates per answered call (first five), per call that rings on unanswered, or never begins to, and (the last)
    per call to a number that is not in service."""

    no_provisional: float = 0.0
    lost_ack: float = 0.0
    bye_crossing: float = 0.0
    false_answer: float = 0.0
    announcement: float = 0.0
    answer_after_cancel: float = 0.0
    progress_then_unavailable: float = 0.0
    no_response: float = 0.0
    special_information: float = 0.0


@dataclass(frozen=True, slots=True)
class Outage:
    """A trunk that fails every call, in virtual time: from `begins_s` on, for `lasts_s` seconds, counted from the
    start of the run. `status`: of every refusal; 0: nothing ever comes back."""

    trunk: str
    begins_s: float
    lasts_s: float
    status: int


@dataclass(frozen=True, slots=True)
class Network:
    """What carriers do. `retry_after`: share of congested calls whose 503 asks for `retry_after_s` seconds of
    rest. `redirected`: share of the changed numbers that are answered 302 with another one, instead of 410."""

    retry_after: float = 0.0
    retry_after_s: float = 30.0
    redirected: float = 0.0
    outages: tuple[Outage, ...] = ()

    def outage(self, trunk: str, run_s: float) -> Outage | None:
        """That of the trunk, so many seconds after the start."""
        for outage in self.outages:
            if outage.trunk == trunk and outage.begins_s <= run_s < outage.begins_s + outage.lasts_s:
                return outage
        return None


@dataclass(frozen=True, slots=True)
class KeyChance:
    """How often a person presses this key."""

    key: str
    probability: float


@dataclass(frozen=True, slots=True)
class Keys:
    """What people press who hear something. `first`: of those who hear the first sound; `further`: of those who
    have pressed one, the next, `most` in all. `after`: from the first sound, or the key before."""

    first: tuple[KeyChance, ...] = ()
    further: tuple[KeyChance, ...] = ()
    after: Duration = Duration(3.0)
    most: int = 5


@dataclass(frozen=True, slots=True)
class DispositionChance:
    """How often agents give this code; `line` of the file says so."""

    code: str
    probability: float
    line: int = 0


@dataclass(frozen=True, slots=True)
class AgentHabits:
    """How simulated agents work. `dispositions`: per persona heard; what the chances leave of 1 gets none.
    `callback_after_s`: (least, most) seconds from now to a promised callback; `callback_in_person`: the share of
    them that the agent promises to make themselves."""

    login_every_s: float
    recognises_machine: Duration
    gives_up_silence: Duration
    wrap: Duration
    callback_after_s: tuple[float, float]
    callback_in_person: float
    dispositions: dict[Persona, tuple[DispositionChance, ...]]


@dataclass(frozen=True, slots=True)
class Detector:
    """How well answering machines are told in virtual time, where nothing can be heard; its score on the fifth set
    (`docs/benchmarks.md`), of one word a call. `people_lost`: share of people taken for machines.
    `machines_found`: share of machines recognised. `person`, `machine`: from the answer to the verdict.
    `greeting`: of a voicemail, to the end of its beep; `beeps`: share of them that have one."""

    people_lost: float = 0.011
    machines_found: float = 0.856
    person: Duration = field(default_factory=lambda: Duration(3.8, 0.5))
    machine: Duration = field(default_factory=lambda: Duration(9.9, 0.2))
    greeting: Duration = field(default_factory=lambda: Duration(9.0, 0.4))
    beeps: float = 0.9


@dataclass(frozen=True, slots=True)
class PopulationSpec:
    """One population file. `talk`: per persona, from hearing the agent on (machines: the recording). `greetings`:
    on the wire people and machines speak (`sim_trunk.utterances.Greetings`) instead of having tones."""

    file: str
    numbers: Numbers
    answering: Answering
    ringing: Ringing
    unanswered: Unanswered
    talk: dict[Persona, Duration]
    patience: Duration
    quirks: QuirkRates
    agents: AgentHabits
    network: Network = Network()
    greetings: bool = False
    detector: Detector = field(default_factory=Detector)
    keys: Keys = Keys()
