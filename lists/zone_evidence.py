"""In which zones a number's person may be, from everything that a list and the number say of it.

The strongest evidence decides: a stated zone, then where the person lives (region, postal code, a country of one
zone), then the clock on which somebody was promised a call, then where the operator's numbers are in use, then
what phonenumbers says of the number. What decides may name several zones: a call is allowed only where all of them
allow it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

import pytz

from lists.lead import Confidence, NumberKind, PhoneNumber, ZoneSource
from lists.numbering_plan import NO_PLANS, Plans
from lists.region import zones_of_region
from lists.value import value

_DEPENDENT = {
    "AU": "CC CX NF", "DK": "FO GL", "FI": "AX", "FR": "BL GF GP MF MQ NC PF PM RE WF YT", "GB": "GG IM JE",
    "NL": "AW BQ CW SX", "NO": "SJ", "NZ": "CK NU TK", "US": "AS GU MP PR VI",
}  # fmt: skip
"""Of countries whose name people write who live in these: they have country codes, and clocks, of their own."""


_ZONES_SHOWN = 3
_WEAKER_THAN_CONTACTS = frozenset({ZoneSource.NUMBERING_PLAN, ZoneSource.NUMBER, ZoneSource.UNKNOWN})


@value
class Candidate:
    """What one source says of where the person of a number is: in one of these zones."""

    source: ZoneSource
    zones: tuple[str, ...]
    confidence: Confidence


@value
class Home:
    """Where a list says that somebody lives. `zone`: an IANA name; `country`: ISO 3166-1; `region`: ISO 3166-2;
    `postal_regions`: those that the postal code may be in. "" and () where it says nothing."""

    zone: str = ""
    country: str = ""
    region: str = ""
    postal_regions: tuple[str, ...] = ()


NOWHERE = Home()


def with_evidence(phone: PhoneNumber, home: Home, plans: Plans = NO_PLANS) -> PhoneNumber:
    """The number with the zones that all evidence together allows, and with all of that evidence. `phone`: with
    those of the number alone."""
    in_use = plans.zones(phone.e164) if plans.by_code else ()
    zones, source, evidence = _weighed(home, in_use, phone.region, phone.kind, phone.zones, phone.zone_source)
    return PhoneNumber(
        phone.e164, phone.region, phone.kind, zones, source, phone.use, phone.extension, phone.source, phone.as_of,
        evidence,
    )  # fmt: skip


def with_promise(phone: PhoneNumber, zone: str) -> PhoneNumber:
    """The same with what is known of a conversation on this number: a call was promised for a time on the clock of
    `zone`. Of several that the number may be in, the first is what is taken when nobody asks: it says nothing."""
    if len(phone.zones) > 1 and zone == phone.zones[0]:
        return phone
    said = [(one.source, one.zones) for one in candidates_of(phone)]
    weaker = [place for place, (source, _) in enumerate(said) if source in _WEAKER_THAN_CONTACTS]
    said.insert(weaker[0] if weaker else len(said), (ZoneSource.CONTACT, (zone,)))
    evidence = _as_text(said)
    if phone.zone_source in _WEAKER_THAN_CONTACTS:
        return replace(phone, zones=(zone,), zone_source=ZoneSource.CONTACT, zone_evidence=evidence)
    return replace(phone, zone_evidence=evidence)


def candidates_of(phone: PhoneNumber) -> tuple[Candidate, ...]:
    """What each source says, the strongest first; none where nothing says anything."""
    if not phone.zone_evidence:
        said = [(phone.zone_source, phone.zones)] if phone.zones else []
    else:
        pairs = (one.partition("=") for one in phone.zone_evidence.split(";"))
        said = [(ZoneSource(source), tuple(zones.split("|"))) for source, _, zones in pairs]
    return tuple(Candidate(source, zones, _confidence(source, zones, phone)) for source, zones in said)


def evidence_text(said: Sequence[Mapping[str, Any]]) -> str:
    """What `candidates_of` says (each as a mapping), for people: `region (high): Asia/Omsk; number (low): 16
    zones`."""
    return "; ".join(
        f"{one['source'].replace('_', ' ')} ({one['confidence']}): "
        + (", ".join(one["zones"]) if len(one["zones"]) <= _ZONES_SHOWN else f"{len(one['zones'])} zones")
        for one in said
    )


def _confidence(source: ZoneSource, zones: tuple[str, ...], phone: PhoneNumber) -> Confidence:
    if source is ZoneSource.NUMBERING_PLAN:
        return Confidence.MEDIUM
    if source is not ZoneSource.NUMBER or set(pytz.country_timezones.get(phone.region, ())) <= set(zones):
        return Confidence.HIGH
    return Confidence.MEDIUM if phone.kind is NumberKind.FIXED else Confidence.LOW


@lru_cache(maxsize=65_536)
def _weighed(
    home: Home,
    in_use: tuple[str, ...],
    region: str,
    kind: NumberKind,
    zones: tuple[str, ...],
    source: ZoneSource,
) -> tuple[tuple[str, ...], ZoneSource, str]:
    """Zones, what they are from, and all evidence as it is stored."""
    said = {
        ZoneSource.STATED: (home.zone,) if home.zone else (),
        ZoneSource.REGION: zones_of_region(home.region),
        ZoneSource.POSTAL_CODE: _zones_of(home.postal_regions),
        ZoneSource.COUNTRY: _zones_of_country(home.country, region),
        ZoneSource.NUMBERING_PLAN: in_use,
        source: zones,
    }
    spoken = [(by, those) for by, those in said.items() if those]
    return *_decided(said, home, region, kind, zones, source), _as_text(spoken)


def _as_text(said: Sequence[tuple[ZoneSource, tuple[str, ...]]]) -> str:
    """As it is stored: nothing where there is no choice."""
    return ";".join(f"{by.value}={'|'.join(zones)}" for by, zones in said) if len(said) > 1 else ""


def _decided(
    said: Mapping[ZoneSource, tuple[str, ...]],
    home: Home,
    region: str,
    kind: NumberKind,
    zones: tuple[str, ...],
    source: ZoneSource,
) -> tuple[tuple[str, ...], ZoneSource]:
    if said[ZoneSource.STATED]:
        return said[ZoneSource.STATED], ZoneSource.STATED
    if said[ZoneSource.NUMBERING_PLAN]:
        zones, source = said[ZoneSource.NUMBERING_PLAN], ZoneSource.NUMBERING_PLAN
    address, by = _address(said)
    if not address:
        return zones, source
    elsewhere = kind is NumberKind.FIXED and zones and not set(zones) & set(address)
    of_dependency = by is ZoneSource.COUNTRY and region in _DEPENDENT.get(home.country, "").split()
    # A line rings where it ends, whoever moved away from it; and "France" may be Réunion.
    return tuple(sorted({*address, *zones})) if elsewhere or of_dependency else address, by


def _address(said: Mapping[ZoneSource, tuple[str, ...]]) -> tuple[tuple[str, ...], ZoneSource]:
    """Zones of where the person lives. Where region and postal code have none in common, one of them is wrong:
    nobody can say which."""
    region, postal = said[ZoneSource.REGION], said[ZoneSource.POSTAL_CODE]
    if region and postal:
        both = set(region) & set(postal)
        return tuple(sorted(both or {*region, *postal})), ZoneSource.REGION
    if region or postal:
        return region or postal, ZoneSource.REGION if region else ZoneSource.POSTAL_CODE
    return said[ZoneSource.COUNTRY], ZoneSource.COUNTRY


def _zones_of(regions: tuple[str, ...]) -> tuple[str, ...]:
    """Of any of them; none if one of them is of unknown zones."""
    found = [zones_of_region(region) for region in regions]
    return tuple(sorted({zone for zones in found for zone in zones})) if all(found) else ()


def _zones_of_country(country: str, region: str) -> tuple[str, ...]:
    """Of a country that a list states, and that says more than a number of `region` does: of its own numbers the
    number says more, unless there is one zone alone."""
    own = tuple(sorted(pytz.country_timezones.get(country, ())))
    if len(own) > 1 and (region == country or region in _DEPENDENT.get(country, "").split()):
        return ()
    return own
