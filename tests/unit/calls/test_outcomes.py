from __future__ import annotations

from typing import Any

import pytest

from campaigns.outcome import TECHNICAL, Outcome
from dialer.calls.errors import OutcomeTableError
from dialer.calls.outcomes import NONE, SEVERAL, Action, Fault, Rule, Ruling, parse_table, ruling_of, table

Out, Do = Outcome, Action

EXPECTED: list[tuple[dict[str, Any], Outcome, Action]] = [
    # (what came, outcome, what is done): domain facts, written down apart from the table
    ({"status": 486}, Out.BUSY, Do.NOTHING),
    ({"status": 600, "q850": 17}, Out.BUSY, Do.NOTHING),
    ({"status": 480}, Out.NO_ANSWER, Do.NOTHING),
    ({"status": 480, "q850": 18}, Out.NO_ANSWER, Do.NOTHING),
    ({"status": 480, "q850": 19}, Out.NO_ANSWER, Do.NOTHING),
    ({"status": 480, "q850": 20}, Out.UNREACHABLE, Do.NOTHING),
    ({"status": 480, "q850": 31}, Out.NO_ANSWER, Do.NOTHING),
    ({"status": 408, "q850": 18, "rang": False}, Out.NO_ANSWER, Do.NOTHING),
    ({"status": None, "rang": True}, Out.NO_ANSWER, Do.NOTHING),
    ({"status": 487}, Out.NO_ANSWER, Do.NOTHING),
    ({"status": 408, "rang": False}, Out.TIMEOUT, Do.OTHER_ROUTE),
    ({"status": None, "rang": False}, Out.TIMEOUT, Do.OTHER_ROUTE),
    ({"status": 504}, Out.TIMEOUT, Do.OTHER_ROUTE),
    ({"status": 480, "q850": 102}, Out.TIMEOUT, Do.OTHER_ROUTE),
    ({"status": 404}, Out.INVALID, Do.CONFIRM),
    ({"status": 604}, Out.INVALID, Do.CONFIRM),
    ({"status": 485}, Out.INVALID, Do.CONFIRM),
    ({"status": 404, "q850": 1}, Out.INVALID, Do.CONFIRM),
    ({"status": 404, "q850": 2}, Out.CONGESTION, Do.OTHER_ROUTE),
    ({"status": 404, "q850": 3}, Out.CONGESTION, Do.OTHER_ROUTE),
    ({"status": 404, "q850": 26}, Out.CONGESTION, Do.OTHER_ROUTE),
    ({"status": 404, "heard": "sit_vacant"}, Out.NOT_IN_USE, Do.DEAD),
    ({"status": 404, "heard": "sit_intercept"}, Out.NOT_IN_USE, Do.DEAD),
    ({"status": None, "heard": "not_in_use", "rang": True}, Out.NOT_IN_USE, Do.DEAD),
    ({"status": 503, "heard": "sit_reorder"}, Out.CONGESTION, Do.OTHER_ROUTE),
    ({"status": None, "heard": "sit_no_circuit", "rang": True}, Out.CONGESTION, Do.OTHER_ROUTE),
    ({"status": 486, "heard": "sit_vacant"}, Out.NOT_IN_USE, Do.DEAD),
    ({"status": 410}, Out.CHANGED, Do.DEAD),
    ({"status": 301}, Out.CHANGED, Do.DEAD),
    ({"status": 302}, Out.CHANGED, Do.DEAD),
    ({"status": 302, "same_number": True}, Out.CONGESTION, Do.OTHER_ROUTE),
    ({"status": 480, "q850": 22}, Out.CHANGED, Do.DEAD),
    ({"status": 480, "q850": 23}, Out.CHANGED, Do.DEAD),
    ({"status": 484}, Out.INCOMPLETE, Do.DEAD),
    ({"status": 404, "q850": 28}, Out.INCOMPLETE, Do.DEAD),
    ({"status": 603}, Out.REJECTED, Do.NOTHING),
    ({"status": 603, "q850": 21, "by": "user"}, Out.REJECTED, Do.NOTHING),
    ({"status": 603, "q850": 21, "by": "analytics"}, Out.BLOCKED, Do.CALLER_ID),
    ({"status": 403}, Out.REJECTED, Do.NOTHING),
    ({"status": 607}, Out.UNWANTED, Do.SUPPRESS),
    ({"status": 607, "q850": 17}, Out.UNWANTED, Do.SUPPRESS),
    ({"status": 608}, Out.BLOCKED, Do.CALLER_ID),
    ({"status": 401}, Out.TRUNK_FAULT, Do.STOP_ROUTE),
    ({"status": 402}, Out.TRUNK_FAULT, Do.STOP_ROUTE),
    ({"status": 407, "q850": 1}, Out.TRUNK_FAULT, Do.STOP_ROUTE),
    ({"status": 415}, Out.TRUNK_FAULT, Do.STOP_ROUTE),
    ({"status": 488}, Out.TRUNK_FAULT, Do.STOP_ROUTE),
    ({"status": 501}, Out.TRUNK_FAULT, Do.STOP_ROUTE),
    ({"status": 500}, Out.CONGESTION, Do.OTHER_ROUTE),
    ({"status": 502}, Out.CONGESTION, Do.OTHER_ROUTE),
    ({"status": 503}, Out.CONGESTION, Do.OTHER_ROUTE),
    *(({"status": 503, "q850": cause}, Out.CONGESTION, Do.OTHER_ROUTE) for cause in (27, 34, 38, 41, 42, 47)),
    ({"status": 500, "q850": 17}, Out.BUSY, Do.NOTHING),
    ({"status": 480, "q850": 55}, Out.BARRED, Do.NOTHING),
    ({"status": 480, "q850": 87}, Out.BARRED, Do.NOTHING),
    # unknown statuses are judged by their class (RFC 3261 § 8.1.3.2)
    ({"status": 305}, Out.CHANGED, Do.DEAD),
    ({"status": 499}, Out.TRUNK_FAULT, Do.OTHER_ROUTE),
    ({"status": 599}, Out.CONGESTION, Do.OTHER_ROUTE),
    ({"status": 699}, Out.REJECTED, Do.NOTHING),
]


def ruled(**came: Any) -> Ruling:
    return ruling_of(**{"rang": False, **came})


@pytest.mark.parametrize(("came", "outcome", "action"), EXPECTED)
def test_what_the_network_says(came: dict[str, Any], outcome: Outcome, action: Action) -> None:
    ruling = ruled(**came)
    assert (ruling.outcome, ruling.policy.action) == (outcome, action)


def example_of(rule: Rule) -> dict[str, Any]:
    """Something that this row is there for."""
    first = rule.statuses[0]
    status = table().several[0] if first == SEVERAL else int(first[0]) * 100 + 66 if "x" in first else first
    return {
        "status": None if status == NONE else int(status),
        "q850": rule.causes[0] if rule.causes else None,
        "by": rule.by,
        "heard": rule.heard[0] if rule.heard else None,
        "rang": bool(rule.rang),
        "same_number": bool(rule.same_number),
    }


@pytest.mark.parametrize("rule", table().rules, ids=lambda rule: rule.ruling.why)
def test_no_row_is_hidden_by_one_before_it(rule: Rule) -> None:
    assert ruled(**example_of(rule)) is rule.ruling


@pytest.mark.parametrize("rang", [True, False])
@pytest.mark.parametrize("q850", [None, 1, 16, 127])
def test_every_final_status_has_a_ruling(rang: bool, q850: int | None) -> None:
    for status in (None, *range(300, 700)):
        assert ruling_of(status, q850, rang=rang).why


def test_only_faults_of_the_route_are_not_charged() -> None:
    for rule in table().rules:
        technical = rule.ruling.outcome in TECHNICAL
        assert rule.ruling.policy.charged != technical, rule
        assert (rule.ruling.policy.fault is Fault.ROUTE) == technical, rule


def test_only_what_may_be_the_trunks_own_fault_stops_it() -> None:
    stopping = {status: rule.ruling.stop_after for rule in table().rules for status in rule.statuses
                if rule.ruling.stop_after is not None}  # fmt: skip
    assert stopping == {"401": 1, "402": 1, "407": 1, "415": 3, "488": 3, "501": 3, "403": 10}


def test_an_answer_is_no_end_of_an_unanswered_call() -> None:
    with pytest.raises(ValueError, match="200 is no final status"):
        ruling_of(200, rang=True)


GOOD = """
several = [404]
[policy.p]
fault = "route"
charged = false
action = ""
[[rule]]
status = [404]
outcome = "busy"
policy = "p"
why = "because"
"""


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ('policy = "p"', 'policy = "q"', "q is missing or unknown"),
        ('outcome = "busy"', 'outcome = "bussy"', "bussy"),
        ("charged = false", "charged = true", "never charged"),
        ("[[rule]]", "[[rule]]\nstatuses = []", "unknown key 'statuses'"),
        ("status = [404]", 'status = [404]\nheard = ["sit"]', "sit"),
        ("several = [404]", "", "several is missing"),
    ],
)
def test_a_table_with_a_mistake_is_refused(before: str, after: str, said: str) -> None:
    assert parse_table(GOOD).rules[0].ruling.outcome is Outcome.BUSY
    with pytest.raises(OutcomeTableError, match=said):
        parse_table(GOOD.replace(before, after))
