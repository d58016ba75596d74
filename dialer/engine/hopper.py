"""The leads next in line: leased ahead of need, and only from zone groups whose window is open."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from campaigns.campaign import Campaign
from campaigns.refusal import Refusal
from campaigns.rule_choice import Rules
from campaigns.zone_group import GroupParts, parts_of
from dialer.engine.zone_group import opening_of
from dialer.ports.store import FROM_THE_FIRST, Aside, Candidate, FetchLeads

LEVEL_BASE = 20
LEVEL_PER_AGENT = 4

PORTION = 20
"""Leads asked for at once, at most: attempts that wait for the journal wait for a fetch that is under way too."""


LOOK_ASIDE_AGAIN_S = 60.0
"""A zone group that never opens is looked through for leads that have other numbers at most so often, however many
imports add to it."""

ASK_AGAIN_S = 60.0
"""Leads that are ready, and in none of the zone groups that are known, are asked for again after this long: their
groups are told once the store has put them there."""


@dataclass(slots=True)
class ZoneGroup:
    """Numbers whose window opens and closes together. `opens`: it ever does. `lacks`: why not, while it is closed.
    `empty`: when last asked, the store had no lead left in it that was due. Of one that never opens, `to_look`: it
    may have leads with numbers elsewhere; `looked_at`: when the last look for those began; `seen_to`: how far that
    has come, None while none is under way."""

    parts: GroupParts
    is_open: bool = False
    changes_at: float = float("-inf")
    opens: bool = True
    lacks: Refusal = Refusal.WINDOW_CLOSED
    empty: bool = False
    to_look: bool = True
    looked_at: float = float("-inf")
    seen_to: tuple[int, int] | None = None

    @property
    def may_have_others(self) -> bool:
        """Leads that may be dialed on other numbers, though never on these."""
        return not self.opens and (self.to_look or self.seen_to is not None)


class Hopper:
    """Leads of one campaign, leased and waiting to be dialed, in the store's order. `outdated`: the answer that
    is under way was asked for under an earlier text of the campaign."""

    def __init__(self, campaign: Campaign, rules: Rules, reach_s: float) -> None:
        self._campaign = campaign
        self._rules = rules
        self._reach_s = reach_s
        self._groups: dict[str, ZoneGroup] = {}
        self._open: tuple[str, ...] = ()
        self._look_again_at = float("-inf")
        self.ready: deque[Candidate] = deque()
        self.fetching = False
        self.outdated = False
        self._renewed = False
        self._asked = 0
        self._asked_at = float("-inf")
        self._asked_in: tuple[str, ...] = ()
        self._asked_aside = ""
        self._dry = False
        self._more_ready = True
        self._next_due: float | None = None
        self._due_since_asked: float | None = None
        self._next_callback: float | None = float("-inf")  # not known before the store has been asked
        self._callback_since_asked: float | None = None

    def learn(self, zone_group: str) -> None:
        """A lead's number may lie in this group from now on."""
        if zone_group not in self._groups:
            self._groups[zone_group] = ZoneGroup(parts_of(zone_group))
            self._look_again_at = float("-inf")

    def keep_only(self, zone_groups: Collection[str]) -> None:
        """No lead lies in any other group any more."""
        for name in self._groups.keys() - set(zone_groups):
            del self._groups[name]
        self._look_again_at = float("-inf")

    def change(self, campaign: Campaign, rules: Rules, reach_s: float) -> None:
        """Other hours, other rules: every group is looked at afresh, and the store is asked again."""
        self._campaign = campaign
        self._rules = rules
        self._reach_s = reach_s
        for group in self._groups.values():
            group.opens = True
            group.changes_at = group.looked_at = float("-inf")
            group.seen_to = None
        self._asked_aside = ""
        self._look_again_at = float("-inf")
        self.outdated = self.fetching
        self.renew()

    def renew(self) -> None:
        """There may be leads where there were none: ask again, though the store had run dry."""
        self._renewed = self.fetching  # the answer under way does not know of them
        self._dry = False
        self._more_ready = True
        for group in self._groups.values():
            group.empty = False
            group.to_look = True

    def expect(self, due_at: float) -> None:
        """A lead was given back and comes due at this moment."""
        self._next_due = _earlier(self._next_due, due_at)
        self._due_since_asked = _earlier(self._due_since_asked, due_at)

    def expect_callback(self, due_at: float) -> None:
        """A lead is to be called back at this moment."""
        self._next_callback = _earlier(self._next_callback, due_at)
        self._callback_since_asked = _earlier(self._callback_since_asked, due_at)

    def put_ahead(self, candidate: Candidate) -> None:
        """It is to be dialed before all but those who were promised a call before it."""
        before = 0
        while before < len(self.ready) and self.ready[before].callback is not None:
            before += 1
        self.ready.insert(before, candidate)

    def request(self, agents: int, now: float) -> FetchLeads | None:
        """What to ask the store for now; None when there is enough, or nothing to be had yet. For callbacks it is
        asked in any case: they come first, and some of them while the window is closed."""
        if self.fetching:
            return None
        level = LEVEL_BASE + LEVEL_PER_AGENT * agents
        full = len(self.ready) * 2 > level
        groups = () if full else self._groups_to_ask(now)
        aside = None if full else self._aside(now)
        if groups and aside is not None:  # in turn, lest one waits for the end of the other
            groups, aside = ((), aside) if self._asked_in else (groups, None)
        called_back = self._next_callback is not None and self._next_callback <= now
        if not groups and aside is None and not called_back:
            return None
        self.fetching = True
        self._asked_in, self._asked_at = groups, now
        self._asked_aside = "" if aside is None else aside.zone_group
        self._asked = min(PORTION, max(1, level - len(self.ready)))
        self._due_since_asked = self._callback_since_asked = None
        return FetchLeads(self._campaign.name, self._asked, now, groups, self._campaign.purpose.value, aside)

    def _aside(self, now: float) -> Aside | None:
        """Where to look for leads whose number in turn may never be dialed, while another may."""
        closed = tuple(name for name, group in self._groups.items() if not group.opens)
        for name in closed:
            group = self._groups[name]
            if group.seen_to is None and group.to_look and now >= group.looked_at + LOOK_ASIDE_AGAIN_S:
                group.to_look, group.looked_at, group.seen_to = False, now, FROM_THE_FIRST
            if group.seen_to is not None:
                return Aside(name, closed, group.seen_to)
        return None

    def _groups_to_ask(self, now: float) -> tuple[str, ...]:
        """Open groups that may have leads."""
        groups = self.open_groups(now)
        came_due = self._next_due is not None and self._next_due <= now
        if came_due:
            # Forgotten, or a lead that came due while its window is closed would wake us again and again.
            self._next_due = None
        if came_due or (self._are_elsewhere and now >= self._asked_at + ASK_AGAIN_S):
            self._dry = False
            for group in self._groups.values():
                group.empty = False
        return () if self._dry else groups

    def fetched(
        self,
        candidates: Sequence[Candidate],
        next_due_at: float | None,
        *,
        more_ready: bool,
        next_callback_at: float | None = None,
        seen_to: tuple[int, int] | None = None,
    ) -> None:
        """The store answered. Fewer leads than asked for: there are no more until something changes."""
        self.fetching = False
        self._next_callback = _earlier(self._callback_since_asked, next_callback_at)
        # Leads given back while the answer was under way are not in it.
        self._next_due = _earlier(next_due_at, self._due_since_asked)
        if self._asked_in:
            self._dry = len(candidates) < self._asked
        for name in self._asked_in:
            if name in self._groups:
                self._groups[name].empty = self._dry
        if self._asked_aside in self._groups:
            self._groups[self._asked_aside].seen_to = seen_to
        self._more_ready = more_ready
        self.outdated = False
        if self._renewed:
            self.renew()

    def not_fetched(self) -> None:
        """The store could not answer."""
        self.fetching = self.outdated = self._renewed = False

    def open_groups(self, now: float) -> tuple[str, ...]:
        """Groups that may be dialed now, in the order in which they were learned."""
        if now < self._look_again_at:
            return self._open
        for group in self._groups.values():
            if now >= group.changes_at:
                self._look(group, now)
        opened = tuple(name for name, group in self._groups.items() if group.is_open)
        if any(name not in self._open for name in opened):
            self._dry = False
        self._open = opened
        self._look_again_at = min((g.changes_at for g in self._groups.values()), default=float("inf"))
        return opened

    def wake_at(self, now: float) -> float | None:
        """When leads may next be had though there are none now; None when time alone brings none."""
        moments = [group.changes_at for group in self._groups.values() if group.opens and not group.is_open]
        moments += [max(at, now) for at in (self._next_due, self._next_callback) if at is not None]
        if self._are_elsewhere:
            moments.append(max(now, self._asked_at + ASK_AGAIN_S))
        return min(moments, default=None)

    def look_aside_at(self, now: float) -> float | None:
        """When the store may next be asked for leads that stand aside; None: there are none to look for."""
        moments = [
            group.looked_at + LOOK_ASIDE_AGAIN_S if group.seen_to is None else now
            for group in self._groups.values()
            if group.may_have_others
        ]
        return max(now, min(moments)) if moments and not self.fetching else None

    def never_opens(self, zone_group: str) -> bool:
        """Whether no number there may ever be dialed, as far as that is known."""
        group = self._groups.get(zone_group)
        return group is not None and not group.opens

    def closed(self) -> dict[Refusal, float | None]:
        """Why leads are not even asked for, as when it was looked at last: what their numbers lack, and when the
        first of them may be asked for; None for never."""
        found: dict[Refusal, float | None] = {}
        for group in self._groups.values():
            if group.is_open or group.changes_at == float("-inf"):
                continue
            opens_at = group.changes_at if group.opens else None
            known = found.setdefault(group.lacks, opens_at)
            if known is not None and opens_at is not None:
                found[group.lacks] = min(known, opens_at)
        return found

    def openings(self) -> dict[str, tuple[Refusal, float | None]]:
        """The same of each zone group, as when it was looked at last."""
        return {
            name: (group.lacks, group.changes_at if group.opens else None)
            for name, group in self._groups.items()
            if not group.is_open and group.changes_at != float("-inf")
        }

    def exhausted(self, now: float) -> bool:
        """No lead is left that could ever be dialed. Leads in groups that no window ever opens for (no zone, a
        country without rules) are not waited for, once those have been found that have other numbers."""
        if self.fetching or self.ready or self._next_due is not None or self._next_callback is not None:
            return False
        self.open_groups(now)
        if self._dry and not self._more_ready:
            return True
        if any(group.may_have_others for group in self._groups.values()):
            return False
        return not self._are_elsewhere and all(group.empty or not group.opens for group in self._groups.values())

    @property
    def _are_elsewhere(self) -> bool:
        """Leads are ready, and in none of the groups that are known: the store is putting them in others."""
        known = self._groups.values()
        return self._more_ready and bool(known) and all(group.empty and group.opens for group in known)

    def _look(self, group: ZoneGroup, now: float) -> None:
        found = opening_of(self._campaign, self._rules, group.parts, self._reach_s, now)
        group.is_open, group.changes_at = found.is_open, found.changes_at
        if not found.is_open:
            group.lacks, group.opens = found.lacks, found.opens


def _earlier(one: float | None, other: float | None) -> float | None:
    return min((at for at in (one, other) if at is not None), default=None)
