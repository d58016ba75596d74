from __future__ import annotations

import time
from pathlib import Path

import pytest

from dialer.media.events import Recorded
from dialer.media.file_work import CloseFile, OpenFile, Samples
from dialer.telephony.media_server import disk as disk_module
from dialer.telephony.media_server.disk import Disk
from dialer.telephony.media_server.recording_file import RecordingFile
from tests.far_end import channels_of

SECOND = b"\x11\x22" * 8_000


def told(disk: Disk) -> Recorded:
    until = time.monotonic() + 5.0
    while time.monotonic() < until:
        recorded = disk.told()
        if recorded is not None:
            return recorded
        time.sleep(0.001)
    raise AssertionError("nothing was told")


def test_recordings_are_written_in_order_and_told_when_complete(tmp_path: Path) -> None:
    disk = Disk()
    for number in (1, 2):
        disk.put(OpenFile(number, 10 + number, str(tmp_path / f"{number}.wav")))
        disk.put(Samples(number, SECOND))
    for number in (2, 1):
        disk.put(Samples(number, SECOND[:8_000]))
        disk.put(CloseFile(number))
    assert [told(disk), told(disk)] == [Recorded(12, 2, 1.5), Recorded(11, 1, 1.5)]
    assert not disk.is_busy
    disk.close()
    assert channels_of(tmp_path / "1.wav") == (b"\x11" * 12_000, b"\x22" * 12_000)


def test_one_that_fails_is_told_once_and_harms_no_other(tmp_path: Path) -> None:
    (tmp_path / "there.wav").write_bytes(b"x")
    disk = Disk()
    disk.put(OpenFile(1, 11, str(tmp_path / "there.wav")))
    disk.put(OpenFile(2, 12, str(tmp_path / "new.wav")))
    for number in (1, 2):
        disk.put(Samples(number, SECOND))
        disk.put(CloseFile(number))
    assert [told(disk), told(disk)] == [Recorded(11, 1, 0.0, "File exists"), Recorded(12, 2, 1.0)]
    disk.close()


def test_a_disk_that_is_too_slow_ends_recordings_rather_than_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disk_module, "MOST_BEHIND_OCTETS", -1)
    disk = Disk()
    disk.put(OpenFile(1, 11, str(tmp_path / "a.wav")))
    disk.put(Samples(1, SECOND))
    assert told(disk) == Recorded(11, 1, 0.0, "the disk is too slow")
    assert disk.behind_octets == 0
    disk.close()


def test_what_waits_is_written_at_the_end(tmp_path: Path) -> None:
    disk = Disk()
    disk.put(OpenFile(1, 11, str(tmp_path / "a.wav")))
    disk.put(Samples(1, SECOND))
    disk.close()
    assert len(channels_of(tmp_path / "a.wav")[0]) == 8_000


def test_a_file_can_be_played_after_every_piece(tmp_path: Path) -> None:
    file = RecordingFile(tmp_path / "deep" / "er" / "a.wav")
    assert channels_of(tmp_path / "deep" / "er" / "a.wav") == (b"", b"")
    for seconds in (1, 2, 3):
        file.append(SECOND)
        assert len(channels_of(tmp_path / "deep" / "er" / "a.wav")[0]) == 8_000 * seconds
    file.close()
