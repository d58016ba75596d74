from __future__ import annotations

import json
from dataclasses import replace

import pytest

from campaigns.eligibility import Permitted, decide
from campaigns.errors import PermitError
from campaigns.permission.evidence import Evidence, ZoneEvidence
from campaigns.permission.permit import from_json, to_json
from tests.unit.campaigns.samples import NOON, PROPOSED


@pytest.fixture
def evidence() -> Evidence:
    answer = decide(
        PROPOSED,
        NOON + 0.1,
        dnc_version=4,
    )
    assert isinstance(answer, Permitted)
    return answer.evidence


def test_evidence_comes_back_as_it_was(evidence: Evidence) -> None:
    several = replace(
        evidence, zones=(*evidence.zones, ZoneEvidence("Asia/Kathmandu", 20_700, "2026-11-18T22:45:00"))
    )
    assert from_json(to_json(several)) == several


def test_the_text_is_canonical(evidence: Evidence) -> None:
    text = to_json(evidence)
    assert text == to_json(from_json(text))
    assert text == json.dumps(json.loads(text), sort_keys=True, separators=(",", ":"))
    assert "\n" not in text


def test_a_moment_that_is_none_is_not_written(evidence: Evidence) -> None:
    with pytest.raises(ValueError, match="JSON"):
        to_json(replace(evidence, at=float("nan")))


@pytest.mark.parametrize("text", ["", "null", "[]", "7", "{}", '{"at":1.0}'])
def test_what_is_no_evidence_is_refused(text: str) -> None:
    with pytest.raises(PermitError):
        from_json(text)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("at", "noon"),
        ("zones", [["America/New_York"]]),
        ("zones", 5),
        ("counters", [["a", "b", "c"]]),
        ("extra", 1),
    ],
)
def test_a_field_that_is_wrong_is_refused(evidence: Evidence, field: str, value: object) -> None:
    data = json.loads(to_json(evidence))
    data[field] = value
    with pytest.raises(PermitError):
        from_json(json.dumps(data))
