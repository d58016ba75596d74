"""What is written: values that the writer commits, each answered by one of `journal.py`."""

from __future__ import annotations

from campaigns.callback import Callback
from campaigns.consent import Consent
from campaigns.eligibility import Permitted
from campaigns.life import CampaignState
from campaigns.outcome import TECHNICAL
from campaigns.permission.past import PastAttempt
from campaigns.record import AgentTime, AttemptRecord
from dialer.ports.access import Change, StoredToken, StoredUser
from dialer.ports.store.erasure import ErasePerson
from lists.client import HOUSE
from lists.lead import NO_DETAILS, Details, Lead, Origin, PhoneNumber
from lists.value import value

READY = "ready"
LEASED = "leased"
FINAL = "final"

OPEN = "open"
KEPT = "kept"
DROPPED = "dropped"


@value
class AttemptIntent:
    """An attempt as it is committed before its INVITE leaves. `permitted` carries evidence and caps. `person`,
    `debt` (`lists.lead.Lead`), `purpose`: whom and what it is about, for the caps of later ones. `alone`: no
    other attempt on its number or its person (its lead, where no person is known) may be open."""

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
    person: str = ""
    debt: str = ""
    purpose: str = ""
    alone: bool = False


@value
class Candidate:
    """A lead leased for dialing, with its place in the campaign and its history over all campaigns.

    `attempts`: counted attempts of this campaign on the lead. `tries`: how often each outcome or disposition
    code has come up on it in this campaign. `phone_position`: index into `lead.phones` to try next.
    `history`: counted attempts on any of the lead's numbers, oldest first, of as long as a cap may count, and all
    of this campaign's; `elsewhere`: those on the same person or debt over other numbers. `dnc`: those of its
    numbers that a do-not-call register has for the campaign's purpose. `callback`: what it was promised, and is
    due for. `consents`: all that the campaign's client has ever had for them.
    """

    lead: Lead
    phone_position: int
    due_at: float
    attempts: int
    tries: tuple[tuple[str, int], ...] = ()
    history: tuple[PastAttempt, ...] = ()
    elsewhere: tuple[PastAttempt, ...] = ()
    dnc: tuple[str, ...] = ()
    dnc_version: int = 0
    callback: Callback | None = None
    consents: tuple[Consent, ...] = ()
    consent_version: int = 0

    @property
    def charged_attempts(self) -> int:
        """Counted attempts of this campaign on the lead without those that failed by the route's fault."""
        return charged_of(self.attempts, self.tries)


def charged_of(attempts: int, tries: tuple[tuple[str, int], ...]) -> int:
    """Of so many counted attempts with these results, how many are charged to the lead."""
    return attempts - sum(count for key, count in tries if key in TECHNICAL)


@value
class CallbackEnd:
    """A callback is over, at `at` (seconds UTC). `state`: KEPT (the number was called, in attempt `attempt_id` at
    `dialed_at`) or DROPPED; `reason`: what the call came to, or why there was none."""

    promised_in: int
    state: str
    reason: str
    at: float
    attempt_id: int | None = None
    dialed_at: float | None = None


@value
class LeadUpdate:
    """A lead's new place in a campaign. `state`: READY (dial at `due_at` or later) or FINAL.

    `reason`: outcome, disposition or refusal that brought it here. `zone_group`: the finest one of the number at
    `phone_position` (`campaigns.zone_group`), which comes under one of the campaign's grouping. `callback`: what
    it is due for, in READY; None: it waits like any other. `ended`: callbacks that are over by it."""

    campaign: str
    lead_id: int
    state: str
    due_at: float
    phone_position: int
    zone_group: str
    attempts: int
    tries: tuple[tuple[str, int], ...]
    reason: str
    callback: Callback | None = None
    ended: tuple[CallbackEnd, ...] = ()


FROM_THE_FIRST = (-(2**63), 0)
"""Where a look through a zone group begins."""


@value
class Aside:
    """Leads whose number in turn lies in a zone group that is never asked for, while another of their numbers lies
    in none of those that are `closed` for ever. They are looked for in the campaign's order, behind the place
    `after` (`LeadsLeased.seen_to`), so many in one go that others need not wait."""

    zone_group: str
    closed: tuple[str, ...]
    after: tuple[int, int] = FROM_THE_FIRST


@value
class FetchLeads:
    """Lease up to `limit` leads that are due at `now`: callbacks first, whatever their zone group, earliest first;
    then those whose zone group is in `zone_groups`, in the campaign's order (due retries by order key like the
    rest); then those that stand `aside`. `purpose`: the campaign's, for which the registers are asked. Answer:
    `LeadsLeased`."""

    campaign: str
    limit: int
    now: float
    zone_groups: tuple[str, ...]
    purpose: str = ""
    aside: Aside | None = None


@value
class SaveAttempt:
    """Insert the attempt; its caps and the do-not-call register are checked in the same transaction.
    Answer: `AttemptAccepted` or `AttemptDenied`."""

    intent: AttemptIntent


@value
class CloseAttempt:
    """Complete the attempt's row with its record and move the lead on. `block`: what goes onto the do-not-call
    registers with it, in the same transaction. `promised`: a callback that was promised in it. `consents`: what
    the person has agreed to in it, for the client's register. Answer: `Done`."""

    record: AttemptRecord
    update: LeadUpdate
    block: BlockNumbers | None = None
    promised: Callback | None = None
    consents: tuple[Consent, ...] = ()


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
    """A lead about to be stored; the store gives it its id. `source`, `as_of`: "" for those of all."""

    phones: tuple[PhoneNumber, ...]
    first_name: str = ""
    last_name: str = ""
    external_id: str = ""
    fields: tuple[tuple[str, str], ...] = ()
    person_key: str = ""
    debt_id: str = ""
    country: str = ""
    region: str = ""
    details: Details = NO_DETAILS
    source: str = ""
    as_of: str = ""
    origins: tuple[Origin, ...] = ()


@value
class SaveLeads:
    """Append leads to a list (full name, `lists.client`), made if it is new. Leads of a list already in a
    campaign join the campaign; numbers of who has refused as a person go onto the registers. Answer:
    `LeadsStored`."""

    list_name: str
    leads: tuple[NewLead, ...]
    source: str
    as_of: str
    now: float


@value
class UpdateLeads:
    """Put these, of lists of the client of `list_name`, in the place of the leads with their ids. They stay in
    their lists, with their attempts, places and callbacks; their numbers keep their positions, new ones stand
    behind. What a lead was is kept for the attempts made until now. One that is leased is left as it is where a
    decision may rest on what would change, and so is one that was erased. `read_as`: the `Lead.mark` of each as it
    was when its better one was made; one that is another now is left as it is, too. Empty: whatever they are.
    Answer: `LeadsUpdated`. A lead of another client, or with other numbers at their places: `ValueError`."""

    list_name: str
    leads: tuple[Lead, ...]
    now: float
    read_as: tuple[str, ...] = ()


@value
class ExpireList:
    """The list's last day is this one (ISO date; "": it has none). Answer: `Done`. Unknown list: `LookupError`."""

    list_name: str
    expires_on: str
    now: float


@value
class MoveLeads:
    """These leads of one list become leads of another of the same client, made if it is new, with the last day of
    the first, and with all that is known of them. Campaigns that dial the other have a place for them, those that
    dial the first alone let go of them as of a list that was taken out. Left where they are: those that are
    leased, and those who were promised a callback in a campaign that does not dial the other list.
    Those that are not in the first are passed over. Answer: `LeadsMoved`. Unknown first list: `LookupError`;
    lists of two clients, or the same twice: `ValueError`."""

    from_list: str
    to_list: str
    lead_ids: tuple[int, ...]
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
    whose list it no longer has. `grouping` (`campaigns.zone_group.Grouping`, as text; None: as before): by which
    leads lie in zone groups from now on; the places of up to `limit` are changed to it. Repeated until nothing is
    left to do, so that a million leads never hold up the journal; then without the grouping, for who says another
    meanwhile would have all begin anew, and two who insist never end. Answer: `LeadsPlaced`."""

    campaign: str
    limit: int
    grouping: str | None = None


@value
class RequeueLeads:
    """Leads of a campaign that are final wait to be dialed again from `now` on, with their results forgotten but
    for the codes in `keep` (None: all); attempts are not, and caps count them. Those that are not final stay as
    they are. Answer: `LeadsPlaced`, of these."""

    campaign: str
    lead_ids: tuple[int, ...]
    keep: tuple[str, ...] | None
    now: float


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
    """Put numbers (E.164) on a client's do-not-call register ("": the house's, which holds for every client), for
    calls of one purpose ("": of all); raises its version. `person`: on whatever other numbers leads of this person
    (`Lead.party`) have too, or get later. Answer: `Done`."""

    numbers: tuple[str, ...]
    source: str
    now: float
    client: str = ""
    purpose: str = ""
    person: str = ""

    def forbids(self, number: str, person: str, client: str, purpose: str) -> bool:
        """Whether a call to this number of this person ("": not known) may not be made by it."""
        of_whom = number in self.numbers or (person != "" and person == self.person)
        return of_whom and self.client in {HOUSE, client} and self.purpose in {"", purpose}


@value
class SaveOptOut:
    """The person called has pressed the key for no more calls: that goes onto the register at once, with the
    attempt as its source (`opt_out_source`). Answer: `Done`."""

    campaign: str
    attempt_id: int
    block: BlockNumbers


def opt_out_source(attempt_id: int) -> str:
    """What the register names as the source of an opt-out."""
    return f"opt-out, attempt {attempt_id}"


@value
class UnblockNumbers:
    """Take numbers off a client's register, whatever source had put them there, for whatever purpose or (given)
    for this one; raises its version. It stays in the register's history (`Reader.dnc_entries`). Whose last
    numbers there from a refusal they are has not refused as a person any more. Answer: `Done`."""

    numbers: tuple[str, ...]
    now: float
    client: str = ""
    purpose: str = ""


@value
class SaveConsents:
    """Put consents on a client's register ("": the house's own); raises its version. One that is there already, of
    the same number, kind, purpose and moment, is replaced; one that was withdrawn stays so. Leads of the client's
    campaigns that wait for one to be called on these numbers are due at once. Answer: `Done`."""

    consents: tuple[Consent, ...]
    now: float
    client: str = ""


@value
class WithdrawConsents:
    """End the client's consents for these numbers, of every purpose and (`kind` "") every kind; raises its
    version. They stay in the register, and so does that they were withdrawn where there were none, with who says
    so (`source`). Answer: `Done`."""

    numbers: tuple[str, ...]
    now: float
    client: str = ""
    kind: str = ""
    source: str = ""


@value
class SaveWalls:
    """What may be dialed from now on (`campaigns.walls.Walls`, its hash and JSON). Known already: nothing happens.
    Answer: `Done`."""

    hash: str
    body: str
    now: float


@value
class SaveRuleSet:
    """Keep the text of a rule set, before anything is permitted under it: it is in force from now on. `hash`:
    SHA-256 of the text; `body`: "" when the rule set is taken away; `basis`: "preset" or "declared". Answer:
    `Done`."""

    name: str
    hash: str
    body: str
    now: float
    basis: str = "preset"


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


@value
class ThirdCall:
    """A call to a number outside that was brought into the conversation of an attempt: no attempt on a lead, but a
    call that costs. `key`: of the call, in no other process of the installation another's. `asked_at`: committed
    then, before its INVITE leaves; the other moments None where it did not come to that. `status`: final SIP
    status, None where there was none. `expected_cost_micro`, `cost_micro`, `currency`: as of `AttemptRecord`."""

    key: int
    attempt_id: int
    campaign: str
    agent_id: str
    number: str
    trunk: str
    caller_id: str
    call_id: str
    asked_at: float
    expected_cost_micro: int | None
    currency: str
    placed_at: float | None = None
    answered_at: float | None = None
    ended_at: float | None = None
    status: int | None = None
    cost_micro: int | None = None


@value
class SaveThirdCall:
    """Put it on record, in the place of what is there of it. Answer: `Done`."""

    third: ThirdCall


Plain = (
    FetchLeads
    | SaveAttempt
    | CloseAttempt
    | ReturnLeads
    | SaveAgentTime
    | SaveLeads
    | UpdateLeads
    | ExpireList
    | MoveLeads
    | SaveCampaign
    | PlaceLeads
    | RequeueLeads
    | SetCampaignState
    | BlockNumbers
    | SaveOptOut
    | UnblockNumbers
    | SaveConsents
    | WithdrawConsents
    | SaveWalls
    | SaveRuleSet
    | ErasePerson
    | SaveUser
    | RemoveUser
    | SaveToken
    | RevokeToken
    | SaveChange
    | SaveThirdCall
)


@value
class Audited:
    """The write, and its entry in the log of changes, in one transaction. Answer: that of the write."""

    write: Plain
    change: Change


Write = Plain | Audited
