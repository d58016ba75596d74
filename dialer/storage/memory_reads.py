"""What a store in memory holds, and its reads."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from campaigns.callback import Callback
from campaigns.campaign import source_hash_of
from campaigns.consent import Consent
from campaigns.finding import finding_of
from campaigns.permission.past import PastAttempt
from campaigns.permission.permit import to_json
from campaigns.record import AgentTime, AttemptRecord
from dialer.ports.store import (
    OPEN,
    AttemptIntent,
    BlockNumbers,
    CallbackEnd,
    LeadCalls,
    LeadCounts,
    LeadVersion,
    ListSummary,
    Place,
    Seal,
    StoredAttempt,
    StoredCallback,
    StoredCampaign,
    StoredRuleSet,
    ThirdCall,
    Usage,
)
from dialer.storage.caps import CapKey
from dialer.storage.errors import UnknownCampaign
from dialer.storage.memory_access import MemoryAccess
from dialer.storage.memory_campaigns import CampaignEntry, ListEntry
from dialer.storage.memory_freshness import Call, counted, standing_at
from dialer.storage.memory_places import MemoryPlace
from dialer.storage.memory_registers import Registers
from dialer.storage.moving import with_call
from dialer.storage.places import FINAL, LEASED, port_state
from dialer.storage.source import CampaignSetup, CountedAttempt
from dialer.storage.thirds import used
from dialer.storage.usage import add_up
from lists.client import client_of
from lists.dedupe import KnownLead, MatchBy, phone_key, twin_key
from lists.dnc import DncEntry, PersonRefused
from lists.freshness.standing import Standing
from lists.lead import Lead, PhoneNumber, lead_party


@dataclass(slots=True)
class PastEntry:
    """An attempt as history and caps see it, from its insertion on. `serial`: its place in the order of these;
    `counted`: False once its record says that it was never placed."""

    lead_id: int
    created_at: float
    serial: int
    past: PastAttempt
    counted: bool = True


def _keys_of(lead: Lead, by: MatchBy) -> set[str]:
    of = lead.details
    match by:
        case MatchBy.PHONE:
            return {phone_key(phone) for phone in lead.phones}
        case MatchBy.ID:
            return {lead.external_id}
        case MatchBy.PERSON:
            return {lead.person_key}
        case MatchBy.ADDRESS:
            return {twin_key(lead.first_name, lead.last_name, of.address, of.postal_code or of.city)}


def _spent(record: AttemptRecord | None, intent: AttemptIntent) -> int:
    cost = intent.permitted.evidence.expected_cost_micro if record is None else record.cost_micro
    return cost or 0


class MemoryReader(MemoryAccess):
    """Implements `Reader` and `Source` over what `MemoryStore` writes. An unknown list or campaign reads as an
    empty one."""

    def __init__(self) -> None:
        super().__init__()
        self._lists: dict[str, ListEntry] = {}
        self._leads: dict[int, Lead] = {}
        self._added_at: dict[int, float] = {}
        self._campaigns: dict[str, CampaignEntry] = {}
        self._registers = Registers()
        self._intents: dict[int, AttemptIntent] = {}
        self._records: dict[int, AttemptRecord] = {}
        self._call_ids: set[str] = set()
        self._past: dict[int, PastEntry] = {}
        self._on: dict[CapKey, list[PastEntry]] = {}
        self._serial = 0
        self._agent_times: list[AgentTime] = []
        self._walls: dict[str, str] = {}
        self._consents: dict[tuple[str, str], dict[tuple[str, str, float], Consent]] = {}
        self._consent_version = 0
        self._rule_sets: dict[tuple[float, str], StoredRuleSet] = {}
        self._erased: set[int] = set()  # attempts whose permits are
        self._erased_keys: set[str] = set()
        self._thirds: dict[int, ThirdCall] = {}
        self._lead_versions: dict[int, list[LeadVersion]] = {}
        self._promised: dict[int, Callback] = {}
        self._promise_ends: dict[int, CallbackEnd] = {}

    def _block(self, write: BlockNumbers) -> None:
        theirs = (
            phone.e164
            for lead in self._leads.values()
            if write.person and write.person in self._parties(lead)
            for phone in lead.phones
        )
        self._registers.block(replace(write, numbers=tuple(dict.fromkeys((*write.numbers, *theirs)))))

    def _parties(self, lead: Lead) -> tuple[str, str]:
        return lead.person, lead_party(lead.lead_id)

    def _campaign(self, name: str) -> CampaignEntry:
        try:
            return self._campaigns[name]
        except KeyError:
            raise UnknownCampaign(name) from None

    def lists(self) -> Sequence[ListSummary]:
        return [
            ListSummary(
                name,
                one.source,
                one.as_of,
                one.created_at,
                sum(1 for _ in self._there(one)),
                sum(len(lead.phones) for lead in self._there(one)),
                one.expires_on,
            )
            for name, one in sorted(self._lists.items())
        ]

    def leads(self, list_name: str) -> Iterator[Lead]:
        known = self._lists.get(list_name)
        if known is not None:
            yield from self._there(known)

    def _there(self, known: ListEntry) -> Iterator[Lead]:
        return (lead for lead in map(self._leads.__getitem__, known.lead_ids) if not lead.is_erased)

    def lead(self, lead_id: int) -> Lead | None:
        return self._leads.get(lead_id)

    def leads_of_person(self, person: str) -> Sequence[Lead]:
        return [lead for _, lead in sorted(self._leads.items()) if person and lead.person == person]

    def leads_by_number(self, number: str) -> Sequence[Lead]:
        return [
            lead for _, lead in sorted(self._leads.items()) if any(phone.e164 == number for phone in lead.phones)
        ]

    def leads_by_id(self, lead_ids: Iterable[int]) -> Sequence[Lead]:
        return [self._leads[lead_id] for lead_id in sorted(set(lead_ids)) if lead_id in self._leads]

    def lead_versions(self, lead_ids: Iterable[int]) -> Mapping[int, Sequence[LeadVersion]]:
        return {
            lead_id: [
                LeadVersion(
                    one.until,
                    replace(
                        self._leads[lead_id],
                        list_name=one.lead.list_name,
                        country=one.lead.country,
                        region=one.lead.region,
                        person_key=one.lead.person_key,
                        debt_id=one.lead.debt_id,
                        phones=tuple(
                            PhoneNumber(phone.e164, phone.region, phone.kind, phone.zones, phone.zone_source)
                            for phone in one.lead.phones
                        ),
                    ),
                )
                for one in self._lead_versions[lead_id]
            ]
            for lead_id in lead_ids
            if self._lead_versions.get(lead_id)
        }

    def list_expiries(self) -> Mapping[str, tuple[tuple[float, str], ...]]:
        return {name: tuple(sorted(one.said)) for name, one in self._lists.items() if one.said}

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
        called = {one.lead_id for one in self._intents.values() if one.created_at >= called_before}
        promised = {one.lead_id for key, one in self._promised.items() if key not in self._promise_ends}
        agreed = {
            number
            for (_, number), of_number in self._consents.items()
            if any(one.given_at >= added_before and one.withdrawn_at is None for one in of_number.values())
        }
        found = (
            lead.lead_id
            for name in lists
            for lead in self.leads(name)
            if lead.lead_id > after
            and self._added_at.get(lead.lead_id, 0.0) < added_before
            and lead.lead_id not in called | promised
            and not any(phone.e164 in agreed for phone in lead.phones)
            and (among is None or lead.lead_id in among)
        )
        return sorted(found)[:limit]

    def lead_calls(self, lead_ids: Iterable[int]) -> Mapping[int, LeadCalls]:
        wanted, found = set(lead_ids), dict[int, LeadCalls]()
        made = (one for one in self._intents.values() if one.lead_id in wanted)
        for intent in sorted(made, key=lambda one: (one.created_at, one.attempt_id)):
            record = self._records.get(intent.attempt_id)
            if record is None:
                found[intent.lead_id] = with_call(found.get(intent.lead_id), intent.created_at, None, None)
            elif record.counted:
                call = record.created_at, record.outcome, record.disposition
                found[intent.lead_id] = with_call(found.get(intent.lead_id), *call)
        return found

    def known_leads(self, list_names: Sequence[str], by: MatchBy, keys: Iterable[str]) -> Mapping[str, KnownLead]:
        wanted, found = set(keys) - {""}, dict[str, KnownLead]()
        for name in list_names:
            for lead in self.leads(name):
                for key in _keys_of(lead, by) & wanted:
                    found.setdefault(key, KnownLead(lead.lead_id, name))
        return found

    def standings(
        self,
        lists: Collection[str],
        now: float,
        wrong: Collection[tuple[str, str]],
        *,
        called: bool = False,
        one_in: int = 1,
    ) -> Sequence[Standing]:
        calls: dict[tuple[int, str], list[Call]] = defaultdict(list)
        for record in self._records.values():
            calls[record.lead_id, record.number].append((record.created_at, finding_of(record, wrong)))
        found = (
            standing_at(lead, field, phone, self._added_at[lead.lead_id], calls[lead.lead_id, phone.e164], now)
            for name in lists
            for lead in self.leads(name)
            for field, phone in enumerate(lead.phones)
            if phone.e164 and lead.lead_id % one_in == 0
        )
        return counted(one for one in found if not called or one.first_w is not None)

    def blocked_numbers(self, numbers: Iterable[str], client: str = "", purpose: str = "") -> set[str]:
        return self._registers.among(numbers, client, purpose)

    def dnc_entries(self, numbers: Iterable[str], client: str = "") -> Sequence[DncEntry]:
        return self._registers.entries(numbers, client)

    def refused_by(self, persons: Iterable[str], client: str = "") -> Sequence[PersonRefused]:
        return self._registers.refused_by(persons, client)

    def dnc_version(self) -> int:
        return self._registers.version

    def campaigns(self) -> Sequence[StoredCampaign]:
        return [one.stored for _, one in sorted(self._campaigns.items())]

    def campaign(self, name: str) -> StoredCampaign | None:
        one = self._campaigns.get(name)
        return None if one is None else one.stored

    def campaign_versions(self, name: str) -> Sequence[StoredCampaign]:
        versions = self._campaigns[name].versions if name in self._campaigns else {}
        by_age = sorted(versions.items(), key=lambda one: (one[1], source_hash_of(one[0])))
        return [StoredCampaign(name, body, added_at) for body, added_at in by_age]

    def setup(self, campaign: str) -> CampaignSetup:
        one = self._campaign(campaign)
        by_age = tuple(name for name in self._lists if name in one.lists)
        return CampaignSetup(by_age, one.places.order, one.places.seed, one.places.grouping)

    def places(self, campaign: str) -> Iterator[Place]:
        places = self._campaigns[campaign].places.by_lead if campaign in self._campaigns else {}
        for lead_id in sorted(places):
            yield place_of(places[lead_id])

    def place(self, campaign: str, lead_id: int) -> Place | None:
        places = self._campaigns[campaign].places.by_lead if campaign in self._campaigns else {}
        return place_of(places[lead_id]) if lead_id in places else None

    def closed_leads(self, campaign: str, reasons: Collection[str]) -> Iterator[int]:
        places = self._campaigns[campaign].places.by_lead if campaign in self._campaigns else {}
        for lead_id, place in sorted(places.items()):
            if place.state == FINAL and place.reason in reasons:
                yield lead_id

    def callbacks(self, campaign: str, *, ended: bool = True) -> Sequence[StoredCallback]:
        mine = [one for one in self._promised.values() if one.campaign == campaign]
        found = []
        for one in sorted(mine, key=lambda one: (one.due_at, one.promised_in)):
            end = self._promise_ends.get(one.promised_in)
            if end is None:
                place = self._campaign(campaign).places.by_lead[one.lead_id]
                at_hand = place.state == LEASED
                found.append(StoredCallback(one, OPEN, place.reason, place.due_at, at_hand=at_hand))
            elif ended:
                over = StoredCallback(one, end.state, end.reason, None, end.at, end.attempt_id, end.dialed_at)
                found.append(over)
        return found

    def zone_groups(self, campaign: str) -> Sequence[tuple[str, int]]:
        places = self._campaigns[campaign].places.by_lead if campaign in self._campaigns else {}
        counts = dict.fromkeys(self.zone_group_names(campaign), 0)
        counts.update(Counter(place.zone_group for place in places.values() if place.state != FINAL))
        return sorted(counts.items())

    def zone_group_names(self, campaign: str) -> Sequence[str]:
        return sorted(self._campaigns[campaign].groups) if campaign in self._campaigns else []

    def lead_counts(self, campaign: str) -> LeadCounts:
        places = self._campaigns[campaign].places.by_lead.values() if campaign in self._campaigns else ()
        return LeadCounts(
            len(places), sum(one.attempts > 0 for one in places), sum(one.state == FINAL for one in places)
        )

    def next_attempt_id(self) -> int:
        """Callbacks are named by attempts, of a store that was copied too."""
        return max((*self._intents, *self._promised), default=0) + 1

    def last_attempt_at(self) -> float | None:
        return self._intents[max(self._intents)].created_at if self._intents else None

    def attempts(self, campaign: str) -> Iterator[StoredAttempt]:
        mine = (one for one in self._intents.values() if one.campaign == campaign)
        for one in sorted(mine, key=lambda one: (one.created_at, one.attempt_id)):
            yield self._stored(one)

    def open_attempts(self) -> Sequence[StoredAttempt]:
        still = [attempt_id for attempt_id in self._intents if attempt_id not in self._records]
        return [self._stored(self._intents[attempt_id]) for attempt_id in sorted(still)]

    def attempts_on(self, numbers: Iterable[str], person: str = "", debt: str = "") -> Sequence[StoredAttempt]:
        wanted = set(numbers)
        mine = (
            one
            for one in self._intents.values()
            if one.number in wanted or (person and one.person == person) or (debt and one.debt == debt)
        )
        return [self._stored(one) for one in sorted(mine, key=lambda one: (one.created_at, one.attempt_id))]

    def _stored(self, one: AttemptIntent) -> StoredAttempt:
        return StoredAttempt(
            one.attempt_id,
            one.campaign,
            one.lead_id,
            one.number,
            one.trunk,
            one.caller_id,
            one.call_id,
            one.created_at,
            "" if one.attempt_id in self._erased else to_json(one.permitted.evidence),
            self._records.get(one.attempt_id),
            one.person,
            one.debt,
            one.purpose,
        )

    def records(self, campaign: str, since: float, until: float) -> Iterator[AttemptRecord]:
        mine = (
            one for one in self._records.values() if one.campaign == campaign and since <= one.created_at < until
        )
        yield from sorted(mine, key=lambda one: (one.created_at, one.attempt_id))

    def answers(
        self, campaign: str, since: float, until: float, span_s: float
    ) -> Sequence[tuple[float, int, int]]:
        spans: dict[int, list[AttemptRecord]] = {}
        for record in self._records.values():
            if record.campaign == campaign and since <= record.created_at < until and record.live:
                spans.setdefault(int(record.created_at / span_s), []).append(record)
        return [
            (span * span_s, len(spans[span]), sum(record.abandoned for record in spans[span]))
            for span in sorted(spans)
        ]

    def consents(self, numbers: Iterable[str], client: str = "") -> Sequence[Consent]:
        found = [one for number in set(numbers) for one in self._consents.get((client, number), {}).values()]
        return sorted(found, key=lambda one: (one.number, one.given_at, one.kind, one.purpose))

    def consent_totals(self, client: str = "") -> Sequence[tuple[str, str, int]]:
        counts: dict[tuple[str, str], int] = {}
        for (of, _), entries in self._consents.items():
            for one in entries.values() if of == client else ():
                counts[one.kind, one.purpose] = counts.get((one.kind, one.purpose), 0) + (one.withdrawn_at is None)
        return sorted((kind, purpose, count) for (kind, purpose), count in counts.items() if count)

    def walls(self) -> dict[str, str]:
        return dict(self._walls)

    def rule_sets(self) -> Sequence[StoredRuleSet]:
        return [self._rule_sets[key] for key in sorted(self._rule_sets)]

    def chain(self) -> Iterator[tuple[int, Seal | None]]:
        """Nothing is kept, so nothing is sealed."""
        for attempt_id in sorted(self._intents):
            yield attempt_id, None

    def last_link(self) -> tuple[int, Seal] | None:
        return None

    def usage(self, since: float) -> Sequence[Usage]:
        found = [
            (
                (int(intent.created_at // 60) + 1) * 60.0,
                client_of(intent.campaign),
                intent.trunk,
                _spent(self._records.get(attempt_id), intent),
            )
            for attempt_id, intent in self._intents.items()
            if intent.created_at >= since and self._past[attempt_id].counted
        ]
        found += [
            ((int(third.asked_at // 60) + 1) * 60.0, client_of(third.campaign), third.trunk, cost)
            for third in self.third_calls(since)
            if (cost := used(third)) is not None
        ]
        return add_up(found)

    def third_calls(self, since: float) -> Sequence[ThirdCall]:
        found = (third for third in self._thirds.values() if third.asked_at >= since)
        return sorted(found, key=lambda third: (third.asked_at, third.key))

    def counted_attempts(self, campaign: str, since: float) -> Iterator[CountedAttempt]:
        mine = (
            entry
            for (kind, _), known in self._on.items()
            if kind == "number"
            for entry in known
            if entry.counted and (entry.past.campaign == campaign or entry.created_at >= since)
        )
        for entry in sorted(mine, key=lambda entry: (entry.created_at, entry.serial)):
            yield CountedAttempt(entry.lead_id, entry.created_at, entry.past)

    def agent_times(self, campaign: str, since: float, until: float) -> Iterator[AgentTime]:
        mine = [
            one
            for one in self._agent_times
            if one.campaign == campaign and one.until > since and one.since < until
        ]
        for one in sorted(mine, key=lambda one: one.since):
            yield replace(one, since=max(one.since, since), until=min(one.until, until))


def place_of(one: MemoryPlace) -> Place:
    return Place(
        one.lead_id,
        port_state(one.state),
        one.due_at,
        one.zone_group,
        one.order_key,
        one.phone_position,
        one.attempts,
        one.tries,
        one.reason,
    )
