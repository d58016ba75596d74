"""Groups of numbers whose calling hours open and close together, by name.

`GB:Europe/London` are numbers of a country with their candidate zones. Where something else decides the hours too,
the name says so: the other countries and the states that the person may be in, the kind of number, the list:
`US:America/New_York;US-FL;US-TX;kind=mobile;list=acme/cold`. So each name tells by itself by which rules its group
opens, whatever made it.

The name of a number that leaves out nothing is its finest group. Of how much of that a campaign's hours depend is
its `Grouping` (`campaigns.grouping` finds it).
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

from campaigns.compliance import EVERY_REGION
from lists.area_code import area_code_of, subdivisions_of
from lists.lead import Lead, NumberKind, PhoneNumber
from lists.value import value

_KIND = ";kind="
_LIST = ";list="


@value
class GroupParts:
    """What the name of a group says. `places`: ISO 3166 codes, countries first, that of the number before all.
    `kind`, `list_name`: "" where the hours do not depend on it."""

    places: tuple[str, ...]
    zones: tuple[str, ...]
    kind: str = ""
    list_name: str = ""


@dataclass(frozen=True, slots=True)
class Grouping:
    """Of what, beside country and zones, the hours of a campaign depend. `states`: states and provinces with rules
    of their own, each with the one that stands for all that have the same; `holidays`: places (`*`: everywhere)
    whose hours ask for public holidays, so that for people there every state counts that they may be in; `kinds`:
    kinds of number with rules of their own, as `states`; `lists`: those with hours of their own. All sorted."""

    states: tuple[tuple[str, str], ...] = ()
    holidays: tuple[str, ...] = ()
    kinds: tuple[tuple[str, str], ...] = ()
    lists: tuple[str, ...] = ()
    _hash: int = field(init=False, repr=False, compare=False, default=0)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_hash", hash((self.states, self.holidays, self.kinds, self.lists)))

    def __hash__(self) -> int:
        return self._hash  # asked for with every lead that is moved

    def group(self, finest: str) -> str:
        """The group of a number whose finest one this is. Of one that is coarser already: as far as it tells."""
        return _group(self, finest)

    def group_of(self, lead: Lead, number: PhoneNumber) -> str:
        return _group(self, finest_of(lead, number))

    def to_text(self) -> str:
        """As it is stored; "" for one that tells countries and zones alone."""
        if self == Grouping():
            return ""
        return json.dumps([self.states, self.holidays, self.kinds, self.lists], separators=(",", ":"))

    @classmethod
    @lru_cache(maxsize=64)
    def from_text(cls, text: str) -> Grouping:
        """What `to_text` wrote."""
        if not text:
            return cls()
        states, holidays, kinds, lists = json.loads(text)
        return cls(tuple(map(tuple, states)), tuple(holidays), tuple(map(tuple, kinds)), tuple(lists))


def finest_of(lead: Lead, number: PhoneNumber) -> str:
    """The finest group of this number of the lead."""
    kind, list_name = number.kind.value, lead.list_name
    return finest_group(number.e164, number.zone_group, kind, lead.country, lead.region, list_name)


def finest_group(e164: str, zone_group: str, kind: str, country: str, subdivision: str, list_name: str) -> str:
    """The same of its single values. `zone_group`: `PhoneNumber.zone_group`; `country`, `subdivision`: of the
    lead."""
    further = _further(zone_group.partition(":")[0], area_code_of(e164), country, subdivision)
    return f"{zone_group}{further}{_KIND}{kind}{_LIST}{list_name}"


@lru_cache(maxsize=65_536)
def _further(region: str, area: str, country: str, subdivision: str) -> str:
    """Of a number's name: where else than in its own country the person may be."""
    places = places_at(region, area, country, subdivision)
    return "".join(f";{place}" for place in places if place != region)


@lru_cache(maxsize=65_536)
def places_at(region: str, area: str, country: str, subdivision: str) -> tuple[str, ...]:
    """Where a person may be: in the country of the number and the states of its area code, and where the lead is
    said to be. ISO 3166 codes, countries first."""
    countries = dict.fromkeys(code for code in (region, country) if code)
    states = dict.fromkeys(code for code in (*subdivisions_of(area), subdivision) if code)
    return (*countries, *states)


@lru_cache(maxsize=16_384)
def parts_of(group: str) -> GroupParts:
    """What the name of a group says."""
    rest, _, list_name = group.partition(_LIST)
    rest, _, kind = rest.partition(_KIND)
    region, _, rest = rest.partition(":")
    zones, *further = rest.split(";")
    return GroupParts((region, *further), tuple(zones.split("|")) if zones else (), kind, list_name)


@lru_cache(maxsize=65_536)
def _group(grouping: Grouping, finest: str) -> str:
    parts = parts_of(finest)
    region = parts.places[0]
    countries = [place for place in parts.places if "-" not in place]
    states = [place for place in parts.places if "-" in place]
    if EVERY_REGION not in grouping.holidays and not any(place in grouping.holidays for place in parts.places):
        stands_for = dict(grouping.states)
        # One whose country is not among the others tells of that country too.
        kept = (s if s.partition("-")[0] not in countries else stands_for.get(s, "") for s in states)
        states = [state for state in kept if state]
    further = (*sorted(set(countries) - {region}), *sorted(set(states)))
    kind = dict(grouping.kinds).get(parts.kind, "")
    list_name = parts.list_name if parts.list_name in grouping.lists else ""
    return _name(region, parts.zones, further, kind, list_name)


def _name(region: str, zones: Iterable[str], further: Iterable[str], kind: str, list_name: str) -> str:
    name = f"{region}:{'|'.join(zones)}{''.join(f';{place}' for place in further)}"
    return f"{name}{_KIND + kind if kind else ''}{_LIST + list_name if list_name else ''}"


def kind_of(parts: GroupParts) -> NumberKind:
    """The kind of number that its rules are asked for: for one that does not matter, that of which nothing is
    known."""
    return NumberKind(parts.kind) if parts.kind else NumberKind.UNKNOWN
