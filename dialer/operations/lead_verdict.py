"""How it stands with a lead at a moment: the engine's own decision, asked from outside, about the number that the
engine would come to. `dialer why` asks it of one lead, `dialer funnel` of one of each group."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

from campaigns.applicable import applicable
from campaigns.callback import Callback
from campaigns.campaign import Campaign
from campaigns.consent import Consent
from campaigns.eligibility import Permitted, decide
from campaigns.grouping import grouping_of
from campaigns.permission.past import PastAttempt
from campaigns.permission.proposed import Proposed
from campaigns.reach import reach_of
from campaigns.refusal import Refusal, Refused
from campaigns.retry import dead_positions
from campaigns.walls import Walls
from campaigns.zone_group import parts_of
from dialer.engine.dialing import OF_THE_NUMBER
from dialer.engine.next_place import earlier_number
from dialer.engine.zone_group import opening_of
from dialer.operations.moments import iso
from dialer.operations.open_campaign import Version
from dialer.operations.routes_at import RoutesAt
from dialer.trunks.selection import Route
from lists.client import client_of
from lists.lead import Lead, PhoneNumber

REFUSALS = frozenset(refusal.value for refusal in Refusal)

Verdict = Permitted | Refused


@dataclass(frozen=True, slots=True)
class KnownLead:
    """What a decision about a lead is given: its attempts as `decide` wants them, those of its numbers that are on
    a register, and which were found to be dead or somebody else's (`wrong_numbers`)."""

    lead: Lead
    history: Sequence[PastAttempt]
    lead_attempts: int
    blocked: Collection[str]
    wrong: Collection[str]
    elsewhere: Sequence[PastAttempt] = ()
    callback: Callback | None = None
    consents: Collection[Consent] = ()
    tries: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Way:
    """How a call would leave. `refused`: why it would not, though the number may be dialed."""

    walls: Walls
    trunk: str
    caller_id: str
    refused: Refused | None = None


def verdict_on(version: Version, known: KnownLead, phone: PhoneNumber, at: float, way: Way) -> Verdict:
    """May this number of the lead be dialed at `at`, as if it were its turn? What forbids it goes before what
    keeps the call from leaving."""
    campaign, rules = version
    verdict = decide(
        Proposed(
            campaign=campaign,
            rule_set=applicable(rules, known.lead, phone, at),
            lead=known.lead,
            number=phone,
            trunk=way.trunk,
            caller_id=way.caller_id,
            walls=way.walls,
            history=known.history,
            lead_attempts=known.lead_attempts,
            blocked=known.blocked,
            elsewhere=known.elsewhere,
            callback=known.callback,
            consents=known.consents,
        ),
        at,
    )
    return way.refused or verdict if isinstance(verdict, Permitted) else verdict


def stands(
    version: Version, known: KnownLead, turn: int, due_at: float, brought_by: str, at: float, ways: Ways
) -> tuple[int, Verdict, bool]:
    """Which number the engine would come to for a lead whose number at `turn` is next, and that is due at
    `due_at`, where `brought_by` has brought it; what would be answered at `at`; and whether the number in turn
    alone has decided that."""
    asked = _InTurn(version, known, turn, ways)
    verdict = when_due(asked.verdict_at, at, due_at, brought_by)
    return asked.position, verdict, len(known.lead.phones) == 1 or not lasts(asked.ask(turn, max(at, due_at)))


class _InTurn:
    """A lead that is asked about number by number, as `Dialing` does. `position`: of the number that the last
    answer was about."""

    def __init__(self, version: Version, known: KnownLead, turn: int, ways: Ways) -> None:
        self._version = version
        self._known = known
        self._phones = known.lead.phones
        self._turn = turn
        self._ways = ways
        self.position = turn

    def ask(self, position: int, at: float) -> Verdict:
        phone = self._phones[position]
        return verdict_on(self._version, self._known, phone, at, self._ways.way(phone))

    def verdict_at(self, at: float) -> Verdict:
        """Unless it was promised a call, a lead is not even asked for while the hours are closed where the number
        in turn is: one that may never be dialed stands before the others until then. Where they never open it is
        looked for, for the sake of its other numbers."""
        verdict, turn = self.ask(self._turn, at), self._turn
        self.position = turn
        if len(self._phones) == 1 or not lasts(verdict):
            return verdict
        campaign, rules = self._version
        group = parts_of(grouping_of(campaign, rules).group_of(self._known.lead, self._phones[turn]))
        opening = opening_of(campaign, rules, group, reach_of(campaign), at)
        if opening.is_open or not opening.opens or self._known.callback is not None:
            return self._once_leased(at)
        then = self._once_leased(opening.changes_at)
        self.position = turn
        if lasts(then):
            return verdict
        until = opening.changes_at if isinstance(then, Permitted) else then.until
        return Refused(
            opening.lacks, until, f"{self._phones[turn].e164} is next in turn, and its hours are closed until then"
        )

    def _once_leased(self, at: float) -> Verdict:
        """The first number from the one in turn on that is not refused for good; else, when the schedule has them
        tried again, one before it."""
        lead, turn, wrong = self._known.lead, self._turn, self._known.wrong
        dead = {position for position, phone in enumerate(lead.phones) if phone.e164 in wrong}
        for position in range(turn, len(lead.phones)):
            if position == turn or position not in dead:
                self.position, verdict = position, self.ask(position, at)
                if not lasts(verdict):
                    return verdict
        barred = dead.union(range(turn, len(lead.phones)))
        barred.update(position for position in range(turn) if lasts(self.ask(position, at)))
        campaign, known = self._version[0], self._known
        again = earlier_number(campaign, known.history, known.tries, turn, len(lead.phones), barred, at)
        self.position, due_at = (turn, at) if again is None else again
        return when_due(lambda moment: self.ask(self.position, moment), at, due_at, "")


def lasts(verdict: Verdict) -> bool:
    """Whether this number is refused for good, while the lead may have others."""
    return isinstance(verdict, Refused) and verdict.until is None and verdict.reason in OF_THE_NUMBER


def when_due(verdict_at: Callable[[float], Verdict], at: float, due_at: float, brought_by: str) -> Verdict:
    """The verdict at `at` on a lead whose place is due at `due_at`, where `brought_by` has brought it. What will
    still forbid it then is answered first; one that was only given back waits for what had refused it."""
    if due_at <= at:
        return verdict_at(at)
    then = verdict_at(due_at)
    if isinstance(then, Refused) and then.until is None:
        return then
    until = due_at if isinstance(then, Permitted) else then.until
    if brought_by in REFUSALS:
        now = verdict_at(at)
        if isinstance(now, Refused):
            return replace(now, until=until)
        return Refused(
            Refusal.NOT_DUE, until, f"it was refused ({brought_by}), and is looked at again {iso(due_at)}"
        )
    text = f"a retry or callback is scheduled for {iso(due_at)}"
    if isinstance(then, Refused):
        text += f", and refused then ({then.reason}: {then.detail}) until {iso(then.until)}"
    return Refused(Refusal.NOT_DUE, until, text)


def wrong_numbers(campaign: Campaign, lead: Lead, history: Sequence[PastAttempt]) -> frozenset[str]:
    """The lead's numbers that were found to be dead or somebody else's."""
    if not history:
        return frozenset()
    numbers = [phone.e164 for phone in lead.phones]
    wrong = {numbers[position] for position in dead_positions(numbers, history)}
    somebody_else = {said.code for said in campaign.dispositions if said.wrong_number}
    wrong |= {past.number for past in history if past.disposition in somebody_else}
    return frozenset(wrong.intersection(numbers))


class Ways:
    """How calls of a campaign would leave. `routes`: the trunks at that moment; None: they are taken for able and
    willing."""

    def __init__(self, campaign: Campaign, walls: Walls, routes: RoutesAt | None) -> None:
        self._campaign = campaign
        self._walls = walls
        self._routes = routes

    def way(self, phone: PhoneNumber) -> Way:
        """What a call would take; where there is no way, the first trunk and caller id of the campaign that the
        walls let pass, else its first ones."""
        chosen = self._routes.choose(self._campaign, phone) if self._routes is not None else None
        if isinstance(chosen, Route):
            return Way(self._walls, chosen.trunk, chosen.caller_id)
        way = self._usual(phone)
        return replace(way, refused=chosen) if chosen is not None else way

    def _usual(self, phone: PhoneNumber) -> Way:
        campaign = self._campaign
        ways = [
            Way(self._walls, trunk, caller_id) for trunk in campaign.trunks for caller_id in campaign.caller_ids
        ]
        client = client_of(campaign.name)
        for way in ways:
            refused = self._walls.refusal(
                phone.e164,
                client=client,
                trunk=way.trunk,
                caller_id=way.caller_id,
                campaign=campaign.destinations,
            )
            if refused is None:
                return way
        return ways[0]
