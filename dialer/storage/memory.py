"""The store in memory, with the meaning of the database: what simulations run on. Nothing of it is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import islice

from campaigns.callback import Callback
from dialer.ports.store import (
    Answer,
    Audited,
    BlockNumbers,
    CloseAttempt,
    Done,
    ErasePerson,
    ExpireList,
    FetchLeads,
    MoveLeads,
    Place,
    PlaceLeads,
    Reader,
    RemoveUser,
    RequeueLeads,
    ReturnLeads,
    RevokeToken,
    SaveAgentTime,
    SaveAttempt,
    SaveCampaign,
    SaveChange,
    SaveConsents,
    SaveLeads,
    SaveOptOut,
    SaveRuleSet,
    SaveThirdCall,
    SaveToken,
    SaveUser,
    SaveWalls,
    SetCampaignState,
    StoredRuleSet,
    UnblockNumbers,
    UpdateLeads,
    WithdrawConsents,
    Write,
)
from dialer.storage.errors import (
    StorageError,
    UnknownCampaign,
)
from dialer.storage.memory_attempts import MemoryAttempts
from dialer.storage.memory_campaigns import CampaignEntry, ListEntry, Part
from dialer.storage.memory_erasure import MemoryErasure
from dialer.storage.memory_lists import MemoryLists
from dialer.storage.memory_places import MemoryPlace, MemoryPlaces
from dialer.storage.places import DUE_AT_ONCE, FINAL, HISTORY_S, READY
from dialer.storage.source import Source
from lists.client import client_of

_CHUNK = 1_000


class MemoryStore(MemoryAttempts, MemoryLists, MemoryErasure):
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
                    summary.source, summary.as_of, summary.created_at, list(leads), summary.expires_on
                )
        places = MemoryPlaces(setup.order, setup.order_seed, setup.grouping)
        callbacks = {one.callback.lead_id: one.callback for one in reader.callbacks(campaign, ended=False)}
        for place in reader.places(campaign):
            lead = store._leads.get(place.lead_id)
            if lead is not None:  # some may still lie in a group of an earlier grouping
                group = places.group_of(lead, place.phone_position)
                places.put(_copied(place, group, callbacks.get(place.lead_id)))
        store._promised = {one.promised_in: one for one in callbacks.values() if one.lead_id in store._leads}
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
            {group for lead_id in places.by_lead for group in places.groups_of(store._leads[lead_id])},
        )
        numbers = dict.fromkeys(phone.e164 for lead in store._leads.values() for phone in lead.phones)
        called = {key for lead in store._leads.values() for key in (lead.person, lead.debt) if key}
        for counted in reader.counted_attempts(campaign, now - HISTORY_S):
            past = counted.past
            here = past.number in numbers or counted.lead_id in store._leads
            if here or past.person in called or past.debt in called:
                store._remember(counted)
        rest = iter(numbers)
        client = client_of(campaign)
        while portion := list(islice(rest, _CHUNK)):
            store.copy_registers(reader, portion, client)
            own = tuple(reader.consents(portion, client))
            if own:
                store._save_consents(SaveConsents(own, now, client))
        store._registers.version = reader.dnc_version()
        return store

    def copy_registers(self, reader: Reader, numbers: Iterable[str], client: str) -> None:
        """What the do-not-call registers of another store have for these numbers."""
        for entry in reader.dnc_entries(numbers, client):
            self._registers.put(entry)

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
                if write.consents:
                    record = write.record
                    of_client = client_of(record.campaign)
                    self._save_consents(SaveConsents(write.consents, record.closed_at, of_client))
            case ReturnLeads():
                self._return(write)
            case SaveAgentTime():
                self._agent_times.extend(write.stretches)
            case SaveLeads():
                return self._save_leads(write)
            case UpdateLeads():
                return self._update_leads(write)
            case ExpireList():
                self._expire_list(write)
            case MoveLeads():
                return self._move_leads(write)
            case PlaceLeads():
                return self._place_leads(write)
            case RequeueLeads():
                return self._campaign(write.campaign).places.requeue(write)
            case Audited():
                answer = self.write(write.write)
                self._append(write.change)
                return answer
            case _:
                self._apply_settings(write)
        return Done()

    def _apply_settings(
        self,
        write: SaveCampaign | SetCampaignState | BlockNumbers | SaveOptOut | UnblockNumbers | SaveConsents
        | WithdrawConsents | SaveWalls
        | SaveRuleSet | ErasePerson
        | SaveUser | RemoveUser | SaveToken | RevokeToken | SaveChange | SaveThirdCall,
    ) -> None:  # fmt: skip
        match write:
            case SaveCampaign():
                self._save_campaign(write)
            case SetCampaignState():
                self._set_state(write)
            case BlockNumbers():
                self._block(write)
            case SaveOptOut():
                self._block(write.block)
            case UnblockNumbers():
                of_persons: dict[str, set[str]] = {}
                for lead in self._leads.values():
                    for party in self._parties(lead):
                        of_persons.setdefault(party, set()).update(phone.e164 for phone in lead.phones)
                of_persons.pop("", None)
                self._registers.unblock(write, of_persons)
            case SaveConsents():
                self._save_consents(write)
            case WithdrawConsents():
                self._withdraw_consents(write)
            case SaveWalls():
                self._walls.setdefault(write.hash, write.body)
            case SaveRuleSet():
                kept = StoredRuleSet(write.name, write.hash, write.body, write.now, write.basis)
                self._rule_sets[write.now, write.name] = kept
            case ErasePerson():
                self._erase_person(write)
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
            case SaveThirdCall():
                self._thirds[write.third.key] = write.third

    def recover(self) -> int:
        """Give back every lease, as a new owner does; how many there were."""
        return sum(campaign.places.give_back() for campaign in self._campaigns.values())


def _copied(place: Place, group: str, callback: Callback | None) -> MemoryPlace:
    """Leads never tried are in order at once; of others the first fetch finds out by their due time."""
    copied = MemoryPlace(
        place.lead_id,
        group,
        place.order_key,
        FINAL,
        place.due_at,
        place.phone_position,
        place.attempts,
        place.tries,
        place.reason,
        callback,
    )
    if place.state != FINAL:
        copied.state = READY if place.due_at <= DUE_AT_ONCE else copied.waits_as
    return copied
