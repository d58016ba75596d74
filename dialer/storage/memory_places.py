"""The leads of one campaign in memory: the next in order found by heaps, as the database finds them by index."""

from __future__ import annotations

import heapq
from bisect import bisect_right
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from campaigns.callback import Callback
from campaigns.campaign import LeadOrder
from campaigns.refusal import Refusal
from campaigns.zone_group import Grouping
from dialer.ports.store import Aside, LeadsPlaced, LeadUpdate, RequeueLeads
from dialer.storage.fetching import taken_aside
from dialer.storage.places import (
    CONSENT_GIVEN,
    DUE_AT_ONCE,
    FINAL,
    LEASED,
    LIST_REMOVED,
    LOOKED_AT_ASIDE,
    PROMISED,
    PROMOTED_AT_ONCE,
    PROMOTION_ROUNDS,
    READY,
    REQUEUED,
    WAITING,
    Tries,
    order_key,
    stored_state,
    tries_kept,
)
from lists.lead import Lead


@dataclass(slots=True)
class MemoryPlace:
    """As a row of `campaign_leads`. `stamp` tells an entry of a heap that it is out of date."""

    lead_id: int
    zone_group: str
    order_key: int
    state: str = READY
    due_at: float = DUE_AT_ONCE
    phone_position: int = 0
    attempts: int = 0
    tries: Tries = ()
    reason: str = ""
    callback: Callback | None = None
    stamp: int = 0
    called_at: float | None = None  # by the campaign; as of `places.order_key`

    @property
    def waits_as(self) -> str:
        """Its state while it is neither due nor final."""
        return WAITING if self.callback is None else PROMISED


class MemoryPlaces:
    """Places of a campaign. Entries of heaps are never removed, only outdated: each change costs O(log n)."""

    def __init__(self, order: str, seed: int, grouping: str = "") -> None:
        self.order = order
        self.seed = seed
        self.ordered_to: int | None = None  # this and the next two as the columns of `campaigns`
        self.grouping = grouping
        self.grouped_to: int | None = None
        self.by_lead: dict[int, MemoryPlace] = {}
        self._in_id_order: list[int] = []  # keys of `by_lead`, as far as they were sorted
        self._ready: dict[str, list[tuple[int, int, int]]] = {}  # by zone group: order key, lead, stamp
        self._waiting: list[tuple[float, int, int, int]] = []  # due, order key, lead, stamp
        self._promised: list[tuple[float, int, int, int]] = []  # due, 0, lead, stamp

    def join(self, lead: Lead) -> None:
        """A place for a new lead; one that has a place keeps it."""
        if lead.lead_id not in self.by_lead:
            position = lead.first_position
            group = self.group_of(lead, position)
            key = order_key(self.order, self.seed, lead.lead_id, rank=lead.details.rank)
            self.put(MemoryPlace(lead.lead_id, group, key, phone_position=position))

    def group_of(self, lead: Lead, position: int) -> str:
        """The zone group of one of the lead's numbers."""
        return Grouping.from_text(self.grouping).group_of(lead, lead.phones[position])

    def groups_of(self, lead: Lead) -> set[str]:
        """The zone groups of all its numbers."""
        return {self.group_of(lead, position) for position in range(len(lead.phones))}

    def put(self, place: MemoryPlace) -> None:
        """Take the place as it is."""
        self.by_lead[place.lead_id] = place
        self._enter(place)

    def _enter(self, place: MemoryPlace) -> None:
        place.stamp += 1
        if place.state == READY:
            heap = self._ready.setdefault(place.zone_group, [])
            heapq.heappush(heap, (place.order_key, place.lead_id, place.stamp))
        elif place.state == WAITING:
            heapq.heappush(self._waiting, (place.due_at, place.order_key, place.lead_id, place.stamp))
        elif place.state == PROMISED:
            heapq.heappush(self._promised, (place.due_at, 0, place.lead_id, place.stamp))

    def move(self, update: LeadUpdate, called_at: float | None = None) -> None:
        """The lead's new place. `called_at`: it was called. Raises `ValueError` as `stored_state`."""
        place = self.by_lead[update.lead_id]
        if called_at is not None:
            place.called_at = called_at
            if self.order == LeadOrder.LAST_CALL:
                place.order_key = order_key(self.order, self.seed, update.lead_id, called_at=called_at)
        place.state, place.due_at, place.phone_position = (
            stored_state(update),
            update.due_at,
            update.phone_position,
        )
        place.zone_group = Grouping.from_text(self.grouping).group(update.zone_group)
        place.attempts, place.tries = update.attempts, update.tries
        place.reason, place.callback = update.reason, update.callback
        self._enter(place)

    def reorder(self, order: str, seed: int) -> None:
        """Another order, for new places at once, for the others by portions: they keep everything else."""
        if (order, seed) != (self.order, self.seed):
            self.order, self.seed, self.ordered_to = order, seed, 0

    def rekey(self, lead: Lead) -> None:
        """Put it where it stands in the order."""
        place = self.by_lead[lead.lead_id]
        place.order_key = order_key(
            self.order, self.seed, lead.lead_id, rank=lead.details.rank, called_at=place.called_at
        )
        self._enter(place)

    def reorder_portion(self, leads: Mapping[int, Lead], limit: int) -> int:
        """Put up to `limit` places in the present order; how many."""
        if self.ordered_to is None or limit < 1:
            return 0
        ids = self._after(self.ordered_to, limit)
        for lead_id in ids:
            self.rekey(leads[lead_id])
        self.ordered_to = ids[-1] if len(ids) == limit else None
        return len(ids)

    def regroup_portion(self, leads: Mapping[int, Lead], limit: int) -> tuple[int, set[str]]:
        """As `placing._regroup`, but for what is forgotten."""
        if self.grouped_to is None or limit < 1:
            return 0, set()
        ids = self._after(self.grouped_to, limit)
        groups: set[str] = set()
        for lead_id in ids:
            place, lead = self.by_lead[lead_id], leads[lead_id]
            if lead.is_erased:
                continue
            groups |= self.groups_of(lead)
            group = self.group_of(lead, place.phone_position)
            if group != place.zone_group:
                place.zone_group = group
                if place.state == READY:
                    self._enter(place)
        self.grouped_to = ids[-1] if len(ids) == limit else None
        return len(ids), groups

    def _after(self, lead_id: int, limit: int) -> list[int]:
        """The next leads by id."""
        if len(self._in_id_order) != len(self.by_lead):
            self._in_id_order = sorted(self.by_lead)
        start = bisect_right(self._in_id_order, lead_id)
        return self._in_id_order[start : start + limit]

    def suspend(self, lead_ids: Sequence[int]) -> None:
        """Their list was taken out of the campaign; as `placing.LET_GO`."""
        for lead_id in lead_ids:
            place = self.by_lead.get(lead_id)
            if place is not None and place.state not in {FINAL, LEASED}:
                place.state, place.reason = FINAL, LIST_REMOVED
                self._enter(place)

    def close(self, lead_id: int, reason: str) -> None:
        """The lead is not called any more."""
        place = self.by_lead[lead_id]
        place.state, place.reason, place.callback = FINAL, reason, None
        self._enter(place)

    def regroup(self, place: MemoryPlace, zone_group: str) -> None:
        """Its number in turn has other zones."""
        if place.zone_group != zone_group:
            place.zone_group = zone_group
            self._enter(place)

    def resume(self, lead_id: int) -> bool:
        """Its list is in the campaign (again); whether it had been taken out."""
        place = self.by_lead[lead_id]
        if place.reason != LIST_REMOVED:
            return False
        place.state, place.reason = place.waits_as, ""
        self._enter(place)
        return True

    def wake(self, now: float, concerned: Callable[[int], bool]) -> None:
        """As `consents._wake`, of the leads that are `concerned`."""
        for lead_id, place in self.by_lead.items():
            if place.state == LEASED and concerned(lead_id):
                place.reason = CONSENT_GIVEN
            elif (
                place.state in {WAITING, PROMISED} and place.reason == Refusal.CONSENT.value and concerned(lead_id)
            ):
                place.due_at = now
                self._enter(place)

    def due_again(self, update: LeadUpdate) -> LeadUpdate:
        """As `consents.due_again`, of one that is returned."""
        place = self.by_lead[update.lead_id]
        given = place.state == LEASED and place.reason == CONSENT_GIVEN
        return replace(update, due_at=place.due_at) if given and update.reason == Refusal.CONSENT.value else update

    def requeue(self, write: RequeueLeads) -> LeadsPlaced:
        """As `requeue.requeue`."""
        found = [self.by_lead[lead_id] for lead_id in write.lead_ids if lead_id in self.by_lead]
        found = [place for place in found if place.state == FINAL]
        for place in found:
            place.state, place.due_at, place.reason = WAITING, write.now, REQUEUED
            place.callback = None
            if write.keep is not None:
                place.tries = tries_kept(place.tries, write.keep)
            self._enter(place)
        return LeadsPlaced(len(found), False, tuple(sorted({place.zone_group for place in found})))

    def give_back(self) -> int:
        """End all leases; how many there were."""
        leased = [place for place in self.by_lead.values() if place.state == LEASED]
        for place in leased:
            place.state = place.waits_as
            self._enter(place)
        return len(leased)

    def lease(
        self,
        groups: Sequence[str],
        now: float,
        limit: int,
        let_go: Callable[[int], bool],
        aside: Aside | None = None,
        groups_of: Callable[[int], Collection[str]] = lambda _: (),
    ) -> tuple[list[MemoryPlace], float | None, bool, float | None, tuple[int, int] | None]:
        """Lease those to be called back, the next in order, and those `aside`; when the next waiting lead comes
        due; whether more are ready in any group; when the next callback is due; how far those aside were looked
        through. `let_go`: of a list that was taken out. `groups_of`: the zone groups of a lead's numbers. As
        `fetching.lease`."""
        promised = self._come_back(now, limit, let_go)
        limit -= len(promised)
        found: list[MemoryPlace] = []
        for _ in range(PROMOTION_ROUNDS):
            promoted = self._promote(now)
            taken = list(self._next(groups, now, limit))
            found = [place for place in taken if not let_go(place.lead_id)]
            self.suspend([place.lead_id for place in taken if let_go(place.lead_id)])
            if len(found) >= limit or (promoted < PROMOTED_AT_ONCE and len(found) == len(taken)):
                break
            for place in found:
                self._enter(place)
        found = [*promised, *found]
        seen_to = None
        if aside is not None:
            beside, seen_to = self._look_aside(aside, now, limit + len(promised) - len(found), groups_of)
            found += [place for place in beside if not let_go(place.lead_id)]
            self.suspend([place.lead_id for place in beside if let_go(place.lead_id)])
        for place in found:
            place.state = LEASED
            place.stamp += 1
        first, first_promised = self._first(self._waiting), self._first(self._promised)
        return (
            found,
            None if first is None else max(now, first.due_at),
            any(self._top(group) is not None for group in self._ready),
            None if first_promised is None else max(now, first_promised.due_at),
            seen_to,
        )

    def _look_aside(
        self, aside: Aside, now: float, limit: int, groups_of: Callable[[int], Collection[str]]
    ) -> tuple[list[MemoryPlace], tuple[int, int] | None]:
        """As `fetching._look_aside`."""
        entries = self._ready.get(aside.zone_group, ())
        due = (
            (key, lead_id)
            for key, lead_id, stamp in entries
            if (key, lead_id) > aside.after
            and self.by_lead[lead_id].stamp == stamp
            and self.by_lead[lead_id].due_at <= now
        )
        looked_at = heapq.nsmallest(LOOKED_AT_ASIDE, due)
        wanted = {lead_id for _, lead_id in looked_at if not set(groups_of(lead_id)) <= set(aside.closed)}
        found, seen_to = taken_aside(looked_at, wanted, aside.after, limit)
        return [self.by_lead[lead_id] for lead_id in found], seen_to

    def _come_back(self, now: float, limit: int, let_go: Callable[[int], bool]) -> list[MemoryPlace]:
        """Those to be called back now."""
        found: list[MemoryPlace] = []
        while len(found) < limit:
            place = self._first(self._promised)
            if place is None or place.due_at > now:
                break
            heapq.heappop(self._promised)
            if let_go(place.lead_id):
                self.suspend([place.lead_id])
            else:
                found.append(place)
        return found

    def _promote(self, now: float) -> int:
        count = 0
        while count < PROMOTED_AT_ONCE:
            place = self._first(self._waiting)
            if place is None or place.due_at > now:
                break
            heapq.heappop(self._waiting)
            place.state = READY
            self._enter(place)
            count += 1
        return count

    def _first(self, heap: list[tuple[float, int, int, int]]) -> MemoryPlace | None:
        while heap:
            place = self.by_lead[heap[0][2]]
            if place.stamp == heap[0][3]:
                return place
            heapq.heappop(heap)
        return None

    def _next(self, groups: Sequence[str], now: float, limit: int) -> Iterator[MemoryPlace]:
        """Take the first `limit` of these groups off their heaps; those not due stay."""
        tops = [(entry, group) for group in groups if (entry := self._top(group)) is not None]
        heapq.heapify(tops)
        taken, not_due = 0, []
        while tops and taken < limit:
            (_, lead_id, _), group = tops[0]
            heapq.heappop(self._ready[group])
            place = self.by_lead[lead_id]
            if place.due_at <= now:
                taken += 1
                yield place
            else:
                not_due.append(place)
            entry = self._top(group)
            if entry is None:
                heapq.heappop(tops)
            else:
                heapq.heapreplace(tops, (entry, group))
        for place in not_due:
            self._enter(place)

    def _top(self, group: str) -> tuple[int, int, int] | None:
        heap = self._ready.get(group)
        while heap:
            entry = heap[0]
            if self.by_lead[entry[1]].stamp == entry[2]:
                return entry
            heapq.heappop(heap)
        return None
