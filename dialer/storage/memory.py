"""The store in memory, with the meaning of the database: what simulations run on. Nothing of it is kept."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice

from campaigns.campaign import LeadOrder
from campaigns.eligibility import PastAttempt
from campaigns.outcome import Outcome
from dialer.ports.store import (
    Answer,
    AttemptAccepted,
    AttemptDenied,
    AttemptIntent,
    Audited,
    BlockNumbers,
    Candidate,
    CloseAttempt,
    Done,
    FetchLeads,
    LeadsLeased,
    LeadsPlaced,
    LeadsStored,
    LeadUpdate,
    Place,
    PlaceLeads,
    RemoveUser,
    ReturnLeads,
    RevokeToken,
    SaveAgentTime,
    SaveAttempt,
    SaveCampaign,
    SaveChange,
    SaveLeads,
    SaveToken,
    SaveUser,
    SetCampaignState,
    UnblockNumbers,
    Write,
)
from dialer.storage.campaigns import refuse_foreign_lists
from dialer.storage.caps import cap_key, denied_by_cap, denied_by_dnc, reached
from dialer.storage.errors import (
    AttemptNotOpen,
    StateConflict,
    StorageError,
    UnknownCampaign,
    UnknownList,
    UnknownPlace,
    WriteConflict,
)
from dialer.storage.memory_campaigns import CampaignEntry, ListEntry, Part
from dialer.storage.memory_places import MemoryPlace, MemoryPlaces
from dialer.storage.memory_reads import MemoryReader, PastEntry
from dialer.storage.places import DUE_AT_ONCE, FINAL, HISTORY_S, READY, WAITING, stored_state
from dialer.storage.source import Source
from lists.client import client_of
from lists.lead import Lead

_CHUNK = 1_000
_UNKNOWN = Outcome.UNKNOWN.value


class MemoryStore(MemoryReader):
    """Implements `Journal`, `Reader` and `Source`. A write is applied and answered within `submit`."""

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
                store._lists[summary.name] = ListEntry(
                    summary.source, summary.as_of, summary.created_at, list(leads)
                )
        places = MemoryPlaces(setup.order, setup.order_seed)
        for place in reader.places(campaign):
            if place.lead_id in store._leads:
                places.put(_copied(place))
        versions = {one.body: one.added_at for one in reader.campaign_versions(campaign)}
        store._campaigns[campaign] = CampaignEntry(
            campaign,
            stored.body,
            stored.added_at,
            places,
            stored.state,
            stored.state_reason,
            stored.state_at,
            {name: Part() for name in setup.lists},
            versions,
            set(reader.zone_group_names(campaign)),
        )
        numbers = dict.fromkeys(phone.e164 for lead in store._leads.values() for phone in lead.phones)
        for past in reader.counted_attempts(campaign, now - HISTORY_S):
            if past.number in numbers or past.lead_id in store._leads:
                store._remember(
                    past.number,
                    past.lead_id,
                    past.campaign,
                    past.created_at,
                    past.at,
                    past.outcome,
                    past.disposition,
                )
        rest = iter(numbers)
        client = client_of(campaign)
        while portion := list(islice(rest, _CHUNK)):
            for number, since in reader.blocked_since(portion, client).items():
                store._registers.block((number,), "copied", since, client)
        store._registers.version = reader.dnc_version()
        return store

    # --- Journal -----------------------------------------------------------------------------------------

    def submit(self, write: Write, done: Callable[[Answer | Exception], None]) -> None:
        """See `Journal.submit`; `done` is called before this returns."""
        answer: Answer | Exception
        try:
            answer = self.write(write)
        except (StorageError, LookupError, ValueError) as error:
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
                self._return(write)
            case SaveAgentTime():
                self._agent_times.extend(write.stretches)
            case SaveLeads():
                return self._save_leads(write)
            case PlaceLeads():
                return self._place_leads(write)
            case Audited():
                answer = self.write(write.write)
                self._append(write.change)
                return answer
            case _:
                self._apply_settings(write)
        return Done()

    def _apply_settings(
        self,
        write: SaveCampaign | SetCampaignState | BlockNumbers | UnblockNumbers
        | SaveUser | RemoveUser | SaveToken | RevokeToken | SaveChange,
    ) -> None:  # fmt: skip
        match write:
            case SaveCampaign():
                self._save_campaign(write)
            case SetCampaignState():
                self._set_state(write)
            case BlockNumbers():
                self._registers.block(write.numbers, write.source, write.now, write.client)
            case UnblockNumbers():
                self._registers.unblock(write.numbers, write.now, write.client)
            case SaveUser():
                self._users[write.user.name] = write.user
            case RemoveUser():
                self._remove_user(write.name, write.now)
            case SaveToken():
                self._save_token(write.token)
            case RevokeToken():
                self._revoke_token(write.token_id, write.now)
            case SaveChange():
                self._append(write.change)

    def recover(self) -> int:
        """Give back every lease, as a new owner does; how many there were."""
        return sum(campaign.places.give_back() for campaign in self._campaigns.values())

    def _places_for(self, update: LeadUpdate) -> MemoryPlaces:
        places = self._campaign(update.campaign).places
        if update.lead_id not in places.by_lead:
            raise UnknownPlace(update.campaign, update.lead_id)
        return places

    def _lease(self, write: FetchLeads) -> LeadsLeased:
        campaign = self._campaign(write.campaign)
        groups = tuple(dict.fromkeys(write.zone_groups))
        found, next_due_at, more_ready = campaign.places.lease(
            groups, write.now, max(0, write.limit), lambda lead_id: campaign.let_go(self._leads[lead_id])
        )
        return LeadsLeased(tuple(self._candidate(place, write) for place in found), next_due_at, more_ready)

    def _candidate(self, place: MemoryPlace, write: FetchLeads) -> Candidate:
        lead = self._leads[place.lead_id]
        numbers = tuple(dict.fromkeys(phone.e164 for phone in lead.phones))
        since = write.now - HISTORY_S
        blocked = self._registers.among(numbers, client_of(write.campaign))
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
            history=tuple(
                PastAttempt(past.number, past.campaign, past.at, past.outcome, past.disposition) for past in seen
            ),
            dnc=tuple(number for number in numbers if number in blocked),
            dnc_version=self._registers.version,
        )

    def _save(self, intent: AttemptIntent) -> AttemptAccepted | AttemptDenied:
        self._campaign(intent.campaign)
        source = self._registers.source_of(intent.number, client_of(intent.campaign))
        if source is not None:
            return denied_by_dnc(intent, source)
        for cap in intent.permitted.caps:
            kind, key = cap_key(cap)
            known = self._on_number.get(str(key), ()) if kind == "number" else self._on_lead.get(int(key), ())
            if len(known) >= cap.limit and reached(
                cap, [(past.created_at, past.campaign) for past in known if past.counted]
            ):
                return denied_by_cap(intent, cap)
        if intent.attempt_id in self._intents:
            raise WriteConflict(f"attempt {intent.attempt_id} is stored already")
        if intent.call_id in self._call_ids:
            raise WriteConflict(f"an attempt with Call-ID {intent.call_id!r} is stored already")
        if intent.lead_id not in self._leads:
            raise WriteConflict(f"there is no lead {intent.lead_id}")
        self._intents[intent.attempt_id] = intent
        self._call_ids.add(intent.call_id)
        at = intent.created_at
        self._past[intent.attempt_id] = self._remember(
            intent.number, intent.lead_id, intent.campaign, at, at, _UNKNOWN
        )
        return AttemptAccepted(intent.attempt_id)

    def _remember(
        self,
        number: str,
        lead_id: int,
        campaign: str,
        created_at: float,
        at: float,
        outcome: str,
        disposition: str | None = None,
    ) -> PastEntry:
        """From now on the attempt counts."""
        self._serial += 1
        past = PastEntry(number, lead_id, campaign, created_at, at, outcome, True, self._serial, disposition)
        self._on_number.setdefault(past.number, []).append(past)
        self._on_lead.setdefault(past.lead_id, []).append(past)
        return past

    def _close(self, write: CloseAttempt) -> None:
        record = write.record
        state = stored_state(write.update.state)
        self._campaign(write.update.campaign)
        if record.attempt_id not in self._intents or record.attempt_id in self._records:
            raise AttemptNotOpen(record.attempt_id)
        places = self._places_for(write.update)
        self._records[record.attempt_id] = record
        past = self._past[record.attempt_id]
        past.counted, past.outcome, past.disposition = record.counted, record.outcome, record.disposition
        if record.dialed_at is not None:
            past.at = record.dialed_at
        _move(places, state, write.update)
        if write.block_number is not None:
            self._registers.block(
                (write.block_number,),
                f"campaign {record.campaign}",
                record.closed_at,
                client_of(record.campaign),
            )

    def _return(self, write: ReturnLeads) -> None:
        states = [stored_state(update.state) for update in write.updates]
        for update in write.updates:
            self._campaign(update.campaign)
        places = [self._places_for(update) for update in write.updates]
        for update, state, target in zip(write.updates, states, places, strict=True):
            _move(target, state, update)

    def _save_leads(self, write: SaveLeads) -> LeadsStored:
        for position, lead in enumerate(write.leads):
            if not lead.phones:
                raise ValueError(f"list {write.list_name!r}: lead {position + 1} of this portion has no number")
        target = self._lists.setdefault(write.list_name, ListEntry(write.source, write.as_of, write.now, []))
        target.source, target.as_of = write.source, write.as_of
        before = target.lead_ids[-1] if target.lead_ids else 0
        newcomers = [
            Lead(lead_id, write.list_name, new.phones, new.first_name, new.last_name, new.external_id, new.fields)
            for lead_id, new in enumerate(write.leads, max(self._leads, default=0) + 1)
        ]
        if not newcomers:
            return LeadsStored()
        self._leads.update((lead.lead_id, lead) for lead in newcomers)
        target.lead_ids += [lead.lead_id for lead in newcomers]
        groups = tuple(sorted({phone.zone_group for lead in newcomers for phone in lead.phones}))
        dialing = [campaign for campaign in self._campaigns.values() if write.list_name in campaign.lists]
        for campaign in dialing:
            for newcomer in newcomers:
                campaign.join(newcomer)
            part = campaign.parts[write.list_name]
            if part.walked_to >= before:
                part.walked_to = newcomers[-1].lead_id
        return LeadsStored(tuple((campaign.name, groups) for campaign in dialing))

    def _save_campaign(self, write: SaveCampaign) -> None:
        order = LeadOrder(write.order).value
        refuse_foreign_lists(write)
        names = tuple(dict.fromkeys(write.lists))
        for name in names:
            if name not in self._lists:
                raise UnknownList(name)
        campaign = self._campaigns.get(write.name)
        if campaign is None:
            places = MemoryPlaces(order, write.order_seed)
            campaign = CampaignEntry(write.name, write.body, write.now, places, state_at=write.now)
            self._campaigns[write.name] = campaign
        campaign.body = write.body
        campaign.versions.setdefault(write.body, write.now)
        campaign.places.reorder(order, write.order_seed)
        campaign.change_lists(names)

    def _place_leads(self, write: PlaceLeads) -> LeadsPlaced:
        if write.limit < 1:
            raise ValueError(f"{write.limit} leads cannot be placed; ask for 1 or more")
        return self._campaign(write.campaign).place_portion(self._lists, self._leads, write.limit)

    def _set_state(self, write: SetCampaignState) -> None:
        campaign = self._campaign(write.name)
        if write.expected is not None and campaign.state is not write.expected:
            raise StateConflict(write.name, campaign.state, write.expected)
        campaign.state, campaign.state_reason, campaign.state_at = write.state, write.reason, write.now


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
