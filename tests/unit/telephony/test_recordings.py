from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from dialer.telephony.recordings import delete_expired

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC).timestamp()


def test_what_is_past_its_days_goes_and_all_else_stays(tmp_path: Path) -> None:
    for name in ("2026-10-01/acme/a.wav", "2026-11-29/b.wav", "kept-by-hand/c.wav"):
        path = tmp_path / name
        path.parent.mkdir(parents=True)
        path.write_bytes(b"RIFF")
    elsewhere = tmp_path / "kept-by-hand"
    (tmp_path / "2026-10-02").symlink_to(elsewhere)
    assert delete_expired(tmp_path, 30, NOON) == 1
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["2026-10-02", "2026-11-29", "kept-by-hand"]
    assert (elsewhere / "c.wav").exists()
    assert delete_expired(tmp_path, 30, NOON) == 0


def test_no_folder_is_nothing_to_do(tmp_path: Path) -> None:
    assert delete_expired(tmp_path / "recordings", 1, NOON) == 0
