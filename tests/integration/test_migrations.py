"""A database of an earlier version, with everything in it that a floor leaves behind, brought up to this one."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, MetaData, make_url

from campaigns.campaign import source_hash_of
from campaigns.consent import Consent
from campaigns.life import CampaignState
from dialer.ports.store import (
    FINAL,
    READY,
    AttemptDenied,
    FetchLeads,
    LeadCounts,
    LeadsLeased,
    LeadsPlaced,
    StoredCampaign,
)
from dialer.storage import migrations, postgresql, sqlite
from dialer.storage.database import open_database
from dialer.storage.recovery import Recovered
from lists.dnc import blocked_since, blocked_spans
from tests.contract.storage_values import LONDON, NEW_YORK, NOW, SYDNEY, phone, place_leads, save_attempt
from tests.contract.test_store_chain import check

OLD_BODY = 'name = "c"\nlists = ["acme/spring"]\n'
BODY = 'name = "c"\ntitle = "of acme/spring"\nlists = [\n  "people",\n  "acme/spring",  # all\n]\n'
RENAMED_BODY = BODY.replace('  "acme/spring",', '  "acme-spring-2",')
LISTS = {1: "people", 2: "acme/spring", 3: "acme-spring", 4: "a/b/c"}
RENAMED = {1: "people", 2: "acme-spring-2", 3: "acme-spring", 4: "a-b-c"}
OPEN, CLOSED, NEVER_LEFT = 1, 2, 3

Rows = dict[str, list[dict[str, Any]]]


def engine_of(address: str) -> Engine:
    url = make_url(address) if "://" in address else make_url(f"sqlite:///{address}")
    if url.get_backend_name() == "sqlite":
        return sqlite.writing_engine(url)
    return postgresql.writing_engine(url.set(drivername=postgresql.DRIVER), "a test")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.needs("postgres"))])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database at revision 0001, filled."""
    if request.param == "sqlite":
        where = str(tmp_path / "dialer.db")
        fill(where)
        yield where
        return
    with request.getfixturevalue("postgres_server").database(empty=True) as url:
        fill(url)
        yield url


def fill(address: str) -> None:
    engine = engine_of(address)
    migrations.upgrade(engine, "0001")
    with engine.begin() as connection:
        tables = MetaData()
        tables.reflect(connection)
        for name, rows in at_0001().items():
            connection.execute(tables.tables[name].insert(), rows)
        if engine.dialect.name == "postgresql":  # as if it had numbered them itself
            of = "pg_get_serial_sequence('agent_times', 'stretch_id')"
            connection.exec_driver_sql(f"SELECT setval({of}, max(stretch_id)) FROM agent_times")
    engine.dispose()


def at_0001() -> Rows:
    """Leads 1 to 6 in `people` (1 to 4) and `acme/spring`; lead 1 has a second number, in Sydney."""
    numbers = [phone(index) for index in range(5)] + [phone(5, NEW_YORK)]
    on_lists = {1: 1, 2: 1, 3: 1, 4: 1, 5: 2, 6: 2}
    states = {1: "waiting", 2: "leased", 3: "final", 4: "ready", 5: "final", 6: "ready"}
    reasons = {1: "busy", 3: "sale", 5: "list_removed"}
    return {
        "lists": [
            {"list_id": list_id, "name": name, "source": "s", "as_of": "2026-01-31", "created_at": NOW,
             "leads": list(on_lists.values()).count(list_id), "numbers": 0}
            for list_id, name in LISTS.items()
        ],
        "leads": [
            {"lead_id": lead_id, "list_id": list_id, "first_name": f"First {lead_id}", "last_name": "Città",
             "external_id": f"X{lead_id}", "fields": '[["plan","gold"]]', "source": "s", "as_of": "",
             "added_at": NOW}
            for lead_id, list_id in on_lists.items()
        ],
        "numbers": [
            {"lead_id": lead_id, "position": position, "e164": one.e164, "region": one.region,
             "kind": one.kind.value, "zones": "|".join(one.zones), "zone_source": one.zone_source.value}
            for lead_id, position, one in [
                *((index + 1, 0, one) for index, one in enumerate(numbers)), (1, 1, phone(1, SYDNEY)),
            ]
        ],
        "campaigns": [
            {"campaign_id": 1, "name": "c", "body": BODY, "lead_order": "oldest", "order_seed": 7,
             "added_at": NOW},
            {"campaign_id": 2, "name": "d", "body": "lists = ['acme-spring']", "lead_order": "random",
             "order_seed": 0, "added_at": NOW + 5},
        ],
        "campaign_versions": [
            {"campaign_id": 1, "hash": source_hash_of(OLD_BODY), "body": OLD_BODY, "added_at": NOW},
            {"campaign_id": 1, "hash": source_hash_of(BODY), "body": BODY, "added_at": NOW + 3},
            {"campaign_id": 2, "hash": source_hash_of("lists = ['acme-spring']"),
             "body": "lists = ['acme-spring']", "added_at": NOW + 5},
        ],
        "campaign_lists": [{"campaign_id": 1, "list_id": 1}, {"campaign_id": 1, "list_id": 2},
                           {"campaign_id": 2, "list_id": 3}],
        "campaign_leads": [
            {"campaign_id": 1, "lead_id": lead_id, "state": state, "due_at": NOW if state == "waiting" else 0.0,
             "zone_group": numbers[lead_id - 1].zone_group, "order_key": lead_id, "phone_position": 0,
             "attempts": int(lead_id == 3), "tries": '[["sale",1]]' if lead_id == 3 else "[]",
             "reason": reasons.get(lead_id, "")}
            for lead_id, state in states.items()
        ],
        "attempts": [
            an_attempt(OPEN, 2, None, None), an_attempt(CLOSED, 3, "connected", "acme/spring"),
            an_attempt(NEVER_LEFT, 4, "withdrawn", "people"),
        ],
        "dnc": [
            {"number": phone(0).e164, "source": "register", "blocked_at": NOW},
            {"number": phone(0).e164, "source": "campaign c", "blocked_at": NOW - 5},
            {"number": phone(7).e164, "source": "register", "blocked_at": NOW + 5},
        ],
        "agent_times": [
            {"stretch_id": 1, "agent_id": "a", "campaign": "c", "activity": "idle", "since": NOW,
             "until": NOW + 9.5},
            {"stretch_id": 2, "agent_id": "a", "campaign": "c", "activity": "paused", "since": NOW + 9.5,
             "until": NOW + 9_009.5},
        ],
    }  # fmt: skip


_YES_OR_NO = ("live", "machine", "rpc", "abandoned", "hung_up_waiting", "queued", "final")


def an_attempt(attempt_id: int, lead_id: int, outcome: str | None, list_name: str | None) -> dict[str, Any]:
    closed = outcome is not None
    never_left = outcome == "withdrawn"
    return {
        "attempt_id": attempt_id, "campaign": "c", "lead_id": lead_id, "number": phone(lead_id - 1).e164,
        "trunk": "t1", "caller_id": "+442079460999", "call_id": f"call-{attempt_id}", "attempt_no": 1,
        "created_at": NOW + attempt_id, "permit": "{}", "counted": not never_left, "list_name": list_name,
        "region": "GB" if closed else None, "zones": "Europe/London" if closed else None,
        "local_hour": 14 if closed else None, "mode": "power" if closed else None,
        "dialed_at": NOW + 2 if closed and not never_left else None, "progress_at": None, "answered_at": None,
        "assigned_at": None, "connected_at": None, "ended_at": None, "closed_at": NOW + 9 if closed else None,
        "outcome": outcome, "sip_status": 200 if closed else None, "q850": None,
        "ended_by": "network" if closed else None, "agent_id": None, "disposition": None,
        **dict.fromkeys(_YES_OR_NO, False if closed else None),
        **dict.fromkeys(("talk_s", "hold_s", "wrapup_s"), 0.0 if closed else None),
        "answer_to_agent_s": None, "next_attempt_at": None, "rule_set": "demo" if closed else None,
        "note": "" if closed else None,
    }  # fmt: skip


def everything(address: str) -> Rows:
    engine = engine_of(address)
    with engine.connect() as connection:
        rows = all_rows(connection)
        connection.rollback()
    engine.dispose()
    return rows


def all_rows(connection: Connection) -> Rows:
    tables = MetaData()
    tables.reflect(connection)
    found: Rows = {}
    for table in tables.sorted_tables:
        rows = [dict(row) for row in connection.execute(table.select()).mappings()]
        found[table.name] = sorted(rows, key=lambda row: [str(value) for value in row.values()])
    return found


def test_nothing_gets_lost_on_the_way_up(address: str) -> None:
    before = everything(address)
    assert len(before["campaign_leads"]) == 6  # what follows compares something
    open_database(address).close()
    after = everything(address)
    for row in before["lists"]:
        row["name"] = RENAMED[row["list_id"]]
    for row in before["attempts"]:
        row["list_name"] = "acme-spring-2" if row["list_name"] == "acme/spring" else row["list_name"]
    before["campaigns"][0]["body"] = RENAMED_BODY
    before["campaign_versions"].append(
        {"campaign_id": 1, "hash": source_hash_of(RENAMED_BODY), "body": RENAMED_BODY, "added_at": NOW + 3}
    )
    (_, paused) = before["agent_times"]
    hours = [(2, 9.5, 3_609.5), (3, 3_609.5, 7_209.5), (4, 7_209.5, 9_009.5)]
    before["agent_times"][1:] = [
        paused | {"stretch_id": n, "since": NOW + since, "until": NOW + until} for n, since, until in hours
    ]
    before["alembic_version"] = [{"version_num": migrations.HEAD}]
    for name, rows in before.items():
        kept = [{column: row[column] for column in rows[0]} for row in after[name]]
        assert sorted(kept, key=str) == sorted(rows, key=str), name


def test_what_is_new_is_filled_from_what_is_there(address: str) -> None:
    with open_database(address) as database:
        reader, write = database.reader, database.writer.write
        assert list(reader.campaigns()) == [
            StoredCampaign("c", RENAMED_BODY, NOW, CampaignState.READY, "", NOW),
            StoredCampaign("d", "lists = ['acme-spring']", NOW + 5, CampaignState.READY, "", NOW + 5),
        ]
        assert list(reader.zone_group_names("c")) == [SYDNEY, LONDON, NEW_YORK]
        assert list(reader.zone_group_names("c")) == [group for group, _ in reader.zone_groups("c")]
        assert list(reader.zone_group_names("d")) == []
        assert reader.lead_counts("c") == LeadCounts(total=6, attempted=1, final=2)
        assert write(place_leads("c")) == LeadsPlaced(0, more=False, zone_groups=(SYDNEY, LONDON, NEW_YORK))
        assert write(place_leads("c")) == LeadsPlaced(0, more=False)
        asked = [phone(0).e164, phone(7).e164]
        assert blocked_since(reader.dnc_entries(asked)) == {asked[0]: NOW - 5, asked[1]: NOW + 5}
        assert blocked_spans(reader.dnc_entries(asked)) == {
            asked[0]: ((NOW - 5, None),),
            asked[1]: ((NOW + 5, None),),
        }
        assert reader.setup("c").lists == ("people", "acme-spring-2")
        assert [*reader.users(), *reader.tokens(), *reader.changes()] == []


def test_how_far_earlier_calls_got_follows_from_their_records(address: str) -> None:
    with open_database(address) as database:
        found = {one.attempt_id: one.record for one in database.reader.attempts("c")}
        assert found[OPEN] is None
        stages = [(record.stage, record.charged) for record in found.values() if record is not None]
        assert stages == [("placed", True), ("none", True)]
        database.recover(NOW + 60)
        last = next(one.record for one in database.reader.attempts("c") if one.attempt_id == OPEN)
        assert last is not None
        assert (last.stage, last.charged, last.currency) == ("answered", True, "")


def test_nothing_is_invented_about_the_audio_of_earlier_calls(address: str) -> None:
    with open_database(address) as database:
        database.recover(NOW + 60)
        records = [one.record for one in database.reader.attempts("c")]
        assert len(records) == 3
        for record in records:
            assert record is not None
            assert (record.amd_policy, record.amd_verdict, record.recording, record.recording_rule) == (
                "", None, None, "",
            )  # fmt: skip
            assert (record.rtp_received, record.rtp_lost, record.rtp_round_trip_ms) == (None, None, None)


def test_consents_of_callbacks_stand_on_the_register(address: str) -> None:
    engine = engine_of(address)
    migrations.upgrade(engine, "0017")
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE attempts SET purpose = 'sales' WHERE attempt_id = 2")
        for attempt_id, consent in ((CLOSED, "after nine, please"), (NEVER_LEFT, "")):
            connection.exec_driver_sql(
                "INSERT INTO callbacks (promised_in, campaign_id, lead_id, number, wall, zone, due_at, made_at,"
                f" made_by, agent_id, consent, state) VALUES ({attempt_id}, 1, 3, '{phone(2).e164}',"
                f" '2026-12-01T21:30:00', 'Europe/London', {NOW + 99}, {NOW + 9}, 'ana', '', '{consent}', 'open')"
            )
    engine.dispose()
    with open_database(address) as database:
        assert list(database.reader.consents([phone(2).e164])) == [
            Consent(
                phone(2).e164,
                "callback",
                "sales",
                NOW + 9,
                source="agent ana, attempt 2",
                evidence="2026-12-01T21:30:00 Europe/London: after nine, please",
            )
        ]


def test_dialing_goes_on_where_it_was(address: str) -> None:
    with open_database(address) as database:
        assert [one.attempt_id for one in database.reader.open_attempts()] == [OPEN]
        assert database.recover(NOW + 60) == Recovered(leases=1, unknown_attempts=(OPEN,))
        assert database.reader.next_attempt_id() == NEVER_LEFT + 1
        states = [place.state for place in database.reader.places("c")]
        assert states == [READY, FINAL, FINAL, READY, FINAL, READY]
        leased = database.writer.write(FetchLeads("c", 9, NOW + 60, (LONDON, NEW_YORK)))
        assert isinstance(leased, LeadsLeased)
        assert [one.lead.lead_id for one in leased.candidates] == [1, 4, 6]
        assert leased.candidates[0].dnc == (phone(0).e164,)
        assert isinstance(database.writer.write(save_attempt(4, 1, phone(0).e164)), AttemptDenied)


DYING = """
import os, signal, sys
from sqlalchemy import event
from dialer.storage import migrations
from tests.integration.test_migrations import engine_of

engine = engine_of(sys.argv[1])

@event.listens_for(engine, "after_cursor_execute")
def die(connection, cursor, statement, *rest):
    if sys.argv[2] in statement:
        os.kill(os.getpid(), signal.SIGKILL)

migrations.upgrade(engine)
"""


@pytest.mark.parametrize(
    "behind",
    ["ADD COLUMN state_reason", "UPDATE attempts SET list_name", "DROP TABLE dnc", "ix_changes_client_changed_at"],
)
def test_killed_on_the_way_it_is_as_it_was(address: str, behind: str) -> None:
    before = everything(address)
    root = Path(__file__).parents[2]
    died = subprocess.run([sys.executable, "-c", DYING, address, behind], check=False, cwd=root)
    assert died.returncode == -signal.SIGKILL
    assert everything(address) == before
    assert before["alembic_version"] == [{"version_num": "0001"}]
    open_database(address).close()
    assert everything(address)["alembic_version"] == [{"version_num": migrations.HEAD}]


def test_the_chain_begins_behind_the_attempts_of_earlier_versions(address: str) -> None:
    with open_database(address) as database:
        assert dict(database.reader.chain()) == dict.fromkeys((OPEN, CLOSED, NEVER_LEFT))
        database.writer.write(save_attempt(9, 2, phone(1).e164))
        *_, (attempt_id, seal) = database.reader.chain()
        assert attempt_id == 9
        assert seal is not None
        stored = next(one for one in database.reader.attempts("c") if one.attempt_id == 9)
        check([(stored, seal)], outside=(3, NEVER_LEFT))
