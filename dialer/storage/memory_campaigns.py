"""Campaigns in memory: their lists, and their leads' places given by portions, as `campaigns` and `placing` do."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from campaigns.life import CampaignState
from dialer.ports.store import LeadsPlaced, StoredCampaign
from dialer.storage.memory_places import MemoryPlace, MemoryPlaces
from lists.lead import Lead


@dataclass(slots=True)
class ListEntry:
    source: str
    as_of: str
    created_at: float
    lead_ids: list[int]  # ascending
    expires_on: str = ""
    said: list[tuple[float, str]] = field(default_factory=list)  # every last day of it


@dataclass(slots=True)
class Part:
    """A list of a campaign. `walked_to`: leads up to this one have their place, or have been let go."""

    removed: bool = False
    walked_to: int = 0


@dataclass(slots=True)
class CampaignEntry:
    name: str
    body: str
    added_at: float
    places: MemoryPlaces
    state: CampaignState = CampaignState.DRAFT
    state_reason: str = ""
    state_at: float = 0.0
    parts: dict[str, Part] = field(default_factory=dict)  # by the list's name
    versions: dict[str, float] = field(default_factory=dict)  # text: when it was first stored
    groups: set[str] = field(default_factory=set)  # zone groups of any number of any lead placed
    outdated: set[str] = field(default_factory=set)  # those of an earlier grouping, until all lie anew

    @property
    def stored(self) -> StoredCampaign:
        return StoredCampaign(self.name, self.body, self.added_at, self.state, self.state_reason, self.state_at)

    @property
    def lists(self) -> tuple[str, ...]:
        """Those that it dials."""
        return tuple(name for name, part in self.parts.items() if not part.removed)

    def change_lists(self, names: tuple[str, ...]) -> None:
        """Lists taken out, put in, or put back in are walked from their beginning."""
        for name in names:
            self.parts.setdefault(name, Part())
        for name, part in self.parts.items():
            if part.removed == (name in names):
                part.removed, part.walked_to = not part.removed, 0

    def let_go(self, lead: Lead) -> bool:
        """Whether the lead is of a list that was taken out."""
        part = self.parts.get(lead.list_name)
        return part is not None and part.removed

    def join(self, lead: Lead) -> None:
        """A place for a lead that has none."""
        self.places.join(lead)
        self.keep_groups(self.places.groups_of(lead))

    def rejoin(self, lead: Lead, place: MemoryPlace) -> set[str]:
        """The lead of that place has other numbers or zones now; the groups of its numbers."""
        groups = self.places.groups_of(lead)
        self.places.regroup(place, self.places.group_of(lead, place.phone_position))
        self.keep_groups(groups)
        return groups

    def keep_groups(self, groups: set[str]) -> None:
        """That numbers of these groups are among its leads."""
        self.groups |= groups
        self.outdated -= groups

    def place_portion(
        self, lists: Mapping[str, ListEntry], leads: Mapping[int, Lead], limit: int, grouping: str | None
    ) -> LeadsPlaced:
        """As `placing.place_leads`."""
        if grouping is not None and grouping != self.places.grouping:
            self.places.grouping, self.places.grouped_to = grouping, 0
            self.outdated = set(self.groups)
        left = limit
        for part, entry in self._parts(lists, removed=True):
            ids = _walk(part, entry, left)
            self.places.suspend(ids)
            left -= len(ids)
        left -= self.places.reorder_portion(leads, left)
        regrouped, groups = self.places.regroup_portion(leads, left)
        self.keep_groups(groups)
        left -= regrouped
        if self.places.grouped_to is None:
            self.groups -= self.outdated
            self.outdated.clear()
        placed = 0
        for part, entry in self._parts(lists, removed=False):
            ids = _walk(part, entry, left)
            left -= len(ids)
            for lead_id in ids:
                lead = leads[lead_id]
                if lead.is_erased:
                    continue
                if lead_id not in self.places.by_lead:
                    self.join(lead)
                elif not self.places.resume(lead_id):
                    continue
                placed += 1
                groups |= self.places.groups_of(lead)
        unfinished = self.places.ordered_to is not None or self.places.grouped_to is not None
        more = unfinished or any(
            lists[name].lead_ids and part.walked_to < lists[name].lead_ids[-1] for name, part in self.parts.items()
        )
        return LeadsPlaced(placed, more, tuple(sorted(groups)))

    def _parts(self, lists: Mapping[str, ListEntry], *, removed: bool) -> Iterator[tuple[Part, ListEntry]]:
        """In the order in which the lists were made."""
        for name, entry in lists.items():
            part = self.parts.get(name)
            if part is not None and part.removed == removed:
                yield part, entry


def _walk(part: Part, entry: ListEntry, limit: int) -> list[int]:
    start = bisect_right(entry.lead_ids, part.walked_to)
    ids = entry.lead_ids[start : start + max(0, limit)]
    if ids:
        part.walked_to = ids[-1]
    return ids
