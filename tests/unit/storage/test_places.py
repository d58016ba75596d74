"""States, orders and tries as the store keeps them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.callback import Callback
from dialer.storage.places import (
    add_try,
    fields_from_json,
    order_key,
    pairs_to_json,
    port_state,
    stored_state,
    texts_to_json,
    tries_from_json,
)
from tests.contract.storage_values import update_for


@given(st.integers(0, 2**31), st.integers(1, 2**40))
def test_a_shuffle_fits_the_column_and_depends_on_its_seed(seed: int, lead_id: int) -> None:
    key = order_key("random", seed, lead_id)
    assert 0 <= key < 2**63
    assert key == order_key("random", seed, lead_id)
    assert key != order_key("random", seed + 1, lead_id)


@given(st.lists(st.tuples(st.text(), st.text())).map(tuple))
def test_texts_are_written_as_any_pairs_are(pairs: tuple[tuple[str, str], ...]) -> None:
    assert texts_to_json(pairs) == pairs_to_json(pairs)


def test_a_shuffle_is_one() -> None:
    shuffled = sorted(range(1, 1001), key=lambda lead_id: order_key("random", 3, lead_id))
    assert abs(sum(shuffled[:500]) / 500 - 500) < 40
    assert order_key("random", 7, 1) == 2776804601523485429


@given(st.integers(-(2**62), 2**62), st.integers(1, 2**40 - 1))
def test_the_highest_rank_is_first_and_none_last(rank: int, lead_id: int) -> None:
    key = order_key("rank", 0, lead_id, rank=rank)
    assert -(2**63) < key < order_key("rank", 0, 1) < 2**63
    assert order_key("rank", 0, lead_id, rank=1) < order_key("rank", 0, 1, rank=0)
    assert order_key("rank", 0, 1, rank=rank) <= key


@given(st.floats(0, 1e11), st.integers(1, 2**40))
def test_whom_nobody_has_called_is_first(called_at: float, lead_id: int) -> None:
    key = order_key("last_call", 0, lead_id, called_at=called_at)
    assert -(2**63) < order_key("last_call", 0, lead_id) < key < 2**63
    assert key < order_key("last_call", 0, 1, called_at=called_at + 1)


@given(st.lists(st.tuples(st.text(), st.integers(0, 99))))
def test_tries_come_back_as_they_were(pairs: list[tuple[str, int]]) -> None:
    assert tries_from_json(pairs_to_json(tuple(pairs))) == tuple(pairs)


@given(st.lists(st.tuples(st.text(), st.text())))
def test_fields_come_back_as_they_were(pairs: list[tuple[str, str]]) -> None:
    assert fields_from_json(pairs_to_json(tuple(pairs))) == tuple(pairs)


def test_a_try_is_added_to_its_code() -> None:
    assert add_try((("busy", 2), ("no_answer", 1)), "busy") == (("busy", 3), ("no_answer", 1))
    assert add_try((), "unknown") == (("unknown", 1),)


def test_a_lead_to_be_dialed_waits_for_its_due_time() -> None:
    assert (stored_state(update_for(1)), stored_state(update_for(1, state="final"))) == ("waiting", "final")
    with pytest.raises(ValueError, match="'gone'"):
        stored_state(update_for(1, state="gone"))


def test_a_lead_to_be_called_back_waits_among_those_that_are() -> None:
    promised = Callback(7, "c", 1, "+442079460001", "2026-12-01T18:00:00", "Europe/London", 9.0, 1.0, "a1")
    assert stored_state(replace(update_for(1), callback=promised)) == "promised"
    with pytest.raises(ValueError, match="without a callback"):
        stored_state(replace(update_for(1, state="final"), callback=promised))
    assert [port_state(state) for state in ("waiting", "promised", "ready", "leased", "final")] == [
        "ready", "ready", "ready", "leased", "final",
    ]  # fmt: skip
