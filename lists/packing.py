"""Judged rows as plain tuples, for the way from one process to another.

Pickling an object takes ten times as long as a tuple; a list of a million rows would be as slow as without the
second process.
"""

from __future__ import annotations

from collections.abc import Iterable
from operator import attrgetter

from lists.consent_cells import StatedConsent
from lists.fault import Fault
from lists.importing import Accepted, Read, Rejected
from lists.lead import NO_DETAILS, Details, NumberKind, PhoneNumber, ZoneSource
from lists.reasons import Reason

_Phone = tuple[str, str, str, tuple[str, ...], str, str, str, str]
_Fault = tuple[str, str, str, str]
_Details = tuple[str, str, str, str, str, int | None]
_Consent = tuple[str, str, float, float | None, str, bool]
_Text = tuple[
    int, int, str, str, str, tuple[tuple[str, str], ...], str, str, str, str, _Details | None, str, str,
    tuple[_Consent, ...],
]  # fmt: skip
Packed = tuple[tuple[str, ...], tuple[_Phone, ...], tuple[_Fault, ...], _Text | tuple[int, int]]

_CONSENT = attrgetter("number", "kind", "given_at", "until", "text", "refused")
_KINDS = {kind.value: kind for kind in NumberKind}
_SOURCES = {source.value: source for source in ZoneSource}


def pack(rows: Iterable[Read], *, with_cells: bool) -> list[Packed]:
    """`with_cells`: whether anybody will want to see the rows as they stood in the file."""
    return [_packed(cells if with_cells else (), verdict) for cells, verdict in rows]


def _packed(cells: tuple[str, ...], lead: Accepted | Rejected) -> Packed:
    if isinstance(lead, Rejected):
        return cells, (), _faults((lead.fault, *lead.others)), (lead.row, lead.line)
    phones = [
        (
            one.e164, one.region, one.kind.value, one.zones, one.zone_source.value, one.use, one.extension,
            one.zone_evidence,
        )
        for one in lead.phones
    ]  # fmt: skip
    of = lead.details
    text = (
        lead.row, lead.line, lead.first_name, lead.last_name, lead.external_id, lead.fields, lead.country,
        lead.region, lead.person_key, lead.debt_id,
        None if of is NO_DETAILS else (of.address, of.city, of.postal_code, of.language, of.owner, of.rank),
        lead.source, lead.as_of, tuple(map(_CONSENT, lead.consents)) if lead.consents else (),
    )  # fmt: skip
    return cells, tuple(phones), _faults(lead.warnings) if lead.warnings else (), text


def unpack(rows: Iterable[Packed]) -> list[Read]:
    return [(cells, _verdict(phones, faults, text)) for cells, phones, faults, text in rows]


def _verdict(
    phones: tuple[_Phone, ...], faults: tuple[_Fault, ...], text: _Text | tuple[int, int]
) -> Accepted | Rejected:
    if len(text) == 2:
        first, *others = [Fault(Reason(reason), *rest) for reason, *rest in faults]
        return Rejected(text[0], text[1], first, tuple(others))
    (
        row, line, first_name, last_name, external_id, fields, country, region, person_key, debt_id, details,
        source, as_of, consents,
    ) = text  # fmt: skip
    return Accepted(
        row,
        line,
        tuple(
            [
                PhoneNumber(e164, plan, _KINDS[kind], zones, _SOURCES[by], use, extension, zone_evidence=evidence)
                for e164, plan, kind, zones, by, use, extension, evidence in phones
            ]
        ),
        first_name,
        last_name,
        external_id,
        fields,
        country,
        region,
        tuple([Fault(Reason(reason), *rest) for reason, *rest in faults]) if faults else (),
        person_key,
        debt_id,
        NO_DETAILS if details is None else Details(*details),
        source,
        as_of,
        tuple([StatedConsent(*one) for one in consents]) if consents else (),
    )


def _faults(faults: Iterable[Fault]) -> tuple[_Fault, ...]:
    return tuple([(fault.reason.value, fault.field, fault.value, fault.text) for fault in faults])
