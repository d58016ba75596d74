"""A stored run is clean; each kind of violation, planted in a copy of its database, is found by the commands.

The run is the real engine's, in virtual time, written through the real writer. What is planted is made to look
right wherever it can: the forged permits agree with themselves, so that only the one fault is there to be found.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from campaigns.destinations import Destinations
from campaigns.rule_library import PRESETS
from campaigns.walls import OwnedCallerId, TrunkWall, Walls
from dialer.app.installation import open_home
from dialer.app.judge_apart import PROGRAM
from dialer.cli import main
from dialer.engine.engine import Engine
from dialer.engine.events import CampaignOpened
from dialer.errors import ANSWER_IS_NO, DONE, WRONG_INPUT
from dialer.operations.add_campaign import add_campaign
from dialer.operations.import_list import ImportOptions, import_list
from dialer.operations.keep_rule_sets import rule_sets_to_keep
from dialer.operations.open_campaign import open_campaign
from dialer.ports.store import Answer, ErasePerson, Write
from dialer.storage.database import Database
from dialer.trunks.trunk import Trunk
from sim_trunk.population import load_population
from sim_trunk.sim_agents import SimAgents
from sim_trunk.twin import Crew, Twin
from tests.walls import SAVE_SIMULATED, SIMULATED

START = datetime(2026, 11, 23, 15, 0, tzinfo=UTC).timestamp()
"""A Monday: 10:00 in New York, 09:00 in Chicago, before anybody may be called in Los Angeles."""
RUN_S = 600.0
DAY_S = 86_400
CALLER_ID = "+12025550100"

CAMPAIGN = f"""
name = "planted"
lists = ["people"]
rules = "us-federal-telemarketing"
trunks = ["sim"]
caller_ids = ["{CALLER_ID}"]
ring_timeout = "25s"

[pacing]
mode = "progressive"

[hours]
weekdays = "09:00-20:00"

[limits]
per_lead = 4
per_number = 3
per_number_day = 2
"""


class CommittingJournal:
    """The database's writer for a shell without an event loop: each write is answered once it is committed."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def submit(self, write: Write, done: Callable[[Answer | Exception], None]) -> None:
        done(self._database.writer.write(write))


@pytest.fixture(scope="module")
def dialed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose campaign was dialed for a while: invented Americans, the federal rules, ten agents."""
    home = tmp_path_factory.mktemp("planted") / "home"
    assert main(["init", str(home)]) == DONE
    (home / "campaigns" / "planted.toml").write_text(CAMPAIGN)
    with open_home(home, "a test") as owned:
        import_list(
            home / "lists" / "sample.csv",
            ImportOptions(list_name="people"),
            write=owned.write,
            reader=owned.reader,
            now=START - DAY_S,
            clock=lambda: 0.0,
        )
        add_campaign(
            home / "campaigns" / "planted.toml",
            write=owned.write,
            reader=owned.reader,
            now=START - DAY_S,
            trunks=("sim",),
        )
        opened = open_campaign(owned.reader, "planted")
        population = load_population(home / "population.toml", 1)
        crew = Crew(
            CampaignOpened(opened.campaign, opened.rules, opened.zone_groups),
            tuple(f"agent-{n:02d}" for n in range(10)),
            SimAgents(population.spec, opened.campaign, 1),
        )
        engine = Engine(
            [Trunk("sim", "127.0.0.1", 5060, channels=30, cps=5.0)],
            walls=SIMULATED,
            next_attempt_id=1,
            call_id_of=lambda attempt_id: f"call-{attempt_id}@test",
        )
        owned.write(SAVE_SIMULATED)
        for rule_set in rule_sets_to_keep(owned.reader, PRESETS, START - DAY_S):
            owned.write(rule_set)
        Twin(engine, CommittingJournal(owned.database), population, [crew], START).run(START + RUN_S)
    return home


@dataclass
class Books:
    """A copy of the database, open to whoever wants to cheat."""

    home: Path
    database: sqlite3.Connection

    def one(self, sql: str, *values: object) -> Any:
        row = self.database.execute(sql, values).fetchone()
        assert row is not None, sql
        return row if len(row) > 1 else row[0]

    def change(self, sql: str, *values: object) -> None:
        assert self.database.execute(sql, values).rowcount == 1, sql

    def victim(self) -> int:
        """A connected call in the middle of the run, whose number and lead were dialed once."""
        once = "(SELECT {0} FROM attempts GROUP BY {0} HAVING count(*) = 1)"
        found = self.database.execute(
            "SELECT attempt_id FROM attempts WHERE outcome = 'connected'"
            f" AND number IN {once.format('number')} AND lead_id IN {once.format('lead_id')} ORDER BY attempt_id"
        ).fetchall()
        assert len(found) >= 5
        return int(found[len(found) // 2][0])

    def permit(self, attempt_id: int) -> dict[str, Any]:
        permit = json.loads(self.one("SELECT permit FROM attempts WHERE attempt_id = ?", attempt_id))
        assert isinstance(permit, dict)
        return permit

    def forge(self, attempt_id: int, **changes: object) -> None:
        permit = json.dumps(self.permit(attempt_id) | changes)
        self.change("UPDATE attempts SET permit = ? WHERE attempt_id = ?", permit, attempt_id)

    def move(self, attempt_id: int, seconds: int) -> None:
        """The attempt and its permit, truthfully, to another moment (of the same offset from UTC)."""
        permit = self.permit(attempt_id)
        zones = [
            [zone, offset, (datetime.fromisoformat(local) + timedelta(seconds=seconds)).isoformat()]
            for zone, offset, local in permit["zones"]
        ]
        closes_at = permit["window_closes_at"] + seconds
        self.forge(attempt_id, at=permit["at"] + seconds, window_closes_at=closes_at, zones=zones)
        self.change(
            "UPDATE attempts SET created_at = created_at + ?, dialed_at = dialed_at + ? WHERE attempt_id = ?",
            *(seconds, seconds, attempt_id),
        )

    def again(self, attempt_id: int, seconds: int) -> int:
        """The same call once more, so much later, with a permit of its own."""
        new_id: int = self.one("SELECT max(attempt_id) + 1 FROM attempts")
        columns = [row[1] for row in self.database.execute("PRAGMA table_info(attempts)")]
        values = {"attempt_id": str(new_id), "call_id": f"'again-{new_id}@test'", "chain_place": "NULL"}
        chosen = ", ".join(values.get(column, column) for column in columns)
        self.change(f"INSERT INTO attempts SELECT {chosen} FROM attempts WHERE attempt_id = ?", attempt_id)
        self.move(new_id, seconds)
        return new_id

    def seal_anew(self) -> None:
        """A whole new chain over what is there now: as somebody would who can write everywhere."""
        order = "ORDER BY coalesce(chain_place, 1e9), attempt_id"
        rows = self.database.execute(f"SELECT attempt_id, salt, permit FROM attempts {order}").fetchall()
        self.database.execute("UPDATE attempts SET chain_place = NULL")
        link = hashlib.sha256(bytes(16)).digest()
        for place, (attempt_id, salt, permit) in enumerate(rows, 1):
            digest = hashlib.sha256(salt + permit.encode()).digest()
            link = hashlib.sha256(
                link + digest + attempt_id.to_bytes(8, "big") + place.to_bytes(8, "big")
            ).digest()
            self.change(
                "UPDATE attempts SET chain_place = ?, digest = ?, link = ? WHERE attempt_id = ?",
                *(place, digest, link, attempt_id),
            )

    def write_rules_anew(self, old: str, new: str) -> None:
        """The text of the campaign's rule set with `old` replaced: as it had stood from the first, in every
        permit."""
        name = "us-federal-telemarketing"
        body = str(self.one("SELECT body FROM rule_sets WHERE name = ?", name))
        assert old in body
        text = body.replace(old, new)
        digest = hashlib.sha256(text.encode()).hexdigest()
        self.change("UPDATE rule_sets SET body = ?, hash = ? WHERE name = ?", text, digest, name)
        self.database.execute(
            "UPDATE attempts SET permit = json_set(permit, '$.rule_parts', json(?))",
            (json.dumps([[name, digest]]),),
        )

    def next_in_chain(self, attempt_id: int) -> int:
        found: int = self.one(
            "SELECT attempt_id FROM attempts WHERE chain_place ="
            " (SELECT chain_place + 1 FROM attempts WHERE attempt_id = ?)",
            attempt_id,
        )
        return found

    def set_number(self, attempt_id: int, column: str, value: str) -> None:
        """A column of the number that was dialed, as stored with its lead."""
        self.change(
            f"UPDATE numbers SET {column} = ? WHERE (lead_id, e164) ="
            " (SELECT lead_id, number FROM attempts WHERE attempt_id = ?)",
            *(value, attempt_id),
        )


@pytest.fixture
def books(dialed: Path, tmp_path: Path) -> Books:
    home = Path(shutil.copytree(dialed, tmp_path / "home"))
    return Books(home, sqlite3.connect(home / "dialer.db", isolation_level=None))


def ask(capsys: pytest.CaptureFixture[str], home: Path, command: str, *more: str) -> tuple[int, Any]:
    capsys.readouterr()
    status = main([command, *more, *([] if "--head" in more else ["planted"]), "--json", "--home", str(home)])
    return status, json.loads(capsys.readouterr().out)


def test_a_run_as_it_was_dialed_is_clean(dialed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, audit = ask(capsys, dialed, "audit")
    assert (status, audit["violating"], audit["violations"]) == (DONE, 0, [])
    assert audit["audited"] >= 50
    status, report = ask(capsys, dialed, "report")
    assert (status, report["violations"], report["attempts"]) == (DONE, 0, audit["audited"])


# --- what is planted: each answers the attempt that must be named ------------------------------------------


def dialed_at_night(books: Books) -> int:
    victim = books.victim()
    books.move(victim, 12 * 3_600)
    return victim


def still_ringing_after_closing(books: Books) -> int:
    victim = books.victim()
    zone, _, _ = books.permit(victim)["zones"][0]
    local = datetime.fromisoformat(books.permit(victim)["zones"][0][2])
    assert zone.startswith("America/")
    closing_time = local.replace(hour=19, minute=59, second=50)
    books.move(victim, int((closing_time - local).total_seconds()))
    return victim


def no_permit(books: Books) -> int:
    victim = books.victim()
    books.change("UPDATE attempts SET permit = '' WHERE attempt_id = ?", victim)
    return victim


def half_a_permit(books: Books) -> int:
    victim = books.victim()
    books.change("UPDATE attempts SET permit = substr(permit, 1, 100) WHERE attempt_id = ?", victim)
    return victim


def permit_of_another_number(books: Books) -> int:
    victim = books.victim()
    other = books.one(
        "SELECT number FROM attempts WHERE number <> (SELECT number FROM attempts WHERE attempt_id = ?)", victim
    )
    books.forge(victim, number=other)
    return victim


def offset_that_was_not(books: Books) -> int:
    victim = books.victim()
    books.forge(victim, zones=[[zone, offset + 3_600, at] for zone, offset, at in books.permit(victim)["zones"]])
    return victim


def used_up_by_its_own_permit(books: Books) -> int:
    victim = books.victim()
    books.forge(victim, counters=[["per_number_day", 2, 2]])
    return victim


def third_dial_of_a_day(books: Books) -> int:
    victim = books.victim()
    books.again(victim, 3_600)
    return books.again(victim, 2 * 3_600)


def fourth_dial_of_a_number(books: Books) -> int:
    victim = books.victim()
    return [books.again(victim, day * DAY_S) for day in (1, 2, 3)][-1]


def fifth_dial_of_a_lead(books: Books) -> int:
    victim, lead_id = books.one(
        "SELECT attempt_id, lead_id FROM attempts JOIN numbers USING (lead_id) WHERE dialed_at IS NOT NULL"
        " GROUP BY lead_id HAVING count(DISTINCT attempt_id) = 1 AND count(*) = 2"
        " AND count(DISTINCT numbers.region || numbers.zones || numbers.kind) = 1"
    )
    other = books.one(
        "SELECT e164 FROM numbers WHERE lead_id = ?"
        " AND e164 <> (SELECT number FROM attempts WHERE attempt_id = ?)",
        *(lead_id, victim),
    )
    for day, number in ((1, None), (2, None), (3, other), (4, other)):
        last = books.again(victim, day * DAY_S)
        if number is not None:
            books.change("UPDATE attempts SET number = ? WHERE attempt_id = ?", number, last)
            books.forge(last, number=number)
    return last


def blocked_a_minute_before(books: Books) -> int:
    victim = books.victim()
    books.change(
        "INSERT INTO dnc (number, client, purpose, source, blocked_at, removed_at)"
        " SELECT number, '', '', 'planted', dialed_at - 60, dialed_at + 3600 FROM attempts WHERE attempt_id = ?",
        victim,
    )
    return victim


def dialed_before_it_was_saved(books: Books) -> int:
    victim = books.victim()
    books.change("UPDATE attempts SET created_at = dialed_at + 1.5 WHERE attempt_id = ?", victim)
    return victim


def dialed_after_the_permit_ran_out(books: Books) -> int:
    victim = books.victim()
    books.change("UPDATE attempts SET dialed_at = ? WHERE attempt_id = ?", books.permit(victim)["at"] + 61, victim)
    return victim


def foreign_caller_id(books: Books) -> int:
    victim = books.victim()
    books.change("UPDATE attempts SET caller_id = '+12025550199' WHERE attempt_id = ?", victim)
    books.forge(victim, caller_id="+12025550199")
    return victim


def region_without_rule(books: Books) -> int:
    victim = books.victim()
    books.set_number(victim, "region", "CA")
    books.forge(victim, region="CA")
    return victim


def premium_number(books: Books) -> int:
    victim = books.victim()
    books.set_number(victim, "kind", "premium")
    books.forge(victim, kind="premium")
    return victim


def number_without_a_zone(books: Books) -> int:
    victim = books.victim()
    books.set_number(victim, "zones", "")
    books.set_number(victim, "zone_source", "unknown")
    books.forge(victim, zones=[])
    return victim


def number_of_nobody(books: Books) -> int:
    victim = books.victim()
    books.change("UPDATE attempts SET number = '+12025550188' WHERE attempt_id = ?", victim)
    books.forge(victim, number="+12025550188")
    return victim


def rules_of_twenty_years_ago(books: Books) -> int:
    victim = books.victim()
    books.move(victim, 7 * 1_044 * DAY_S)  # a Monday in November again
    return victim


def walled(books: Books, **changes: object) -> int:
    """An attempt permitted under walls of a real trunk that let it pass, but for the changes."""
    victim = books.victim()
    caller_id = books.one("SELECT caller_id FROM attempts WHERE attempt_id = ?", victim)
    good: dict[str, Any] = {
        "house": Destinations(("US", "CA", "GB", "AU")),
        "trunks": (TrunkWall("sim"),),
        "caller_ids": (OwnedCallerId(caller_id, "", "2026-11-01"),),
    }
    walls = Walls(**(good | changes))
    books.change("INSERT INTO walls (hash, body, added_at) VALUES (?, ?, 0)", walls.hash, walls.body)
    books.forge(victim, walls=walls.hash)
    return victim


def destination_outside_the_walls(books: Books) -> int:
    return walled(books, house=Destinations(("FR",)))


def destination_refused_by_its_trunk(books: Books) -> int:
    return walled(books, trunks=(TrunkWall("sim", Destinations(("+33",))),))


def caller_id_not_declared(books: Books) -> int:
    return walled(books, caller_ids=())


def caller_id_of_a_client(books: Books) -> int:
    victim = books.victim()
    caller_id = books.one("SELECT caller_id FROM attempts WHERE attempt_id = ?", victim)
    return walled(books, caller_ids=(OwnedCallerId(caller_id, "acme", "2026-11-01"),))


def caller_id_that_nobody_called_back(books: Books) -> int:
    victim = books.victim()
    caller_id = books.one("SELECT caller_id FROM attempts WHERE attempt_id = ?", victim)
    return walled(books, caller_ids=(OwnedCallerId(caller_id),))


def caller_id_not_for_that_country(books: Books) -> int:
    victim = books.victim()
    caller_id = books.one("SELECT caller_id FROM attempts WHERE attempt_id = ?", victim)
    return walled(books, caller_ids=(OwnedCallerId(caller_id, "", "2026-11-01", Destinations(("FR",))),))


def rule_set_text_of_another_time(books: Books) -> int:
    victim = books.victim()
    books.forge(victim, rule_parts=[["us-federal-telemarketing", "ab" * 32]])
    return victim


def recorded_against_the_wish_of_its_campaign(books: Books) -> int:
    victim = books.victim()
    books.change(
        "UPDATE attempts SET recording = 'a.wav', recording_rule = 'announce' WHERE attempt_id = ?", victim
    )
    return victim


def permitted_under_other_rules(books: Books) -> int:
    victim = books.victim()
    digest = books.one("SELECT hash FROM rule_sets WHERE name = 'us-wa-sales'")
    books.forge(victim, rule_set="us-wa-sales", rule_parts=[["us-wa-sales", digest]])
    return victim


def dialed_on_thanksgiving(books: Books) -> int:
    books.write_rules_anew("[abandonment]", 'holidays = "closed"\n\n[abandonment]')
    victim = books.victim()
    books.move(victim, 3 * DAY_S)
    return victim


def added_rule(books: Books, *lines: str) -> None:
    books.write_rules_anew("[sources.hours]", "\n".join((*lines, "", "[sources.hours]")))


def third_dial_of_a_person(books: Books) -> int:
    added_rule(books, "[[caps]]", 'name = "twice"', "limit = 2", 'period = "24h"', 'scope = "person"')
    victim = books.victim()
    earlier = books.database.execute(
        "SELECT attempt_id FROM attempts WHERE ended_at < (SELECT dialed_at FROM attempts WHERE attempt_id = ?)"
        " GROUP BY lead_id HAVING count(*) = 1 ORDER BY ended_at",
        (victim,),
    ).fetchall()
    first, second = earlier[0][0], earlier[-1][0]
    books.change("UPDATE attempts SET ended_at = dialed_at WHERE attempt_id = ?", first)
    for attempt_id in (first, second, victim):
        books.change("UPDATE attempts SET person = 'someone' WHERE attempt_id = ?", attempt_id)
    return victim


def dialed_in_the_days_after_a_conversation(books: Books) -> int:
    added_rule(
        books, "[[cooloffs]]", 'name = "week"', 'after = "conversation"', 'period = "7d"', 'scope = "number"'
    )
    victim = books.victim()
    books.change("UPDATE attempts SET disposition = 'sale', rpc = 1 WHERE attempt_id = ?", victim)
    return books.again(victim, DAY_S)


def dialed_while_they_were_talking(books: Books) -> int:
    victim = books.victim()
    books.change("UPDATE attempts SET ended_at = dialed_at + 300 WHERE attempt_id = ?", victim)
    return books.again(victim, 60)


def walls_that_were_never_stored(books: Books) -> int:
    victim = books.victim()
    books.forge(victim, walls="ab" * 32)
    return victim


def test_walls_that_let_it_pass_are_no_violation(books: Books, capsys: pytest.CaptureFixture[str]) -> None:
    with closing(books.database):
        walled(books)
        books.seal_anew()
    status, audit = ask(capsys, books.home, "audit")
    assert (status, audit["violations"]) == (DONE, [])


@pytest.mark.parametrize(
    ("plant", "code"),
    [
        (destination_outside_the_walls, "destination"),
        (destination_refused_by_its_trunk, "destination"),
        (caller_id_not_declared, "caller_id_not_ours"),
        (caller_id_of_a_client, "caller_id_not_ours"),
        (caller_id_that_nobody_called_back, "caller_id_not_ours"),
        (caller_id_not_for_that_country, "caller_id_country"),
        (walls_that_were_never_stored, "unknown_walls"),
        (rule_set_text_of_another_time, "unknown_rule_set"),
        (recorded_against_the_wish_of_its_campaign, "recording"),
        (permitted_under_other_rules, "permit_mismatch"),
        (dialed_on_thanksgiving, "window_closed"),
        (third_dial_of_a_person, "cap"),
        (dialed_in_the_days_after_a_conversation, "cooloff"),
        (dialed_while_they_were_talking, "in_call"),
        (dialed_at_night, "window_closed"),
        (still_ringing_after_closing, "window_closed"),
        (no_permit, "no_permit"),
        (half_a_permit, "no_permit"),
        (permit_of_another_number, "permit_mismatch"),
        (offset_that_was_not, "evidence_wrong"),
        (used_up_by_its_own_permit, "evidence_wrong"),
        (third_dial_of_a_day, "cap"),
        (fourth_dial_of_a_number, "number_limit"),
        (fifth_dial_of_a_lead, "lead_limit"),
        (blocked_a_minute_before, "dnc"),
        (dialed_before_it_was_saved, "dialed_before_saved"),
        (dialed_after_the_permit_ran_out, "permit_expired"),
        (foreign_caller_id, "caller_id"),
        (region_without_rule, "no_rule"),
        (premium_number, "number_kind"),
        (number_without_a_zone, "no_zone"),
        (number_of_nobody, "unknown_number"),
        (rules_of_twenty_years_ago, "rule_expired"),
    ],
)
def test_what_is_planted_is_found_and_named(
    books: Books, capsys: pytest.CaptureFixture[str], plant: Callable[[Books], int], code: str
) -> None:
    with closing(books.database):
        guilty = plant(books)
        books.seal_anew()
    status, audit = ask(capsys, books.home, "audit")
    assert status == ANSWER_IS_NO
    assert {entry["attempt_id"] for entry in audit["violations"]} == {guilty}
    assert {entry["code"] for entry in audit["violations"]} == {code}
    assert audit["violating"] == 1
    status, report = ask(capsys, books.home, "report")
    assert (status, report["violations"]) == (DONE, 1)


def test_every_attempt_without_its_permit_is_counted(books: Books, capsys: pytest.CaptureFixture[str]) -> None:
    with closing(books.database):
        (placed,) = books.database.execute("SELECT count(*) FROM attempts WHERE dialed_at IS NOT NULL").fetchone()
        books.database.execute("UPDATE attempts SET permit = 'null'")
        books.seal_anew()
    status, audit = ask(capsys, books.home, "audit")
    assert (status, audit["violating"]) == (ANSWER_IS_NO, placed)
    _, report = ask(capsys, books.home, "report")
    assert report["violations"] == placed


# --- the chain: each answers the attempt at which it breaks ------------------------------------------------


def permit_edited_afterwards(books: Books) -> int:
    victim = books.victim()
    books.forge(victim, dnc_version=7)  # which nothing else would notice
    return victim


def permit_edited_with_its_digest(books: Books) -> int:
    victim = permit_edited_afterwards(books)
    salt, permit = books.one("SELECT salt, permit FROM attempts WHERE attempt_id = ?", victim)
    digest = hashlib.sha256(salt + permit.encode()).digest()
    books.change("UPDATE attempts SET digest = ? WHERE attempt_id = ?", digest, victim)
    return victim


def salt_thrown_away(books: Books) -> int:
    victim = books.victim()
    books.change("UPDATE attempts SET salt = NULL WHERE attempt_id = ?", victim)
    return victim


def attempt_removed(books: Books) -> int:
    victim = books.victim()
    following = books.next_in_chain(victim)
    books.change("DELETE FROM attempts WHERE attempt_id = ?", victim)
    return following


def attempt_inserted(books: Books) -> int:
    victim = books.victim()
    new_id = books.again(victim, 3_600)
    books.change("UPDATE attempts SET salt = NULL, digest = NULL, link = NULL WHERE attempt_id = ?", new_id)
    return new_id


def attempt_appended(books: Books) -> int:
    new_id = books.again(books.victim(), 3_600)
    salt, permit = books.one("SELECT salt, permit FROM attempts WHERE attempt_id = ?", new_id)
    last = "(SELECT max(chain_place) + 1 FROM attempts)"
    digest = hashlib.sha256(salt + permit.encode()).digest()
    books.change(f"UPDATE attempts SET chain_place = {last}, digest = ? WHERE attempt_id = ?", digest, new_id)
    return new_id


def unplaced(books: Books) -> int:
    victim = books.victim()
    following = books.next_in_chain(victim)
    place, link = books.one("SELECT chain_place, link FROM attempts WHERE attempt_id = ?", victim)
    other_place, other_link = books.one("SELECT chain_place, link FROM attempts WHERE attempt_id = ?", following)
    move = "UPDATE attempts SET chain_place = ?, link = ? WHERE attempt_id = ?"
    books.change(move, None, other_link, victim)
    books.change(move, place, link, following)
    books.change(move, other_place, other_link, victim)
    return victim


@pytest.mark.parametrize(
    ("plant", "code", "breaks"),
    [
        (permit_edited_afterwards, "permit_edited", 1),
        (permit_edited_with_its_digest, "chain_broken", 1),
        (salt_thrown_away, "permit_edited", 1),
        (attempt_removed, "chain_broken", 1),
        (attempt_inserted, "outside_chain", 1),
        (attempt_appended, "chain_broken", 1),
        (unplaced, "chain_broken", 2),
    ],
)
def test_a_break_of_the_chain_is_found_where_it_is(
    books: Books, capsys: pytest.CaptureFixture[str], plant: Callable[[Books], int], code: str, breaks: int
) -> None:
    with closing(books.database):
        guilty = plant(books)
    status, audit = ask(capsys, books.home, "audit")
    assert status == ANSWER_IS_NO
    found = [entry["attempt_id"] for entry in audit["violations"]]
    assert {entry["code"] for entry in audit["violations"]} == {code}
    assert guilty in found
    assert len(found) == breaks


def test_who_makes_the_whole_chain_anew_is_found_by_a_link_written_down_before(
    books: Books, capsys: pytest.CaptureFixture[str]
) -> None:
    status, written_down = ask(capsys, books.home, "audit", "--head")
    assert status == DONE
    status, audit = ask(capsys, books.home, "audit", "--against", written_down["link"])
    assert (status, audit["chain"]["found"]) == (DONE, True)
    assert audit["chain"]["head"] == written_down["link"]
    assert audit["chain"]["links"] == written_down["links"]
    with closing(books.database):
        permit_edited_afterwards(books)
        books.seal_anew()
    status, audit = ask(capsys, books.home, "audit")
    assert (status, audit["violations"]) == (DONE, [])
    status, audit = ask(capsys, books.home, "audit", "--against", written_down["link"])
    assert (status, audit["violations"], audit["chain"]["found"]) == (ANSWER_IS_NO, [], False)
    assert main(["audit", "planted", "--against", "12", "--home", str(books.home)]) == WRONG_INPUT
    assert "64 hex digits" in capsys.readouterr().err


def test_an_erased_permit_is_called_erased(books: Books, capsys: pytest.CaptureFixture[str]) -> None:
    with closing(books.database):
        victim = books.victim()
        ((lead_id,),) = books.database.execute("SELECT lead_id FROM attempts WHERE attempt_id = ?", (victim,))
        ((others,),) = books.database.execute("SELECT count(*) FROM attempts WHERE lead_id = ?", (lead_id,))
    with open_home(books.home, "a test") as owned:
        owned.write(ErasePerson((lead_id,), (), (), (), START + DAY_S))
    status, audit = ask(capsys, books.home, "audit")
    assert (status, audit["violations"], audit["chain"]["erased"]) == (DONE, [], others)


def test_the_process_that_judges_knows_nothing_of_the_one_that_dials() -> None:
    program = "import json, sys; import campaigns.audit_process; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    loaded = set(json.loads(done.stdout))
    assert {"campaigns.audit", "campaigns.audit_chain", "zoneinfo"} <= loaded
    for name in (
        "campaigns.eligibility",
        "campaigns.permission",
        "campaigns.window",
        "dialer",
        "pytz",
        "sqlalchemy",
    ):
        assert not [one for one in loaded if one == name or one.startswith(f"{name}.")]


def test_what_is_no_evidence_is_no_judgement() -> None:
    for given in ("", "nonsense\n", '["lead",{}]\n'):
        done = subprocess.run(
            [sys.executable, "-m", PROGRAM], check=False, capture_output=True, text=True, input=given
        )
        assert (done.returncode, done.stdout) == (2, "")
        assert "cannot read its evidence" in done.stderr
