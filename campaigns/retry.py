"""When to try a lead again, and at which of its numbers."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class RetryRule:
    """After one kind of result: wait `delays_s[k]` after the k-th such result on the lead (the last delay
    repeats), at most `maximum` further attempts because of it; `next_number`: go on with the lead's next
    number, and wait only once all of them have been tried."""

    delays_s: tuple[float, ...]
    maximum: int
    next_number: bool = False


@dataclass(frozen=True, slots=True)
class RetrySchedule:
    """Rule per outcome or disposition code; `default` for those not named. An empty tuple of delays: final."""

    rules: tuple[tuple[str, RetryRule], ...] = ()
    default: RetryRule = field(default_factory=lambda: RetryRule((4 * 3600.0,), 3))
