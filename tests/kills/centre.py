"""A call centre of real processes that is killed and started again: carrier, simulated agents, `dialer run`."""

from __future__ import annotations

import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from lists.sample import csv_text, generate
from tests.brisk import BRISK_POPULATION
from tests.kills.wire import HOST, Seen, Wire

AGENTS = 8
LEADS_A_LIFE = 100
"""A life dials a few dozen, and at any hour of the day two in three may be asleep."""
READY_WITHIN_S = 60.0
COMMIT_WITHIN_S = 3.0
NOTHING_COMES_BY_S = 30.0
STARTING = "starting"
FSYNC, FDATASYNC = "74", "75"
"""Numbers of the system calls on x86-64, as /proc tells them."""

SETTINGS = """
[database]
url = "{database}"
[service]
drain = "20s"
[media]
ports = "22000-23999"
[[trunk]]
name = "sim"
host = "{host}"
port = {port}
channels = 60
simulated = true
cps = 40
"""

CAMPAIGN = """
name = "killed"
lists = ["people"]
rules = "fictional"
trunks = ["sim"]
caller_ids = ["+442079460999"]
ring_timeout = "4s"
wrapup_limit = "2s"
[pacing]
mode = "power"
ratio = 3.0
[limits]
per_lead = 3
per_number = 3
per_number_day = 2
[hours]
daily = "00:00-24:00"
[retry.no_answer]
after = ["2s", "2s"]
[retry.busy]
after = ["1s", "1s"]
"""


@dataclass
class Life:
    """One life of the service. `ready_s`: from its start until it was ready; `ready_at`, `died_at`: seconds UTC;
    None: it died before."""

    moment: str
    ready_s: float | None
    ready_at: float | None
    died_at: float


@dataclass
class Centre:
    """`lives`: those that are over."""

    home: Path
    wire: Wire
    carrier_log: Path
    rng: random.Random
    lives: list[Life] = field(default_factory=list)
    service: subprocess.Popen[bytes] | None = None

    # --- the service --------------------------------------------------------------------------------------

    def start(self) -> float:
        """Start it and wait until it says that it is ready; seconds that took."""
        started = time.monotonic()
        with (self.home / "service.log").open("ab") as log:
            self.service = subprocess.Popen(
                [sys.executable, "-m", "dialer", "run", "--home", str(self.home)], stdout=log, stderr=log
            )
        while not self._is_ready():
            if self.service.poll() is not None:
                raise AssertionError(f"dialer run ended with {self.service.returncode}: {self._last_words()}")
            if time.monotonic() - started > READY_WITHIN_S:
                raise AssertionError(f"not ready within {READY_WITHIN_S:g} s: {self._last_words()}")
            time.sleep(0.02)
        return time.monotonic() - started

    def kill(self) -> None:
        assert self.service is not None
        self.service.send_signal(signal.SIGKILL)
        self.service.wait()
        self.wire.watch(None)

    def end(self) -> None:
        """SIGTERM, as an administrator would: calls in progress finish."""
        assert self.service is not None
        self.service.send_signal(signal.SIGTERM)
        assert self.service.wait(60) == 0, self._last_words()

    def _is_ready(self) -> bool:
        with socket.socket(socket.AF_UNIX) as control:
            control.settimeout(2.0)
            try:
                control.connect(str(self.home / "control.sock"))
                control.sendall(b"GET /readyz HTTP/1.1\r\nHost: dialer\r\nConnection: close\r\n\r\n")
                return control.recv(64).startswith(b"HTTP/1.1 200")
            except OSError:
                return False

    def _last_words(self) -> str:
        return (self.home / "service.log").read_text(errors="replace")[-3_000:]

    # --- moments ------------------------------------------------------------------------------------------

    def live_and_die(self, moment: str) -> None:
        """One life: started, at work for a while, killed at the moment."""
        if moment == STARTING:
            self._die_starting()
            self.lives.append(Life(moment, None, None, time.time()))
            return
        ready_s = self.start()
        ready_at = time.time()
        time.sleep(self.rng.uniform(0.0, 1.5))
        MOMENTS[moment](self)
        self.lives.append(Life(moment, ready_s, ready_at, time.time()))

    def _die_starting(self) -> None:
        with (self.home / "service.log").open("ab") as log:
            self.service = subprocess.Popen(
                [sys.executable, "-m", "dialer", "run", "--home", str(self.home)], stdout=log, stderr=log
            )
        time.sleep(self.rng.uniform(0.3, 1.6))
        self.kill()

    def die_anywhere(self) -> None:
        time.sleep(self.rng.uniform(0.0, 1.0))
        self.kill()

    def die_at(self, is_it: Callable[[Seen], bool], *, passes: bool) -> None:
        """Killed between two messages on the wire: when `is_it` is seen, before the dialer can answer it.
        `passes`: whether that message still arrives."""
        service = self.service
        assert service is not None
        pid = service.pid

        def watcher(message: Seen) -> bool:
            if not is_it(message):
                return True
            os.kill(pid, signal.SIGKILL)
            self.wire.watch(None)
            return passes

        self.wire.watch(watcher)
        try:
            service.wait(NOTHING_COMES_BY_S)
        except subprocess.TimeoutExpired as error:
            raise AssertionError(f"no such message in {NOTHING_COMES_BY_S:g} s: is anything dialed?") from error
        self.kill()

    def die_committing(self) -> None:
        """Killed while a thread of it waits for the disk to take a commit (on PostgreSQL: anywhere)."""
        assert self.service is not None
        tasks = Path(f"/proc/{self.service.pid}/task")
        until = time.monotonic() + COMMIT_WITHIN_S
        while time.monotonic() < until:
            for task in tasks.iterdir():
                try:
                    call = (task / "syscall").read_text().split(maxsplit=1)[0]
                except OSError:  # the thread has ended
                    continue
                if call in (FSYNC, FDATASYNC):
                    self.kill()
                    return
        self.kill()


MOMENTS: dict[str, Callable[[Centre], None]] = {
    "anywhere": Centre.die_anywhere,
    # Its INVITE reaches the carrier, whose 100 finds nobody.
    "INVITE sent": lambda centre: centre.die_at(lambda m: m.method == "INVITE" and m.status is None, passes=True),
    "INVITE lost": lambda centre: centre.die_at(lambda m: m.method == "INVITE" and m.status is None, passes=False),
    "100 received": lambda centre: centre.die_at(lambda m: m.status == 100, passes=True),
    "ringing": lambda centre: centre.die_at(lambda m: m.status == 180, passes=True),
    # The person has picked up; no ACK ever leaves.
    "200 received": lambda centre: centre.die_at(lambda m: m.method == "INVITE" and m.status == 200, passes=True),
    "during a commit": Centre.die_committing,
}
ALL_MOMENTS = (*MOMENTS, STARTING)


@contextmanager
def call_centre(home: Path, database: str, seed: int, lives: int) -> Iterator[Centre]:
    """Carrier, wire and agents at work, a campaign started with leads for so many lives; the service itself is the
    test's to start and kill."""
    home.mkdir(parents=True)
    rng = random.Random(seed)
    carrier_log = home / "carrier.jsonl"
    with ExitStack() as stack:
        carrier = stack.enter_context(
            _process([*_PYTHON, "sim_trunk", "--listen", f"{HOST}:0", "--json", "--log", str(carrier_log),
                      "--population", str(BRISK_POPULATION), "--seed", str(seed)])
        )  # fmt: skip
        assert carrier.stdout is not None
        said = json.loads(carrier.stdout.readline())
        wire = stack.enter_context(Wire((said["host"], said["port"])))
        host, port = wire.address
        agents = "".join(f'[[agent]]\nid = "agent-{n}"\n' for n in range(1, AGENTS + 1))
        (home / "dialer.toml").write_text(SETTINGS.format(database=_url(database), host=host, port=port) + agents)
        (home / "killed.toml").write_text(CAMPAIGN)
        (home / "people.csv").write_text(csv_text(generate(LEADS_A_LIFE * (lives + 1), seed)))
        run_dialer(home, "list", "import", str(home / "people.csv"), "--list", "people")
        run_dialer(home, "campaign", "add", str(home / "killed.toml"))
        centre = Centre(home, wire, carrier_log, rng)
        centre.start()
        run_dialer(home, "campaign", "start", "killed")
        simulate = [
            *_PYTHON,
            "dialer",
            "agent",
            "simulate",
            "--campaign",
            "killed",
            "--count",
            str(AGENTS),
            "--wait",
        ]
        with (home / "agents.log").open("wb") as log:
            stack.enter_context(_process([*simulate, "--home", str(home), "--seed", str(seed)], stderr=log))
        try:
            centre.kill()
            yield centre
        finally:
            if centre.service is not None and centre.service.poll() is None:
                centre.kill()


_PYTHON = (sys.executable, "-m")


def _url(database: str) -> str:
    return database if "://" in database else f"sqlite:///{database}"


def run_dialer(home: Path, *arguments: str, status: int = 0) -> str:
    """One command; its standard output."""
    done = subprocess.run(
        [*_PYTHON, "dialer", *arguments, "--home", str(home)],
        capture_output=True,
        check=False,
        text=True,
        timeout=120,
    )
    assert done.returncode == status, (arguments, done.returncode, done.stderr[-2_000:], done.stdout[-2_000:])
    return done.stdout


@contextmanager
def _process(command: list[str], stderr: object = None) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=stderr) as child:  # type: ignore[call-overload]
        try:
            yield child
        finally:
            child.terminate()
            try:
                child.wait(10)
            except subprocess.TimeoutExpired:
                child.kill()
