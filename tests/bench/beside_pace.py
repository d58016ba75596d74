"""What the journal feels of an import while a campaign dials at `RATE` attempts a second, on both databases.

`dialer run` dials over the simulated carrier for simulated agents with real audio. Few answer and nobody rings for
long, so that it is the trunk that limits the pace. `dialer list import` works beside it and is held (SIGSTOP), in
turn, `TURNS` times each: a disk that is slower for a while is so for both. It is ended by Ctrl-C when its time is
over; that it has lasted is checked.
"""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from lists.sample import LIMIT, csv_text, generate
from tests.bench.beside import HOST, MEASURED, dialer, floor_at_work, line_of, process
from tests.bench.measure import Result, calibrate
from tests.bench.pace import WAL_SEGMENTS, quantiles
from tests.brisk import BRISK_POPULATION
from tests.kills.centre import CAMPAIGN
from tests.postgres import running_server
from tests.programs import path_of

RATE = 50
AGENTS = 20
LINES_PER_AGENT = 12.0
CHANNELS = 240
ROWS = 400_000
"""Of the imported file: more than any import beside dialing takes in a turn."""
TURNS = 6
TURN_S = 10.0
WARM_S = 20.0
BEGIN_S = 10.0
"""Until the command has read its file once and stores rows."""
SETTLE_S = 0.5
TIMES_QUIET = 3.0
"""The target: p99 of the acknowledgements beside the import, in those without one."""

POPULATION = (
    ("probability = 0.45", "probability = 0.12"),
    ("voicemail = 0.12", "voicemail = 0.02"),
    ("rings_forever = 0.4", "rings_forever = 0.0"),
)
SETTINGS = """
[database]
url = "{database}"
[media]
ports = "27000-29999"
[service]
drain = "5s"
[[trunk]]
name = "sim"
host = "{host}"
port = {port}
channels = {channels}
simulated = true
cps = {rate}
"""


def bench(kinds: Sequence[str] = ("sqlite", "postgresql"), turn_s: float = TURN_S) -> list[Result]:
    results = []
    for kind in kinds:
        if kind == "postgresql" and path_of("postgres") is None:
            print("beside-pace postgresql: left out, for there is no PostgreSQL server here", file=sys.stderr)
            continue
        results += _measure(kind, turn_s)
    return results


def _measure(kind: str, turn_s: float) -> list[Result]:
    before_us = calibrate()
    alone: list[tuple[float, float]] = []
    beside: list[tuple[float, float]] = []
    with tempfile.TemporaryDirectory(prefix="dialer-beside-") as folder:
        home = Path(folder) / "home"
        with ExitStack() as stack:
            file = _prepare(home, stack, kind)
            with floor_at_work(home, agents=AGENTS, warm_s=WARM_S):
                with _importing(home, file) as importing:
                    time.sleep(BEGIN_S)
                    before = _imported(home)
                    for _ in range(TURNS):
                        importing.send_signal(signal.SIGSTOP)
                        alone.append(_lasting(turn_s))
                        importing.send_signal(signal.SIGCONT)
                        beside.append(_lasting(turn_s))
                rows = _imported(home) - before
        samples = json.loads((home / "samples.json").read_text())
    calibration_us = (before_us + calibrate()) / 2
    return [
        one
        for name, what in MEASURED.items()
        if name in samples
        for one in _results(f"beside-pace {kind}, {what}", samples[name], alone, beside, rows, calibration_us)
    ]


def _results(
    title: str,
    samples: list[tuple[float, float]],
    alone: list[tuple[float, float]],
    beside: list[tuple[float, float]],
    rows: int,
    calibration_us: float,
) -> list[Result]:
    results: list[Result] = []
    for name, spans in (("alone", alone), ("beside an import", beside)):
        turns = [[seconds for at, seconds in samples if since <= at < until] for since, until in spans]
        taken = [seconds for turn in turns for seconds in turn]
        lasted = sum(until - since for since, until in spans)
        found = quantiles(taken)
        note = f"{found}, {len(taken) / lasted:.1f} a second for {lasted:.0f} s"
        note += f"; p99 of each turn {', '.join(f'{quantiles(turn).p99:.1f}' for turn in turns)}"
        quiet = results[0].figure if results else None
        if quiet is not None:
            note += f"; {found.p99 / quiet:.1f} times the quiet p99"
            note += f"; {rows / (lasted + TURNS * SETTLE_S):,.0f} rows/s"
        target = None if quiet is None else TIMES_QUIET * quiet
        named = f"{title} {name}"
        results.append(
            Result(named, found.p99, "ms p99", target, quiet, "alone", calibration_us, len(taken), note)
        )
    return results


def _prepare(home: Path, stack: ExitStack, kind: str) -> Path:
    """The home with a list and a campaign for it, its database and a carrier; the file to be imported."""
    home.mkdir()
    database = f"sqlite:///{home / 'dialer.db'}"
    if kind == "postgresql":
        server = stack.enter_context(running_server({"min_wal_size": f"{16 * WAL_SEGMENTS}MB"}))
        database = stack.enter_context(server.database())
    population = BRISK_POPULATION.read_text()
    for usual, ours in POPULATION:
        if usual not in population:
            raise RuntimeError(f"{BRISK_POPULATION} has no line {usual!r}")
        population = population.replace(usual, ours)
    (home / "people.toml").write_text(population)
    said = stack.enter_context(
        process(
            "-m", "sim_trunk", "--listen", f"{HOST}:0", "--json",
            "--population", str(home / "people.toml"), "--seed", "1",
        )
    )  # fmt: skip
    carrier = json.loads(line_of(said))
    agents = "".join(f'[[agent]]\nid = "agent-{n:02d}"\n' for n in range(1, AGENTS + 1))
    settings = SETTINGS.format(
        database=database, host=carrier["host"], port=carrier["port"], channels=CHANNELS, rate=RATE
    )
    (home / "dialer.toml").write_text(settings + agents)
    (home / "killed.toml").write_text(CAMPAIGN.replace("ratio = 3.0", f"ratio = {LINES_PER_AGENT}"))
    (home / "people.csv").write_text(csv_text(generate(LIMIT, 1)))
    dialer(home, "list", "import", str(home / "people.csv"), "--list", "people")
    dialer(home, "campaign", "add", str(home / "killed.toml"))
    file = home / "more.csv"
    with file.open("w") as out:
        out.write("phone,first_name,last_name,city,postal_code,external_id\n")
        rng = random.Random(1)
        numbers = rng.sample(range(10**8), ROWS)  # in no order, as in real lists: each is on its own index page
        out.writelines(f"+4474{n:08d},Ann,Person {n},Leeds,LS1 4DY,c-{n}\n" for n in numbers)
    return file


def _lasting(seconds: float) -> tuple[float, float]:
    time.sleep(SETTLE_S)
    began = time.time()
    time.sleep(seconds)
    return began, time.time()


@contextmanager
def _importing(home: Path, file: Path) -> Iterator[subprocess.Popen[str]]:
    """An import for as long as the block lasts, and it must last so long."""
    command = (sys.executable, "-m", "dialer", "list", "import", str(file), "--list", "more", "--home", str(home))
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as importing:
        try:
            yield importing
            if importing.poll() is not None:
                said = importing.stderr.read() if importing.stderr else ""
                raise RuntimeError(f"the import was over before its time: {importing.returncode} {said}")
        finally:
            importing.send_signal(signal.SIGCONT)
            importing.send_signal(signal.SIGINT)
            importing.communicate(timeout=30.0)


def _imported(home: Path) -> int:
    """Leads of the imported list."""
    command = (sys.executable, "-m", "dialer", "list", "ls", "--json", "--home", str(home))
    shown = subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    return sum(int(one["leads"]) for one in json.loads(shown.stdout) if one["name"] == "more")
