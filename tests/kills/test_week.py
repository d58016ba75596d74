"""Two campaigns that call the same people, killed at random moments of a week of virtual time: no cap exceeded, no
promise lost. `KILLS=200 make test ARGS="tests/kills/test_week.py"` is the long form, for minutes."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dialer.operations.run_audit import run_audit
from dialer.ports.store import DROPPED, Reader
from dialer.storage.database import open_reader
from tests.kills.week import CAMPAIGNS, START, WEEK_S, person_of

KILLS = int(os.environ.get("KILLS", "4"))
PEOPLE = max(300, 15 * KILLS)
MOSCOW = timedelta(hours=3)
OPEN_H, CALLS_AN_HOUR = 14.0, 150.0
"""Of a day, and what the agents get through: nobody dies when nothing is left to do."""
LIFE_LIMIT_S = 600.0


@pytest.mark.long
@pytest.mark.timeout(120 + 20 * KILLS)
def test_two_campaigns_that_share_people_killed_in_a_week(tmp_path: Path, store_address: str) -> None:
    chance = random.Random(KILLS)
    hours = sorted(chance.uniform(0.0, min(7 * OPEN_H, 2 * PEOPLE / CALLS_AN_HOUR)) for _ in range(KILLS))
    moments = [START + hour // OPEN_H * 86_400.0 + (2.0 + hour % OPEN_H) * 3_600.0 for hour in hours]
    week = Week(tmp_path, store_address)
    kills = sum(week.lives(seed, at) for seed, at in enumerate(moments))
    while not week.is_over():
        week.lives(KILLS, None)
    reader = open_reader(store_address)
    try:
        told = judge(tmp_path, reader)
    finally:
        reader.close()
    print(f"{kills} kills; {told}")
    assert kills == KILLS


@dataclass(frozen=True, slots=True)
class Week:
    """`folder`: where the lives leave what outlives them. `store`: the address of their database."""

    folder: Path
    store: str

    def is_over(self) -> bool:
        return self.shown() >= START + WEEK_S

    def shown(self) -> float:
        """The clock as the last event left it; 0 before the first."""
        try:
            text = (self.folder / "clock").read_text()
        except FileNotFoundError:
            return 0.0
        return float(text) if text.strip() else 0.0

    def lives(self, seed: int, killed_at: float | None) -> bool:
        """One life; whether it was killed, as soon as its clock showed that moment or a later one."""
        words = (str(self.folder), self.store, str(PEOPLE), str(seed))
        before = self.shown()
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.kills.week", *words], stdin=subprocess.DEVNULL, start_new_session=True
        )
        given_up_at = time.monotonic() + LIFE_LIMIT_S
        try:
            while process.poll() is None:
                assert time.monotonic() < given_up_at
                now = self.shown()
                if killed_at is not None and now >= killed_at and now != before:
                    process.send_signal(signal.SIGKILL)
                    process.wait()
                    return True
                time.sleep(0.001)
            assert process.returncode == 0
            return False
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()


def calls(folder: Path) -> Iterator[tuple[float, int, str]]:
    for line in (folder / "carrier.log").read_text().splitlines():
        at, attempt_id, number = line.split()
        yield float(at), int(attempt_id), number


def judge(folder: Path, reader: Reader) -> str:
    """Raises AssertionError for a cap exceeded, a call nobody has on record, or a promise that is lost, or was
    dropped for another reason than that nobody saw the end of its call."""
    heard = list(calls(folder))
    assert len({attempt_id for _, attempt_id, _ in heard}) == len(heard), "an attempt was dialed twice"
    stored = {one.attempt_id: one for name in CAMPAIGNS for one in reader.attempts(name)}
    for _, attempt_id, number in heard:
        record = stored[attempt_id].record
        assert stored[attempt_id].number == number
        assert record is not None
        assert record.counted, f"attempt {attempt_id} reached the carrier and does not count"
    of_person: dict[int, list[float]] = {}
    for at, _, number in sorted(heard):
        of_person.setdefault(person_of(number, PEOPLE), []).append(at)
    for person, moments in of_person.items():
        by_day = Counter((datetime.fromtimestamp(at, UTC) + MOSCOW).date() for at in moments)
        by_week = Counter((datetime.fromtimestamp(at, UTC) + MOSCOW).isocalendar()[:2] for at in moments)
        assert max(by_day.values()) <= 1, (person, by_day)
        assert max(by_week.values()) <= 2, (person, by_week)
        for days, apart in ((1, 1), (7, 2)):
            close = [
                at for at, later in zip(moments, moments[apart:], strict=False) if later - at <= days * 86_400.0
            ]
            assert not close, (person, moments)
    promises = [line.split() for line in (folder / "promised.log").read_text().splitlines()]
    for name in CAMPAIGNS:
        known = {one.callback.promised_in: one for one in reader.callbacks(name)}
        for campaign, promised_in in promises:
            assert campaign != name or int(promised_in) in known, f"the promise of attempt {promised_in} is lost"
        for one in known.values():
            if one.state == DROPPED:
                # The one way for a promise to end here without its call: that was under way when we were killed.
                # It may have been answered, so it is not made again by itself; `unknown` says so.
                unseen = stored[one.attempt_id or 0]
                assert unseen.lead_id == one.callback.lead_id, one
                assert unseen.attempt_id > one.callback.promised_in, one
                assert unseen.record is not None, one
                assert (one.reason, unseen.record.outcome) == ("unknown", "unknown"), one
        report = run_audit(reader, name)
        assert report.findings == (), report.findings[:5]
    unknown = sum(one.record is not None and one.record.outcome == "unknown" for one in stored.values())
    states = Counter(one.state for name in CAMPAIGNS for one in reader.callbacks(name))
    called_by: dict[int, set[str]] = {}
    for _, attempt_id, number in heard:
        called_by.setdefault(person_of(number, PEOPLE), set()).add(stored[attempt_id].campaign)
    both = sum(len(campaigns) == 2 for campaigns in called_by.values())
    return (
        f"{len(heard)} calls to {len(of_person)} people, {both} of them by both campaigns; {unknown} unknown;"
        f" {len(promises)} promises: {dict(states)}"
    )
