"""Lists and campaigns written in memory, as `leads` and `campaigns` do."""

from __future__ import annotations

from dataclasses import replace

from campaigns.campaign import LeadOrder
from campaigns.consent import TO_BE_CALLED, Consent
from dialer.ports.store import (
    LEASED,
    BlockNumbers,
    ExpireList,
    LeadsMoved,
    LeadsPlaced,
    LeadsStored,
    LeadsUpdated,
    LeadVersion,
    MoveLeads,
    PlaceLeads,
    SaveCampaign,
    SaveConsents,
    SaveLeads,
    SetCampaignState,
    UpdateLeads,
    WithdrawConsents,
)
from dialer.storage.campaigns import refuse_foreign_lists
from dialer.storage.errors import (
    StateConflict,
    UnknownList,
)
from dialer.storage.lead_updates import changes_of, facts_of, newly_known, newly_theirs
from dialer.storage.leads import numbers_by_person
from dialer.storage.memory_campaigns import CampaignEntry, ListEntry
from dialer.storage.memory_places import MemoryPlaces
from dialer.storage.memory_reads import MemoryReader
from dialer.storage.moving import refuse_move
from dialer.storage.places import PROMISED
from lists.client import client_of
from lists.lead import Lead


class MemoryLists(MemoryReader):
    """Part of `MemoryStore`."""

    def _save_leads(self, write: SaveLeads) -> LeadsStored:
        for position, lead in enumerate(write.leads):
            if not lead.phones:
                raise ValueError(f"list {write.list_name!r}: lead {position + 1} of this portion has no number")
        target = self._lists.setdefault(write.list_name, ListEntry(write.source, write.as_of, write.now, []))
        target.source, target.as_of = write.source, write.as_of
        before = target.lead_ids[-1] if target.lead_ids else 0
        newcomers = [
            Lead(
                lead_id,
                write.list_name,
                new.phones,
                new.first_name,
                new.last_name,
                new.external_id,
                new.fields,
                person_key=new.person_key,
                debt_id=new.debt_id,
                country=new.country,
                region=new.region,
                details=new.details,
                source=new.source or write.source,
                as_of=new.as_of or write.as_of,
                origins=new.origins,
                expires_on=target.expires_on,
            )
            for lead_id, new in enumerate(write.leads, max(self._leads, default=0) + 1)
        ]
        if not newcomers:
            return LeadsStored()
        self._registers.block_known(numbers_by_person(write), write.now)
        self._leads.update((lead.lead_id, lead) for lead in newcomers)
        self._added_at.update((lead.lead_id, write.now) for lead in newcomers)
        target.lead_ids += [lead.lead_id for lead in newcomers]
        dialing = [campaign for campaign in self._campaigns.values() if write.list_name in campaign.lists]
        for campaign in dialing:
            for newcomer in newcomers:
                campaign.join(newcomer)
            part = campaign.parts[write.list_name]
            if part.walked_to >= before:
                part.walked_to = newcomers[-1].lead_id
        return LeadsStored(
            tuple((one.name, tuple(sorted(set().union(*map(one.places.groups_of, newcomers))))) for one in dialing)
        )

    def _update_leads(self, write: UpdateLeads) -> LeadsUpdated:
        ids = sorted({lead.lead_id for lead in write.leads} & self._leads.keys())
        present = [self._leads[lead_id] for lead_id in ids]
        places = {
            lead.lead_id: [
                (name, campaign, campaign.places.by_lead[lead.lead_id])
                for name, campaign in sorted(self._campaigns.items())
                if lead.lead_id in campaign.places.by_lead
            ]
            for lead in present
        }
        leased = {lead_id for lead_id, of in places.items() if any(place.state == LEASED for _, _, place in of)}
        changes = changes_of(write, present, leased)  # before anything is changed: it refuses all or nothing
        groups: dict[str, set[str]] = {}
        for old, new in changes.made:
            if facts_of(new) != facts_of(old):
                self._keep_version(old)
            self._registers.block_known(newly_theirs([(old, new)]), write.now)
            self._leads[new.lead_id] = new
            for _, campaign, _ in places[new.lead_id] if new.details.rank != old.details.rank else ():
                if campaign.places.order == LeadOrder.RANK:
                    campaign.places.rekey(new)
            for party, person in newly_known([(old, new)]).items():
                for client, purpose, source in self._registers.refuses(party):
                    self._block(BlockNumbers((), source, write.now, client, purpose, person))
            for name, campaign, place in places[new.lead_id]:
                groups.setdefault(name, set()).update(campaign.rejoin(new, place))
        joined = tuple((name, tuple(sorted(groups[name]))) for name in self._campaigns if name in groups)
        return changes.answer(joined)

    def _expire_list(self, write: ExpireList) -> None:
        entry = self._lists.get(write.list_name)
        if entry is None:
            raise UnknownList(write.list_name)
        entry.expires_on = write.expires_on
        entry.said = [one for one in entry.said if one[0] != write.now] + [(write.now, write.expires_on)]
        for lead_id in entry.lead_ids:
            self._leads[lead_id] = replace(self._leads[lead_id], expires_on=write.expires_on)

    def _move_leads(self, write: MoveLeads) -> LeadsMoved:
        refuse_move(write)
        source = self._lists.get(write.from_list)
        if source is None:
            raise UnknownList(write.from_list)
        at_hand: list[int] = []
        promised: list[int] = []
        moved: list[int] = []
        for lead_id in sorted(set(write.lead_ids) & set(source.lead_ids)):
            if self._leads[lead_id].is_erased:
                continue
            states = [
                (one.places.by_lead[lead_id].state, write.to_list in one.lists)
                for one in self._campaigns.values()
                if lead_id in one.places.by_lead
            ]
            if any(state == LEASED for state, _ in states):
                at_hand.append(lead_id)
            elif (PROMISED, False) in states:
                promised.append(lead_id)
            else:
                moved.append(lead_id)
        left = tuple(at_hand), tuple(promised)
        if not moved:
            return LeadsMoved(0, *left)
        if write.to_list not in self._lists:
            self._lists[write.to_list] = ListEntry(source.source, source.as_of, write.now, [])
            if source.expires_on:
                self._expire_list(ExpireList(write.to_list, source.expires_on, write.now))
        target = self._lists[write.to_list]
        last = target.lead_ids[-1] if target.lead_ids else 0
        gone = set(moved)
        source.lead_ids = [lead_id for lead_id in source.lead_ids if lead_id not in gone]
        target.lead_ids = sorted((*target.lead_ids, *moved))
        for lead_id in moved:
            self._keep_version(self._leads[lead_id])
            self._leads[lead_id] = replace(
                self._leads[lead_id], list_name=write.to_list, expires_on=target.expires_on
            )
        joined = []
        for name, campaign in sorted(self._campaigns.items()):
            part = campaign.parts.get(write.to_list)
            if part is None or part.removed:
                campaign.places.suspend(moved)
                continue
            groups: set[str] = set()
            for lead_id in moved:
                lead, place = self._leads[lead_id], campaign.places.by_lead.get(lead_id)
                if place is None:
                    campaign.join(lead)
                    groups |= campaign.places.groups_of(lead)
                else:
                    campaign.places.resume(lead_id)
                    groups |= campaign.rejoin(lead, place)
            if last <= part.walked_to < moved[-1]:
                part.walked_to = moved[-1]
            joined.append((name, tuple(sorted(groups))))
        return LeadsMoved(len(moved), *left, tuple(joined))

    def _keep_version(self, old: Lead) -> None:
        made = [one.created_at for one in self._intents.values() if one.lead_id == old.lead_id]
        versions = self._lead_versions.setdefault(old.lead_id, [])
        if made and not any(one.until == max(made) for one in versions):
            versions.append(LeadVersion(max(made), old))

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

    def _save_consents(self, write: SaveConsents) -> None:
        for one in write.consents:
            entries = self._consents.setdefault((write.client, one.number), {})
            key = one.kind, one.purpose, one.given_at
            withdrawn_at = entries[key].withdrawn_at if key in entries else None
            entries[key] = one if withdrawn_at is None else replace(one, withdrawn_at=withdrawn_at)
        numbers = {one.number for one in write.consents if one.kind in TO_BE_CALLED}
        for name, campaign in self._campaigns.items():
            if client_of(name) == write.client:
                campaign.places.wake(
                    write.now,
                    lambda lead_id: any(phone.e164 in numbers for phone in self._leads[lead_id].phones),
                )
        self._consent_version += 1

    def _withdraw_consents(self, write: WithdrawConsents) -> None:
        for number in write.numbers:
            entries = self._consents.setdefault((write.client, number), {})
            for key, one in entries.items():
                if one.withdrawn_at is None and write.kind in {"", one.kind}:
                    entries[key] = replace(one, withdrawn_at=write.now)
            no = Consent(number, write.kind, "", write.now, source=write.source, withdrawn_at=write.now)
            entries.setdefault((no.kind, no.purpose, no.given_at), no)
        self._consent_version += 1

    def _place_leads(self, write: PlaceLeads) -> LeadsPlaced:
        if write.limit < 1:
            raise ValueError(f"{write.limit} leads cannot be placed; ask for 1 or more")
        return self._campaign(write.campaign).place_portion(self._lists, self._leads, write.limit, write.grouping)

    def _set_state(self, write: SetCampaignState) -> None:
        campaign = self._campaign(write.name)
        if write.expected is not None and campaign.state is not write.expected:
            raise StateConflict(write.name, campaign.state, write.expected)
        campaign.state, campaign.state_reason, campaign.state_at = write.state, write.reason, write.now
