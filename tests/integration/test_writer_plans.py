"""What dialing asks of five million leads is answered from indexes: the planner is asked, not trusted."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, bindparam
from sqlalchemy.sql.expression import ClauseElement, Select, select

from dialer.storage import freshness
from dialer.storage.agents import WITHIN
from dialer.storage.attempts import NEXT_ATTEMPT_ID, OPEN_ATTEMPTS, AttemptStatements
from dialer.storage.candidates import CandidateStatements
from dialer.storage.changes import NEWEST, NEWEST_OF_CLIENT
from dialer.storage.counted import COUNTED_ON
from dialer.storage.database import open_database
from dialer.storage.dnc import BLOCKED, ENTRIES
from dialer.storage.fetching import (
    COME_DUE,
    NEXT_BEHIND,
    NEXT_DUE,
    NEXT_IN_GROUP,
    PROMISED_NEXT,
    REMOVED_LISTS,
    LeaseStatements,
)
from dialer.storage.known_leads import known_query
from dialer.storage.placing import (
    LEFT_TO_WALK,
    LET_GO,
    NUMBERS_OF_PLACES,
    NUMBERS_OF_STRETCH,
    PLACE_REASONS,
    WALK,
    WALK_PLACES,
)
from dialer.storage.reader import ATTEMPTS_ON, LEADS_BY_NUMBER, RECORDS
from dialer.storage.reader_campaigns import PLACES, ZONE_GROUP_NAMES
from dialer.storage.recovery import GIVE_BACK_LEASES
from dialer.storage.rows import _PHONES
from dialer.storage.statement import Statement
from dialer.storage.tables import attempts, campaign_leads, campaigns
from lists.dedupe import MatchBy

PLACE_BY_KEY = "SEARCH campaign_leads USING PRIMARY KEY (campaign_id=?"


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    with open_database(tmp_path / "dialer.db") as database, database.writer.engine.connect() as opened:
        yield opened
        opened.rollback()


def plan(connection: Connection, clause: ClauseElement | str) -> list[str]:
    if isinstance(clause, str):
        sql, count = clause, clause.count("?")
    else:
        compiled = clause.compile(connection, compile_kwargs={"render_postcompile": True})
        sql = str(compiled)
        count = sql.count("?")
    rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", (1,) * count)
    return [str(row[3]) for row in rows]


@pytest.mark.parametrize(
    ("query", "index"),
    [
        (NEXT_IN_GROUP, "ix_campaign_leads_ready (campaign_id=? AND zone_group=?)"),
        (
            NEXT_BEHIND,
            "ix_campaign_leads_ready (campaign_id=? AND zone_group=? AND (order_key,lead_id)>(?,?))",
        ),
        (COME_DUE, "ix_campaign_leads_waiting (campaign_id=? AND due_at<?)"),
        (NEXT_DUE, "ix_campaign_leads_waiting (campaign_id=?)"),
        (PROMISED_NEXT, "ix_campaign_leads_promised (campaign_id=?)"),
    ],
)
def test_the_next_leads_are_found_by_index_alone_already_in_order(
    connection: Connection, query: Select[tuple[int]], index: str
) -> None:
    assert plan(connection, query) == [f"SEARCH campaign_leads USING COVERING INDEX {index}"]


@pytest.mark.parametrize("called", [False, True])
def test_the_calls_to_a_number_come_in_order_and_are_not_sorted(connection: Connection, called: bool) -> None:
    """Of the numbers alone, before they are counted by what their calls have shown."""
    query = freshness.query(connection.dialect, called=called)
    found = plan(connection, query.params(list_id=1, now=0.0, today="", wrong=["c"]))
    assert found[-2:] == ["SCAN anon_1", "USE TEMP B-TREE FOR GROUP BY"]
    assert [step for step in found[:-1] if "B-TREE" in step] == []
    assert "SEARCH attempts USING INDEX ix_attempts_lead_id_created_at (lead_id=?" in found[-3]


def test_history_and_numbers_are_looked_up(connection: Connection) -> None:
    run, leases = CandidateStatements(connection.dialect), LeaseStatements(connection.dialect)
    for statement, found_by in (
        (run.history, "SEARCH attempts USING INDEX ix_attempts_number_created_at (number=?)"),
        (run.phones_of, "SEARCH numbers USING PRIMARY KEY (lead_id=?)"),
        (run.leads_of, "SEARCH leads USING INTEGER PRIMARY KEY (rowid=?)"),
        (run.blocked, "SEARCH dnc USING PRIMARY KEY (number=? AND client=? AND purpose=?)"),
        (leases.lease, f"{PLACE_BY_KEY} AND lead_id=?)"),
        (leases.lease_ready, f"{PLACE_BY_KEY} AND lead_id=?)"),
        (leases.promote, f"{PLACE_BY_KEY} AND lead_id=?)"),
        (leases.let_go, f"{PLACE_BY_KEY} AND lead_id=?)"),
        (leases.numbers_of, "SEARCH leads USING INTEGER PRIMARY KEY (rowid=?)"),
        (leases.lists_of, "SEARCH leads USING INTEGER PRIMARY KEY (rowid=?)"),
    ):
        assert plan(connection, statement.sql)[0] == found_by
    assert plan(connection, leases.first_groups.sql)[2:] == [
        "SEARCH campaign_leads USING COVERING INDEX ix_campaign_leads_ready (campaign_id=? AND zone_group=?)",
        "USE TEMP B-TREE FOR ORDER BY",  # of the groups
    ]
    assert plan(connection, _PHONES.params(ids=[1, 2])) == ["SEARCH numbers USING PRIMARY KEY (lead_id=?)"]


def test_why_and_an_import_look_things_up_and_scan_nothing(connection: Connection) -> None:
    one_place = PLACES.where(campaigns.c.name == "c", campaign_leads.c.lead_id == 1)
    lookups = (
        LEADS_BY_NUMBER, known_query(["people"], MatchBy.ID, ["a", "b"]), ATTEMPTS_ON.params(numbers=["a", "b"]),
        one_place,
    )  # fmt: skip
    steps = [plan(connection, query) for query in lookups]
    assert "SEARCH numbers USING COVERING INDEX ix_numbers_e164_lead_id (e164=?)" in steps[0]
    assert (
        "SEARCH leads USING COVERING INDEX ix_leads_list_id_external_id (list_id=? AND external_id=?)" in steps[1]
    )
    assert steps[2] == ["SEARCH attempts USING INDEX ix_attempts_number_created_at (number=?)"]
    assert "SEARCH campaign_leads USING PRIMARY KEY (campaign_id=? AND lead_id=?)" in steps[3]
    assert not [step for query in steps for step in query if step.startswith("SCAN")]


def test_agents_time_of_a_period_is_read_without_what_was_earlier(connection: Connection) -> None:
    (step,) = plan(connection, WITHIN)
    assert (
        step == "SEARCH agent_times USING INDEX ix_agent_times_campaign_since (campaign=? AND since>? AND since<?)"
    )


def test_caps_are_counted_from_the_index_alone(connection: Connection) -> None:
    run = AttemptStatements(connection.dialect)
    for column in COUNTED_ON:
        assert plan(connection, run.counted[column].sql) == [
            f"SEARCH attempts USING COVERING INDEX ix_attempts_{column}_created_at ({column}=? AND created_at>?)"
        ]
    assert plan(connection, run.close.sql) == ["SEARCH attempts USING INTEGER PRIMARY KEY (rowid=?)"]
    assert all("SCAN" not in step for step in plan(connection, run._registers.sql))


def test_open_attempts_and_the_next_id_do_not_read_the_table(connection: Connection) -> None:
    open_ones = select(attempts.c.attempt_id).where(attempts.c.closed_at.is_(None))
    assert plan(connection, open_ones) == ["SCAN attempts USING INDEX ix_attempts_open"]
    assert plan(connection, NEXT_ATTEMPT_ID) == ["SEARCH attempts"]


def test_leases_are_given_back_at_a_start_without_reading_every_place(connection: Connection) -> None:
    assert plan(connection, GIVE_BACK_LEASES) == [
        "SCAN campaign_leads USING COVERING INDEX ix_campaign_leads_leased",
        "CORRELATED SCALAR SUBQUERY 1",
        "SEARCH callbacks USING INDEX ix_callbacks_open (campaign_id=? AND lead_id=?)",
    ]


def test_places_are_given_by_walking_lists_in_order(connection: Connection) -> None:
    assert plan(connection, WALK) == [
        "SEARCH leads USING COVERING INDEX ix_leads_list_id_lead_id (list_id=? AND lead_id>?)"
    ]
    by_key = "SEARCH campaign_leads USING PRIMARY KEY (campaign_id=? AND lead_id"
    assert [step.startswith(by_key) for step in plan(connection, WALK_PLACES)] == [True]
    assert plan(connection, LET_GO) == [f"{by_key}=?)"]
    stretch = "SEARCH leads USING COVERING INDEX ix_leads_list_id_lead_id (list_id=? AND lead_id>? AND lead_id<?)"
    steps = plan(connection, PLACE_REASONS)
    assert (steps[0], steps[-1]) == (stretch, f"{by_key}=?)")
    theirs = ("SEARCH numbers USING PRIMARY KEY (lead_id=?)", "SEARCH lists USING INTEGER PRIMARY KEY (rowid=?)")
    assert sorted(plan(connection, NUMBERS_OF_STRETCH)) == sorted((stretch.replace("COVERING ", ""), *theirs))
    of_places = plan(connection, NUMBERS_OF_PLACES)
    assert of_places[0] == f"{PLACE_BY_KEY} AND lead_id>? AND lead_id<?)"
    assert sorted(of_places[1:]) == sorted(("SEARCH leads USING INTEGER PRIMARY KEY (rowid=?)", *theirs))
    assert plan(connection, LEFT_TO_WALK) == [
        "SEARCH campaign_lists USING PRIMARY KEY (campaign_id=?)",
        "SEARCH leads USING COVERING INDEX ix_leads_list_id_lead_id (list_id=? AND lead_id>?)",
    ]
    assert plan(connection, REMOVED_LISTS) == ["SEARCH campaign_lists USING PRIMARY KEY (campaign_id=?)"]


def test_a_campaign_is_opened_without_a_look_at_its_leads(connection: Connection) -> None:
    assert [step.split(" USING")[0] for step in plan(connection, ZONE_GROUP_NAMES)] == [
        "SEARCH campaigns", "SEARCH campaign_zone_groups",
    ]  # fmt: skip
    assert plan(connection, OPEN_ATTEMPTS) == ["SCAN attempts USING INDEX ix_attempts_open"]


def test_registers_are_searched_by_number(connection: Connection) -> None:
    for query in (BLOCKED, ENTRIES):
        asked = query.params(numbers=["a", "b"], client="", purpose="")
        assert plan(connection, asked)[0].startswith("SEARCH dnc USING PRIMARY KEY (number=?")


def test_the_newest_changes_are_read_from_an_index_in_order(connection: Connection) -> None:
    assert plan(connection, NEWEST) == [
        "SEARCH changes USING INDEX ix_changes_changed_at (changed_at>? AND changed_at<?)"
    ]
    assert plan(connection, NEWEST_OF_CLIENT) == [
        "SEARCH changes USING INDEX ix_changes_client_changed_at (client=? AND changed_at>? AND changed_at<?)"
    ]


def test_records_of_a_day_are_read_from_an_index_in_order(connection: Connection) -> None:
    assert plan(connection, RECORDS) == [
        "SEARCH attempts USING INDEX ix_attempts_campaign_created_at"
        " (campaign=? AND created_at>? AND created_at<?)"
    ]


def test_the_check_sees_a_scan_when_there_is_one(connection: Connection) -> None:
    noted = select(attempts.c.attempt_id).where(attempts.c.note == bindparam("note"))
    assert plan(connection, noted) == ["SCAN attempts"]
    assert Statement(noted, connection.dialect, ("note",)).sql
