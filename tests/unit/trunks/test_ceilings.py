from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from campaigns.refusal import Refusal, Refused
from campaigns.walls import Ceiling
from dialer.ports.store import Usage
from dialer.trunks.ceilings import DAY_S, HOUR_S, Ceilings
from dialer.trunks.rolling import RollingSum


@given(st.lists(st.tuples(st.floats(0, 900), st.integers(0, 50)), max_size=60))
def test_a_rolling_sum_is_never_too_small_and_at_most_a_slice_too_large(steps: list[tuple[float, int]]) -> None:
    rolling, now, added = RollingSum(HOUR_S), 1_000_000.0, []
    for wait, amount in steps:
        now += wait
        rolling.add(amount, now)
        added.append((now, amount))
        exact = sum(amount for at, amount in added if at > now - HOUR_S)
        at_most = sum(amount for at, amount in added if at > now - HOUR_S - HOUR_S / 60 - 1e-6)
        assert exact <= rolling.total(now) <= at_most


@given(st.lists(st.tuples(st.floats(0, 900), st.integers(1, 50)), min_size=1, max_size=40), st.integers(0, 500))
def test_it_says_when_it_is_below(steps: list[tuple[float, int]], limit: int) -> None:
    rolling, now = RollingSum(HOUR_S), 0.0
    for wait, amount in steps:
        now += wait
        rolling.add(amount, now)
    at = rolling.below(limit, now)
    assert at >= now
    assert rolling.total(at) <= limit


def placed(ceilings: Ceilings, now: float, *, client: str = "", trunk: str = "a", cost: int = 0) -> Refused | None:
    refused = ceilings.refusal(client, trunk, cost, now)
    if refused is None:
        ceilings.reserve(client, trunk, cost)
        ceilings.placed(client, trunk, now)
    return refused


@given(
    st.lists(st.tuples(st.floats(0, 600), st.booleans(), st.floats(0, 200)), max_size=80),
    st.integers(1, 20),
    st.integers(0, 5_000),
)
def test_no_hour_has_more_calls_or_expected_spending_than_its_ceiling(
    steps: list[tuple[float, bool, float]], calls: int, spend: int
) -> None:
    ceilings = Ceilings([Ceiling("house", "", calls_hour=calls, spend_hour_micro=spend)], "EUR")
    now, moments, spent = 0.0, [], []
    for wait, answered, _ in steps:
        now += wait
        if placed(ceilings, now, cost=400) is None:
            moments.append(now)
            ceilings.settled("", "a", 400, 400 if answered else 0, now)
            spent.append((now, 400 if answered else 0))
        assert sum(1 for at in moments if at > now - HOUR_S) <= calls
        assert sum(cost for at, cost in spent if at > now - HOUR_S) <= spend


def test_open_calls_count_with_what_they_are_expected_to_cost() -> None:
    ceilings = Ceilings([Ceiling("trunk", "a", spend_day_micro=1_000)], "EUR")
    assert placed(ceilings, 0.0, cost=600) is None
    refused = placed(ceilings, 1.0, cost=600)
    assert refused is not None
    assert (refused.reason, refused.detail) == (
        Refusal.SPEND_CEILING, "trunk a: 0.001 EUR within one day is the ceiling",
    )  # fmt: skip
    assert placed(ceilings, 1.0, trunk="b", cost=600) is None
    ceilings.settled("", "a", 600, 0, 2.0)
    assert placed(ceilings, 3.0, cost=600) is None


def test_a_call_about_to_leave_counts_and_one_that_did_not_leave_does_not() -> None:
    ceilings = Ceilings([Ceiling("client", "acme", calls_hour=1)])
    ceilings.reserve("acme", "a", 0)
    assert ceilings.refusal("acme", "a", 0, 0.0) is not None
    assert ceilings.refusal("", "a", 0, 0.0) is None
    ceilings.release("acme", "a", 0)
    assert ceilings.refusal("acme", "a", 0, 0.0) is None


def test_a_refusal_says_when_it_may_be_over() -> None:
    ceilings = Ceilings([Ceiling("house", "", calls_hour=2)])
    assert placed(ceilings, 0.0) is None
    assert placed(ceilings, 1_800.0) is None
    refused = placed(ceilings, 1_900.0)
    assert refused is not None
    assert refused.until is not None
    assert HOUR_S <= refused.until <= HOUR_S + 61
    assert placed(ceilings, refused.until) is None


def test_what_was_used_before_this_process_counts() -> None:
    ceilings = Ceilings([Ceiling("house", "", calls_day=5, spend_day_micro=100)])
    ceilings.restore([Usage(60.0, "acme", "a", 4, 90), Usage(120.0, "", "b", 0, 5)])
    assert ceilings.used("house", "", 200.0) == (4, 95)
    assert ceilings.used("client", "acme", 200.0) == (4, 90)
    assert placed(ceilings, 200.0, cost=6) is not None
    assert placed(ceilings, 200.0, cost=5) is None
    assert placed(ceilings, 201.0) is not None
    assert placed(ceilings, 60.0 + DAY_S + 2_000) is None


def test_a_ceiling_set_while_calls_go_on_counts_those_from_before() -> None:
    ceilings = Ceilings()
    assert placed(ceilings, 0.0) is None
    ceilings.use([Ceiling("house", "", calls_hour=1)], "")
    assert placed(ceilings, 1.0) is not None


def test_a_price_is_needed_only_where_spending_has_a_ceiling() -> None:
    ceilings = Ceilings([Ceiling("client", "acme", spend_day_micro=1), Ceiling("trunk", "a", calls_day=1)])
    assert ceilings.needs_price("acme", "a")
    assert not ceilings.needs_price("", "a")
