"""Calls to third parties outside, over every store."""

from __future__ import annotations

from dataclasses import replace

from dialer.ports.store import Done, SaveThirdCall, ThirdCall
from tests.contract.storage_values import NOW
from tests.contract.stores import Store, filled

THIRD = ThirdCall(
    key=1 << 61, attempt_id=7, campaign="spring", agent_id="ana", number="+442079460999", trunk="t1",
    caller_id="+442079460000", call_id="c1", asked_at=NOW, expected_cost_micro=900, currency="EUR",
)  # fmt: skip
LEFT = replace(THIRD, placed_at=NOW + 0.1)
OVER = replace(LEFT, answered_at=NOW + 5.0, ended_at=NOW + 65.5, cost_micro=1_200)


def test_it_is_on_record_once_as_it_was_written_last(store: Store) -> None:
    filled(store)
    refused = replace(THIRD, key=THIRD.key + 1, call_id="c2", asked_at=NOW - 60.0, ended_at=NOW - 50.0, status=486)
    for third in (THIRD, refused, OVER):
        assert store.write(SaveThirdCall(third)) == Done()
    assert list(store.reader.third_calls(0.0)) == [refused, OVER]
    assert list(store.reader.third_calls(NOW)) == [OVER]


def test_it_counts_towards_the_ceilings_by_what_it_cost_or_is_expected_to(store: Store) -> None:
    filled(store)
    for n, third in enumerate((THIRD, OVER, replace(THIRD, ended_at=NOW + 1.0, cost_micro=0))):
        store.write(SaveThirdCall(replace(third, key=third.key + n, call_id=f"c{n}")))
    (usage,) = store.reader.usage(NOW - 60.0)
    assert (usage.client, usage.trunk, usage.calls, usage.cost_micro) == ("", "t1", 2, 900 + 1_200)
    assert 0.0 < usage.at - NOW <= 60.0
    assert list(store.reader.usage(NOW + 60.0)) == []
