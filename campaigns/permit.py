"""The evidence of a permit as text: canonical JSON, kept with the attempt it permitted.

Canonical: keys sorted, no spaces, floats as Python's shortest round-trip form; equal evidence is equal text.
"""

from __future__ import annotations

import json
from dataclasses import fields

from campaigns.eligibility import Evidence, ZoneEvidence
from campaigns.errors import PermitError

_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode
_NAMES = tuple(field.name for field in fields(Evidence))
_TYPES = {"at": float, "window_closes_at": float, "lead_id": int, "dnc_version": int}


def to_json(evidence: Evidence) -> str:
    """One line of canonical JSON. Raises `ValueError` for a float that is not finite."""
    data = {name: getattr(evidence, name) for name in _NAMES}
    data["zones"] = [[zone.zone, zone.utc_offset_s, zone.local_time] for zone in evidence.zones]
    return _encode(data)


def from_json(text: str) -> Evidence:
    """The evidence that `to_json` wrote. Raises `PermitError`."""
    try:
        data = json.loads(text)
        if set(data) != set(_NAMES):
            raise PermitError(f"fields differ: {', '.join(sorted(set(data) ^ set(_NAMES)))}")
        values = {name: _TYPES.get(name, str)(data[name]) for name in _NAMES if name not in {"zones", "counters"}}
        return Evidence(
            **values,
            zones=tuple(ZoneEvidence(str(zone), int(offset), str(local)) for zone, offset, local in data["zones"]),
            counters=tuple((str(cap), int(used), int(limit)) for cap, used, limit in data["counters"]),
        )
    except PermitError:
        raise
    except (TypeError, ValueError) as error:
        raise PermitError(f"not the evidence of a permit: {error}") from error
