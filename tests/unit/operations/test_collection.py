from __future__ import annotations

import gc

import pytest

from dialer.operations.collection import THRESHOLDS, rare_collections


def test_collections_are_rare_within_the_block_and_as_before_after_it() -> None:
    before, frozen_before = gc.get_threshold(), gc.get_freeze_count()
    with rare_collections():
        assert gc.get_threshold() == THRESHOLDS
        assert gc.get_freeze_count() > frozen_before
    assert gc.get_threshold() == before
    assert gc.get_freeze_count() == 0


def test_a_failure_leaves_the_process_as_it_was() -> None:
    before = gc.get_threshold()
    with pytest.raises(RuntimeError, match="of the run"), rare_collections():
        raise RuntimeError("of the run")
    assert gc.get_threshold() == before


def test_cycles_are_still_collected() -> None:
    class Node:
        made = 0

        def __init__(self) -> None:
            self.me = self
            Node.made += 1

        def __del__(self) -> None:
            Node.made -= 1

    with rare_collections():
        for _ in range(2 * THRESHOLDS[0]):
            Node()
        assert Node.made <= THRESHOLDS[0]
