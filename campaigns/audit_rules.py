"""Which rule sets an attempt had to keep to, for the audit: told again from the lead and the number, apart from
`applicable`. The sets are not put together: the audit judges by each of them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import groupby
from operator import itemgetter

from campaigns.campaign import Campaign
from campaigns.compliance import RuleSet
from lists.area_code import subdivisions_of
from lists.lead import PhoneNumber


class RuleShelf:
    """Every text that rule sets have had here. `texts`: since when each has been in force (seconds UTC), the
    name of the set, and the set, None where it was taken away then."""

    def __init__(self, texts: Iterable[tuple[float, str, RuleSet | None]]) -> None:
        self._moments: list[float] = []
        self._sets: list[tuple[RuleSet, ...]] = []
        standing: dict[str, RuleSet | None] = {}
        for since, changed in groupby(sorted(texts, key=itemgetter(0, 1)), key=itemgetter(0)):
            standing.update({name: rule_set for _, name, rule_set in changed})
            self._moments.append(since)
            self._sets.append(tuple(rule_set for rule_set in standing.values() if rule_set is not None))
        self._hashes = [{one.name: one.hash for one in sets} for sets in self._sets]

    def in_force(self, at: float) -> tuple[RuleSet, ...]:
        """The rule sets as they stood at a moment; as they stood first, before any was kept."""
        return self._sets[self._position(at)] if self._sets else ()

    def text_faults(self, parts: object, at: float) -> Iterator[tuple[str, str]]:
        """Does a permit name the texts that were in force? `parts`: what it says, [[name, hash], ...]. Nothing is
        said of the time before texts were kept."""
        if not isinstance(parts, list) or not self._moments or at < self._moments[0]:
            return
        in_force = self._hashes[self._position(at)]
        for part in parts:
            name, digest = map(str, part)
            if in_force.get(name) != digest:
                yield "unknown_rule_set", f"permitted under a text of {name} not in force then: {digest[:12]}"

    def _position(self, at: float) -> int:
        return max(bisect_right(self._moments, at) - 1, 0)


def rule_sets_for(
    campaign: Campaign, sets: Sequence[RuleSet], number: PhoneNumber | None, home: tuple[str, str], day: date
) -> tuple[RuleSet, ...]:
    """Those of `sets` that hold for a call of the campaign to `number` on `day` (there) of a lead whose country
    and subdivision are `home`. `sets`: those that the campaign names, or all there are where it names none."""
    named = [one for one in sets if one.name in campaign.rules]
    if number is None or (len(named) == 1 and not _partial(named[0])):
        return tuple(named)
    if not named or any(one.basis == "declared" for one in named):
        named += [one for one in sets if one not in named and _is_about(one, campaign)]
    here = {*places_of(number, home), "*"}
    mine = [one for one in named if here & set(one.jurisdiction) and _has_kind(one, str(number.kind))]
    current = [one for one in mine if not _is_over(one, day) and not _is_to_come(one, day)]
    # One that is over binds on, as outdated, unless another says the same of today.
    current += [
        one for one in mine if _is_over(one, day) and not any(_same_place(one, other) for other in current)
    ]
    return tuple(current)


def places_of(number: PhoneNumber, home: tuple[str, str]) -> tuple[str, ...]:
    """Where the person called may be: by the plan of the number, by its area code, by what is said of the lead."""
    states = subdivisions_of(number.e164[2:5]) if number.e164[:2] == "+1" else ()
    return tuple(sorted({number.region, *home, *states} - {""}))


def places_without_rules(sets: Sequence[RuleSet], number: PhoneNumber, home: tuple[str, str]) -> Iterator[str]:
    """Countries of the call that none of the sets speaks for."""
    for country in sorted({number.region, home[0]} - {""}):
        spoken_for = {code[:2] for one in sets for code in one.jurisdiction}
        everywhere = any("*" in one.jurisdiction for one in sets)
        if country not in spoken_for and not everywhere:
            yield country


def _partial(one: RuleSet) -> bool:
    somewhere = bool(one.kinds) or any("-" in code for code in one.jurisdiction)
    return somewhere or one.basis == "declared" or not one.hours


def _is_about(one: RuleSet, campaign: Campaign) -> bool:
    if one.fictional or (one.purposes and campaign.purpose not in one.purposes):
        return False
    heard = {str(campaign.delivery)} | ({"message_drop"} if campaign.amd.machine == "message" else set())
    return not one.reaches or bool(heard & {str(reach) for reach in one.reaches})


def _has_kind(one: RuleSet, kind: str) -> bool:
    kinds = {str(known) for known in one.kinds}
    return not kinds or kind in kinds or (kind == "fixed_or_mobile" and bool(kinds & {"fixed", "mobile"}))


def _is_over(one: RuleSet, day: date) -> bool:
    return bool(one.valid_to) and day > date.fromisoformat(one.valid_to)


def _is_to_come(one: RuleSet, day: date) -> bool:
    return bool(one.valid_from) and day < date.fromisoformat(one.valid_from)


def _same_place(one: RuleSet, other: RuleSet) -> bool:
    return (one.jurisdiction, one.purposes, one.reaches, one.kinds) == (
        other.jurisdiction, other.purposes, other.reaches, other.kinds,
    )  # fmt: skip
