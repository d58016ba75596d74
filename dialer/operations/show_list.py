"""What is in a list: how many leads, where they are, the first few."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from itertools import islice

from campaigns.errors import CampaignsError
from campaigns.loader import parse_campaign
from dialer.operations.export_list import find_list
from dialer.operations.moments import iso
from dialer.operations.registers import RegisterCount
from dialer.ports.store import ListSummary, Reader
from lists.client import client_of
from lists.lead import Lead, PhoneNumber
from lists.zone_evidence import candidates_of

UNKNOWN_ZONES = "unknown"


@dataclass(frozen=True, slots=True)
class ListOverview:
    """`regions`: leads by the country of their first number. `registers`: leads with a number on a do-not-call
    register that holds for the list, by register (`register_name`; one may be on several). `zones`: leads by the
    set of zones they may be in (all their numbers), joined by "|". `first`: the leads imported first."""

    summary: ListSummary
    regions: dict[str, int]
    registers: dict[str, int]
    zones: dict[str, int]
    first: tuple[Lead, ...]

    def as_dict(self) -> dict[str, object]:
        """The document of `dialer list show --json`."""
        return summary_dict(self.summary) | {
            "regions": self.regions,
            "registers": self.registers,
            "zones": self.zones,
            "first": [lead_dict(lead) for lead in self.first],
        }


def lead_dict(lead: Lead) -> dict[str, object]:
    """One entry of `dialer list export --json`."""
    return {
        "lead_id": lead.lead_id,
        "external_id": lead.external_id,
        "person_key": lead.person_key,
        "debt_id": lead.debt_id,
        "country": lead.country,
        "region": lead.region,
        "first_name": lead.first_name,
        "last_name": lead.last_name,
        "phones": [
            {
                "number": phone.e164,
                "region": phone.region,
                "kind": phone.kind.value,
                "zones": list(phone.zones),
                "zone_source": phone.zone_source.value,
                "zone_evidence": evidence_dicts(phone),
                "use": phone.use,
                "extension": phone.extension,
                "source": phone.source or lead.source,
                "as_of": phone.as_of or lead.as_of,
            }
            for phone in lead.phones
        ],
        **asdict(lead.details),
        "source": lead.source,
        "as_of": lead.as_of,
        "fields": dict(lead.fields),
    }


def evidence_dicts(phone: PhoneNumber) -> list[dict[str, object]]:
    """What each source says of the number's zones, the strongest first."""
    return [
        {"source": one.source.value, "zones": list(one.zones), "confidence": one.confidence.value}
        for one in candidates_of(phone)
    ]


def summary_dict(summary: ListSummary) -> dict[str, object]:
    """One entry of `dialer list ls --json`."""
    return {
        "name": summary.name,
        "client": client_of(summary.name),
        "leads": summary.leads,
        "numbers": summary.numbers,
        "source": summary.source,
        "as_of": summary.as_of,
        "expires_on": summary.expires_on,
        "created_at": iso(summary.created_at),
    }


def campaigns_of(reader: Reader, list_name: str) -> list[str]:
    """Campaigns that call the list."""
    found = []
    for stored in reader.campaigns():
        try:
            campaign = parse_campaign(stored.body, f"stored campaign {stored.name}", None)
        except CampaignsError:
            continue
        if list_name in campaign.lists:
            found.append(stored.name)
    return found


def show_list(reader: Reader, name: str, first: int = 10) -> ListOverview:
    """Counts the whole list; `first`: how many leads to show. Raises `UnknownName`."""
    summary = find_list(reader, name)
    regions: Counter[str] = Counter()
    zones: Counter[str] = Counter()
    registers = RegisterCount(reader, client_of(name))
    for lead in reader.leads(name):
        regions[lead.phones[0].region] += 1
        registers.add(phone.e164 for phone in lead.phones)
        candidates = sorted({zone for phone in lead.phones for zone in phone.zones})
        zones["|".join(candidates) or UNKNOWN_ZONES] += 1
    shown = tuple(islice(reader.leads(name), first))
    by_region = dict(sorted(regions.items()))
    return ListOverview(summary, by_region, registers.counts(), dict(sorted(zones.items())), shown)
