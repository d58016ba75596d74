"""From the start of `dialer run` to its first INVITE, with a million leads, after a kill (-9) while it dialed.

Real processes: the service, and simulated agents who log in again as soon as they can. The carrier is a socket
that takes the time of each new call and answers nothing, so that every kill leaves calls up. By the clock.
"""

from __future__ import annotations

import re
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import ExitStack
from pathlib import Path
from statistics import median

from campaigns.life import CampaignState
from dialer.operations.place_leads import place_leads
from dialer.ports.store import SaveCampaign, SaveLeads, SetCampaignState
from dialer.storage.database import open_database
from tests.bench.lists import NOON, londoners
from tests.bench.measure import Result, calibrate, cpu_s

LEADS = 1_000_000
KILLS = 5
TARGET_S = 3.0
AGENTS = 4
DIALS_FOR_S = 3.0
PATIENCE_S = 60.0
SEEDED = 1_000

CAMPAIGN = """
name = "spring"
lists = ["people"]
rules = "fictional"
trunks = ["sim"]
caller_ids = ["+442079460999"]
ring_timeout = "20s"
[pacing]
mode = "power"
ratio = 3.0
[hours]
daily = "00:00-24:00"
"""
SETTINGS = """
[media]
ports = "24000-24999"
[[trunk]]
name = "sim"
host = "127.0.0.1"
port = {port}
simulated = true
channels = 60
cps = 20
"""
_CALL_ID = re.compile(rb"^(?:Call-ID|i) *: *(\S+)", re.IGNORECASE | re.MULTILINE)


class Ear:
    """Hears INVITEs. `calls`: when each Call-ID was first heard, by the monotonic clock."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self.calls: dict[bytes, float] = {}
        self._heard = threading.Condition()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        while True:
            data = self._socket.recv(65_536)
            found = _CALL_ID.search(data)
            if data.startswith(b"INVITE ") and found is not None:
                with self._heard:
                    self.calls.setdefault(found[1], time.monotonic())
                    self._heard.notify_all()

    def next_after(self, known: int) -> float:
        """When the first call came after so many."""
        with self._heard:
            if not self._heard.wait_for(lambda: len(self.calls) > known, PATIENCE_S):
                raise RuntimeError("nothing is dialed")
            return list(self.calls.values())[known]


def bench(leads: int = LEADS, kills: int = KILLS) -> list[Result]:
    before_us = calibrate()
    took, spent = [], []
    with tempfile.TemporaryDirectory(prefix="dialer-restart-") as folder, ExitStack() as stack:
        home, ear = Path(folder), Ear()
        agents = "".join(f'[[agent]]\nid = "agent-{n}"\n' for n in range(AGENTS))
        (home / "dialer.toml").write_text(SETTINGS.format(port=ear.port) + agents)
        _fill(home / "dialer.db", leads)
        stack.enter_context(_agents(home))
        for _ in range(kills + 1):  # the first start follows no kill
            known, began = len(ear.calls), time.monotonic()
            service = _start(home)
            try:
                took.append(ear.next_after(known) - began)
                spent.append(cpu_s(service.pid))
                time.sleep(DIALS_FOR_S)
            finally:
                service.kill()
                service.wait()
    note = (
        f"longest {max(took[1:]):.2f} s; without a kill before it {took[0]:.2f} s; CPU of the service by then"
        f" {median(spent[1:]):.2f} s; {leads:,} leads"
    )
    calibration_us = (before_us + calibrate()) / 2
    return [Result("restart", median(took[1:]), "s", TARGET_S, None, "", calibration_us, kills, note)]


def _start(home: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "dialer", "run", "--home", str(home)]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _agents(home: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "dialer", "agent", "simulate", "--campaign", "spring", "--wait"]
    return _Ending([*command, "--home", str(home)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


class _Ending(subprocess.Popen[bytes]):
    """Ended with its block."""

    def __exit__(self, *exc: object) -> None:
        self.terminate()
        self.wait(30.0)


def _fill(path: Path, leads: int) -> None:
    """People as an import stores them, the first thousand again and again under numbers that no country has."""
    with open_database(path) as database:
        write = database.writer.write
        write(SaveLeads("people", londoners(SEEDED), "invented", "", NOON))
        write(SaveCampaign("spring", CAMPAIGN, ("people",), "oldest", NOON))
        place_leads("spring", write=write)
        write(SetCampaignState("spring", CampaignState.RUNNING, NOON))
    with sqlite3.connect(path, isolation_level=None) as raw:
        raw.execute("PRAGMA synchronous=OFF")
        raw.execute("BEGIN")
        for table, new in (
            ("leads", {"lead_id": "lead_id + ?1"}),
            ("numbers", {"lead_id": "lead_id + ?1", "e164": "printf('+999%09d', lead_id + ?1)"}),
            ("campaign_leads", {"lead_id": "lead_id + ?1", "order_key": "order_key + ?1"}),
        ):
            names = [row[1] for row in raw.execute(f"PRAGMA table_info({table})")]
            values = ", ".join(new.get(name, name) for name in names)
            copy = (
                f"INSERT INTO {table} ({', '.join(names)}) SELECT {values} FROM {table} WHERE lead_id <= {SEEDED}"
            )
            for more in range(SEEDED, leads, SEEDED):
                raw.execute(copy, (more,))
        raw.execute("UPDATE lists SET leads = ?1, numbers = ?1", (leads,))
        raw.execute("UPDATE campaigns SET leads = ?", (leads,))
        raw.execute("UPDATE campaign_lists SET walked_to = ?", (leads,))
        raw.execute("COMMIT")
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    raw.close()
