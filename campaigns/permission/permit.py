"""The evidence of a permit as text: canonical JSON, kept with the attempt it permitted.

Canonical: keys sorted, no spaces, floats as Python's shortest round-trip form; equal evidence is equal text.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import fields
from json.encoder import encode_basestring as _text
from math import isfinite
from typing import Any

from campaigns.errors import PermitError
from campaigns.permission.evidence import Evidence, ZoneEvidence

_NAMES = tuple(field.name for field in fields(Evidence))
_LATER = frozenset(
    {
        "walls",
        "expected_cost_micro",
        "currency",
        "basis",
        "rule_parts",
        "rules_outdated",
        "callback_consent",
        "callback",
    }
    | {"consent_version", "purpose"}
)
"""Not in permits of earlier versions."""


_ROWS = frozenset({"zones", "counters", "rule_parts"})


def _number(value: object) -> int | None:
    return None if value is None else int(str(value))


_TYPES: dict[str, Callable[[Any], Any]] = {
    "at": float, "window_closes_at": float, "lead_id": int, "dnc_version": int, "expected_cost_micro": _number,
    "rules_outdated": bool, "callback_consent": _number, "callback": _number, "consent_version": int,
}  # fmt: skip


def to_json(evidence: Evidence) -> str:
    """One line of canonical JSON. Raises `ValueError` for a float that is not finite."""
    at, closes_at = evidence.at, evidence.window_closes_at
    if not (isfinite(at) and isfinite(closes_at)):
        raise ValueError(f"a moment that JSON cannot hold: {at}, {closes_at}")
    # Written out, for one is made for every attempt and json.JSONEncoder takes three times as long for it.
    counters = ",".join([f"[{_text(name)},{used:d},{limit:d}]" for name, used, limit in evidence.counters])
    zones = ",".join([f"[{_text(z.zone)},{z.utc_offset_s:d},{_text(z.local_time)}]" for z in evidence.zones])
    parts = ",".join([f"[{_text(name)},{_text(digest)}]" for name, digest in evidence.rule_parts])
    consent = "null" if evidence.callback_consent is None else f"{evidence.callback_consent:d}"
    promise = "null" if evidence.callback is None else f"{evidence.callback:d}"
    outdated = "true" if evidence.rules_outdated else "false"
    cost = "null" if evidence.expected_cost_micro is None else f"{evidence.expected_cost_micro:d}"
    return (
        f'{{"at":{at!r},"basis":{_text(evidence.basis)},"callback":{promise},"callback_consent":{consent},'
        f'"caller_id":{_text(evidence.caller_id)},'
        f'"campaign":{_text(evidence.campaign)},"campaign_hash":{_text(evidence.campaign_hash)},'
        f'"consent_version":{evidence.consent_version:d},"counters":[{counters}],'
        f'"currency":{_text(evidence.currency)},"dnc_version":{evidence.dnc_version:d},'
        f'"expected_cost_micro":{cost},"kind":{_text(evidence.kind)},"lead_id":{evidence.lead_id:d},'
        f'"number":{_text(evidence.number)},"purpose":{_text(evidence.purpose)},"region":{_text(evidence.region)},'
        f'"rule_parts":[{parts}],"rule_set":{_text(evidence.rule_set)},'
        f'"rule_set_hash":{_text(evidence.rule_set_hash)},"rules_outdated":{outdated},'
        f'"trunk":{_text(evidence.trunk)},"walls":{_text(evidence.walls)},"window_closes_at":{closes_at!r},'
        f'"zone_data":{_text(evidence.zone_data)},"zone_source":{_text(evidence.zone_source)},"zones":[{zones}]}}'
    )


def from_json(text: str) -> Evidence:
    """The evidence that `to_json` wrote. Raises `PermitError`."""
    try:
        data = json.loads(text)
        if differing := set(data) ^ (set(_NAMES) - (_LATER - set(data))):
            raise PermitError(f"fields differ: {', '.join(sorted(differing))}")
        values = {name: _TYPES.get(name, str)(data[name]) for name in data if name not in _ROWS}
        return Evidence(
            **values,
            rule_parts=tuple((str(name), str(digest)) for name, digest in data.get("rule_parts", ())),
            zones=tuple(ZoneEvidence(str(zone), int(offset), str(local)) for zone, offset, local in data["zones"]),
            counters=tuple((str(cap), int(used), int(limit)) for cap, used, limit in data["counters"]),
        )
    except PermitError:
        raise
    except (TypeError, ValueError) as error:
        raise PermitError(f"not the evidence of a permit: {error}") from error
