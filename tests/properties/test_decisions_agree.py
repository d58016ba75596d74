"""The decision and the audit agree on random decisions, half of them where the answer changes."""

from __future__ import annotations

import pytest

from tests.properties.decisions import BY_CONSENT, PROMISED, Boundary, compare, describe


@pytest.mark.parametrize(
    "count", [2_000, pytest.param(100_000, marks=[pytest.mark.long, pytest.mark.timeout(900)])]
)
def test_the_decision_and_the_audit_agree(count: int) -> None:
    *_, tally = compare(count, seed=20_261_130 + count)
    assert tally.count >= count
    assert [describe(one) for one in tally.differences] == []
    tried = {boundary: tally.of(boundary) for boundary in Boundary}
    assert tried[Boundary.NONE] < 0.55 * tally.count
    assert all(n > tally.count / 400 for n in tried.values())  # nothing that was meant to be tried is missing
    beside_register = {answer for boundary, answer in tally.answers if boundary is Boundary.REGISTER}
    assert {"permitted", "dnc"} <= beside_register
    answers = {answer for _, answer in tally.answers}
    assert {
        "permitted",
        "window_closed",
        "window_closing",
        "cap",
        "rule_expired",
        "no_rule",
        "dnc",
        "consent",
        BY_CONSENT,
        PROMISED,
    } <= answers
