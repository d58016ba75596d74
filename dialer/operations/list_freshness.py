"""How fresh a list is: what calls have shown of its numbers, how long they will live, what to do and when."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from dialer.errors import InputError
from dialer.operations.export_list import find_list
from dialer.operations.moments import iso
from dialer.operations.open_campaign import campaign_texts
from dialer.ports.store import ListSummary, Reader
from lists.client import client_of
from lists.freshness.delivery import Comparison, Score, compare
from lists.freshness.laws import by_source, laws_of
from lists.freshness.outlook import Due, Estimate, Laws, Outlook, estimate
from lists.freshness.share import LEVEL
from lists.freshness.standing import Standing, State, days
from lists.freshness.tally import By, Tally, tallies, tally

HORIZONS_D = (0, 30, 90, 180)
VERIFY_AT = 0.8
"""Share alive below which a list is to be verified anew, unless somebody says another."""
WORTH_FROM = 0.5
"""Share alive below which data is not worth buying, unless somebody says another."""

THIS_DELIVERY = " (this delivery)"
"""What a delivery that differs from its seller's others is called beside them."""
UNLIKE = (Score.WORSE, Score.BETTER)

_DAY_S = 86_400.0


@dataclass(frozen=True, slots=True)
class SourceLaw:
    """How the numbers of one source go. `told`: its numbers that told something, in all lists. `dead`,
    `passed_on`: days in which half of them have died, have come to other people; `half_life`: have gone for either
    reason. `worth_for`: data of the source is worth buying up to this age in days."""

    source: str
    told: int
    half_life: Estimate
    dead: Estimate
    passed_on: Estimate
    worth_for: Estimate

    def as_dict(self) -> dict[str, object]:
        return {
            "source": self.source,
            "told": self.told,
            "half_life_days": self.half_life.as_dict(0),
            "dead_half_life_days": self.dead.as_dict(0),
            "wrong_person_half_life_days": self.passed_on.as_dict(0),
            "worth_buying_up_to_days": self.worth_for.as_dict(0),
        }


@dataclass(frozen=True, slots=True)
class Freshness:
    """`now`: seconds UTC. `standings`: of the list; `everything`: of the numbers called of all the client's lists,
    of which `told` told something: with none the figures of the future are those that others have published.
    `alive`: share of the list's numbers, by days from now. `verify`, `buying`: when the share comes down to
    `verify_at`, to `worth_from`. `undated`: numbers without a date that is past."""

    summary: ListSummary
    now: float
    verify_at: float
    worth_from: float
    standings: tuple[Standing, ...]
    everything: tuple[Standing, ...]
    told: int
    laws: Laws
    sources: tuple[SourceLaw, ...]
    alive: tuple[tuple[int, Estimate], ...]
    verify: Due
    buying: Due
    deliveries: tuple[tuple[str, tuple[Comparison, Comparison]], ...]
    undated: int

    @property
    def middle_age_d(self) -> float:
        """Mean age of the list's numbers today, days."""
        numbers = sum(one.count for one in self.standings)
        return sum(days(one.age_w) * one.count for one in self.standings) / numbers if numbers else 0.0

    @property
    def tally(self) -> Tally:
        return tally(self.standings)

    def tallies(self, by: By) -> dict[str, Tally]:
        return tallies(self.standings, by)

    @property
    def beside(self) -> dict[str, Tally]:
        """Called numbers of the list's sources, by list."""
        sources = {source for source, _ in self.deliveries}
        return tallies(
            (one for one in self.everything if one.source.removesuffix(THIS_DELIVERY) in sources), By.LIST
        )

    def as_dict(self) -> dict[str, object]:
        """The figures of `dialer list freshness --json`."""
        return {
            "list": self.summary.name,
            "at": iso(self.now),
            "level": LEVEL,
            **self.tally.as_dict(),
            "undated": self.undated,
            "told_in_all_lists": self.told,
            "forms": {"dead": self.laws.dying.form, "wrong_person": self.laws.passing.form},
            "shapes": {
                "dead": estimate(self.laws.dying.shape).as_dict(2),
                "wrong_person": estimate(self.laws.passing.shape).as_dict(2),
            },
            "alive": {"today" if later == 0 else f"in_{later}_days": one.as_dict() for later, one in self.alive},
            "verify_below": self.verify_at,
            "verify_on": self._dates(self.verify),
            "worth_from": self.worth_from,
            "stop_buying_on": self._dates(self.buying),
            "sources": [law.as_dict() for law in self.sources],
            "deliveries": [
                {
                    "source": source,
                    "of": one.hazard.value,
                    "found": one.found.as_dict(),
                    "usual": None if one.usual is None else one.usual.as_dict(),
                    "other_deliveries": one.others,
                    "score": one.score.value,
                }
                for source, both in self.deliveries
                for one in both
            ],
            "lists": {name: one.as_dict() for name, one in self.beside.items()},
            "by": {
                by.value: {key: found.as_dict() for key, found in self.tallies(by).items()}
                for by in (By.SOURCE, By.REGION, By.FIELD, By.AGE)
            },
        }

    def _dates(self, due: Due) -> dict[str, str | None]:
        """Null: not within ten years."""
        return {
            "date": self.date_in(due.middle),
            "earliest": self.date_in(due.low),
            "latest": self.date_in(due.high),
        }

    def date_in(self, later_d: float | None) -> str | None:
        """So many days from now, as 2026-11-22."""
        if later_d is None:
            return None
        return datetime.fromtimestamp(self.now + later_d * _DAY_S, UTC).date().isoformat()

    @property
    def worse(self) -> tuple[tuple[str, Comparison], ...]:
        """Sources whose delivery in this list is worse than their others."""
        return tuple((source, one) for source, both in self.deliveries for one in both if one.score is Score.WORSE)


def list_freshness(
    reader: Reader, name: str, now: float, verify_at: float = VERIFY_AT, worth_from: float = WORTH_FROM
) -> Freshness:
    """`now`: seconds UTC; `verify_at`, `worth_from`: shares alive, 0-1. All lists of the client count for how the
    sources are. Raises `UnknownName`, `InputError` for a share that is none."""
    for option, share in (("--verify-below", verify_at), ("--worth-from", worth_from)):
        if not 0 < share < 1:
            raise InputError(f"{option}: {share:g} is no share; write one between 0 and 1, as 0.8")
    summary = find_list(reader, name)
    client, wrong = client_of(name), wrong_dispositions(reader, client_of(name))
    standings = tuple(reader.standings([name], now, wrong))
    others = [one.name for one in reader.lists() if client_of(one.name) == client and one.name != name]
    everything = [
        *(one for one in standings if one.state is not State.UNCALLED),
        *reader.standings(others, now, wrong, called=True),
    ]
    deliveries = tuple((source, compare(name, source, everything)) for source in by_source(standings))
    apart = {source for source, both in deliveries if any(one.score in UNLIKE for one in both)}
    mine = by_source(_told_apart(standings, name, apart))
    units: dict[str, list[Standing]] = {unit: [] for unit in mine} | by_source(
        _told_apart(everything, name, apart)
    )
    laws = laws_of(units)
    outlook = Outlook([one for unit in mine.values() for one in unit], laws)
    verify, buying = outlook.due(verify_at, worth_from)
    return Freshness(
        summary=summary,
        now=now,
        verify_at=verify_at,
        worth_from=worth_from,
        standings=standings,
        everything=tuple(_told_apart(everything, name, apart)),
        told=int(sum(laws.dying.told.values())),
        laws=laws,
        sources=tuple(_law(laws, source, worth_from) for source in mine),
        alive=tuple(zip(HORIZONS_D, outlook.alive_in(HORIZONS_D), strict=True)),
        verify=verify,
        buying=buying,
        deliveries=deliveries,
        undated=sum(one.count for one in standings if not one.dated),
    )


def wrong_dispositions(reader: Reader, client: str) -> list[tuple[str, str]]:
    """Campaigns of the client with those of their dispositions that mean, or meant, a wrong number."""
    return sorted(
        {
            (stored.name, disposition.code)
            for stored in reader.campaigns()
            if client_of(stored.name) == client
            for campaign in campaign_texts(reader, stored.name)
            for disposition in campaign.dispositions
            if disposition.wrong_number
        }
    )


def _told_apart(standings: Iterable[Standing], name: str, sources: Collection[str]) -> Iterator[Standing]:
    """The list's numbers of these sources under one of their own: a delivery that is not like its seller's others
    goes by another law."""
    for one in standings:
        unlike = one.list_name == name and one.source in sources
        yield replace(one, source=one.source + THIS_DELIVERY) if unlike else one


def _law(laws: Laws, source: str, worth_from: float) -> SourceLaw:
    return SourceLaw(
        source,
        int(laws.dying.told.get(source, 0)),
        laws.life(source, 0.5),
        estimate(laws.dying.age_at(source, 0.5)),
        estimate(laws.passing.age_at(source, 0.5)),
        laws.life(source, worth_from),
    )
