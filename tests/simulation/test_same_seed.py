"""The same seed gives the same records, byte for byte, whatever Python's own hashing does."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from sim_trunk.population import load_population
from tests.simulation.day import run_day

ROOT = Path(__file__).parents[2]

SCRIPT = """
import sys
from hashlib import blake2b
from sim_trunk.population import load_population
from tests.simulation.day import run_day

day = run_day(load_population(None, 9), seed=9, hours=0.3)
body = "\\n".join(map(repr, [*day.records, *day.agent_times, day.result]))
print(len(day.records), blake2b(body.encode()).hexdigest())
"""


def fingerprint(hash_seed: str) -> str:
    ran = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        env={**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(ROOT)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return ran.stdout


def test_records_do_not_depend_on_hash_seeds() -> None:
    first = fingerprint("1")
    assert int(first.split()[0]) > 60
    assert fingerprint("4242") == first


def test_another_seed_is_another_day() -> None:
    one = run_day(load_population(None, 1), seed=1, hours=0.2)
    same = run_day(load_population(None, 1), seed=1, hours=0.2)
    other = run_day(load_population(None, 2), seed=2, hours=0.2)
    assert one.records == same.records
    assert one.agent_times == same.agent_times
    assert one.records != other.records
