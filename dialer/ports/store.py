"""What the engine and the operations need of the database: one journal of writes, and short reads.

All writes are values handed to one writer (`docs/decisions/0003-one-writer.md`). The writer answers each only
once it is committed. Implementations: `dialer.storage.memory`, `dialer.storage.database`; one contract suite
(`tests/contract/test_store.py`) runs over all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Protocol

from campaigns.eligibility import PastAttempt, Permitted
from campaigns.life import CampaignState
from campaigns.outcome import TECHNICAL
from campaigns.record import AgentTime, AttemptRecord
from campaigns.refusal import Refusal
from dialer.ports.access import Change, StoredChange, StoredToken, StoredUser
from lists.lead import Lead, PhoneNumber
from lists.value import value

READY = "ready"
LEASED = "leased"
FINAL = "final"


@value
class AttemptIntent:
    """An attempt as it is committed before its INVITE leaves. `permitted` carries evidence and caps."""

    attempt_id: int
    campaign: str
    lead_id: int
    number: str
    trunk: str
    caller_id: str
    call_id: str
    attempt_no: int
    created_at: float
    permitted: Permitted


@value
class Candidate:
    """A lead leased for dialing, with its place in the campaign and its history over all campaigns.

    `attempts`: counted attempts of this campaign on the lead. `tries`: how often each outcome or disposition
    code has come up on it in this campaign. `phone_position`: index into `lead.phones` to try next.
    `history`: counted attempts on any of the lead's numbers, oldest first, of the last 31 days, and all of
    this campaign's. `dnc`: those of its numbers that are on a do-not-call register.
    """

    lead: Lead
    phone_position: int
    due_at: float
    attempts: int
    tries: tuple[tuple[str, int], ...] = ()
    history: tuple[PastAttempt, ...] = ()
    dnc: tuple[str, ...] = ()
    dnc_version: int = 0

    @property
    def charged_attempts(self) -> int:
        """Counted attempts of this campaign on the lead without those that failed by the route's fault."""
        return charged_of(self.attempts, self.tries)


def charged_of(attempts: int, tries: tuple[tuple[str, int], ...]) -> int:
    """Of so many counted attempts with these results, how many are charged to the lead."""
    return attempts - sum(count for key, count in tries if key in TECHNICAL)


@value
class LeadUpdate:
    """A lead's new place in a campaign. `state`: READY (dial at `due_at` or later) or FINAL.

    `reason`: outcome, disposition or refusal that brought it here. `zone_group` is that of the number at
    `phone_position`."""

    campaign: str
    lead_id: int
    state: str
    due_at: float
    phone_position: int
    zone_group: str
    attempts: int
    tries: tuple[tuple[str, int], ...]
    reason: str


# --- writes -----------------------------------------------------------------------------------------------


@value
class FetchLeads:
    """Lease up to `limit` leads that are due at `now` and whose zone group is in `zone_groups`, in the
    campaign's order (due callbacks and retries by order key like the rest). Answer: `LeadsLeased`."""

    campaign: str
    limit: int
    now: float
    zone_groups: tuple[str, ...]


@value
class SaveAttempt:
    """Insert the attempt; its caps and the do-not-call register are checked in the same transaction.
    Answer: `AttemptAccepted` or `AttemptDenied`."""

    intent: AttemptIntent


@value
class CloseAttempt:
    """Complete the attempt's row with its record and move the lead on. `block_number`: put the number on the
    do-not-call register in the same transaction. Answer: `Done`."""

    record: AttemptRecord
    update: LeadUpdate
    block_number: str | None = None


@value
class ReturnLeads:
    """Give leased leads back without an attempt. Answer: `Done`."""

    updates: tuple[LeadUpdate, ...]


@value
class SaveAgentTime:
    """Append stretches of agents' time. Answer: `Done`."""

    stretches: tuple[AgentTime, ...]


@value
class NewLead:
    """A lead about to be stored; the store gives it its id."""

    phones: tuple[PhoneNumber, ...]
    first_name: str = ""
    last_name: str = ""
    external_id: str = ""
    fields: tuple[tuple[str, str], ...] = ()


@value
class SaveLeads:
    """Append leads to a list (full name, `lists.client`), made if it is new. Leads of a list already in a
    campaign join the campaign. Answer: `LeadsStored`."""

    list_name: str
    leads: tuple[NewLead, ...]
    source: str
    as_of: str
    now: float


@value
class SaveCampaign:
    """Store a campaign (its TOML text is the truth; `name` and `lists` in full). New ones are DRAFT. Stored again
    under the same name: the text is replaced, its state and its leads' places stay. Leads get their places by
    `PlaceLeads`. `order_seed`: for order `random`. Answer: `Done`. Unknown list: `LookupError`."""

    name: str
    body: str
    lists: tuple[str, ...]
    order: str
    now: float
    order_seed: int = 0


@value
class PlaceLeads:
    """Give up to `limit` leads of the campaign's lists, that have none yet, a place in it, and let go of as many
    whose list it no longer has. Repeated until nothing is left to do, so that a million leads never hold up the
    journal. Answer: `LeadsPlaced`."""

    campaign: str
    limit: int


@value
class SetCampaignState:
    """Move the campaign on. `expected`: the state it must be in, else `StateConflict` is raised and nothing
    stored; None: any. `reason`: why, in words for a manager. Answer: `Done`."""

    name: str
    state: CampaignState
    now: float
    reason: str = ""
    expected: CampaignState | None = None


@value
class BlockNumbers:
    """Put numbers (E.164) on a client's do-not-call register ("": the house's, which holds for every client);
    raises its version. Answer: `Done`."""

    numbers: tuple[str, ...]
    source: str
    now: float
    client: str = ""


@value
class UnblockNumbers:
    """Take numbers off a client's register, whatever source had put them there; raises its version. It stays in
    the register's history (`Reader.blocked_spans`). Answer: `Done`."""

    numbers: tuple[str, ...]
    now: float
    client: str = ""


@value
class SaveWalls:
    """What may be dialed from now on (`campaigns.walls.Walls`, its hash and JSON). Known already: nothing happens.
    Answer: `Done`."""

    hash: str
    body: str
    now: float


@value
class SaveUser:
    """Add a user or replace the one of that name. Answer: `Done`."""

    user: StoredUser


@value
class RemoveUser:
    """Remove a user and revoke every token of theirs. Answer: `Done`. Unknown: `LookupError`."""

    name: str
    now: float


@value
class SaveToken:
    """Add a token. Answer: `Done`."""

    token: StoredToken


@value
class RevokeToken:
    """The token is refused from now on. Answer: `Done`. Unknown: `LookupError`."""

    token_id: str
    now: float


@value
class SaveChange:
    """Add to the log of changes what has no write of its own, or is over many (an import). Answer: `Done`."""

    change: Change


Plain = (
    FetchLeads
    | SaveAttempt
    | CloseAttempt
    | ReturnLeads
    | SaveAgentTime
    | SaveLeads
    | SaveCampaign
    | PlaceLeads
    | SetCampaignState
    | BlockNumbers
    | UnblockNumbers
    | SaveWalls
    | SaveUser
    | RemoveUser
    | SaveToken
    | RevokeToken
    | SaveChange
)


@value
class Audited:
    """The write, and its entry in the log of changes, in one transaction. Answer: that of the write."""

    write: Plain
    change: Change


Write = Plain | Audited


# --- answers ----------------------------------------------------------------------------------------------


@value
class LeadsLeased:
    """`next_due_at`: when the earliest lead that is ready but not yet due comes due (any zone group), seconds
    UTC; None when no lead is waiting. `more_ready`: leads that are due remain, in whatever zone group."""

    candidates: tuple[Candidate, ...]
    next_due_at: float | None
    more_ready: bool = False


@value
class AttemptAccepted:
    attempt_id: int


@value
class AttemptDenied:
    attempt_id: int
    reason: Refusal
    detail: str


@value
class LeadsStored:
    """`joined`: campaigns that the new leads joined, each with the zone groups of these leads' numbers."""

    joined: tuple[tuple[str, tuple[str, ...]], ...] = ()


@value
class LeadsPlaced:
    """`placed`: how many got a place; `more`: ask again. `zone_groups`: those of the leads placed."""

    placed: int
    more: bool
    zone_groups: tuple[str, ...] = ()


@value
class Done:
    pass


Answer = LeadsLeased | AttemptAccepted | AttemptDenied | LeadsStored | LeadsPlaced | Done


class Journal(Protocol):
    """The one way to write."""

    def submit(self, write: Write, done: Callable[[Answer | Exception], None]) -> None:
        """Queue a write. `done` is called once, with its answer after the commit or with the exception that
        kept it from being committed (then nothing of it is stored, and it may be tried again). Where a server went
        away between the two, not before it is back and has said which. Writes are applied in the order given.
        In the asyncio shell `done` runs in the event loop's thread."""
        ...


# --- reads ------------------------------------------------------------------------------------------------


@value
class ListSummary:
    name: str
    source: str
    as_of: str
    created_at: float
    leads: int
    numbers: int


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
    def leads(self, list_name: str) -> Iterator[Lead]: ...
    def lead(self, lead_id: int) -> Lead | None: ...
    def leads_by_number(self, number: str) -> Sequence[Lead]:
        """Leads of every list that have this number (E.164) among theirs, by lead id."""
        ...

    def known_numbers(self, list_name: str, numbers: Iterable[str]) -> set[str]: ...
    def known_external_ids(self, list_name: str, external_ids: Iterable[str]) -> set[str]:
        """Those of these ids that some lead of the list has; "" is no id."""
        ...

    def blocked_numbers(self, numbers: Iterable[str], client: str = "") -> set[str]:
        """Those that the house's register or the client's has."""
        ...

    def numbers_on_register(self, numbers: Iterable[str], client: str = "") -> set[str]:
        """Those that this very register has: the client's, without the house's; "": the house's."""
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

    def zone_groups(self, campaign: str) -> Sequence[tuple[str, int]]:
        """Zone groups of the campaign's leads, each with the leads to be dialed there next. Walks all of them."""
        ...

    def zone_group_names(self, campaign: str) -> Sequence[str]:
        """The same groups by name alone, kept beside the campaign: at once, however many leads it has."""
        ...

    def lead_counts(self, campaign: str) -> LeadCounts: ...
    def next_attempt_id(self) -> int: ...
    def attempts(self, campaign: str) -> Iterator[StoredAttempt]: ...
    def open_attempts(self) -> Sequence[StoredAttempt]:
        """Attempts of every campaign that have no record yet, by id."""
        ...

    def attempts_on(self, numbers: Iterable[str]) -> Sequence[StoredAttempt]:
        """Attempts of every campaign on these numbers, open ones too, as they were created."""
        ...

    def records(self, campaign: str, since: float, until: float) -> Iterator[AttemptRecord]: ...
    def agent_times(self, campaign: str, since: float, until: float) -> Iterator[AgentTime]: ...
    def blocked_since(self, numbers: Iterable[str], client: str = "") -> dict[str, float]:
        """When each of these numbers was put on the house's register or the client's (those that are on it)."""
        ...

    def blocked_spans(
        self, numbers: Iterable[str], client: str = ""
    ) -> dict[str, tuple[tuple[float, float | None], ...]]:
        """When each of these numbers was on the house's register or the client's: from, until (None: still)."""
        ...

    def walls(self) -> dict[str, str]:
        """JSON of everything that was ever allowed to be dialed, by its hash."""
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
