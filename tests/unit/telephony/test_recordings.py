from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from campaigns.retention import Keeping
from dialer.telephony.recordings import delete_recordings, expired_recordings

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC).timestamp()


def put(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"RIFF")


def left(folder: Path) -> list[str]:
    found = (path for path in folder.rglob("*") if path.is_symlink() or not path.is_dir())
    return sorted(str(path.relative_to(folder)) for path in found)


def test_what_is_past_its_days_goes_and_all_else_stays(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    folder = tmp_path / "recordings"
    put(elsewhere, "spring-9-120000.wav")
    put(
        folder,
        *("2026-10-01/acme/spring-1-120000.wav", "2026-10-01/acme/spring-2-120001-turn3.wav"),
        *("2026-10-01/autumn-3-235959.wav", "2026-10-01/acme/notes.txt", "2026-10-01/notes.wav"),
        *("2026-10-02/winter-4-000000.wav", "2026-11-29/spring-5-120000.wav", "kept-by-hand/spring-6-120000.wav"),
    )
    (folder / "2026-10-03").symlink_to(elsewhere)
    (folder / "2026-10-01" / "zoo").symlink_to(elsewhere)
    expired = expired_recordings(folder, Keeping(30), NOON)
    counts = {key: len(files) for key, files in expired.items()}
    assert counts == {("2026-10-01", "acme", 30): 2, ("2026-10-01", "", 30): 1, ("2026-10-02", "", 30): 1}
    assert sum(delete_recordings(folder, files) for files in expired.values()) == 4
    assert left(folder) == [
        "2026-10-01/acme/notes.txt",
        "2026-10-01/notes.wav",
        "2026-10-01/zoo",
        "2026-10-03",
        "2026-11-29/spring-5-120000.wav",
        "kept-by-hand/spring-6-120000.wav",
    ]
    assert left(elsewhere) == ["spring-9-120000.wav"]
    assert not (folder / "2026-10-02").exists(), "an empty day goes as well"
    assert expired_recordings(folder, Keeping(30), NOON) == {}


def test_no_folder_is_nothing_to_do(tmp_path: Path) -> None:
    assert expired_recordings(tmp_path / "recordings", Keeping(1), NOON) == {}


def test_one_that_is_gone_already_is_no_fault(tmp_path: Path) -> None:
    put(tmp_path, "2026-10-01/spring-1-120000.wav")
    (files,) = expired_recordings(tmp_path, Keeping(30), NOON).values()
    files[0].unlink()
    assert delete_recordings(tmp_path, files) == 1
    assert list(tmp_path.iterdir()) == []


def test_no_empty_folder_is_left_of_a_day_and_its_clients(tmp_path: Path) -> None:
    days = [tmp_path / f"2026-10-{day:02}" / "acme" for day in range(1, 31)]
    files = [day / "spring-1-120000.wav" for day in days]
    for file in files:
        file.parent.mkdir(parents=True)
        file.touch()
    assert delete_recordings(tmp_path, files) == 30
    assert list(tmp_path.iterdir()) == []


def test_a_campaign_may_keep_its_own_for_less_and_never_for_longer(tmp_path: Path) -> None:
    put(
        tmp_path,
        *("2026-11-20/acme/spring-1-120000.wav", "2026-11-20/acme/spring-extra-2-120000.wav"),
        *("2026-11-20/spring-3-120000.wav", "2026-11-28/acme/spring-4-120000.wav"),
        *("2026-10-01/acme/spring-5-120000.wav", "2026-10-01/acme/autumn-6-120000.wav"),
    )
    keeping = Keeping(30, (("acme/spring", 7), ("acme/autumn", 365)))
    expired = expired_recordings(tmp_path, keeping, NOON)
    assert {key: [file.name for file in files] for key, files in expired.items()} == {
        ("2026-11-20", "acme", 7): ["spring-1-120000.wav"],
        ("2026-10-01", "acme", 7): ["spring-5-120000.wav"],
        ("2026-10-01", "acme", 30): ["autumn-6-120000.wav"],
    }
