"""When to try a lead again, and at which of its numbers."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from campaigns.outcome import FINAL, NOT_PLACED, TECHNICAL, Outcome

_M = 60.0
_H = 3_600.0

DAYPART_WITHIN_S = 48 * _H
"""How long another daypart is waited for, where a rule says nothing."""


@dataclass(frozen=True, slots=True)
class RetryRule:
    """After one kind of result: wait `delays_s[k]` after the k-th such result on the lead (the last delay
    repeats), at most `maximum` further attempts because of it; `next_number`: go on with the lead's next
    number, and wait only once all of them have been tried. `next_number` without delays: this number is done
    with, the lead's others are not.

    `jitter_s`: up to so much later, drawn for each lead. `other_daypart`: from that moment on, within `within_s`,
    at a part of the day in which the lead was tried least (`OtherDaypart`). `other_caller_id`: under the next of
    the campaign's caller ids (`caller_id_turn`)."""

    delays_s: tuple[float, ...]
    maximum: int
    next_number: bool = False
    jitter_s: float = 0.0
    other_daypart: bool = False
    within_s: float = DAYPART_WITHIN_S
    other_caller_id: bool = False


@dataclass(frozen=True, slots=True)
class RetrySchedule:
    """Rule per outcome or disposition code; `default` for those not named. An empty tuple of delays: final."""

    rules: tuple[tuple[str, RetryRule], ...] = ()
    default: RetryRule = field(default_factory=lambda: RetryRule((4 * 3600.0,), 3))

    def rule(self, key: str) -> RetryRule:
        """The rule for an outcome or disposition code."""
        for name, rule in self.rules:
            if name == key:
                return rule
        return self.default

    @property
    def turns_caller_ids(self) -> bool:
        """Whether a caller id belongs to a lead's place in the schedule."""
        return self.default.other_caller_id or any(rule.other_caller_id for _, rule in self.rules)


NO_MORE = RetryRule((), 0)
"""No further attempt."""

_OTHER_NUMBER = RetryRule((), 10, next_number=True)
_MACHINE = RetryRule((4 * _H, 24 * _H), 4, next_number=True, other_daypart=True)

DEFAULT_SCHEDULE = RetrySchedule(
    rules=(
        (Outcome.BUSY.value, RetryRule((15 * _M, 1 * _H, 4 * _H), 4)),
        (Outcome.NO_ANSWER.value, RetryRule((4 * _H, 24 * _H), 5, next_number=True, other_daypart=True)),
        (Outcome.UNREACHABLE.value, RetryRule((4 * _H, 24 * _H), 4, next_number=True, other_daypart=True)),
        (Outcome.REJECTED.value, RetryRule((24 * _H,), 2)),
        # A person who met silence is left alone for three days (Ofcom's former rule, kept as a safe default).
        (Outcome.ABANDONED.value, RetryRule((72 * _H,), 1)),
        (Outcome.DELIVERED.value, NO_MORE),
        (Outcome.MESSAGE_LEFT.value, RetryRule((24 * _H, 72 * _H), 2)),
        (Outcome.BROKEN_OFF.value, RetryRule((24 * _H,), 1)),
        # Not believed at once: on the next day it is asked again, over another trunk if there is one.
        (Outcome.INVALID.value, RetryRule((24 * _H,), 10, next_number=True)),
        (Outcome.NOT_IN_USE.value, _OTHER_NUMBER),
        (Outcome.CHANGED.value, _OTHER_NUMBER),
        (Outcome.INCOMPLETE.value, _OTHER_NUMBER),
        (Outcome.BARRED.value, RetryRule((24 * _H,), 2, next_number=True)),
        (Outcome.BLOCKED.value, RetryRule((24 * _H,), 2, next_number=True)),
        (Outcome.CUT.value, RetryRule((1 * _H,), 3)),
        # Nobody saw how it ended, so nobody may say that the person was not reached.
        (Outcome.UNKNOWN.value, NO_MORE),
        ("machine", _MACHINE),
        (Outcome.ANSWERING_MACHINE.value, _MACHINE),
        ("screened", RetryRule((24 * _H,), 2)),
        ("third_party", RetryRule((2 * _H, 24 * _H), 3, other_daypart=True)),
        ("wrong_number", _OTHER_NUMBER),
        ("dead_air", RetryRule((1 * _H, 4 * _H), 2)),
        ("announcement", RetryRule((24 * _H,), 1, next_number=True)),
        ("callback", RetryRule((24 * _H,), 3)),
        ("sale", NO_MORE),
        ("not_interested", NO_MORE),
        ("dnc", NO_MORE),
        ("none", RetryRule((4 * _H,), 2)),
    ),
)
"""Used where a campaign file says nothing; its `[retry]` replaces single rules."""

TECHNICAL_DELAYS_S = (1 * _M, 5 * _M, 15 * _M, 1 * _H, 4 * _H, 24 * _H)
"""After faults that are not the lead's: the k-th in its history waits the k-th delay, the last one repeats.
They use up none of the lead's retries and attempt limits; caps of a rule set count what its law counts."""

TECHNICAL_MAXIMUM = 24
"""So many faults of one kind, three weeks of them, and the number is out of anybody's reach: the lead is
closed."""

DEAD_OUTCOMES = frozenset({Outcome.NOT_IN_USE, Outcome.CHANGED, Outcome.INCOMPLETE, Outcome.UNWANTED})
"""Outcomes that say the number is not worth another attempt, while the lead may have others."""

CONFIRMED_AFTER_S = 20 * _H
"""A number that the network calls unallocated (404, cause 1) is given up when it says so again over another
trunk, or so much later: routing faults come as 404 too, and do not last."""


@dataclass(frozen=True, slots=True)
class Retry:
    """Try again at `at` (seconds UTC) or later, at the number at `phone_position`."""

    at: float
    phone_position: int


@dataclass(frozen=True, slots=True)
class NoRetry:
    """The lead is final. `reason`: `no_retry` (its result asks for none), `retries_used_up`, `route_faults`,
    `no_number_left`."""

    reason: str


OtherDaypart = Callable[[int, float, float], float | None]
"""Given the position of a number, a moment, and seconds after it: the moment in that time at which the lead is
tried at another part of the day, None for none (`campaigns.daypart_choice`)."""


def next_attempt(
    schedule: RetrySchedule,
    *,
    key: str,
    tries: Mapping[str, int] | Iterable[tuple[str, int]],
    phone_position: int,
    phone_count: int,
    now: float,
    dead: Collection[int] = (),
    other_daypart: OtherDaypart | None = None,
    drawn: float = 0.0,
) -> Retry | NoRetry:
    """What follows the result `key`, an `Outcome` value or, where a person or machine was spoken to, the
    disposition's code.

    `tries`: how often each result has come up on the lead, this one included. `phone_position` of
    `phone_count`: the number it came up on. `dead`: positions of numbers known not to be worth another attempt
    (`dead_positions`, and those found to be a wrong number). `drawn`: the lead's own number from [0, 1) for this
    attempt. A promised callback is the caller's business.
    """
    count = max(1, dict(tries).get(key, 0))
    if key in TECHNICAL and count > TECHNICAL_MAXIMUM:
        return NoRetry("route_faults")
    if key in TECHNICAL or key in NOT_PLACED:
        delay = TECHNICAL_DELAYS_S[min(count, len(TECHNICAL_DELAYS_S)) - 1]
        named = dict(schedule.rules).get(key)
        if named is not None and named.delays_s:
            delay = named.delays_s[min(count, len(named.delays_s)) - 1]
        return Retry(now + delay, phone_position)
    rule = schedule.rule(key)
    if key in FINAL or (not rule.delays_s and not rule.next_number):
        return NoRetry("no_retry")
    if count > rule.maximum:
        return NoRetry("retries_used_up")
    alive = [position for position in range(phone_count) if position not in dead]
    if rule.next_number:
        further = [position for position in alive if position > phone_position]
        if further:
            return Retry(now, further[0])
        if not rule.delays_s:
            # This number is done with; an earlier one that may still answer begins its next round.
            earlier = [position for position in alive if position != phone_position]
            if earlier and schedule.default.delays_s:
                return _spread(
                    schedule.default, now + schedule.default.delays_s[0], earlier[0], other_daypart, drawn
                )
            return NoRetry("no_number_left")
    if not alive:
        return NoRetry("no_number_left")
    # One round over all living numbers waits once, so rounds pick the delay.
    rounds = (count - 1) // len(alive) if rule.next_number else count - 1
    delay = rule.delays_s[min(rounds, len(rule.delays_s) - 1)]
    stays = not rule.next_number and phone_position in alive
    return _spread(rule, now + delay, phone_position if stays else alive[0], other_daypart, drawn)


def _spread(rule: RetryRule, at: float, position: int, other_daypart: OtherDaypart | None, drawn: float) -> Retry:
    """At another daypart, or a little later than `at`; never earlier."""
    if rule.other_daypart and other_daypart is not None:
        moment = other_daypart(position, at, rule.within_s)
        if moment is not None:
            return Retry(moment, position)
    return Retry(at + drawn * rule.jitter_s, position)


def caller_id_turn(schedule: RetrySchedule, lead_id: int, tries: Iterable[tuple[str, int]]) -> int | None:
    """Whose turn it is among the campaign's caller ids, for this lead: each keeps the one it is called under,
    until a result whose rule wants another. None where no rule does: the campaign then takes them in turn."""
    if not schedule.turns_caller_ids:
        return None
    return lead_id + sum(count for key, count in tries if schedule.rule(key).other_caller_id)


class Result(Protocol):
    """What is to be known of an earlier attempt (`campaigns.permission.past.PastAttempt`)."""

    @property
    def number(self) -> str: ...
    @property
    def outcome(self) -> str: ...
    @property
    def at(self) -> float: ...
    @property
    def trunk(self) -> str: ...


def dead_positions(numbers: Sequence[str], results: Iterable[Result]) -> frozenset[int]:
    """Positions of a lead's `numbers` that `results` show to be dead, the unallocated among them once
    confirmed."""
    dead: set[str] = set()
    unallocated: dict[str, list[Result]] = {}
    for result in results:
        if result.outcome in DEAD_OUTCOMES:
            dead.add(result.number)
        elif result.outcome == Outcome.INVALID:
            unallocated.setdefault(result.number, []).append(result)
    dead.update(number for number, seen in unallocated.items() if _confirmed(seen))
    return frozenset(position for position, number in enumerate(numbers) if number in dead)


def _confirmed(seen: Sequence[Result]) -> bool:
    moments = [result.at for result in seen]
    return len({result.trunk for result in seen}) > 1 or max(moments) - min(moments) >= CONFIRMED_AFTER_S
