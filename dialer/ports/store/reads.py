"""Short reads, each of one state of the database."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Protocol

from campaigns.callback import Callback
from campaigns.consent import Consent
from campaigns.life import CampaignState
from campaigns.record import AgentTime, AttemptRecord
from dialer.ports.access import StoredChange, StoredToken, StoredUser
from dialer.ports.store.writes import Candidate, ThirdCall
from lists.dedupe import KnownLead, MatchBy
from lists.dnc import DncEntry, PersonRefused
from lists.freshness.standing import Standing
from lists.lead import Lead
from lists.value import value


@value
class ListSummary:
    """`leads`, `numbers`: without those who were erased. `expires_on`: its last day (ISO date), "" for none."""

    name: str
    source: str
    as_of: str
    created_at: float
    leads: int
    numbers: int
    expires_on: str = ""


@value
class LeadVersion:
    """What a lead was at its attempts that were created until then (seconds UTC), and after the version before."""

    until: float
    lead: Lead


@value
class LeadCalls:
    """What a lead's calls came to, over all campaigns: how many attempts are counted, when the last was created
    (seconds UTC), its outcome and disposition ("": open, none)."""

    attempts: int
    last_at: float
    outcome: str
    disposition: str


@value
class StoredCampaign:
    """`state_reason`, `state_at`: why it is in its state, and since when (seconds UTC)."""

    name: str
    body: str
    added_at: float
    state: CampaignState = CampaignState.DRAFT
    state_reason: str = ""
    state_at: float = 0.0


@value
class Place:
    """A lead's place in a campaign. `state`: READY, LEASED or FINAL; `reason`: what brought it there. The rest
    as in `LeadUpdate`; `order_key`: ascending order of dialing."""

    lead_id: int
    state: str
    due_at: float
    zone_group: str
    order_key: int
    phone_position: int
    attempts: int
    tries: tuple[tuple[str, int], ...]
    reason: str


@value
class LeadCounts:
    """Of one campaign: all its leads, those with at least one counted attempt, those that are final."""

    total: int
    attempted: int
    final: int


@value
class Seal:
    """An attempt's link in the chain of permits (`dialer.storage.chain`): its place, from 1, and in hex the salt
    (None: erased), the digest of the permit and the link."""

    place: int
    salt: str | None
    digest: str
    link: str


@value
class StoredRuleSet:
    """A text of a rule set, "" when it was taken away. `added_at`: in force from then until the next text of that
    name, seconds UTC. `basis`: "preset" or "declared"."""

    name: str
    hash: str
    body: str
    added_at: float
    basis: str


@value
class ZoneLeads:
    """Leads of one campaign and zone group that are neither final nor leased. `due`: those that are due; `later`:
    those that are not, the first of them at `next_due` (seconds UTC)."""

    zone_group: str
    due: int
    later: int
    next_due: float | None


@value
class LeadGroup:
    """Leads of a campaign that no decision can tell apart, as far as the store knows: so many, the first of them
    `lead_id`. `state`, `reason`: of their place; the reason of final ones alone. `more`: they have other numbers
    than the one that is next in turn, which may differ. `key`: names the group in `Reader.leads_of_groups`."""

    key: str
    lead_id: int
    count: int
    state: str
    reason: str
    more: bool


@value
class StoredAttempt:
    """An attempt as the audit reads it: what was committed before the INVITE, and its record once closed."""

    attempt_id: int
    campaign: str
    lead_id: int
    number: str
    trunk: str
    caller_id: str
    call_id: str
    created_at: float
    permit: str  # the evidence as canonical JSON (`campaigns.permit`)
    record: AttemptRecord | None
    person: str = ""  # this and the next two as in `AttemptIntent`
    debt: str = ""
    purpose: str = ""
    seal: Seal | None = None  # of a store that keeps nothing, and of attempts of earlier versions: none


@value
class StoredCallback:
    """A callback and what has become of it. `state`: OPEN, KEPT or DROPPED, with `reason`, `ended_at` and the
    attempt that kept it (`CallbackEnd`). While it is open `reason` is what its lead waits for since it came due,
    or ""; `due_at` when the lead is due; `at_hand` that a service has it, to be dialed or in the call."""

    callback: Callback
    state: str
    reason: str
    due_at: float | None
    ended_at: float | None = None
    attempt_id: int | None = None
    dialed_at: float | None = None
    at_hand: bool = False


@value
class Usage:
    """What was used of the ceilings: `calls` placed and `cost_micro` spent over `trunk` for `client`. `at`:
    the end of a minute or later, seconds UTC."""

    at: float
    client: str
    trunk: str
    calls: int
    cost_micro: int


class Reader(Protocol):
    """Short reads. Iterators stream, so that a million attempts never stand in memory at once."""

    def lists(self) -> Sequence[ListSummary]: ...
    def list_expiries(self) -> Mapping[str, tuple[tuple[float, str], ...]]:
        """Of lists for which a last day was ever said: when (seconds UTC), and which ("": none), oldest first."""
        ...

    def leads(self, list_name: str) -> Iterator[Lead]:
        """The list's leads, by lead id, without those who were erased."""
        ...

    def lead(self, lead_id: int) -> Lead | None: ...
    def leads_by_number(self, number: str) -> Sequence[Lead]:
        """Leads of every list that have this number (E.164) among theirs, by lead id."""
        ...

    def leads_of_person(self, person: str) -> Sequence[Lead]:
        """Leads of every list that are this person (`Lead.person`), by lead id; of "" none."""
        ...

    def leads_by_id(self, lead_ids: Iterable[int]) -> Sequence[Lead]:
        """Those that there are, by lead id."""
        ...

    def lead_calls(self, lead_ids: Iterable[int]) -> Mapping[int, LeadCalls]:
        """Those of these leads that have been called."""
        ...

    def idle_leads(
        self,
        lists: Sequence[str],
        added_before: float,
        called_before: float,
        *,
        after: int = 0,
        limit: int = 1_000,
        among: Collection[int] | None = None,
    ) -> Sequence[int]:
        """Up to `limit` leads of these lists by id, behind `after`: added before one moment, no attempt on them at
        or after the other (seconds UTC), no callback open, no consent for a number of theirs given since the
        first and not withdrawn, and not erased. `among`: of these alone."""
        ...

    def lead_versions(self, lead_ids: Iterable[int]) -> Mapping[int, Sequence[LeadVersion]]:
        """What of these leads has been changed since attempts were made: what each was, oldest first."""
        ...

    def known_leads(self, list_names: Sequence[str], by: MatchBy, keys: Iterable[str]) -> Mapping[str, KnownLead]:
        """Those of these keys (`lists.dedupe`) that some lead of the lists has, each with that lead: of several,
        one of the earliest of the lists, and there the first."""
        ...

    def standings(
        self,
        lists: Collection[str],
        now: float,
        wrong: Collection[tuple[str, str]],
        *,
        called: bool = False,
        one_in: int = 1,
    ) -> Sequence[Standing]:
        """Numbers of these lists by what calls have shown of them until `now` (seconds UTC), counted. `wrong`:
        campaigns and those of their dispositions that mean a wrong number. `called`: without numbers that nobody
        has called. `one_in`: a sample, of the leads whose id is a multiple of it."""
        ...

    def blocked_numbers(self, numbers: Iterable[str], client: str = "", purpose: str = "") -> set[str]:
        """Those that the house's register or the client's has for calls of the purpose; "": for calls of all."""
        ...

    def dnc_entries(self, numbers: Iterable[str], client: str = "") -> Sequence[DncEntry]:
        """Every entry that the house's register or the client's has ever had for these numbers: by number, each
        number's as they were made."""
        ...

    def refused_by(self, persons: Iterable[str], client: str = "") -> Sequence[PersonRefused]:
        """What these persons (`Lead.party`) have ever refused of the house's calls or the client's, whatever their
        number: by person, each one's as they were put down."""
        ...

    def anyone_erased(self) -> bool: ...
    def erased_keys(self, keys: Iterable[str]) -> set[str]:
        """Those of these keys (`lists.erased.keys_of`) by which somebody was erased."""
        ...

    def campaigns(self) -> Sequence[StoredCampaign]: ...
    def campaign(self, name: str) -> StoredCampaign | None: ...
    def campaign_versions(self, name: str) -> Sequence[StoredCampaign]:
        """Every text that the campaign has had, the present one among them, each once, oldest first.
        `added_at`: when it was first stored under this name."""
        ...

    def place(self, campaign: str, lead_id: int) -> Place | None:
        """The lead's place in the campaign; None when it has none."""
        ...

    def waiting_leads(self, campaign: str, now: float) -> Sequence[ZoneLeads]:
        """Leads that wait to be dialed, by the zone group of the number next in turn. Walks all of them."""
        ...

    def lead_groups(self, campaign: str, at: float, digits: int = 0, purpose: str = "") -> Iterator[LeadGroup]:
        """All of the campaign's leads, in groups. Leads that are not final or leased are together when they are
        the same in what a decision at `at` (seconds UTC) reads of a lead nobody has called: when it is due,
        its list, whether a do-not-call register has its number for the `purpose`, its zone group, kind, and
        first `digits` digits. One with attempts on any of its numbers, by whatever campaign, is a group of its
        own."""
        ...

    def leads_of_groups(
        self, campaign: str, at: float, digits: int, keys: Collection[str], purpose: str = ""
    ) -> Iterator[int]:
        """The leads of those groups, one by one."""
        ...

    def candidates(
        self, campaign: str, lead_ids: Iterable[int], at: float, purpose: str = ""
    ) -> Iterator[tuple[Place, Candidate]]:
        """What a decision at `at`, for calls of the `purpose`, would be given of these leads, without leasing
        them. One that has no place is left out."""
        ...

    def closed_leads(self, campaign: str, reasons: Collection[str]) -> Iterator[int]:
        """Leads of the campaign that are final for one of these reasons, by id."""
        ...

    def callbacks(self, campaign: str, *, ended: bool = True) -> Sequence[StoredCallback]:
        """Callbacks promised in the campaign, by the moment promised. `ended`: those that are over as well."""
        ...

    def zone_groups(self, campaign: str) -> Sequence[tuple[str, int]]:
        """Zone groups of the campaign's leads, each with the leads to be dialed there next. Walks all of them."""
        ...

    def zone_group_names(self, campaign: str) -> Sequence[str]:
        """The same groups by name alone, kept beside the campaign: at once, however many leads it has."""
        ...

    def lead_counts(self, campaign: str) -> LeadCounts: ...
    def next_attempt_id(self) -> int: ...
    def last_attempt_at(self) -> float | None:
        """When the attempt saved last was created (seconds UTC); None when there is none."""
        ...

    def attempts(self, campaign: str) -> Iterator[StoredAttempt]: ...
    def open_attempts(self) -> Sequence[StoredAttempt]:
        """Attempts of every campaign that have no record yet, by id."""
        ...

    def attempts_on(self, numbers: Iterable[str], person: str = "", debt: str = "") -> Sequence[StoredAttempt]:
        """Attempts of every campaign on these numbers, or on this person or debt ("": none), open ones too, as
        they were created."""
        ...

    def records(self, campaign: str, since: float, until: float) -> Iterator[AttemptRecord]: ...
    def answers(
        self, campaign: str, since: float, until: float, span_s: float
    ) -> Sequence[tuple[float, int, int]]:
        """People who answered attempts created in [since, until), and how many of them were abandoned, by spans of
        `span_s` seconds in which there were any: (begin, live, abandoned), oldest first."""
        ...

    def agent_times(self, campaign: str, since: float, until: float) -> Iterator[AgentTime]: ...
    def consents(self, numbers: Iterable[str], client: str = "") -> Sequence[Consent]:
        """Every consent that the client has ever had for these numbers, as they were given."""
        ...

    def consent_totals(self, client: str = "") -> Sequence[tuple[str, str, int]]:
        """Of the client's register: kind, purpose, and how many have not been withdrawn."""
        ...

    def walls(self) -> dict[str, str]:
        """JSON of everything that was ever allowed to be dialed, by its hash."""
        ...

    def rule_sets(self) -> Sequence[StoredRuleSet]:
        """Every text of every rule set that anything may have been permitted under, oldest first."""
        ...

    def chain(self) -> Iterator[tuple[int, Seal | None]]:
        """Every attempt of every campaign, with its place in the chain: those outside of it first, by id, then in
        the order of the chain."""
        ...

    def last_link(self) -> tuple[int, Seal] | None:
        """The attempt at the end of the chain and its seal; None when nothing is sealed."""
        ...

    def third_calls(self, since: float) -> Sequence[ThirdCall]:
        """Calls to third parties outside that were asked for at `since` or later, the oldest first."""
        ...

    def usage(self, since: float) -> Sequence[Usage]:
        """Calls placed since, and what they cost (open ones: what is expected), in the order of their moments."""
        ...

    def user(self, name: str) -> StoredUser | None: ...
    def users(self) -> Sequence[StoredUser]: ...
    def token(self, token_id: str) -> StoredToken | None: ...
    def tokens(self) -> Sequence[StoredToken]: ...
    def changes(
        self, *, since: float = 0.0, until: float = float("inf"), client: str | None = None, limit: int = 1_000
    ) -> Sequence[StoredChange]:
        """The log of changes, newest first. `client`: of one client alone; None: of all."""
        ...
