"""How likely each call of a campaign is to bring somebody for an agent, as the calls before it have taught."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

from campaigns.answer_chance import AnswerChance, Traits
from campaigns.call_traits import traits_of
from dialer.calls.call import Call
from dialer.pacing import AT_ONCE_S
from dialer.ports.store import Candidate

TAUGHT_BY = 200
"""Chances of single calls rest on the results of at least so many; before, the pacer's careful average rules."""

LOOKED_AT, KEPT_FOR_S = 32, 60.0
"""So many leads next in line each have a chance of their own, and keep it for so long."""


class Foretelling:
    """Of one campaign while it runs."""

    def __init__(self) -> None:
        self._chances = AnswerChance()
        self._next: dict[tuple[int, int, int], float] = {}
        self._next_since = float("-inf")

    def launched(self, call: Call, now: float) -> None:
        """Say what is expected of a call that is being started."""
        call.traits = _traits_of(call.candidate, now)
        call.chance = self._chances.of(call.traits)

    def learn(self, call: Call, *, wanted_agent: bool) -> None:
        """What came of it, told once a call. One that an agent was kept free for was no draw of the same kind; one
        that never left, or failed at once, no draw at all."""
        if not call.taught and call.reserved_agent is None and call.dialed_at is not None and not _at_once(call):
            call.taught = True
            self._chances.learn(call.traits, happened=wanted_agent)

    def of_ringing(self, calls: Iterable[Call]) -> tuple[float, ...] | None:
        """The chance that each had when it was launched; None while too few have taught."""
        return None if self._chances.calls < TAUGHT_BY else tuple([call.chance for call in calls])

    def of_next(self, candidates: Iterable[Candidate], now: float) -> tuple[float, ...] | None:
        """The chances of the first leads in line; None while too few have taught."""
        if self._chances.calls < TAUGHT_BY:
            return None
        if not self._next_since <= now < self._next_since + KEPT_FOR_S:
            self._next, self._next_since = {}, now
        return tuple([self._of_next(candidate, now) for candidate in islice(candidates, LOOKED_AT)])

    def _of_next(self, candidate: Candidate, now: float) -> float:
        key = candidate.lead.lead_id, candidate.phone_position, candidate.attempts
        chance = self._next.get(key)
        if chance is None:
            chance = self._next[key] = self._chances.of(_traits_of(candidate, now))
        return chance


def _at_once(call: Call) -> bool:
    """Whether it failed so soon that pacing does not learn from it either."""
    if call.answered_at is not None or call.ended_at is None or call.dialed_at is None:
        return False
    return call.ended_at - call.dialed_at < AT_ONCE_S


def _traits_of(candidate: Candidate, now: float) -> Traits:
    lead = candidate.lead
    return traits_of(lead.phones[candidate.phone_position], lead.list_name, candidate.history, now)
