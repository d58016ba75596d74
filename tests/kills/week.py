"""One life of a centre in virtual time that calls two lists of the same people over a real database, until
somebody kills it: `python -m tests.kills.week FOLDER STORE PEOPLE SEED`. STORE: where its database is. What the
carrier was told, and what was promised, is in files of FOLDER that outlive it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from campaigns.loader import parse_campaign
from campaigns.rule_library import PRESETS
from dialer.engine.commands import Command, Originate
from dialer.engine.engine import Engine
from dialer.engine.events import CampaignOpened, Event
from dialer.operations.keep_rule_sets import rule_sets_to_keep
from dialer.operations.open_campaign import open_campaign
from dialer.operations.place_leads import place_leads
from dialer.ports.store import Answer, CloseAttempt, NewLead, SaveCampaign, SaveLeads, Write
from dialer.storage.database import Database, open_database
from dialer.storage.errors import StorageError
from dialer.trunks.trunk import Trunk
from lists.lead import NumberKind, PhoneNumber, ZoneSource
from sim_trunk.population import load_population
from sim_trunk.sim_agents import SimAgents
from sim_trunk.twin import Crew, Twin
from tests.walls import SAVE_SIMULATED, SIMULATED

START = datetime(2026, 11, 23, 3, 0, tzinfo=UTC).timestamp()  # a Monday, 06:00 in Moscow
AGENTS = 1
"""Of each campaign: few enough that the week is long enough for them."""
WEEK_S = 7 * 86_400.0
CAMPAIGNS = ("spring", "autumn")
DOWN_S = 20.0
"""How long the centre is away after a death."""
CAMPAIGN = """
name = "{name}"
lists = ["{name}"]
purpose = "debt"
rules = "ru-debt"
trunks = ["sim"]
caller_ids = ["+74957000000"]
ring_timeout = "20s"

[pacing]
mode = "power"
ratio = 1.5

[limits]
per_lead = 20
per_number = 20
per_number_day = 20

[hours]
daily = "08:00-22:00"

[retry.no_answer]
after = "40m"
maximum = 20
[retry.busy]
after = "20m"
maximum = 20
[retry.third_party]
after = "1h"
maximum = 20
"""


def phone(n: int) -> PhoneNumber:
    return PhoneNumber(f"+7495{7000001 + n:07d}", "RU", NumberKind.FIXED, ("Europe/Moscow",), ZoneSource.STATED)


def person_of(number: str, people: int) -> int:
    """As `fill` has given the numbers out."""
    return (int(number[-7:]) - 7_000_001) % people


def fill(database: Database, people: int) -> None:
    """The same people in two lists: a third of them with the same number in both, the others with another."""
    write = database.writer.write
    for turn, name in enumerate(CAMPAIGNS):
        leads = tuple(
            NewLead((phone(n if n % 3 == 0 else n + turn * people),), person_key=f"p{n}") for n in range(people)
        )
        write(SaveLeads(name, leads, "test", "2026-11-01", START))
        text = CAMPAIGN.format(name=name)
        of = parse_campaign(text)
        write(SaveCampaign(name, text, of.lists, of.order.value, START))
        place_leads(name, write=write)
    write(SAVE_SIMULATED)
    for rule_set in rule_sets_to_keep(database.reader, PRESETS, START):
        write(rule_set)


class Diary:
    """Lines that are in the file before the program goes on: a death of the process takes none away."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)

    def note(self, *words: object) -> None:
        os.write(self._file, (" ".join(map(str, words)) + "\n").encode())


class Clock:
    """Virtual time, kept for the next life."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)

    def read(self) -> float | None:
        text = os.pread(self._file, 32, 0)
        return float(text) if text.strip() else None

    def show(self, now: float) -> None:
        os.pwrite(self._file, f"{now:<20.6f}\n".encode(), 0)


class Told:
    """The journal of the database, waited for; what it has promised is noted once it is committed."""

    def __init__(self, database: Database, promised: Diary) -> None:
        self._write = database.writer.write
        self._promised = promised

    def submit(self, write: Write, done: Callable[[Answer | Exception], None]) -> None:
        answer: Answer | Exception
        try:
            answer = self._write(write)
        except (StorageError, LookupError, ValueError) as error:
            answer = error
        else:
            if isinstance(write, CloseAttempt) and write.promised is not None:
                self._promised.note(write.record.campaign, write.promised.promised_in)
        done(answer)


def main(folder: Path, store: str, people: int, seed: int) -> None:
    with open_database(store) as database:
        clock, carrier = Clock(folder / "clock"), Diary(folder / "carrier.log")
        if not database.reader.campaigns():
            fill(database, people)
        before = clock.read()
        now = START if before is None else before + DOWN_S
        database.recover(now)
        if now >= START + WEEK_S:
            return
        clock.show(now)
        population = load_population(None, seed)
        trunk = Trunk("sim", "127.0.0.1", 5060, channels=60, cps=10.0)
        engine = Engine(
            [trunk],
            walls=SIMULATED,
            next_attempt_id=database.reader.next_attempt_id(),
            call_id_of=lambda n: f"call-{n}@week",
        )
        crews = []
        for name in CAMPAIGNS:
            opened = open_campaign(database.reader, name)
            agents = tuple(f"{name}-{n}" for n in range(AGENTS))
            habits = SimAgents(population.spec, opened.campaign, seed)
            crews.append(Crew(CampaignOpened(opened.campaign, opened.rules, opened.zone_groups), agents, habits))

        def log(event: Event, at: float, commands: list[Command]) -> None:
            for command in commands:
                if isinstance(command, Originate):
                    carrier.note(f"{at:.6f}", command.attempt_id, command.number)
            clock.show(at)

        journal = Told(database, Diary(folder / "promised.log"))
        twin = Twin(engine, journal, population, crews, now, log_event=log)
        result = twin.run(START + WEEK_S)
        print(result.notices, result.ended, file=sys.stderr)
        clock.show(START + WEEK_S)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
