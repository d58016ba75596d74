"""One person, in everything that is stored of them: leads, calls, promises, consents, registers, recordings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from campaigns.consent import Consent
from campaigns.retention import day_of, recording_name
from dialer.errors import InputError, UnknownName
from dialer.operations.moments import iso
from dialer.operations.show_list import lead_dict
from dialer.operations.why import is_lead_id
from dialer.ports.store import LeadVersion, Reader, StoredAttempt, StoredCallback
from lists.client import client_of
from lists.dnc import DncEntry, PersonRefused
from lists.lead import Lead, lead_party
from lists.phone import BadNumber, check_region, parse_phone

_DAY_S = 86_400.0


@dataclass(frozen=True, slots=True)
class Person:
    """`leads`: of every list that has them, by id. `attempts`: calls to these leads, as they were made. `consents`
    and `registers`: of their numbers, those of the clients whose leads they are, and the house's; `refused`:
    as a person, whatever the number. `versions`: what leads were before they were updated.
    `recordings`: files below the folder of recordings."""

    leads: tuple[Lead, ...]
    attempts: tuple[StoredAttempt, ...]
    callbacks: tuple[StoredCallback, ...]
    consents: tuple[tuple[str, Consent], ...]
    registers: tuple[DncEntry, ...]
    refused: tuple[PersonRefused, ...]
    versions: tuple[LeadVersion, ...]
    recordings: tuple[str, ...]

    @property
    def numbers(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(phone.e164 for lead in self.leads for phone in lead.phones))

    @property
    def clients(self) -> tuple[str, ...]:
        return tuple(sorted({client_of(lead.list_name) for lead in self.leads}))

    @property
    def names(self) -> tuple[str, ...]:
        """What they are called, each name once, in whatever letters it came first."""
        found: dict[str, str] = {}
        for lead in self.leads:
            found.setdefault(_folded(lead), lead.display_name)
        return tuple(name for name in found.values() if name)

    def as_dict(self) -> dict[str, object]:
        """The document of `dialer person show --json`."""
        return {
            "leads": [{"list": lead.list_name, **lead_dict(lead)} for lead in self.leads],
            "attempts": [_attempt(one) for one in self.attempts],
            "callbacks": [_callback(one) for one in self.callbacks],
            "consents": [
                {
                    "client": client, "number": one.number, "kind": one.kind, "purpose": one.purpose,
                    "given_at": iso(one.given_at), "expires_at": iso(one.expires_at), "source": one.source,
                    "evidence": one.evidence, "withdrawn_at": iso(one.withdrawn_at),
                }
                for client, one in self.consents
            ],
            "registers": [
                {
                    "client": one.client, "number": one.number, "purpose": one.purpose, "source": one.source,
                    "since": iso(one.since), "until": iso(one.until),
                }
                for one in self.registers
            ],
            "refused": [
                {
                    "client": one.client, "person": one.person, "purpose": one.purpose, "source": one.source,
                    "since": iso(one.since), "until": iso(one.until),
                }
                for one in self.refused
            ],
            "versions": [_version(one) for one in self.versions],
            "recordings": list(self.recordings),
        }  # fmt: skip


def find_person(
    reader: Reader,
    who: str,
    region: str | None = None,
    *,
    recordings: Path,
    sees: Callable[[str], bool] = lambda name: True,
) -> Person:
    """Whose number or lead id it is, with everything stored of them.

    Leads are one person's that have the same person key for the same client, or a number in common and the same
    name (or none). Asked by a number that leads of different names have, all of them are meant. `recordings`: the
    folder of recordings. `sees`: whether a list or campaign of this full name may be told of. Raises `InputError`,
    `UnknownName`."""
    leads = _leads(reader, who, check_region(region) if region else None, sees)
    numbers = tuple(dict.fromkeys(phone.e164 for lead in leads for phone in lead.phones))
    lead_ids = {lead.lead_id for lead in leads}
    attempts = tuple(one for one in reader.attempts_on(numbers) if one.lead_id in lead_ids)
    clients = sorted({client_of(lead.list_name) for lead in leads})
    registers = {one: None for client in clients for one in reader.dnc_entries(numbers, client)}
    parties = {party for lead in leads for party in (lead.person, lead_party(lead.lead_id)) if party}
    refused = {one: None for client in clients for one in reader.refused_by(parties, client)}
    return Person(
        leads,
        attempts,
        tuple(
            one
            for stored in reader.campaigns()
            if client_of(stored.name) in clients
            for one in reader.callbacks(stored.name)
            if one.callback.lead_id in lead_ids
        ),
        tuple((client, one) for client in clients for one in reader.consents(numbers, client)),
        tuple(registers),
        tuple(refused),
        tuple(one for _, of_lead in sorted(reader.lead_versions(lead_ids).items()) for one in of_lead),
        tuple(_files(recordings, attempts)),
    )


def _leads(reader: Reader, who: str, region: str | None, sees: Callable[[str], bool]) -> tuple[Lead, ...]:
    if is_lead_id(who, region):
        lead = reader.lead(int(who)) if len(who) < 18 else None
        if lead is None or lead.is_erased or not sees(lead.list_name):
            advice = "write a telephone number as +12025550123; lead ids: `list export`"
            raise UnknownName("lead", who, None, advice)
        start: list[Lead] = [lead]
    else:
        number = parse_phone(who, region)
        if isinstance(number, BadNumber):
            raise InputError(f"{number.text} (write it as +12025550123, or give a lead's id)")
        start = [lead for lead in reader.leads_by_number(number.e164) if sees(lead.list_name)]
        if not start:
            raise UnknownName("lead", number.e164, None, "no list has anybody with this number")
    return _same(reader, start, sees)


def _same(reader: Reader, start: Iterable[Lead], sees: Callable[[str], bool]) -> tuple[Lead, ...]:
    """These leads, and whatever others are the same people."""
    found: dict[int, Lead] = {}
    rest = list(start)
    while rest:
        lead = rest.pop()
        if lead.lead_id in found or not sees(lead.list_name):
            continue
        found[lead.lead_id] = lead
        rest += reader.leads_of_person(lead.person)
        rest += [
            other
            for phone in lead.phones
            for other in reader.leads_by_number(phone.e164)
            if _folded(other) in {_folded(lead), ""}
        ]
    return tuple(lead for _, lead in sorted(found.items()))


def _folded(lead: Lead) -> str:
    return " ".join(lead.display_name.casefold().split())


def _files(folder: Path, attempts: Iterable[StoredAttempt]) -> Iterator[str]:
    """What there is of recordings, by attempt: of the whole call, and of answers that were spoken. They lie in the
    folder of the day on which they began, that of the attempt or the next."""
    for one in attempts:
        found: set[Path] = set()
        for day_at in (one.created_at, one.created_at + _DAY_S):
            name = Path(recording_name(one.campaign, one.attempt_id, day_at))
            stem = name.name.rsplit("-", 1)[0]
            found.update(folder.joinpath(day_of(day_at), *name.parts[1:-1]).glob(f"{stem}-*.wav"))
        yield from sorted(str(path.relative_to(folder)) for path in found)


def _version(one: LeadVersion) -> dict[str, object]:
    """What is kept of what a lead was."""
    lead = one.lead
    return {
        "lead_id": lead.lead_id,
        "until": iso(one.until),
        "country": lead.country,
        "region": lead.region,
        "person_key": lead.person_key,
        "debt_id": lead.debt_id,
        "numbers": [
            {"number": phone.e164, "zones": list(phone.zones), "zone_source": phone.zone_source.value}
            for phone in lead.phones
        ],
    }


def _attempt(one: StoredAttempt) -> dict[str, object]:
    record = one.record
    return {
        "attempt_id": one.attempt_id,
        "at": iso(one.created_at),
        "campaign": one.campaign,
        "lead_id": one.lead_id,
        "number": one.number,
        "caller_id": one.caller_id,
        "outcome": None if record is None else record.outcome,
        "disposition": None if record is None else record.disposition,
        "agent": None if record is None else record.agent_id,
        "talk_s": None if record is None else record.talk_s,
        "answers": "" if record is None else record.answers,
        "note": "" if record is None else record.note,
        "permit": one.permit,
    }


def _callback(one: StoredCallback) -> dict[str, object]:
    promise = one.callback
    return {
        "promised_in": promise.promised_in,
        "campaign": promise.campaign,
        "lead_id": promise.lead_id,
        "number": promise.number,
        "local": promise.wall,
        "zone": promise.zone,
        "made_at": iso(promise.made_at),
        "made_by": promise.made_by,
        "consent": promise.consent,
        "state": one.state,
    }
