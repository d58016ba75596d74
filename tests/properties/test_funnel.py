"""The funnel, computed over groups of leads, is what is answered about each of them."""

from __future__ import annotations

from collections import Counter

from hypothesis import event, example, given, settings
from hypothesis import strategies as st

from campaigns.refusal import Refusal
from dialer.operations.funnel import LEASED_CODE, STAGE_OF, Funnel, Stage, Standing, funnel
from dialer.operations.why import why
from dialer.ports.store import FINAL, LEASED
from dialer.storage.memory import MemoryStore
from tests.unit.operations.random_store import NOW, RULES, fill
from tests.walls import SIMULATED


@settings(max_examples=60, deadline=None)
@example(
    seed=642, rules="fictional", later=0
)  # the number in turn is barred for good, and the one before it is due later
@given(st.integers(0, 2**32), st.sampled_from(RULES), st.integers(0, 200_000))
def test_the_funnel_counts_what_why_answers_lead_by_lead(seed: int, rules: str, later: int) -> None:
    store = MemoryStore()
    fill(store.write, store, seed, rules)
    at = NOW + later
    found = funnel(store, "spring", at, NOW, walls=SIMULATED, trunks=())
    assert found.total == found.dialable + found.lost.total() == store.lead_counts("spring").total
    expected: Counter[tuple[Stage, str]] = Counter()
    hours: Counter[int] = Counter()
    dialable = 0
    for place in store.places("spring"):
        if place.state in (FINAL, LEASED):
            final = place.state == FINAL
            expected[Stage.STATUS if final else Stage.LEASED, place.reason if final else LEASED_CODE] += 1
            continue
        answer = why(store, "spring", str(place.lead_id), at, walls=SIMULATED)
        if answer.reason is None:
            dialable += 1
            continue
        expected[STAGE_OF[Refusal(answer.reason)], answer.reason] += 1
        event(answer.reason)
        if answer.until is not None:
            hours[int((answer.until - at) // 3_600)] += 1
    assert (found.dialable, found.lost) == (dialable, expected)
    assert found.hours == [hours[hour] for hour in range(24)]


STANDINGS = st.builds(
    Standing,
    st.sampled_from([None, *Stage]),
    st.sampled_from(["a", "b"]),
    st.none() | st.floats(NOW, NOW + 100_000.0),
    st.sampled_from(["", "GB:Europe/London", "US:America/New_York"]),
)


@given(st.lists(st.tuples(STANDINGS, st.integers(1, 9))), st.integers(0, 10))
def test_parts_of_a_funnel_merge_to_the_whole(counted: list[tuple[Standing, int]], cut: int) -> None:
    whole, one, other = (Funnel("spring", NOW) for _ in range(3))
    for place, (standing, leads) in enumerate(counted):
        whole.count(standing, leads)
        (one if place < cut else other).count(standing, leads)
    one.merge(other)
    assert one == whole
    assert whole.total == whole.dialable + whole.lost.total()
