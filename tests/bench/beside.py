"""What dialing feels of an import and of a report beside it: real processes, 40 agents with real audio.

`dialer run` dials over the simulated carrier for simulated agents. Alone, then while `dialer list import` brings
`ROWS` rows through it, then while `dialer report` reads a campaign of `ATTEMPTS` attempts again and again. Of
each: how long the journal takes to acknowledge an attempt, how late the engine is woken for its deadlines, how
late any timer of its event loop is, and how long a person who answers waits for the agent's audio. By the clock,
and it takes minutes: only run by name.
"""

from __future__ import annotations

import json
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from dialer.storage.database import Database, open_database
from lists.sample import LIMIT, csv_text, generate
from tests.bench.journal import writes
from tests.bench.lists import CAMPAIGN as OLD_CAMPAIGN
from tests.bench.lists import NOON, londoners
from tests.bench.measure import Result, calibrate
from tests.bench.pace import quantiles
from tests.kills.centre import CAMPAIGN

HOST = "127.0.0.1"
POPULATION = Path(__file__).parents[2] / "sim_trunk" / "populations" / "demo.toml"
AGENTS = 40
DIALED = 6_000
ROWS = 200_000
ATTEMPTS = 400_000
ALONE_S = 60.0
WARM_S = 40.0
"""Until the agents are on duty and as many calls are placed as later on."""
REPORTS_S = 40.0

MEASURED = {
    "journal": "journal",
    "lateness": "engine lateness",
    "loop": "event loop",
    "audio": "answer to agent",
}
SETTINGS = """
[media]
ports = "27000-29999"
[service]
drain = "5s"
[[trunk]]
name = "sim"
host = "{host}"
port = {port}
channels = 120
simulated = true
cps = 40
"""


def bench(
    rows: int = ROWS, attempts: int = ATTEMPTS, alone_s: float = ALONE_S, reports_s: float = REPORTS_S
) -> list[Result]:
    before_us = calibrate()
    with tempfile.TemporaryDirectory(prefix="dialer-beside-") as folder:
        home = Path(folder) / "home"
        spans: dict[str, tuple[float, float]] = {}
        with ExitStack() as stack:
            files = _prepare(home, stack, rows, attempts)
            with floor_at_work(home, agents=AGENTS, warm_s=WARM_S):
                with span(spans, "alone"):
                    time.sleep(alone_s)
                with span(spans, "import"):
                    for n, file in enumerate(files):
                        dialer(home, "list", "import", str(file), "--list", f"more-{n}")
                with span(spans, "report"):
                    _until(reports_s, lambda: dialer(home, "report", "bench", "--json"))
                with span(spans, "alone again"):
                    time.sleep(alone_s)
        samples = json.loads((home / "samples.json").read_text())
        samples["audio"] = _answer_to_agent(home)
    return _results(samples, spans, rows, (before_us + calibrate()) / 2)


def _prepare(home: Path, stack: ExitStack, rows: int, attempts: int) -> list[Path]:
    """The home with its lists, its old campaign and a carrier; the files to be imported."""
    home.mkdir()
    carrier = stack.enter_context(
        process(
            "-m", "sim_trunk", "--listen", f"{HOST}:0", "--json", "--population", str(POPULATION), "--seed", "1"
        )
    )
    said = json.loads(line_of(carrier))
    agents = "".join(f'[[agent]]\nid = "agent-{n:02d}"\n' for n in range(1, AGENTS + 1))
    (home / "dialer.toml").write_text(SETTINGS.format(host=said["host"], port=said["port"]) + agents)
    with open_database(home / "dialer.db") as database:
        _long_ago(database, home / "dialer.db", attempts)
    # Most who answer find an agent free; those who wait for one are not counted.
    (home / "killed.toml").write_text(CAMPAIGN.replace('"power"\nratio = 3.0', '"power"\nratio = 1.5'))
    (home / "people.csv").write_text(csv_text(generate(DIALED, 1)))
    dialer(home, "list", "import", str(home / "people.csv"), "--list", "people")
    dialer(home, "campaign", "add", str(home / "killed.toml"))
    files = []
    for n, first in enumerate(range(0, rows, LIMIT)):  # there are no more numbers for fiction: other lists
        files.append(home / f"more-{n}.csv")
        files[-1].write_text(csv_text(generate(min(LIMIT, rows - first), n + 2)))
    return files


def _long_ago(database: Database, path: Path, attempts: int) -> None:
    """A campaign with so many attempts on record: a thousand of them, again and again."""
    from dialer.operations.place_leads import place_leads
    from dialer.ports.store import SaveCampaign, SaveLeads

    people = londoners(1_000)
    write = database.writer.write
    write(SaveLeads("old", people, "invented", "", NOON))
    write(SaveCampaign("bench", OLD_CAMPAIGN.replace('["people"]', '["old"]'), ("old",), "oldest", NOON))
    place_leads("bench", write=write)
    for pair in zip(*writes(people), strict=True):
        for one in pair:
            write(one)
    with sqlite3.connect(path) as raw:
        names = [row[1] for row in raw.execute("PRAGMA table_info(attempts)")]
        # Their permits are in no chain, as those of earlier versions.
        changed = {"attempt_id": "attempt_id + ?1", "call_id": "call_id || '-' || ?1", "chain_place": "NULL"}
        values = [changed.get(name, name) for name in names]
        copy = (
            f"INSERT INTO attempts ({', '.join(names)}) SELECT {', '.join(values)} FROM attempts"
            " WHERE attempt_id <= 1000"
        )
        for n in range(1_000, attempts, 1_000):
            raw.execute(copy, (n,))
    raw.close()


def _answer_to_agent(home: Path) -> list[tuple[float, float]]:
    with open_database(home / "dialer.db") as database:
        records = database.reader.records("killed", 0.0, 1e12)
        return [
            (record.answered_at, record.answer_to_agent_s)
            for record in records
            if record.answered_at is not None and record.answer_to_agent_s is not None and not record.queued
        ]


def _results(
    samples: dict[str, list[tuple[float, float]]],
    spans: dict[str, tuple[float, float]],
    rows: int,
    calibration_us: float,
) -> list[Result]:
    results = []
    for name, what in MEASURED.items():
        alone: float | None = None
        for span, (since, until) in spans.items():
            taken = [seconds for at, seconds in samples[name] if since <= at < until]
            found = quantiles(taken)
            note = f"{found}, {len(taken) / (until - since):.1f} a second for {until - since:.0f} s"
            if span == "import":
                note += f"; {rows / (until - since):,.0f} rows/s"
            title = f"beside, {what}, {span}"
            results.append(
                Result(title, found.p99, "ms p99", None, alone, "alone", calibration_us, len(taken), note)
            )
            alone = alone or found.p99
    return results


@contextmanager
def floor_at_work(home: Path, *, agents: int, warm_s: float) -> Iterator[None]:
    """The service with its campaign started, and so many agents at it for `warm_s` already; it ends in good order,
    and what it has measured is in `samples.json` of its home then."""
    with ExitStack() as stack:
        service = stack.enter_context(
            process("-m", "tests.bench.beside_service", str(home), str(home / "samples.json"))
        )
        if line_of(service) != "ready":
            raise RuntimeError("the service does not start")
        dialer(home, "campaign", "start", "killed")
        count = ("--count", str(agents), "--campaign", "killed")
        stack.enter_context(process("-m", "dialer", "agent", "simulate", *count, "--home", str(home)))
        time.sleep(warm_s)
        yield
        service.send_signal(signal.SIGTERM)
        if service.wait(60.0) != 0:
            raise RuntimeError(f"the service ended with {service.returncode}")


@contextmanager
def span(spans: dict[str, tuple[float, float]], name: str) -> Iterator[None]:
    began = time.time()
    yield
    spans[name] = (began, time.time())


def _until(seconds: float, work: Callable[[], None]) -> None:
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        work()


@contextmanager
def process(*arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(
        [sys.executable, *arguments], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        try:
            yield process
        finally:
            process.terminate()
            process.wait(30.0)


def line_of(process: subprocess.Popen[bytes]) -> str:
    if process.stdout is None:
        raise RuntimeError("its output is not read")
    return process.stdout.readline().decode().strip()


def dialer(home: Path, *arguments: str) -> None:
    command: Sequence[str] = (sys.executable, "-m", "dialer", *arguments, "--home", str(home))
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
