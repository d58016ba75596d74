"""Whether a caller id is answered less than the others: labelled as spam, most likely. A fold over records."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import exp, lgamma

from campaigns.outcome import Stage
from campaigns.record import AttemptRecord
from lists.value import value

LEAST_CALLS = 50
"""A caller id that was shown less often is not judged."""

ALPHA = 0.01
"""Chance of a false alarm, over all caller ids of a campaign together."""

WORTH_TELLING = 0.75
"""Answered at less than this share of the others' rate: what is significant but small is nobody's business."""


@value
class Worse:
    """A caller id that is answered less. Shares 0–1 of calls that were answered: its own, and that of the
    campaign's other caller ids together. `p`: how likely so few answers were, if it were as good as they."""

    campaign: str
    caller_id: str
    calls: int
    rate: float
    others: float
    p: float


@dataclass(slots=True)
class _Count:
    calls: int = 0
    answered: int = 0


class CallerIdWatch:
    """Counts by campaign and caller id: lists differ too much to compare across campaigns. Calls that failed
    by the route's fault say nothing of the caller id."""

    def __init__(self) -> None:
        self._counts: dict[str, dict[str, _Count]] = {}

    def add(self, record: AttemptRecord) -> None:
        if record.dialed_at is None or not record.charged:
            return
        count = self._counts.setdefault(record.campaign, {}).setdefault(record.caller_id, _Count())
        count.calls += 1
        count.answered += record.stage == Stage.ANSWERED

    def worse(self) -> Iterator[Worse]:
        """Caller ids that are answered less than the others of their campaign, by Fisher's exact test,
        one-sided, with Bonferroni's correction for their number."""
        for campaign, counts in self._counts.items():
            calls = sum(count.calls for count in counts.values())
            answered = sum(count.answered for count in counts.values())
            judged = [(name, count) for name, count in counts.items() if count.calls >= LEAST_CALLS]
            for name, count in judged:
                other_calls, other_answered = calls - count.calls, answered - count.answered
                if other_calls < LEAST_CALLS:
                    continue
                rate, others = count.answered / count.calls, other_answered / other_calls
                if rate >= WORTH_TELLING * others:
                    continue
                p = fisher_less(count.answered, count.calls, other_answered, other_calls)
                if p * len(judged) < ALPHA:
                    yield Worse(campaign, name, count.calls, rate, others, p)


def fisher_less(hits: int, n: int, other_hits: int, other_n: int) -> float:
    """Fisher's exact test, one-sided: the chance of at most `hits` of `n`, were all `hits` + `other_hits`
    spread by chance over `n` + `other_n`."""
    total, marked = n + other_n, hits + other_hits
    logs = [
        _log_choose(marked, k) + _log_choose(total - marked, n - k) - _log_choose(total, n)
        for k in range(max(0, n - (total - marked)), hits + 1)
    ]
    if not logs:
        return 0.0
    return min(1.0, sum(map(exp, logs)))


def _log_choose(n: int, k: int) -> float:
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)
