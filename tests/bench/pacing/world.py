"""Calls and agents in virtual time, for pacers alone: no lists, no rules, no network.

The world of the tables in `docs/benchmarks.md`: an answer comes a post-dial delay and a lognormal ring time after
the launch; of calls that are not answered a fifth fail within seconds and the rest ring out. Talk and wrap-up are
drawn per contact. The longest idle agent is first, contacts wait in order and at most for the grace.
"""

from __future__ import annotations

import heapq
import math
import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count

from dialer.pacing import (
    Abandoned,
    AgentsChanged,
    Answered,
    Connected,
    MachineDetected,
    Pacer,
    Snapshot,
    TalkEnded,
    Unanswered,
    WrapEnded,
)

MIN_INTERVAL_S = 0.25
INTERVAL_S = 1.0
"""As in `dialer.engine.pacing`: decisions are coalesced to this, and never further apart than that."""

Draw = Callable[[random.Random], float]


def lognormal(mean: float, cv: float) -> Draw:
    """Draws with this mean and coefficient of variation."""
    sigma = math.sqrt(math.log1p(cv * cv))
    mu = math.log(mean) - sigma * sigma / 2
    return lambda rng: rng.lognormvariate(mu, sigma)


def gamma(mean: float, cv: float) -> Draw:
    shape = 1 / (cv * cv)
    return lambda rng: rng.gammavariate(shape, mean / shape)


def mixture(*parts: tuple[float, Draw]) -> Draw:
    """One of the parts, each with its weight."""
    weights, draws = [weight for weight, _ in parts], [draw for _, draw in parts]
    return lambda rng: rng.choices(draws, weights)[0](rng)


@dataclass(frozen=True, slots=True)
class Scenario:
    """What the people called and the agents do. `answer_p`: probability of an answer at a moment of the shift in
    seconds. `machine`: share of answers that are machines, told after `machine_after` seconds. `agents_at`:
    agents on duty at a moment, None: all of them all the time; `open_at`: whether the trunk carries calls.
    `talk_factor`, `ring_factor`: what talks, and ring times, that begin at a moment are multiplied by."""

    agents: int
    hours: float = 8.0
    answer_p: Callable[[float], float] = lambda _: 0.3
    talk: Draw = field(default_factory=lambda: lognormal(150.0, 1.0))
    wrap: Draw = field(default_factory=lambda: lognormal(25.0, 0.8))
    ring: Draw = field(default_factory=lambda: lognormal(11.5, 0.55))
    delay_s: float = 1.5
    grace_s: float = 2.0
    machine: float = 0.0
    machine_after: Draw = field(default_factory=lambda: lognormal(1.2, 0.3))
    agents_at: Callable[[float], int] | None = None
    open_at: Callable[[float], bool] | None = None
    talk_factor: Callable[[float], float] = lambda _: 1.0
    ring_factor: Callable[[float], float] = lambda _: 1.0
    lines: int = 100_000


@dataclass(slots=True)
class Shift:
    """What came of it. `busy_s`, `staffed_s`: agent seconds."""

    calls: int = 0
    live: int = 0
    abandoned: int = 0
    machines: int = 0
    busy_s: float = 0.0
    staffed_s: float = 0.0

    @property
    def busy(self) -> float:
        """Share of the agents' time in talk and wrap-up."""
        return self.busy_s / self.staffed_s if self.staffed_s else 0.0

    @property
    def abandonment(self) -> float:
        """Abandoned of live answers."""
        return self.abandoned / self.live if self.live else 0.0


class World:
    """One shift of one pacer."""

    def __init__(self, scenario: Scenario, pacer: Pacer, seed: int, *, warm_s: float = 0.0) -> None:
        self._scenario, self._pacer = scenario, pacer
        self._rng = random.Random(seed)
        self._warm_s = warm_s
        self._heap: list[tuple[float, int, Callable[..., None], int]] = []
        self._ids = count()
        self._now = 0.0
        self._idle: deque[float] = deque([0.0] * self._staffed(0.0))
        self._on_duty = len(self._idle)
        self._talking: dict[int, float] = {}
        self._wrapping: dict[int, float] = {}
        self._ringing: dict[int, float] = {}
        self._waiting: dict[int, float] = {}
        self._held: dict[int, float] = {}
        self._decided_at = -1.0
        self._pending = False
        self.shift = Shift()

    def run(self) -> Shift:
        """The shift, from its first second to its last."""
        end = self._scenario.hours * 3600.0
        self._pacer.observe(AgentsChanged(0.0, self._on_duty))
        self._at(0.0, self._decide, -1)
        self._at(60.0, self._staff, -1)
        counted_from = self._warm_s
        while self._heap and self._heap[0][0] <= end:
            at, _, act, who = heapq.heappop(self._heap)
            self._pass(max(0.0, at - max(self._now, counted_from)))
            self._now = at
            act(who)
        self._pass(max(0.0, end - max(self._now, counted_from)))
        return self.shift

    def _pass(self, seconds: float) -> None:
        busy = len(self._talking) + len(self._wrapping)
        self.shift.busy_s += seconds * busy
        self.shift.staffed_s += seconds * (busy + len(self._idle))

    def _at(self, at: float, act: Callable[..., None], who: int) -> None:
        heapq.heappush(self._heap, (at, next(self._ids), act, who))

    @property
    def _counts(self) -> bool:
        return self._now >= self._warm_s

    # --- calls ----------------------------------------------------------------------------------------------

    def _launch(self) -> None:
        scenario, rng = self._scenario, self._rng
        call = next(self._ids)
        self._ringing[call] = self._now
        self.shift.calls += self._counts
        rings_out = rng.uniform(26.0, 30.0)
        if scenario.open_at is not None and not scenario.open_at(self._now):
            self._at(self._now + 0.2, self._unanswered, call)
            return
        if rng.random() < scenario.answer_p(self._now):
            after = scenario.delay_s + scenario.ring(rng) * scenario.ring_factor(self._now)
            if after < rings_out:
                self._at(self._now + after, self._answered, call)
                return
        elif rng.random() < 0.2:
            rings_out = rng.uniform(2.0, 5.0)
        self._at(self._now + rings_out, self._unanswered, call)

    def _unanswered(self, call: int) -> None:
        self._pacer.observe(Unanswered(self._now, self._now - self._ringing.pop(call)))
        self._soon()

    def _answered(self, call: int) -> None:
        self._pacer.observe(Answered(self._now, self._now - self._ringing.pop(call)))
        if self._rng.random() < self._scenario.machine:
            self._held[call] = self._now
            self._at(self._now + self._scenario.machine_after(self._rng), self._told, call)
        elif self._scenario.machine:
            self._held[call] = self._now
            self._at(self._now + min(1.8, self._scenario.machine_after(self._rng)), self._person, call)
        else:
            self._person(call)
        self._soon()

    def _told(self, call: int) -> None:
        self.shift.machines += self._counts
        self._pacer.observe(MachineDetected(self._now, self._now - self._held.pop(call)))
        self._soon()

    def _person(self, call: int) -> None:
        answered_at = self._held.pop(call, self._now)
        self.shift.live += self._counts
        if self._idle:
            self._join(call, answered_at)
        else:
            self._waiting[call] = answered_at
            self._at(max(self._now, answered_at + self._scenario.grace_s), self._given_up, call)

    def _given_up(self, call: int) -> None:
        answered_at = self._waiting.pop(call, None)
        if answered_at is not None:
            self.shift.abandoned += self._counts
            self._pacer.observe(Abandoned(self._now, self._now - answered_at))
            self._soon()

    def _join(self, call: int, answered_at: float) -> None:
        self._idle.popleft()
        self._talking[call] = self._now
        self._pacer.observe(Connected(self._now, self._now - answered_at))
        talk_s = self._scenario.talk(self._rng) * self._scenario.talk_factor(self._now)
        self._at(self._now + talk_s, self._talked, call)

    # --- agents ---------------------------------------------------------------------------------------------

    def _talked(self, call: int) -> None:
        self._pacer.observe(TalkEnded(self._now, self._now - self._talking.pop(call)))
        self._wrapping[call] = self._now
        self._at(self._now + self._scenario.wrap(self._rng), self._wrapped, call)
        self._soon()

    def _wrapped(self, call: int) -> None:
        self._pacer.observe(WrapEnded(self._now, self._now - self._wrapping.pop(call)))
        if self._on_duty > self._staffed(self._now):
            self._on_duty -= 1
            self._pacer.observe(AgentsChanged(self._now, self._on_duty))
        else:
            self._idle.append(self._now)
            self._serve()
        self._soon()

    def _serve(self) -> None:
        while self._waiting and self._idle:
            call = next(iter(self._waiting))
            self._join(call, self._waiting.pop(call))

    def _staffed(self, at: float) -> int:
        return self._scenario.agents if self._scenario.agents_at is None else self._scenario.agents_at(at)

    def _staff(self, _: int) -> None:
        wanted, before = self._staffed(self._now), self._on_duty
        while self._on_duty < wanted:
            self._on_duty += 1
            self._idle.append(self._now)
        while self._on_duty > wanted and self._idle:
            self._on_duty -= 1
            self._idle.pop()
        if self._on_duty != before:
            self._pacer.observe(AgentsChanged(self._now, self._on_duty))
            self._serve()
            self._soon()
        self._at(self._now + 60.0, self._staff, -1)

    # --- decisions ------------------------------------------------------------------------------------------

    def _soon(self) -> None:
        if not self._pending:
            self._pending = True
            self._at(max(self._now, self._decided_at + MIN_INTERVAL_S), self._decide, -2)

    def _decide(self, why: int) -> None:
        if why == -2:
            self._pending = False
        elif self._now < self._decided_at + INTERVAL_S - 1e-9:
            self._at(self._decided_at + INTERVAL_S, self._decide, -1)
            return
        now = self._now
        self._decided_at = now
        in_flight = len(self._ringing) + len(self._waiting) + len(self._held) + len(self._talking)
        seen = Snapshot(
            now_s=now,
            idle=len(self._idle),
            talking_s=tuple([now - at for at in self._talking.values()]),
            wrapping_s=tuple([now - at for at in self._wrapping.values()]),
            ringing_s=tuple([now - at for at in self._ringing.values()]),
            waiting_s=tuple([now - at for calls in (self._waiting, self._held) for at in calls.values()]),
            lines_free=max(0, self._scenario.lines - in_flight),
            leads_ready=1_000_000,
        )
        for _ in range(self._pacer.decide(seen)):
            self._launch()
        if why == -1:
            self._at(now + INTERVAL_S, self._decide, -1)
