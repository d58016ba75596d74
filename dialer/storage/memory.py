"""The store in memory, with the meaning of the database: what simulations run on. Nothing of it is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from campaigns.campaign import LeadOrder
from campaigns.eligibility import PastAttempt
from campaigns.outcome import Outcome
from campaigns.permit import to_json
from campaigns.record import AgentTime, AttemptRecord
from dialer.ports.store import (
    Answer,
    AttemptAccepted,
    AttemptDenied,
    AttemptIntent,
    BlockNumbers,
    Candidate,
    CloseAttempt,
    Done,
    FetchLeads,
    LeadCounts,
    LeadsLeased,
    LeadUpdate,
    ListSummary,
    ReturnLeads,
    SaveAgentTime,
    SaveAttempt,
    SaveCampaign,
    SaveLeads,
    StoredAttempt,
    StoredCampaign,
    Write,
)
from dialer.storage.caps import cap_key, denied_by_cap, denied_by_dnc, reached
from dialer.storage.errors import AttemptNotOpen, UnknownCampaign, UnknownList, UnknownPlace, WriteConflict
from dialer.storage.memory_places import MemoryPlace, MemoryPlaces
from dialer.storage.places import DUE_AT_ONCE, FINAL, HISTORY_S, READY, WAITING, stored_state
from dialer.storage.source import CampaignSetup, CountedAttempt, Place, Source
from lists.lead import Lead

_CHUNK = 1_000


@dataclass(slots=True)
class _List:
    source: str
    as_of: str
    created_at: float
    lead_ids: list[int]


@dataclass(slots=True)
class _Campaign:
    body: str
    added_at: float
    lists: tuple[str, ...]
    places: MemoryPlaces


@dataclass(slots=True)
class _Past:
    """An attempt as history and caps see it."""

    number: str
    lead_id: int
    campaign: str
    created_at: float
    at: float
    outcome: str
    counted: bool
    serial: int


class MemoryStore:
    """Implements `Journal`, `Reader` and `Source`. A write is applied and answered within `submit`."""

    def __init__(self) -> None:
        self._lists: dict[str, _List] = {}
        self._leads: dict[int, Lead] = {}
        self._campaigns: dict[str, _Campaign] = {}
        self._dnc: dict[str, dict[str, float]] = {}  # number: source: since
        self._dnc_version = 0
        self._intents: dict[int, AttemptIntent] = {}
        self._records: dict[int, AttemptRecord] = {}
        self._call_ids: set[str] = set()
        self._past: dict[int, _Past] = {}
        self._on_number: dict[str, list[_Past]] = {}
        self._on_lead: dict[int, list[_Past]] = {}
        self._serial = 0
        self._agent_times: list[AgentTime] = []

    @classmethod
    def copy_of(cls, reader: Source, campaign: str, now: float) -> MemoryStore:
        """A store holding one campaign of another as it stands: its text, lists, places, history and the
        do-not-call register as far as they concern its leads. The other is only read. `now`: the start of what
        is to be tried; history reaches back from it as for a candidate. Leases are taken as given back.
        Attempts of the other are history here, not attempts. Raises `UnknownCampaign`."""
        store = cls()
        setup = reader.setup(campaign)
        stored = reader.campaign(campaign)
        if stored is None:
            raise UnknownCampaign(campaign)
        for summary in reader.lists():
            if summary.name in setup.lists:
                leads = {lead.lead_id: lead for lead in reader.leads(summary.name)}
                store._leads.update(leads)
                store._lists[summary.name] = _List(summary.source, summary.as_of, summary.created_at, list(leads))
        places = MemoryPlaces(setup.order, setup.order_seed)
        for place in reader.places(campaign):
            if place.lead_id in store._leads:
                places.put(_copied(place))
        store._campaigns[campaign] = _Campaign(stored.body, stored.added_at, setup.lists, places)
        numbers = dict.fromkeys(phone.e164 for lead in store._leads.values() for phone in lead.phones)
        for past in reader.counted_attempts(campaign, now - HISTORY_S):
            if past.number in numbers or past.lead_id in store._leads:
                store._remember(past, counted=True)
        rest = iter(numbers)
        while portion := list(islice(rest, _CHUNK)):
            since = reader.blocked_since(portion)
            store._dnc.update((number, {"copied": since[number]}) for number in portion if number in since)
        store._dnc_version = reader.dnc_version()
        return store

    # --- Journal -----------------------------------------------------------------------------------------

    def submit(self, write: Write, done: Callable[[Answer | Exception], None]) -> None:
        """See `Journal.submit`; `done` is called before this returns."""
        answer: Answer | Exception
        try:
            answer = self.write(write)
        except (LookupError, ValueError, WriteConflict) as error:
            answer = error
        done(answer)

    def write(self, write: Write) -> Answer:
        """Apply a write. Raises what keeps it from being stored; then nothing of it is."""
        match write:
            case FetchLeads():
                return self._lease(write)
            case SaveAttempt():
                return self._save(write.intent)
            case CloseAttempt():
                self._close(write)
            case ReturnLeads():
                checked = [
                    (self._places_for(update), stored_state(update.state), update) for update in write.updates
                ]
                for places, state, update in checked:
                    _move(places, state, update)
            case SaveAgentTime():
                self._agent_times.extend(write.stretches)
            case SaveLeads():
                self._save_leads(write)
            case SaveCampaign():
                self._save_campaign(write)
            case BlockNumbers():
                self._block(write.numbers, write.source, write.now)
        return Done()

    def recover(self) -> int:
        """Give back every lease, as a new owner does; how many there were."""
        return sum(campaign.places.give_back() for campaign in self._campaigns.values())

    def _campaign(self, name: str) -> _Campaign:
        try:
            return self._campaigns[name]
        except KeyError:
            raise UnknownCampaign(name) from None

    def _places_for(self, update: LeadUpdate) -> MemoryPlaces:
        places = self._campaign(update.campaign).places
        if update.lead_id not in places.by_lead:
            raise UnknownPlace(update.campaign, update.lead_id)
        return places

    def _lease(self, write: FetchLeads) -> LeadsLeased:
        places = self._campaign(write.campaign).places
        groups = tuple(dict.fromkeys(write.zone_groups))
        found, next_due_at = places.lease(groups, write.now, max(0, write.limit))
        return LeadsLeased(tuple(self._candidate(place, write) for place in found), next_due_at)

    def _candidate(self, place: MemoryPlace, write: FetchLeads) -> Candidate:
        lead = self._leads[place.lead_id]
        numbers = tuple(dict.fromkeys(phone.e164 for phone in lead.phones))
        since = write.now - HISTORY_S
        seen = sorted(
            (
                past
                for number in numbers
                for past in self._on_number.get(number, ())
                if past.counted and (past.created_at >= since or past.campaign == write.campaign)
            ),
            key=lambda past: (past.created_at, past.serial),
        )
        return Candidate(
            lead=lead,
            phone_position=place.phone_position,
            due_at=place.due_at,
            attempts=place.attempts,
            tries=place.tries,
            history=tuple(PastAttempt(past.number, past.campaign, past.at, past.outcome) for past in seen),
            dnc=tuple(number for number in numbers if number in self._dnc),
            dnc_version=self._dnc_version,
        )

    def _save(self, intent: AttemptIntent) -> AttemptAccepted | AttemptDenied:
        self._campaign(intent.campaign)
        sources = self._dnc.get(intent.number)
        if sources:
            return denied_by_dnc(intent, min(sources))
        for cap in intent.permitted.caps:
            kind, key = cap_key(cap)
            known = self._on_number.get(str(key), ()) if kind == "number" else self._on_lead.get(int(key), ())
            if reached(cap, [(past.created_at, past.campaign) for past in known if past.counted]):
                return denied_by_cap(intent, cap)
        if intent.attempt_id in self._intents:
            raise WriteConflict(f"attempt {intent.attempt_id} is stored already")
        if intent.call_id in self._call_ids:
            raise WriteConflict(f"an attempt with Call-ID {intent.call_id!r} is stored already")
        if intent.lead_id not in self._leads:
            raise WriteConflict(f"there is no lead {intent.lead_id}")
        self._intents[intent.attempt_id] = intent
        self._call_ids.add(intent.call_id)
        self._past[intent.attempt_id] = self._remember(
            CountedAttempt(
                intent.number,
                intent.lead_id,
                intent.campaign,
                intent.created_at,
                intent.created_at,
                Outcome.UNKNOWN.value,
            ),
            counted=True,
        )
        return AttemptAccepted(intent.attempt_id)

    def _remember(self, attempt: CountedAttempt, *, counted: bool) -> _Past:
        self._serial += 1
        past = _Past(
            attempt.number,
            attempt.lead_id,
            attempt.campaign,
            attempt.created_at,
            attempt.at,
            attempt.outcome,
            counted,
            self._serial,
        )
        self._on_number.setdefault(past.number, []).append(past)
        self._on_lead.setdefault(past.lead_id, []).append(past)
        return past

    def _close(self, write: CloseAttempt) -> None:
        record = write.record
        if record.attempt_id not in self._intents or record.attempt_id in self._records:
            raise AttemptNotOpen(record.attempt_id)
        places, state = self._places_for(write.update), stored_state(write.update.state)
        self._records[record.attempt_id] = record
        past = self._past[record.attempt_id]
        past.counted, past.outcome = record.counted, record.outcome
        if record.dialed_at is not None:
            past.at = record.dialed_at
        _move(places, state, write.update)
        if write.block_number is not None:
            self._block((write.block_number,), f"campaign {record.campaign}", record.closed_at)

    def _block(self, numbers: Iterable[str], source: str, now: float) -> None:
        for number in numbers:
            self._dnc.setdefault(number, {}).setdefault(source, now)
        self._dnc_version += 1

    def _save_leads(self, write: SaveLeads) -> None:
        for position, lead in enumerate(write.leads):
            if not lead.phones:
                raise ValueError(f"list {write.list_name!r}: lead {position + 1} of this portion has no number")
        target = self._lists.setdefault(write.list_name, _List(write.source, write.as_of, write.now, []))
        target.source, target.as_of = write.source, write.as_of
        dialing = [campaign for campaign in self._campaigns.values() if write.list_name in campaign.lists]
        for lead_id, new in enumerate(write.leads, max(self._leads, default=0) + 1):
            self._leads[lead_id] = Lead(
                lead_id, write.list_name, new.phones, new.first_name, new.last_name, new.external_id, new.fields
            )
            target.lead_ids.append(lead_id)
            for campaign in dialing:
                campaign.places.join(lead_id, new.phones[0].zone_group)

    def _save_campaign(self, write: SaveCampaign) -> None:
        order = LeadOrder(write.order).value
        names = tuple(dict.fromkeys(write.lists))
        for name in names:
            if name not in self._lists:
                raise UnknownList(name)
        campaign = self._campaigns.get(write.name)
        if campaign is None:
            campaign = _Campaign(write.body, write.now, (), MemoryPlaces(order, write.order_seed))
            self._campaigns[write.name] = campaign
        campaign.body = write.body
        campaign.places.reorder(order, write.order_seed)
        for name in campaign.lists:
            if name not in names:
                campaign.places.suspend(self._lists[name].lead_ids)
        for name in names:
            lead_ids = self._lists[name].lead_ids
            if name not in campaign.lists:
                campaign.places.resume(lead_ids)
            for lead_id in lead_ids:
                campaign.places.join(lead_id, self._leads[lead_id].phones[0].zone_group)
        campaign.lists = names

    # --- Reader ------------------------------------------------------------------------------------------

    def lists(self) -> Sequence[ListSummary]:
        return [
            ListSummary(
                name,
                one.source,
                one.as_of,
                one.created_at,
                len(one.lead_ids),
                sum(len(self._leads[lead_id].phones) for lead_id in one.lead_ids),
            )
            for name, one in sorted(self._lists.items())
        ]

    def leads(self, list_name: str) -> Iterator[Lead]:
        known = self._lists.get(list_name)
        if known is not None:
            yield from (self._leads[lead_id] for lead_id in known.lead_ids)

    def lead(self, lead_id: int) -> Lead | None:
        return self._leads.get(lead_id)

    def known_numbers(self, list_name: str, numbers: Iterable[str]) -> set[str]:
        mine = {phone.e164 for lead in self.leads(list_name) for phone in lead.phones}
        return mine.intersection(numbers)

    def blocked_numbers(self, numbers: Iterable[str]) -> set[str]:
        return {number for number in numbers if number in self._dnc}

    def blocked_since(self, numbers: Iterable[str]) -> dict[str, float]:
        return {number: min(self._dnc[number].values()) for number in numbers if number in self._dnc}

    def dnc_version(self) -> int:
        return self._dnc_version

    def campaigns(self) -> Sequence[StoredCampaign]:
        return [StoredCampaign(name, one.body, one.added_at) for name, one in sorted(self._campaigns.items())]

    def campaign(self, name: str) -> StoredCampaign | None:
        one = self._campaigns.get(name)
        return None if one is None else StoredCampaign(name, one.body, one.added_at)

    def setup(self, campaign: str) -> CampaignSetup:
        one = self._campaign(campaign)
        by_age = tuple(name for name in self._lists if name in one.lists)
        return CampaignSetup(by_age, one.places.order, one.places.seed)

    def places(self, campaign: str) -> Iterator[Place]:
        places = self._campaigns[campaign].places.by_lead if campaign in self._campaigns else {}
        for lead_id in sorted(places):
            one = places[lead_id]
            state = READY if one.state == WAITING else one.state
            yield Place(
                lead_id,
                state,
                one.due_at,
                one.zone_group,
                one.order_key,
                one.phone_position,
                one.attempts,
                one.tries,
                one.reason,
            )

    def zone_groups(self, campaign: str) -> Sequence[tuple[str, int]]:
        counts: dict[str, int] = {}
        for place in self.places(campaign):
            for position, phone in enumerate(self._leads[place.lead_id].phones):
                next_here = position == place.phone_position and place.state != FINAL
                counts[phone.zone_group] = counts.get(phone.zone_group, 0) + next_here
        return sorted(counts.items())

    def lead_counts(self, campaign: str) -> LeadCounts:
        places = self._campaigns[campaign].places.by_lead.values() if campaign in self._campaigns else ()
        return LeadCounts(
            len(places), sum(one.attempts > 0 for one in places), sum(one.state == FINAL for one in places)
        )

    def next_attempt_id(self) -> int:
        return max(self._intents, default=0) + 1

    def attempts(self, campaign: str) -> Iterator[StoredAttempt]:
        mine = (one for one in self._intents.values() if one.campaign == campaign)
        for one in sorted(mine, key=lambda one: (one.created_at, one.attempt_id)):
            yield StoredAttempt(
                one.attempt_id,
                one.campaign,
                one.lead_id,
                one.number,
                one.trunk,
                one.caller_id,
                one.call_id,
                one.created_at,
                to_json(one.permitted.evidence),
                self._records.get(one.attempt_id),
            )

    def records(self, campaign: str, since: float, until: float) -> Iterator[AttemptRecord]:
        mine = (
            one for one in self._records.values() if one.campaign == campaign and since <= one.created_at < until
        )
        yield from sorted(mine, key=lambda one: (one.created_at, one.attempt_id))

    def counted_attempts(self, campaign: str, since: float) -> Iterator[CountedAttempt]:
        mine = (
            past
            for known in self._on_number.values()
            for past in known
            if past.counted and (past.campaign == campaign or past.created_at >= since)
        )
        for past in sorted(mine, key=lambda past: (past.created_at, past.serial)):
            yield CountedAttempt(past.number, past.lead_id, past.campaign, past.created_at, past.at, past.outcome)

    def agent_times(self, campaign: str, since: float, until: float) -> Iterator[AgentTime]:
        mine = [
            one
            for one in self._agent_times
            if one.campaign == campaign and one.until > since and one.since < until
        ]
        for one in sorted(mine, key=lambda one: one.since):
            yield replace(one, since=max(one.since, since), until=min(one.until, until))


def _move(places: MemoryPlaces, state: str, update: LeadUpdate) -> None:
    places.move(
        update.lead_id,
        state,
        update.due_at,
        update.phone_position,
        update.zone_group,
        update.attempts,
        update.tries,
        update.reason,
    )


def _copied(place: Place) -> MemoryPlace:
    """Leads never tried are in order at once; of others the first fetch finds out by their due time."""
    state = place.state
    if state != FINAL:
        state = READY if place.due_at <= DUE_AT_ONCE else WAITING
    return MemoryPlace(
        place.lead_id,
        place.zone_group,
        place.order_key,
        state,
        place.due_at,
        place.phone_position,
        place.attempts,
        place.tries,
        place.reason,
    )
