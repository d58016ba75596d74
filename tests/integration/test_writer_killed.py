"""Killed at any moment, the store has every attempt it acknowledged."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from dialer.storage.database import open_database

JOURNALING = """
import os, sys
from dialer.storage.database import open_database
from dialer.ports.store import AttemptAccepted
from tests.contract.storage_values import new_leads, phone, save_attempt, save_campaign, save_leads, close_attempt
from tests.contract.storage_values import place_leads, update_for

database = open_database(sys.argv[1])
first = database.reader.next_attempt_id()
if first == 1:
    database.writer.write(save_leads(new_leads(50)))
    database.writer.write(save_campaign())
    database.writer.write(place_leads())
def tell(answer):
    assert isinstance(answer, AttemptAccepted), answer
    os.write(1, b"%d\\n" % answer.attempt_id)
import threading
room = threading.Semaphore(200)
def closed(answer):
    room.release()
attempt_id = first
while True:
    room.acquire()
    lead = attempt_id % 50
    save = save_attempt(attempt_id, lead + 1, phone(lead).e164)
    database.writer.submit(save, tell)
    database.writer.submit(close_attempt(save), closed)
    attempt_id += 1
"""


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_acknowledged_attempt_outlives_a_kill(store_address: str, seed: int) -> None:
    acknowledged: list[int] = []
    wait_for = random.Random(seed).randrange(1, 1500)
    root = Path(__file__).parents[2]
    with subprocess.Popen(
        [sys.executable, "-c", JOURNALING, store_address], stdout=subprocess.PIPE, cwd=root
    ) as child:
        assert child.stdout is not None
        while len(acknowledged) < wait_for:
            line = child.stdout.readline()
            assert line.endswith(b"\n"), "the journaling process ended by itself"
            acknowledged.append(int(line))
        os.kill(child.pid, signal.SIGKILL)
        rest = child.stdout.read()
        acknowledged += [int(line) for line in rest.splitlines(keepends=True) if line.endswith(b"\n")]
    assert child.returncode == -signal.SIGKILL
    with open_database(store_address) as database:
        stored = [one.attempt_id for one in database.reader.attempts("c")]
        assert set(acknowledged) <= set(stored)
        assert sorted(stored) == list(range(1, len(stored) + 1))
        still_open = [one.attempt_id for one in database.reader.attempts("c") if one.record is None]
        assert database.recover(2e9).unknown_attempts == tuple(sorted(still_open))
