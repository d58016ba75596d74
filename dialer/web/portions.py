"""Leads between the API's schemas and the store's values."""

from __future__ import annotations

from dataclasses import asdict

from dialer.api.edits import LeadChange, LeadChanges, LeadDetails, LeadPortion, LeadText, OriginText, Phone
from dialer.api.holdings import LeadEntry
from dialer.ports.store import NewLead, SaveLeads, UpdateLeads
from lists.lead import NO_DETAILS, Details, Lead, NumberKind, Origin, PhoneNumber, ZoneSource
from lists.zone_evidence import candidates_of


def portion_of(write: SaveLeads) -> LeadPortion:
    """What to send for this write. It takes at most 2,000 leads."""
    leads = [_lead_text(lead) for lead in write.leads]
    return LeadPortion(leads=leads, source=write.source, as_of=write.as_of)


def write_of(list_name: str, portion: LeadPortion, now: float) -> SaveLeads:
    """The write for what was sent. Raises `ValueError` for a kind of line or source of zones that is none."""
    leads = tuple(map(_new_lead, portion.leads))
    return SaveLeads(list_name, leads, portion.source, portion.as_of, now)


def changes_of(write: UpdateLeads) -> LeadChanges:
    """What to send for this write. It takes at most 2,000 leads."""
    marks = write.read_as or ("",) * len(write.leads)
    leads = [
        LeadChange(**dict(_lead_text(lead)), lead_id=lead.lead_id, read_as=mark)
        for lead, mark in zip(write.leads, marks, strict=True)
    ]
    return LeadChanges(leads=leads)


def update_of(list_name: str, changes: LeadChanges, now: float) -> UpdateLeads:
    """The write for what was sent. Raises as `write_of`."""
    leads = []
    for change in changes.leads:
        new = _new_lead(change)
        leads.append(
            Lead(
                change.lead_id, list_name, new.phones, new.first_name, new.last_name, new.external_id, new.fields,
                new.country, new.region, new.person_key, new.debt_id, new.details, new.source, new.as_of,
                new.origins,
            )
        )  # fmt: skip
    return UpdateLeads(list_name, tuple(leads), now, tuple(change.read_as for change in changes.leads))


def _lead_text(lead: NewLead | Lead) -> LeadText:
    return LeadText(
        phones=[phone_shown(phone) for phone in lead.phones],
        first_name=lead.first_name,
        last_name=lead.last_name,
        external_id=lead.external_id,
        fields=list(lead.fields),
        person_key=lead.person_key,
        debt_id=lead.debt_id,
        country=lead.country,
        region=lead.region,
        details=_details_shown(lead.details),
        source=lead.source,
        as_of=lead.as_of,
        origins=[OriginText(**asdict(origin)) for origin in lead.origins],
    )


def _new_lead(lead: LeadText) -> NewLead:
    return NewLead(
        tuple(_phone(phone) for phone in lead.phones),
        lead.first_name,
        lead.last_name,
        lead.external_id,
        tuple(lead.fields),
        person_key=lead.person_key,
        debt_id=lead.debt_id,
        country=lead.country,
        region=lead.region,
        details=_details(lead.details),
        source=lead.source,
        as_of=lead.as_of,
        origins=tuple(Origin(one.field, one.source, one.as_of) for one in lead.origins),
    )


def phone_shown(phone: PhoneNumber) -> Phone:
    return Phone(
        e164=phone.e164,
        region=phone.region,
        kind=phone.kind.value,
        zones=list(phone.zones),
        zone_source=phone.zone_source.value,
        use=phone.use,
        extension=phone.extension,
        source=phone.source,
        as_of=phone.as_of,
        zone_evidence=phone.zone_evidence,
    )


def lead_shown(lead: Lead) -> LeadEntry:
    return LeadEntry(lead_id=lead.lead_id, list_name=lead.list_name, **dict(_lead_text(lead)))


def _details_shown(details: Details) -> LeadDetails:
    return LeadDetails(**asdict(details))


def _details(shown: LeadDetails) -> Details:
    details = Details(**shown.model_dump())
    return NO_DETAILS if details == NO_DETAILS else details


def _phone(phone: Phone) -> PhoneNumber:
    kind, source = NumberKind(phone.kind), ZoneSource(phone.zone_source)
    number = PhoneNumber(
        phone.e164, phone.region, kind, tuple(phone.zones), source, phone.use, phone.extension, phone.source,
        phone.as_of, phone.zone_evidence,
    )  # fmt: skip
    if number.zone_evidence:
        candidates_of(number)  # that it can be read
    return number
