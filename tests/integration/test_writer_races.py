"""Two nodes on one PostgreSQL database, as if ownership let two of them write: an attempt that one of them inserts
is seen by the other, whoever commits first."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import make_url

from campaigns.permission.caps import CapCheck
from campaigns.refusal import Refusal
from dialer.ports.store import Answer, AttemptAccepted, AttemptDenied, NewLead, SaveAttempt
from dialer.storage.database import open_database
from dialer.storage.postgresql import writing_engine
from dialer.storage.writer import Writer
from tests.contract.storage_values import NOW, phone, place_leads, save_attempt, save_campaign, save_leads

pytestmark = pytest.mark.needs("postgres")

ROUNDS = 40
ANNA = ":anna"


@pytest.fixture
def nodes(postgres_url: str) -> Iterator[tuple[Writer, Writer]]:
    with open_database(postgres_url) as database:
        numbers = range(2 * ROUNDS)
        database.writer.write(save_leads(tuple(NewLead((phone(n),), person_key="anna") for n in numbers)))
        for name in "cd":
            database.writer.write(save_campaign(name))
            database.writer.write(place_leads(name))
    writers = tuple(Writer(writing_engine(make_url(postgres_url), f"node {n}")) for n in (1, 2))
    yield writers[0], writers[1]
    for writer in writers:
        writer.close()


def race(nodes: tuple[Writer, Writer], saves: tuple[SaveAttempt, SaveAttempt]) -> list[Answer | Exception]:
    """Both at once; what each was answered."""
    start = threading.Barrier(2)
    answers: dict[int, Answer | Exception] = {}

    def write(node: int) -> None:
        start.wait()
        try:
            answers[node] = nodes[node].write(saves[node])
        except Exception as error:  # noqa: BLE001 - it is looked at below
            answers[node] = error

    threads = [threading.Thread(target=write, args=(node,)) for node in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20.0)
    return [answers[0], answers[1]]


@pytest.mark.parametrize("whom", ["number", "person", "alone"])
def test_two_nodes_cannot_both_win(nodes: tuple[Writer, Writer], whom: str) -> None:
    for n in range(ROUNDS):
        numbers = [phone(n).e164] * 2 if whom == "number" else [phone(2 * n).e164, phone(2 * n + 1).e164]
        person = f"{ANNA}{n}"
        cap = CapCheck("law", 1, NOW - 60.0, whom=("person", person))
        if whom == "number":
            cap = CapCheck("law", 1, NOW - 60.0, number=numbers[0])
        saves = []
        for node, campaign in enumerate("cd"):
            save = save_attempt(
                2 * n + node + 1, n + 1, numbers[node], campaign=campaign, person=person,
                caps=() if whom == "alone" else (cap,),
            )  # fmt: skip
            saves.append(replace(save, intent=replace(save.intent, alone=whom == "alone")))
        answers = race(nodes, (saves[0], saves[1]))
        won = [answer for answer in answers if isinstance(answer, AttemptAccepted)]
        lost = [answer for answer in answers if isinstance(answer, AttemptDenied)]
        assert (len(won), len(lost)) == (1, 1), answers
        assert lost[0].reason is (Refusal.IN_CALL if whom == "alone" else Refusal.CAP)
