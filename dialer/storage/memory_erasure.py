"""Erasing a person in memory, as `erasure` does."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from dialer.ports.store import DROPPED, ERASED, ERASURE_REQUEST, LEASED, CallbackEnd, ErasePerson
from dialer.storage.errors import PersonAtHand
from dialer.storage.memory_reads import MemoryReader
from lists.lead import Lead, lead_party


class MemoryErasure(MemoryReader):
    """Part of `MemoryStore`."""

    def anyone_erased(self) -> bool:
        return bool(self._erased_keys)

    def erased_keys(self, keys: Iterable[str]) -> set[str]:
        return self._erased_keys.intersection(keys)

    def _erase_person(self, write: ErasePerson) -> None:
        of_leads = set(write.lead_ids)
        attempts = [one for one in self._intents.values() if one.lead_id in of_leads]
        for attempt in attempts:
            if attempt.attempt_id not in self._records:
                raise PersonAtHand(attempt.lead_id, attempt.campaign)
        places = [
            (name, campaign.places.by_lead[lead_id])
            for lead_id in write.lead_ids
            for name, campaign in sorted(self._campaigns.items())
            if lead_id in campaign.places.by_lead
        ]
        for name, place in places:
            if place.state == LEASED:
                raise PersonAtHand(place.lead_id, name)
        for name, place in places:
            self._campaigns[name].places.close(place.lead_id, ERASED)
        for lead_id in of_leads & self._leads.keys():
            self._lead_versions.pop(lead_id, None)
            for phone in self._leads[lead_id].phones:
                self._registers.drop(phone.e164, ERASURE_REQUEST, write.clients)
            self._registers.forget_persons((self._leads[lead_id].person, lead_party(lead_id)))
            self._leads[lead_id] = _shell(self._leads[lead_id])
        for attempt in attempts:
            key = attempt.attempt_id
            self._intents[key] = replace(attempt, number="", person="", debt="")
            self._records[key] = replace(
                self._records[key], number="", person="", debt="", note="", recording=None, answers=""
            )
            self._forget_whom(key)
            self._erased.add(key)
            if key in self._promised:
                self._promised[key] = replace(self._promised[key], number="", consent="")
                self._promise_ends.setdefault(key, CallbackEnd(key, DROPPED, ERASED, write.now))
        for number in write.numbers:
            for client in write.clients:
                self._consents.pop((client, number), None)
        self._erased_keys.update(write.keys)
        self._strike_from_changes(write.numbers)

    def _forget_whom(self, attempt_id: int) -> None:
        """The attempt counts on its lead alone any more."""
        entry = self._past[attempt_id]
        past = entry.past
        for key in (("number", past.number), ("person", past.person), ("debt", past.debt)):
            if entry in self._on.get(key, ()):
                self._on[key].remove(entry)
        entry.past = replace(past, number="", person="", debt="")


def _shell(lead: Lead) -> Lead:
    return Lead(
        lead.lead_id,
        lead.list_name,
        tuple(replace(phone, e164="", extension="", zone_evidence="") for phone in lead.phones),
        country=lead.country,
        source=lead.source,
        as_of=lead.as_of,
        expires_on=lead.expires_on,
    )
