"""Quick people, and a campaign for them: what tests over real sockets dial."""

from __future__ import annotations

from pathlib import Path

_DATA = Path(__file__).parent / "data"
BRISK_POPULATION = _DATA / "populations" / "brisk.toml"
BRISK_CAMPAIGN = _DATA / "campaigns" / "brisk.toml"
