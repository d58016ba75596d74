from __future__ import annotations

from pathlib import Path

import pytest

from campaigns.retention import Keeping
from dialer.live.retention import Retention
from dialer.ports.store import Answer, Done, SaveChange, Write
from tests.unit.telephony.test_recordings import NOON, left, put


class Clock:
    def now(self) -> float:
        return NOON


async def test_what_goes_is_on_record_before_it_goes(tmp_path: Path) -> None:
    put(
        tmp_path,
        "2026-10-01/acme/spring-1-120000.wav",
        "2026-10-01/autumn-2-120000.wav",
        "2026-11-29/a-3-120000.wav",
    )
    seen: list[tuple[str, str, dict[str, str], int]] = []

    async def write(write: Write) -> Answer:
        assert isinstance(write, SaveChange)
        change = write.change
        assert (change.by, change.action) == ("service", "recordings.delete")
        seen.append((change.subject, change.client, dict(change.detail), len(left(tmp_path))))
        return Done()

    await Retention(tmp_path, lambda: Keeping(30), write, Clock()).look()
    detail = {"recordings": "1", "keep_days": "30"}
    assert seen == [("2026-10-01", "acme", detail, 3), ("2026-10-01", "", detail, 2)]
    assert left(tmp_path) == ["2026-11-29/a-3-120000.wav"]
    await Retention(tmp_path, lambda: Keeping(30), write, Clock()).look()
    assert len(seen) == 2


async def test_what_cannot_be_put_on_record_stays(tmp_path: Path) -> None:
    put(tmp_path, "2026-10-01/spring-1-120000.wav")

    async def write(write: Write) -> Answer:
        raise OSError("the store is away")

    with pytest.raises(OSError, match="away"):
        await Retention(tmp_path, lambda: Keeping(30), write, Clock()).look()
    assert left(tmp_path) == ["2026-10-01/spring-1-120000.wav"]
