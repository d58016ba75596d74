"""Walls for tests that are not about them: trunks that lead to the simulator alone."""

from __future__ import annotations

from campaigns.walls import TrunkWall, Walls
from dialer.ports.store import SaveWalls


def simulated(*trunks: str) -> Walls:
    return Walls(trunks=tuple(TrunkWall(trunk, None, simulated=True) for trunk in trunks))


SIMULATED = simulated(
    "sim", "other", "spare", "main", "new", "quick", "slow", "bad", "t1", "trunk", "first", "second"
)
"""The trunks that tests call by these names."""

SAVE_SIMULATED = SaveWalls(SIMULATED.hash, SIMULATED.body, 0.0)
