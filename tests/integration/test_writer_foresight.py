"""A fetch is looked up before the transaction that leases: what comes in between is seen all the same."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from sqlalchemy import Engine, make_url

from campaigns.consent import Consent
from dialer.ports.store import (
    FINAL,
    Aside,
    BlockNumbers,
    FetchLeads,
    LeadsLeased,
    ReturnLeads,
    Write,
)
from dialer.storage import postgresql, sqlite
from dialer.storage.database import open_database
from dialer.storage.unit_of_work import UnitOfWork
from tests.contract.storage_values import (
    LONDON,
    NOW,
    close_attempt,
    new_leads,
    phone,
    place_leads,
    save_attempt,
    save_campaign,
    save_leads,
    update_for,
)

LEADS = 6
FETCH = FetchLeads("c", 2, NOW, (LONDON,))


@pytest.fixture
def engine(store_address: str) -> Iterator[Engine]:
    with open_database(store_address) as database:
        for write in (save_leads(new_leads(LEADS)), save_campaign(), save_campaign("d"), place_leads()):
            database.writer.write(write)
        database.writer.write(place_leads("d"))
    url = make_url(store_address if "://" in store_address else f"sqlite:///{store_address}")
    if url.drivername == "sqlite":
        engine = sqlite.writing_engine(url)
    else:
        engine = postgresql.writing_engine(url.set(drivername=postgresql.DRIVER), "foresight")
    yield engine
    engine.dispose()


class Work:
    """A unit of work, a transaction at a time."""

    def __init__(self, engine: Engine) -> None:
        self.connection = engine.connect()
        self.unit = UnitOfWork(self.connection)

    def write(self, write: Write) -> object:
        with self.connection.begin():
            self.unit.begin([write])
            answer = self.unit.apply(write)
            self.unit.finish()
        return answer

    def fetch_in_vain(self, fetch: FetchLeads) -> LeadsLeased:
        with self.connection.begin() as transaction:
            self.unit.begin([fetch])
            answer = self.unit.apply(fetch)
            transaction.rollback()
        self.unit.forget()
        assert isinstance(answer, LeadsLeased)
        return answer

    def foresee(self, fetch: FetchLeads) -> bool:
        with self.connection.begin():
            return self.unit.foresee(fetch)

    def fetch(self, fetch: FetchLeads) -> LeadsLeased:
        answer = self.write(fetch)
        assert isinstance(answer, LeadsLeased)
        return answer


@pytest.fixture
def work(engine: Engine) -> Iterator[Work]:
    with working(engine) as work:
        yield work


@contextmanager
def working(engine: Engine) -> Iterator[Work]:
    work = Work(engine)
    try:
        yield work
    finally:
        work.unit.close()
        work.connection.close()


def leads_of(answer: LeadsLeased) -> list[int]:
    return [candidate.lead.lead_id for candidate in answer.candidates]


def test_what_was_foreseen_is_answered_as_what_was_not(work: Work) -> None:
    again = save_attempt(1, 1, phone(0).e164, campaign="d")
    for write in (again, close_attempt(again), BlockNumbers((phone(1).e164,), "house", NOW)):
        work.write(write)
    plainly = work.fetch_in_vain(FETCH)
    assert work.foresee(FETCH)
    assert work.fetch(FETCH) == plainly
    assert leads_of(plainly) == [1, 2]
    assert plainly.candidates[0].history
    assert plainly.candidates[1].dnc


def test_nothing_is_leased_by_looking(work: Work) -> None:
    assert work.foresee(FETCH)
    assert leads_of(work.fetch(replace(FETCH, limit=LEADS))) == [1, 2, 3, 4, 5, 6]


def test_who_went_on_a_register_meanwhile_is_known_to_be_on_it(work: Work) -> None:
    assert work.foresee(FETCH)
    work.write(BlockNumbers((phone(0).e164,), "house", NOW))
    first, second = work.fetch(FETCH).candidates
    assert first.dnc == (phone(0).e164,)
    assert first.dnc_version == second.dnc_version > 0


def test_who_asked_in_a_call_not_to_be_called_is_known_to_be_on_a_register(work: Work) -> None:
    another = save_attempt(1, 6, phone(5).e164, campaign="d")
    work.write(another)
    assert work.foresee(FETCH)
    work.write(close_attempt(another, block=phone(0).e164))
    assert work.fetch(FETCH).candidates[0].dnc == (phone(0).e164,)


def test_a_consent_that_was_given_in_a_call_meanwhile_is_known(work: Work) -> None:
    another = save_attempt(1, 6, phone(5).e164, campaign="d")
    work.write(another)
    assert work.foresee(FETCH)
    given = Consent(phone(0).e164, "calls", "", NOW)
    work.write(replace(close_attempt(another), consents=(given,)))
    assert work.fetch(FETCH).candidates[0].consents == (given,)


def test_an_attempt_of_another_campaign_meanwhile_is_in_the_history(work: Work) -> None:
    assert work.foresee(FETCH)
    another = save_attempt(1, 2, phone(1).e164, campaign="d")
    work.write(another)
    first, second = work.fetch(FETCH).candidates
    assert (first.history, len(second.history)) == ((), 1)
    assert work.foresee(FETCH)
    work.write(save_attempt(2, 6, phone(5).e164, campaign="d"))  # of nobody who was foreseen
    assert leads_of(work.fetch(FETCH)) == [3, 4]


def test_a_list_that_was_taken_out_meanwhile_is_not_leased(work: Work) -> None:
    assert work.foresee(FETCH)
    work.write(save_campaign(lists=()))
    assert leads_of(work.fetch(FETCH)) == []


def test_a_lead_that_is_not_ready_any_more_is_left_out(work: Work) -> None:
    assert work.foresee(FETCH)
    work.write(ReturnLeads((update_for(1, state=FINAL, reason="sale"),)))
    assert leads_of(work.fetch(FETCH)) == [2]


def test_a_transaction_that_failed_meanwhile_leaves_nothing_foreseen(work: Work) -> None:
    assert work.foresee(FETCH)
    work.unit.forget()
    assert leads_of(work.fetch(FETCH)) == [1, 2]


@pytest.mark.parametrize(
    "fetch",
    [
        replace(FETCH, limit=LEADS + 1),
        replace(FETCH, zone_groups=()),
        replace(FETCH, aside=Aside(LONDON, ())),
    ],
    ids=["too few", "nobody", "those aside too"],
)
def test_what_is_not_the_usual_case_is_not_foreseen(work: Work, fetch: FetchLeads) -> None:
    assert not work.foresee(fetch)


def test_who_has_come_due_is_not_foreseen(work: Work) -> None:
    work.write(ReturnLeads((update_for(1, due_at=NOW + 60.0),)))
    assert work.foresee(FETCH)
    assert not work.foresee(replace(FETCH, now=NOW + 60.0))
