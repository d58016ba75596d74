"""What is told of, and kept, of sources that send nonsense."""

from __future__ import annotations

from dialer.sip.call_table import MAX_NAMED_SOURCES
from tests.unit.sip.peer import World


def test_sources_named_are_bounded() -> None:
    world = World()
    for port in range(MAX_NAMED_SOURCES + 50):
        world.receive(b"garbage!", ("127.0.0.1", port + 1))
    assert len(world.told()) == MAX_NAMED_SOURCES
    assert world.agent.counters["not_sip"] == MAX_NAMED_SOURCES + 50
