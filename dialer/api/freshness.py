"""How fresh a list is, over the control API."""

from __future__ import annotations

from pydantic import Field

from dialer.api.schemas import Shown


class Interval(Shown):
    """`low`, `high`: hold what is true nine times in ten."""

    estimate: float
    low: float
    high: float


class CountedShare(Shown):
    """`count` of `of`; `share` is null where the calls are too few for one, the interval is not."""

    count: int
    of: int
    share: float | None
    low: float
    high: float


class DeadShare(CountedShare):
    """`invalid`, `changed`: numbers of `count` that are not in use, and that have moved to another."""

    invalid: int
    changed: int


class NumbersFound(Shown):
    """What calls have shown; shares are of the numbers called."""

    numbers: int
    called: int
    confirmed_alive: CountedShare
    dead: DeadShare
    wrong_person: CountedShare
    never_reached: CountedShare
    unknown: CountedShare
    not_called: int


class DueDates(Shown):
    """Days as 2026-11-22; null: not within ten years."""

    date: str | None
    earliest: str | None
    latest: str | None


class SourceLife(Shown):
    """`told`: numbers of the source, in all lists, of which calls have told something."""

    source: str
    told: int
    half_life_days: Interval
    dead_half_life_days: Interval
    wrong_person_half_life_days: Interval
    worth_buying_up_to_days: Interval


class DeliveryScore(Shown):
    """A list beside its seller's others. `of`: `dead` or `wrong_person`; `usual`: the share that one more delivery
    like the others would have, null without others."""

    source: str
    of: str
    found: CountedShare
    usual: Interval | None
    other_deliveries: int
    score: str


class FreshnessAnswer(NumbersFound):
    """The document of `dialer list freshness --json`. `alive`: share by day, as `in_30_days`; `lists`:
    called numbers of the list's sources, by list; `by`: source, region, field and age, then each value of them."""

    list_name: str = Field(alias="list")
    at: str
    level: float
    undated: int
    told_in_all_lists: int
    forms: dict[str, str]
    shapes: dict[str, Interval]
    alive: dict[str, Interval]
    verify_below: float
    verify_on: DueDates
    worth_from: float
    stop_buying_on: DueDates
    sources: list[SourceLife]
    deliveries: list[DeliveryScore]
    lists: dict[str, NumbersFound]
    by: dict[str, dict[str, NumbersFound]]
    warnings: list[str]
