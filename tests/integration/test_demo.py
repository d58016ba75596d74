"""The main job as a user starts it: a process, a terminal's signals, a home that is kept."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import select
import signal
import sqlite3
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path

import pytest

from campaigns.outcome import NOT_PLACED
from campaigns.record import AttemptRecord
from dialer.app.installation import read_home
from dialer.cli import main
from tests.brisk import BRISK_POPULATION
from tests.integration.books import assert_books_agree, carrier_log

FROM = 0.0
EVER = 1e12


def dialer(*arguments: str, home: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "dialer", *arguments, "--home", str(home)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
    )


def records_of(home: Path) -> list[AttemptRecord]:
    with read_home(home) as view:
        return list(view.reader.records("demo", FROM, EVER))


def wait_for_answers(home: Path, count: int, within_s: float = 60.0) -> None:
    """Until so many attempts are under way in the demo's database."""
    until = time.monotonic() + within_s
    while time.monotonic() < until:
        try:
            with sqlite3.connect(f"file:{home / 'dialer.db'}?mode=ro", uri=True) as database:
                (seen,) = database.execute("SELECT count(*) FROM attempts").fetchone()
        except sqlite3.OperationalError:
            seen = 0  # not made yet
        if seen >= count:
            return
        time.sleep(0.1)
    raise AssertionError(f"no {count} attempts within {within_s} s")


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, object]]:
    home = tmp_path_factory.mktemp("demo") / "home"
    process = dialer(
        "demo", "--headless", "--seconds", "10", "--agents", "10", "--leads", "400", "--json", home=home
    )
    out, err = process.communicate(timeout=110)
    assert process.returncode == 0, err
    return home, json.loads(out)


def test_calls_are_placed_answered_and_disposed_of(played: tuple[Path, dict[str, object]]) -> None:
    _, summary = played
    records = records_of(played[0])
    assert len(records) >= 10
    assert sum(r.outcome == "connected" for r in records) >= 3
    assert sum(r.disposition is not None and r.disposition != "none" for r in records) >= 3
    assert summary["violations"] == 0
    assert summary["attempts"] == sum(r.counted for r in records)
    assert summary["connects"] == sum(r.answered_at is not None for r in records)
    assert summary["rpc"] == sum(r.rpc for r in records)


def test_every_call_agrees_with_the_carriers_own_log(played: tuple[Path, dict[str, object]]) -> None:
    home, _ = played
    assert assert_books_agree(records_of(home), carrier_log(home / "carrier.jsonl")) >= 10


def test_nothing_left_before_it_was_committed(played: tuple[Path, dict[str, object]]) -> None:
    home, _ = played
    calls = carrier_log(home / "carrier.jsonl")
    for record in records_of(home):
        if record.outcome in NOT_PLACED:  # committed as the demo was told to end
            assert record.call_id not in calls
            continue
        assert record.dialed_at is not None
        assert record.created_at <= record.dialed_at
        # Two clocks of one machine, read in two processes: both are UTC carried on by the monotonic clock.
        assert calls[record.call_id]["invite_at"] >= record.created_at - 0.05


def test_the_audio_reached_the_agents(played: tuple[Path, dict[str, object]]) -> None:
    home, _ = played
    heard = [r for r in records_of(home) if r.answer_to_agent_s is not None]
    assert heard
    calls = carrier_log(home / "carrier.jsonl")
    for record in heard:
        call = calls[record.call_id]
        assert call["rtp_in"] > 0 or call["persona"] == "silence", call


def test_report_and_audit_say_the_same_afterwards(
    played: tuple[Path, dict[str, object]], capsys: pytest.CaptureFixture[str]
) -> None:
    home, summary = played
    assert main(["report", "demo", "--json", "--home", str(home)]) == 0
    report = json.loads(capsys.readouterr().out)
    for figure in ("attempts", "connects", "live", "machine", "abandoned", "rpc", "outcomes", "violations"):
        assert report[figure] == summary[figure]
    assert main(["audit", "demo", "--json", "--home", str(home)]) == 0
    assert json.loads(capsys.readouterr().out)["violations"] == []


def brisk_home(folder: Path) -> Path:
    """Of people who are brief: there nobody is waited for while the demo drains."""
    home = folder / "home"
    home.mkdir()
    (home / "population.toml").write_text(BRISK_POPULATION.read_text("utf-8"), "utf-8")
    return home


@pytest.mark.long
@pytest.mark.parametrize("presses", [1, 2])
def test_interrupted(tmp_path: Path, presses: int) -> None:
    """Once: calls in progress finish. Twice: they are hung up properly. Either way all of it is on record."""
    home = brisk_home(tmp_path) if presses == 1 else tmp_path / "home"
    process = dialer("demo", "--headless", "--seconds", "60", "--agents", "4", "--leads", "300", home=home)
    wait_for_answers(home, 8)
    for _ in range(presses):
        process.send_signal(signal.SIGINT)
        time.sleep(0.3)
    started = time.monotonic()
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert "right-party contacts" in out
    if presses == 2:
        assert time.monotonic() - started < 20
    records = records_of(home)
    with sqlite3.connect(home / "dialer.db") as database:
        (attempts,) = database.execute("SELECT count(*) FROM attempts").fetchone()
    assert attempts == len(records), "an attempt was left without its record"
    calls = carrier_log(home / "carrier.jsonl")
    assert all(call["ended_at"] is not None for call in calls.values())
    assert_books_agree(records, calls)
    cut = [r for r in records if r.outcome == "cut" or r.ended_by == "dialer"]
    if presses == 2:
        assert cut, "calls in progress were hung up by us"


@pytest.mark.long
def test_a_second_owner_is_told_who_has_the_home(tmp_path: Path) -> None:
    home = brisk_home(tmp_path)
    first = dialer("demo", "--headless", "--seconds", "30", "--agents", "2", "--leads", "100", home=home)
    try:
        wait_for_answers(home, 1)
        second = dialer("demo", "--headless", "--seconds", "5", "--agents", "2", "--leads", "100", home=home)
        _, err = second.communicate(timeout=60)
        assert second.returncode == 2
        assert str(first.pid) in err
        assert "Traceback" not in err
    finally:
        first.send_signal(signal.SIGINT)
        first.send_signal(signal.SIGINT)
        first.communicate(timeout=60)


@pytest.mark.long
def test_on_a_terminal_the_console_shows_it_and_who_leaves_it_ends_the_demo(tmp_path: Path) -> None:
    home = brisk_home(tmp_path)
    ours, theirs = pty.openpty()
    fcntl.ioctl(ours, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "dialer",
            "demo",
            "--seconds",
            "60",
            "--agents",
            "3",
            "--leads",
            "200",
            "--home",
            str(home),
        ],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    shown, waited_for, pressed = bytearray(), [b"\x1b[?1049h", b"running"], False
    started = time.monotonic()
    try:
        while process.poll() is None and time.monotonic() - started < 90.0:
            if select.select([ours], [], [], 0.2)[0]:
                try:
                    came = os.read(ours, 65_536)
                except OSError:  # the terminal's other end is closed: everybody has gone
                    break
                news = shown[-16:] + came  # a word may come in two portions
                waited_for = [word for word in waited_for if word not in news]
                shown += came
            if not waited_for and not pressed:  # once: a terminal that is left echoes what is typed
                pressed = True
                os.write(ours, b"q")
        assert process.wait(30) == 0
    finally:
        process.kill()
        os.close(ours)
    picture, _, after = shown.rpartition(b"\x1b[?1049l")
    assert b"demo" in picture
    assert b"right-party contacts per agent hour" in after, "the summary stands below the picture"
    assert time.monotonic() - started < 60.0, "it did not wait for its time to be over"
    with sqlite3.connect(home / "dialer.db") as database:
        assert database.execute("SELECT state FROM campaigns").fetchone() == ("done",)
