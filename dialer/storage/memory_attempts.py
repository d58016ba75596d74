"""Leads leased and attempts made in memory, as `fetching` and `attempts` do."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace

from campaigns.consent import is_lacking
from campaigns.outcome import Contact, Outcome
from campaigns.permission.past import PastAttempt
from dialer.ports.store import (
    FINAL,
    LEASED,
    READY,
    AttemptAccepted,
    AttemptDenied,
    AttemptIntent,
    Candidate,
    CloseAttempt,
    FetchLeads,
    LeadGroup,
    LeadsLeased,
    LeadUpdate,
    Place,
    ReturnLeads,
    ZoneLeads,
)
from dialer.storage.caps import Counted, asked, denied, denied_by_consent, denied_by_dnc
from dialer.storage.errors import (
    AttemptNotOpen,
    UnknownPlace,
    WriteConflict,
)
from dialer.storage.expiry import denied_by_expiry
from dialer.storage.lead_groups import USUAL_LENGTH, group_of
from dialer.storage.memory_places import MemoryPlace, MemoryPlaces
from dialer.storage.memory_reads import MemoryReader, PastEntry, place_of
from dialer.storage.places import HISTORY_S, port_state, stored_state
from dialer.storage.source import CountedAttempt
from lists.barred import judge
from lists.client import client_of
from lists.lead import ZoneSource

_UNKNOWN = Outcome.UNKNOWN.value


class MemoryAttempts(MemoryReader):
    """Part of `MemoryStore`."""

    def _places_for(self, update: LeadUpdate) -> MemoryPlaces:
        places = self._campaign(update.campaign).places
        if update.lead_id not in places.by_lead:
            raise UnknownPlace(update.campaign, update.lead_id)
        return places

    def _lease(self, write: FetchLeads) -> LeadsLeased:
        campaign = self._campaign(write.campaign)
        groups = tuple(dict.fromkeys(write.zone_groups))
        found, next_due_at, more_ready, next_callback_at, seen_to = campaign.places.lease(
            groups,
            write.now,
            max(0, write.limit),
            lambda lead_id: campaign.let_go(self._leads[lead_id]),
            write.aside,
            lambda lead_id: campaign.places.groups_of(self._leads[lead_id]),
        )
        candidates = tuple(self._candidate(place, write) for place in found)
        return LeadsLeased(candidates, next_due_at, more_ready, next_callback_at, seen_to)

    def _candidate(self, place: MemoryPlace, write: FetchLeads) -> Candidate:
        lead = self._leads[place.lead_id]
        numbers = tuple(dict.fromkeys(phone.e164 for phone in lead.phones))
        since = write.now - HISTORY_S
        blocked = self._registers.among(numbers, client_of(write.campaign), write.purpose)
        seen = sorted(
            (
                entry
                for number in numbers
                for entry in self._on.get(("number", number), ())
                if entry.counted and (entry.created_at >= since or entry.past.campaign == write.campaign)
            ),
            key=lambda entry: (entry.created_at, entry.serial),
        )
        key = ("person", lead.person) if lead.person_key else ("debt", lead.debt)
        return Candidate(
            lead=lead,
            phone_position=place.phone_position,
            due_at=place.due_at,
            attempts=place.attempts,
            tries=place.tries,
            history=tuple(entry.past for entry in seen),
            elsewhere=tuple(
                entry.past
                for entry in self._on.get(key, ())
                if entry.counted and entry.created_at >= since and entry.past.number not in numbers
            ),
            dnc=tuple(number for number in numbers if number in blocked),
            dnc_version=self._registers.version,
            callback=place.callback,
            consents=tuple(self.consents(numbers, client_of(write.campaign))),
            consent_version=self._consent_version,
        )

    def lead_groups(self, campaign: str, at: float, digits: int = 0, purpose: str = "") -> Iterator[LeadGroup]:
        groups: dict[str, list[int]] = {}
        for lead_id, key in self._keyed(campaign, at, digits, purpose):
            groups.setdefault(key, []).append(lead_id)
        for key, lead_ids in groups.items():
            yield group_of(key, min(lead_ids), len(lead_ids))

    def waiting_leads(self, campaign: str, now: float) -> Sequence[ZoneLeads]:
        places = self._campaigns[campaign].places.by_lead if campaign in self._campaigns else {}
        found: dict[str, list[float]] = {}
        for place in places.values():
            if port_state(place.state) == READY:
                found.setdefault(place.zone_group, []).append(place.due_at)
        counted = []
        for group, moments in sorted(found.items()):
            later = [at for at in moments if at > now]
            counted.append(ZoneLeads(group, len(moments) - len(later), len(later), min(later, default=None)))
        return counted

    def leads_of_groups(
        self, campaign: str, at: float, digits: int, keys: Collection[str], purpose: str = ""
    ) -> Iterator[int]:
        yield from sorted(lead_id for lead_id, key in self._keyed(campaign, at, digits, purpose) if key in keys)

    def candidates(
        self, campaign: str, lead_ids: Iterable[int], at: float, purpose: str = ""
    ) -> Iterator[tuple[Place, Candidate]]:
        places = self._campaigns[campaign].places.by_lead if campaign in self._campaigns else {}
        asked = FetchLeads(campaign, 1, at, (), purpose)
        for lead_id in lead_ids:
            if lead_id in places:
                yield place_of(places[lead_id]), self._candidate(places[lead_id], asked)

    def _keyed(self, campaign: str, at: float, digits: int, purpose: str) -> Iterator[tuple[int, str]]:
        """As `lead_groups.LEAD_GROUPS`."""
        places = self._campaigns[campaign].places.by_lead if campaign in self._campaigns else {}
        client = client_of(campaign)
        for lead_id, place in places.items():
            lead = self._leads[lead_id]
            phones = lead.phones
            number = phones[place.phone_position]
            keys = [("number", phone.e164) for phone in phones] + [("person", lead.person), ("debt", lead.debt)]
            called = place.callback is not None or any(
                entry.counted for key in keys for entry in self._on.get(key, ())
            )
            called = called or any((client, phone.e164) in self._consents for phone in phones)
            odd = len(number.e164) < USUAL_LENGTH or judge(number.e164).bar is not None
            odd = odd or number.zone_source is ZoneSource.UNKNOWN
            parts = (
                "1" if len(phones) > 1 else "",
                f"{place.due_at};{place.reason}" if place.due_at > at else "",
                lead.list_name,
                place.zone_group,
                number.kind.value,
                lead.country,
                lead.region,
                number.e164[: digits + 1 if digits else 0],
                number.e164 if odd else "",
                "1" if self._registers.among((number.e164,), client, purpose) else "",
                str(lead_id) if called else "",
            )
            key = {FINAL: f"{FINAL};{place.reason}", LEASED: f"{LEASED};"}.get(place.state)
            yield lead_id, "open;" + ";".join(parts) if key is None else key

    def _save(self, intent: AttemptIntent) -> AttemptAccepted | AttemptDenied:
        self._campaign(intent.campaign)
        source = self._registers.source_of(intent.number, client_of(intent.campaign), intent.purpose)
        if source is not None:
            return denied_by_dnc(intent, source)
        for wanted in (intent.permitted.consent, intent.permitted.asked):
            if wanted is None:
                continue
            at = intent.created_at
            given = [
                one if one.withdrawn_at is None else replace(one, withdrawn_at=min(one.withdrawn_at, at))
                for one in self.consents((intent.number,), client_of(intent.campaign))
            ]
            if is_lacking(given, intent.number, wanted, at):
                return denied_by_consent(intent, wanted)
        known = {
            key: [
                _counted(entry) for entry in self._on.get(key, ()) if entry.counted and entry.created_at >= since
            ]
            for key, since in asked(intent).items()
        }
        lead = self._leads.get(intent.lead_id)
        refused = denied(intent, known) or denied_by_expiry(intent, "" if lead is None else lead.expires_on)
        if refused is not None:
            return refused
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
            CountedAttempt(
                intent.lead_id,
                at,
                PastAttempt(
                    intent.number,
                    intent.campaign,
                    at,
                    _UNKNOWN,
                    trunk=intent.trunk,
                    contact=Contact.OPEN.value,
                    person=intent.person,
                    debt=intent.debt,
                    purpose=intent.purpose,
                ),
            )
        )
        return AttemptAccepted(intent.attempt_id)

    def _remember(self, counted: CountedAttempt) -> PastEntry:
        """From now on the attempt counts."""
        self._serial += 1
        entry = PastEntry(counted.lead_id, counted.created_at, self._serial, counted.past)
        past = counted.past
        for key in (
            ("number", past.number), ("lead_id", counted.lead_id), ("person", past.person), ("debt", past.debt),
        ):  # fmt: skip
            if key[1]:
                self._on.setdefault(key, []).append(entry)
        return entry

    def _close(self, write: CloseAttempt) -> None:
        record = write.record
        stored_state(write.update)
        self._campaign(write.update.campaign)
        if record.attempt_id not in self._intents or record.attempt_id in self._records:
            raise AttemptNotOpen(record.attempt_id)
        places = self._places_for(write.update)
        self._records[record.attempt_id] = record
        entry = self._past[record.attempt_id]
        entry.counted = record.counted
        entry.past = replace(
            entry.past,
            at=entry.past.at if record.dialed_at is None else record.dialed_at,
            outcome=record.outcome,
            disposition=record.disposition,
            stage=record.stage,
            charged=record.charged,
            contact=record.contact,
            ended_at=record.ended_at,
        )
        if write.promised is not None:
            self._promised[write.promised.promised_in] = write.promised
        self._move(places, write.update, record.created_at if record.counted else None)
        if write.block is not None:
            self._block(write.block)

    def _return(self, write: ReturnLeads) -> None:
        for update in write.updates:
            stored_state(update)
            self._campaign(update.campaign)
        places = [self._places_for(update) for update in write.updates]
        for update, target in zip(write.updates, places, strict=True):
            self._move(target, target.due_again(update))

    def _move(self, places: MemoryPlaces, update: LeadUpdate, called_at: float | None = None) -> None:
        places.move(update, called_at)
        self._campaign(update.campaign).keep_groups({places.by_lead[update.lead_id].zone_group})
        self._promise_ends.update({end.promised_in: end for end in update.ended})


def _counted(entry: PastEntry) -> Counted:
    past = entry.past
    return (
        entry.created_at, past.campaign, past.stage, past.charged, past.contact, past.ended_at, past.purpose,
    )  # fmt: skip
