"""What is known of numbers: the state that calls have shown them in, and at which ages of their data."""

from __future__ import annotations

from enum import StrEnum

from lists.value import value

WEEK_D = 7.0
"""Ages are counted in whole weeks since the date that the data is of, the first being 0."""

MOST_CALLS = 12
"""Silent calls are counted up to this many."""


class State(StrEnum):
    """What calls have shown of a number. The last call that told something counts."""

    CONFIRMED = "confirmed"  # it reached the person sought, or somebody who knows them
    UNKNOWN = "unknown"  # it works: a machine, a busy line, a person who did not say whose number it is
    WRONG_PERSON = "wrong_person"
    INVALID = "invalid"  # dead: not allocated, not in use
    CHANGED = "changed"  # dead: the network names another number, or says that it has changed
    UNREACHED = "unreached"  # called, and no call told anything
    UNCALLED = "uncalled"

    @property
    def dead(self) -> bool:
        return self in (State.INVALID, State.CHANGED)

    @property
    def gone(self) -> bool:
        """Of no use any more to whoever looks for the person."""
        return self.dead or self is State.WRONG_PERSON


@value(kw_only=True)
class Standing:
    """`count` numbers of the same standing. `field`: which number of their leads, from 0. `age_w`: today's.
    `dated`: by a date that came with them, and is past; else ages are counted from their import, and are more.

    Ages at calls: `worked_w` at the last that showed that the number works, `ours_w` at the last that reached whom
    it is of, `first_w` at the first of all, `called_w` at the last; of a number that is gone, `gone_w` at the
    first that said so after those. None: there was none. `silent`: calls that told nothing, before the first that
    did."""

    list_name: str
    source: str
    region: str
    field: int
    state: State
    age_w: int
    dated: bool = True
    worked_w: int | None = None
    ours_w: int | None = None
    gone_w: int | None = None
    first_w: int | None = None
    called_w: int | None = None
    silent: int = 0
    count: int = 1


def days(week: int) -> float:
    """The middle of that week of age, in days."""
    return (week + 0.5) * WEEK_D
