"""PostgreSQL's planner too answers from indexes what dialing asks, from the first statement on: the writer's plans
are made while tables are empty, and kept."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, bindparam, select
from sqlalchemy.sql.expression import ClauseElement

from dialer.storage.attempts import NEXT_ATTEMPT_ID, OPEN_ATTEMPTS, AttemptStatements
from dialer.storage.candidates import CandidateStatements
from dialer.storage.counted import COUNTED_ON
from dialer.storage.database import open_database
from dialer.storage.fetching import (
    ANY_READY,
    COME_DUE,
    NEXT_BEHIND,
    NEXT_DUE,
    NEXT_IN_GROUP,
    LeaseStatements,
)
from dialer.storage.lookahead import Lookahead
from dialer.storage.placing import WALK, WALK_PLACES
from dialer.storage.recovery import GIVE_BACK_LEASES
from dialer.storage.tables import attempts

pytestmark = pytest.mark.needs("postgres")

_numbers = itertools.count()


@pytest.fixture
def connection(postgres_url: str) -> Iterator[Connection]:
    with open_database(postgres_url) as database, database.writer.engine.connect() as opened:
        opened.exec_driver_sql("SET plan_cache_mode = force_generic_plan")
        yield opened
        opened.rollback()


def plan(connection: Connection, clause: ClauseElement | str) -> str:
    """As for a prepared statement, whose values are not known."""
    sql = clause if isinstance(clause, str) else str(clause.compile(connection))
    names = list(dict.fromkeys(re.findall(r"%\((\w+)\)s", sql)))
    for number, name in enumerate(names, 1):
        sql = sql.replace(f"%({name})s", f"${number}")
    values_of = names or set(re.findall(r"\$\d+", sql))  # a `Statement` numbers them itself
    asked = f"asked_{next(_numbers)}"  # not the same twice: the driver prepares what it has often seen
    connection.exec_driver_sql(f"PREPARE {asked} AS {sql}")
    values = f"({', '.join(['NULL'] * len(values_of))})" if values_of else ""
    return "\n".join(row[0] for row in connection.exec_driver_sql(f"EXPLAIN EXECUTE {asked}{values}"))


@pytest.mark.parametrize(
    ("query", "index"),
    [
        (NEXT_IN_GROUP, "ix_campaign_leads_ready"),
        (NEXT_BEHIND, "ix_campaign_leads_ready"),
        (COME_DUE, "ix_campaign_leads_waiting"),
        (NEXT_DUE, "ix_campaign_leads_waiting"),
        (ANY_READY, "ix_campaign_leads_ready"),
        (GIVE_BACK_LEASES, "ix_campaign_leads_leased"),
        (OPEN_ATTEMPTS, "ix_attempts_open"),
        (NEXT_ATTEMPT_ID, "pk_attempts"),
        (WALK, "ix_leads_list_id_lead_id"),
        (WALK_PLACES, "pk_campaign_leads"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_dialing_reads_indexes(connection: Connection, query: ClauseElement, index: str) -> None:
    steps = plan(connection, query)
    assert index in steps
    assert "Seq Scan" not in steps


@pytest.mark.parametrize("looked", ["never", "when it was empty"])
def test_leads_are_found_by_their_key_and_no_others_looked_at(connection: Connection, looked: str) -> None:
    """Also in a campaign that the planner takes for a small one."""
    if looked == "when it was empty":
        connection.exec_driver_sql("ANALYZE campaign_leads")
    connection.exec_driver_sql("INSERT INTO lists VALUES (1, 'people', '', '', 0, 0, 0)")
    connection.exec_driver_sql(
        "INSERT INTO campaigns (campaign_id, name, body, lead_order, order_seed, added_at)"
        " VALUES (1, 'c', '', '', 0, 0)"
    )
    connection.exec_driver_sql(
        "INSERT INTO leads SELECT n, 1, '', '', '', '', '', '', 0 FROM generate_series(1, 3000) n"
    )
    connection.exec_driver_sql(
        "INSERT INTO campaign_leads SELECT 1, n, 'ready', 0, '', n, 0, 0, '', '' FROM generate_series(1, 3000) n"
    )
    leases = LeaseStatements(connection.dialect)
    for statement in (leases.lists_of, leases.candidates.leads_of):
        steps = plan(connection, statement.sql)
        assert "Filter" not in steps, steps
        assert "lead_id =" in steps
    for statement in (leases.promote, leases.lease, leases.let_go, leases.lease_ready):
        steps = plan(connection, statement.sql)
        assert "Filter" not in steps.replace("Filter: ((state ||", ""), steps
        assert "Tid Scan on campaign_leads" in steps
        assert re.search(r"Index Cond: \(\(campaign_id = \$\d\) AND \(lead_id = \w+\.lead_id\)\)", steps), steps


def test_leads_that_are_not_asked_for_are_not_walked_over(connection: Connection) -> None:
    """Forty thousand in other zone groups, and as many that come due later."""
    connection.exec_driver_sql("INSERT INTO lists VALUES (1, 'people', '', '', 0, 0, 0)")
    connection.exec_driver_sql(
        "INSERT INTO campaigns (campaign_id, name, body, lead_order, order_seed, added_at)"
        " VALUES (1, 'c', '', '', 0, 0)"
    )
    connection.exec_driver_sql(
        "INSERT INTO leads SELECT n, 1, '', '', '', '', '', '', 0 FROM generate_series(1, 80000) n"
    )
    connection.exec_driver_sql(
        "INSERT INTO campaign_leads SELECT 1, n, CASE WHEN n %% 2 = 0 THEN 'ready' ELSE 'waiting' END, n,"
        " CASE WHEN n > 79990 THEN 'Z' ELSE 'A' END, n, 0, 0, '', '' FROM generate_series(1, 80000) n"
    )
    leases = LeaseStatements(connection.dialect)
    for statement, values, found in (
        (leases.next_in_group, "1, 'Z', 90000, 3", 3),
        (leases.first_groups, "1, 90000, ARRAY['Z', 'Y'], 2", 2),
        (leases.come_due, "1, 4, 9", 2),
        (leases.next_due, "1, 1", 1),
    ):
        asked = f"asked_{next(_numbers)}"
        connection.exec_driver_sql(f"PREPARE {asked} AS {statement.sql}")
        steps = [
            row[0] for row in connection.exec_driver_sql(f"EXPLAIN (ANALYZE, BUFFERS) EXECUTE {asked}({values})")
        ]
        assert f"rows={found} " in steps[0], steps
        read = sum(map(int, re.findall(r"(?:hit|read)=(\d+)", next(line for line in steps if "Buffers" in line))))
        assert read < 40, steps


@pytest.mark.parametrize("query", [NEXT_IN_GROUP, NEXT_BEHIND, COME_DUE, NEXT_DUE])
def test_the_next_leads_come_in_order_without_sorting(connection: Connection, query: ClauseElement) -> None:
    assert "Sort" not in plan(connection, query)


def test_what_is_asked_at_each_attempt_reads_indexes(connection: Connection) -> None:
    run, ahead = AttemptStatements(connection.dialect), Lookahead(connection.dialect)
    candidates = CandidateStatements(connection.dialect)
    for statement, index in (
        *((run.counted[column], f"ix_attempts_{column}_created_at") for column in COUNTED_ON),
        (run._registers, "pk_dnc"),
        (run._registers, "pk_consents"),
        (run.close, "ix_attempts_open"),
        *((ahead._asked, f"ix_attempts_{column}_created_at") for column in COUNTED_ON),
        (ahead._asked, "pk_dnc"),
        (ahead._asked, "pk_consents"),
        (candidates.phones_of, "pk_numbers"),
        (LeaseStatements(connection.dialect).numbers_of, "pk_numbers"),
        (LeaseStatements(connection.dialect).first_groups, "ix_campaign_leads_ready"),
        (candidates.history, "ix_attempts_number_created_at"),
        (candidates.blocked, "pk_dnc"),
        (candidates.of_whom["person"], "ix_attempts_person_created_at"),
        (candidates.of_whom["debt"], "ix_attempts_debt_created_at"),
    ):
        steps = plan(connection, statement.sql)
        assert index in steps, statement.sql
        assert "Seq Scan" not in steps, statement.sql


def test_the_check_sees_a_scan_when_there_is_one(connection: Connection) -> None:
    noted = select(attempts.c.attempt_id).where(attempts.c.note == bindparam("note"))
    assert "Seq Scan on attempts" in plan(connection, noted)
