"""Predictive: launch while the next call, if it is answered, will almost certainly find an agent.

Looks a ring time ahead. Each call in the air answers within h seconds with a probability that its age gives, each
busy agent is free within h with one that the age of the talk or wrap-up gives; what the answer rate, ring times,
talks and wrap-ups are is learned while it dials. One more call finds nobody when as many others have answered by
then as agents are free within the grace after it. As long as that chance stays below the risk that the governor
allows, it is launched. At most 0.2 points of busy time below the exact optimum where that can be computed.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from dialer.pacing.answer_rate import AnswerRate
from dialer.pacing.durations import Durations
from dialer.pacing.governor import Governor
from dialer.pacing.outlook import Outlook
from dialer.pacing.ring_times import RingTimes
from dialer.pacing.snapshot import (
    AT_ONCE_S,
    Abandoned,
    Answered,
    Belief,
    Connected,
    HungUpWaiting,
    MachineDetected,
    PacingEvent,
    Recalled,
    Retracted,
    Snapshot,
    TalkEnded,
    Unanswered,
    WrapEnded,
)
from dialer.pacing.tails import Complex, Tails, size_reaching

Floats = npt.NDArray[np.float64]

FIRST_REFRESH_S, REFRESH_S = 1.0, 20.0
"""Ring times, talks and wrap-ups are looked at again so often: at first, and later on."""
CAUTION = 0.5
"""So many standard errors above its estimate is the answer rate reckoned with, and a call's own chance as much."""
MOST_RINGING = 20
"""Calls in the air for each agent. Where one call in thirty is answered a full team needs some three; more are
wanted where nobody answers at all, which is the trunk's fault, and ends for all of them at once."""
_LIKELY = 5.0
"""So many standard deviations are reckoned with."""
_RING_HALF_LIFE = 600.0
_TALK_HALF_LIFE = 400.0


class PredictivePacer:
    """`abandon_target`: fraction of live answers that may find nobody within `grace_s`, in each of `windows_s`.
    `belief`: what the last decision rested on."""

    def __init__(self, abandon_target: float, grace_s: float, windows_s: Sequence[float]) -> None:
        self._grace_s = grace_s
        self._rate = AnswerRate()
        self._rings = RingTimes(_RING_HALF_LIFE)
        self._talks = Durations(120.0, _TALK_HALF_LIFE)
        self._wraps = Durations(20.0, _TALK_HALF_LIFE)
        self._governor = Governor(abandon_target, windows_s)
        self._outlook: Outlook | None = None
        self._refresh_s = FIRST_REFRESH_S
        self.belief: Belief | None = None

    def observe(self, event: PacingEvent) -> None:
        match event:
            case Answered(now, ring_s):
                self._rings.answered(ring_s)
                self._rate.resolved(now - ring_s, answered=True)
            case Unanswered(now, ring_s) if ring_s >= AT_ONCE_S:
                self._rings.unanswered(ring_s)
                self._rate.resolved(now - ring_s, answered=False)
            case MachineDetected():
                self._rate.not_a_person()
            case Connected(now):
                self._governor.answered(now, abandoned=False)
            case Abandoned(now) | HungUpWaiting(now):  # the record counts both, and so does the limit
                self._governor.answered(now, abandoned=True)
            case Retracted(now):
                self._governor.retract(now)
            case Recalled(_, spans):
                self._governor.recall(spans)
            case TalkEnded(_, talk_s):
                self._talks.ended(talk_s)
            case WrapEnded(_, wrap_s):
                self._wraps.ended(wrap_s)
            case _:
                pass

    def decide(self, snapshot: Snapshot) -> int:
        agents = snapshot.idle + len(snapshot.talking_s) + len(snapshot.wrapping_s)
        most = min(snapshot.lines_free, snapshot.leads_ready, MOST_RINGING * agents - len(snapshot.ringing_s))
        if most <= 0:
            return 0
        outlook = self._look(snapshot)
        ringing = np.array(snapshot.ringing_s)
        self._rate.settle(snapshot.now_s - max(snapshot.ringing_s, default=0.0))
        odds = outlook.odds_of_silence(ringing)
        estimate, error = self._rate.estimate(odds)
        p = min(estimate + CAUTION * error, 0.999)
        careful = p / estimate  # chances that the caller knows were learned from the same calls
        if snapshot.answer_p is None:
            answers = outlook.answers(ringing, odds, p)
        else:
            answers = outlook.answers(ringing, odds, np.clip(np.array(snapshot.answer_p) * careful, 1e-9, 0.999))
        if snapshot.in_flow:
            # When they ask for an agent is not known; they may have by any moment.
            asking = np.full((snapshot.in_flow, outlook.horizons_s.size), _asks_for_agent(snapshot, p))
            answers = np.concatenate((answers, asking))
        freed = outlook.freed(np.array(snapshot.talking_s), np.array(snapshot.wrapping_s), snapshot.leaving_s)
        answered, come_free = answers.sum(axis=0), freed.sum(axis=0)
        expected = (answered - come_free).tolist()
        free = snapshot.idle - len(snapshot.waiting_s)
        tails = tails_reaching(free, expected, float((answered + come_free).max()))
        room = tails.most - max(expected)  # beyond it nothing is known, but that there are far too many
        phi = tails.phi(answers, freed)
        found_nobody = tails.mean_tail(min(free, tails.most), outlook.weights)
        risk, may_lose, window_s = self._governor.standing(snapshot.now_s)
        usual: Complex | None = None
        launched, lost_p = 0, 1.0
        while launched < most and room > 0.0:
            lost_p = float(np.vdot(found_nobody, phi).real)
            if lost_p > risk:
                break
            if snapshot.next_p is not None and launched < len(snapshot.next_p):
                q = min(snapshot.next_p[launched] * careful, 0.999)
                phi *= tails.of_one(q * outlook.gained_at_launch)
            else:
                q = p
                usual = tails.of_one(p * outlook.gained_at_launch) if usual is None else usual
                phi *= usual
            room -= q * float(outlook.gained_at_launch[-1])
            launched += 1
        lost_p = min(max(lost_p, 0.0), 1.0)  # a sum of many terms, right to some millionths
        self.belief = Belief(estimate, error, *outlook.means_s, lost_p, risk, may_lose, window_s)
        return launched

    def _look(self, snapshot: Snapshot) -> Outlook:
        outlook = self._outlook
        if outlook is None or not outlook.made_at <= snapshot.now_s < outlook.made_at + self._refresh_s:
            outlook = Outlook(
                snapshot.now_s,
                self._rings.laws(np.array(snapshot.ringing_s)),
                self._talks.cumulative(np.array(snapshot.talking_s)),
                self._wraps.cumulative(np.array(snapshot.wrapping_s)),
                self._grace_s,
            )
            self._outlook = outlook
            self._refresh_s = min(self._refresh_s * 1.2, REFRESH_S)
        return outlook


def _asks_for_agent(snapshot: Snapshot, answer_p: float) -> float:
    """The chance that whoever is in a call flow comes to an agent: of those who answer as many as are foretold to
    want one; all, while nothing is foretold of single calls."""
    foretold = (*(snapshot.answer_p or ()), *(snapshot.next_p or ()))
    return min(sum(foretold) / len(foretold) / answer_p, 1.0) if foretold else 1.0


def tails_reaching(free: int, expected: Sequence[float], most_variance: float) -> Tails:
    """Such as reach everything likely, and what is launched for those who are free."""
    spread = _LIKELY * math.sqrt(most_variance)
    return _tails_of(size_reaching(max(2.0 * free, max(expected) + spread), spread - min(expected)))


@lru_cache(maxsize=64)
def _tails_of(size: int) -> Tails:
    return Tails(size)
