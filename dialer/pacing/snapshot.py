"""What a pacer sees and what it is told. The interface of `docs/reference/pacing.md`."""

from __future__ import annotations

from typing import Protocol

from lists.value import value

AT_ONCE_S = 1.0
"""Calls that fail sooner were in nobody's way: the next decision places others. Answer rates, and chances of
single calls, are those of the others, so that a trunk which refuses everything for minutes does not teach that
nobody answers, and have everybody called at once when it is back."""


@value
class Snapshot:
    """One campaign at one moment, as the pacer sees it.

    `now_s`: seconds of any monotonic clock. `idle`: agents ready. `talking_s`, `wrapping_s`: seconds each busy
    agent has been in that state. `ringing_s`: seconds since launch of each call still unanswered. `waiting_s`:
    seconds each live answer has waited for an agent. `lines_free`: what channels and calls per second allow now.
    `leads_ready`: how many leads may be dialed. `leaving_s`: in how many seconds agents known to leave (shift end,
    booked pause) go; 0 for those in a contact who go when it is over. `answer_p`: one probability per ringing
    call, and `next_p` those of the next leads in order, where the caller knows better than the average; of calls
    that do not fail within `AT_ONCE_S`. `in_flow`:
    answered calls that a call flow speaks with.
    """

    now_s: float
    idle: int
    talking_s: tuple[float, ...]
    wrapping_s: tuple[float, ...]
    ringing_s: tuple[float, ...]
    waiting_s: tuple[float, ...]
    lines_free: int
    leads_ready: int
    leaving_s: tuple[float, ...] = ()
    answer_p: tuple[float, ...] | None = None
    next_p: tuple[float, ...] | None = None
    in_flow: int = 0


@value
class Answered:
    now_s: float
    ring_s: float


@value
class Unanswered:
    now_s: float
    ring_s: float


@value
class Connected:
    now_s: float
    wait_s: float


@value
class Abandoned:
    now_s: float
    wait_s: float


@value
class HungUpWaiting:
    now_s: float
    wait_s: float


@value
class MachineDetected:
    now_s: float
    after_s: float


@value
class TalkEnded:
    now_s: float
    talk_s: float


@value
class WrapEnded:
    now_s: float
    wrap_s: float


@value
class AgentsChanged:
    now_s: float
    count: int


@value
class Retracted:
    """One that was told as `Connected` is not: its agent says that it was no person, or was lost before the person
    heard anybody."""

    now_s: float


@value
class Recalled:
    """What was before the pacer was made: `spans` of (moment in the past, live answers, abandoned of them), oldest
    first. Moments are of the same clock as `now_s`."""

    now_s: float
    spans: tuple[tuple[float, int, int], ...]


PacingEvent = (
    Answered
    | Unanswered
    | Connected
    | Abandoned
    | HungUpWaiting
    | MachineDetected
    | TalkEnded
    | WrapEnded
    | AgentsChanged
    | Retracted
    | Recalled
)


@value
class Belief:
    """What the last decision of predictive pacing rested on.

    `answer_p`, `answer_error`: the chance that a call is answered, and its standard error. `ring_s`, `talk_s`,
    `wrap_s`: mean time to an answer, of a talk, of a wrap-up. `lost_p`: the chance that one more call, if it is
    answered, finds nobody; `risk`: up to which chance one more was launched. `may_lose`: how many more people may
    be abandoned now in that of the windows which allows least; below 0: so many too many already. `window_s`: that
    window's length."""

    answer_p: float
    answer_error: float
    ring_s: float
    talk_s: float
    wrap_s: float
    lost_p: float
    risk: float
    may_lose: int
    window_s: float


class Pacer(Protocol):
    """How many calls to launch now. Pure and deterministic: no clock, no I/O, no global random state."""

    def decide(self, snapshot: Snapshot) -> int: ...
    def observe(self, event: PacingEvent) -> None: ...
