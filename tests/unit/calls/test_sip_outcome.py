from __future__ import annotations

import pytest

from campaigns.outcome import Outcome
from dialer.calls.sip_outcome import BY_CAUSE, BY_STATUS, REASON_DECIDES, outcome_of


@pytest.mark.parametrize(("status", "outcome"), BY_STATUS.items())
def test_each_status_alone(status: int, outcome: Outcome) -> None:
    assert outcome_of(status, None, alerted=True) is outcome


@pytest.mark.parametrize(("cause", "outcome"), BY_CAUSE.items())
def test_the_reason_header_decides_where_a_status_is_ambiguous(cause: int, outcome: Outcome) -> None:
    for status in REASON_DECIDES:
        assert outcome_of(status, cause, alerted=True) is outcome


def test_a_reason_does_not_overrule_a_clear_status() -> None:
    assert outcome_of(607, 17, alerted=True) is Outcome.UNWANTED
    assert outcome_of(407, 1, alerted=False) is Outcome.TRUNK_FAULT


@pytest.mark.parametrize(("alerted", "outcome"), [(True, Outcome.NO_ANSWER), (False, Outcome.TIMEOUT)])
def test_silence_and_408_say_something_of_the_person_only_after_a_ring(alerted: bool, outcome: Outcome) -> None:
    assert outcome_of(None, None, alerted=alerted) is outcome
    assert outcome_of(408, None, alerted=alerted) is outcome


@pytest.mark.parametrize(
    ("status", "outcome"),
    [(305, Outcome.CHANGED), (499, Outcome.TRUNK_FAULT), (599, Outcome.CONGESTION), (699, Outcome.REJECTED)],
)
def test_unknown_statuses_are_judged_by_their_class(status: int, outcome: Outcome) -> None:
    assert outcome_of(status, None, alerted=False) is outcome
