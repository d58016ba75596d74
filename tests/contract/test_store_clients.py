"""Clients share an installation and nothing else: lists, registers, campaigns of one never meet the other's."""

from __future__ import annotations

import pytest

from campaigns.refusal import Refusal
from dialer.operations.block_numbers import on_register
from dialer.ports.store import (
    AttemptAccepted,
    AttemptDenied,
    BlockNumbers,
    Done,
    SaveOptOut,
    UnblockNumbers,
    opt_out_source,
)
from dialer.storage.errors import ForeignList, UnknownList
from lists.dnc import blocked_since, blocked_spans
from tests.contract.storage_values import (
    NOW,
    close_attempt,
    new_leads,
    number_cap,
    phone,
    save_attempt,
    save_campaign,
    save_leads,
)
from tests.contract.stores import Store, add, fetch, filled

NUMBER = phone(0).e164
OTHER = phone(1).e164


def two_clients(store: Store) -> None:
    """The house's campaign `c`, and `spring` of acme and of zeta: each with the same two people."""
    filled(store, 2)
    for client in ("acme", "zeta"):
        store.write(save_leads(new_leads(2), f"{client}/people"))
        add(store, save_campaign(f"{client}/spring", lists=(f"{client}/people",)))


LEADS = {"c": (1, 2), "acme/spring": (3, 4), "zeta/spring": (5, 6)}


def leased_dnc(store: Store, campaign: str) -> tuple[str, ...]:
    return fetch(store, limit=1, campaign=campaign).candidates[0].dnc


def allowed(store: Store, attempt_id: int, campaign: str) -> bool:
    answer = store.write(save_attempt(attempt_id, LEADS[campaign][0], NUMBER, campaign=campaign))
    if isinstance(answer, AttemptDenied):
        assert answer.reason is Refusal.DNC
    return isinstance(answer, AttemptAccepted)


@pytest.mark.parametrize(
    ("campaign", "list_name"),
    [("acme/c", "people"), ("c", "acme/people"), ("acme/c", "zeta/people"), ("acme/c", "zeta/nowhere")],
)
def test_a_campaign_takes_lists_of_its_own_client_alone(store: Store, campaign: str, list_name: str) -> None:
    """Whether the other's list is there is not told either."""
    two_clients(store)
    before = [one.name for one in store.reader.campaigns()]
    with pytest.raises(ForeignList, match="lists of its own client only") as caught:
        store.write(save_campaign(campaign, lists=(list_name,)))
    assert isinstance(caught.value, ValueError)
    assert [one.name for one in store.reader.campaigns()] == before
    with pytest.raises(UnknownList):
        store.write(save_campaign("acme/c", lists=("acme/nowhere",)))


def test_the_houses_register_holds_for_every_client(store: Store) -> None:
    two_clients(store)
    store.write(BlockNumbers((NUMBER,), "register", NOW))
    for attempt_id, campaign in enumerate(LEADS, 1):
        assert leased_dnc(store, campaign) == (NUMBER,)
        assert not allowed(store, attempt_id, campaign)
    for client in ("", "acme", "zeta"):
        assert store.reader.blocked_numbers([NUMBER, OTHER], client) == {NUMBER}


def test_a_clients_register_holds_for_that_client(store: Store) -> None:
    two_clients(store)
    store.write(BlockNumbers((NUMBER,), "register", NOW, client="acme"))
    assert [leased_dnc(store, campaign) for campaign in LEADS] == [(), (NUMBER,), ()]
    assert [allowed(store, n, campaign) for n, campaign in enumerate(LEADS, 1)] == [True, False, True]
    assert [store.reader.blocked_numbers([NUMBER], client) for client in ("", "acme", "zeta")] == [
        set(), {NUMBER}, set(),
    ]  # fmt: skip
    assert blocked_since(store.reader.dnc_entries([NUMBER], "acme")) == {NUMBER: NOW}
    assert blocked_since(store.reader.dnc_entries([NUMBER], "zeta")) == {}


def test_one_register_is_asked_alone(store: Store) -> None:
    store.write(BlockNumbers((NUMBER,), "register", NOW))
    store.write(BlockNumbers((OTHER,), "register", NOW, "acme"))
    asked = [NUMBER, OTHER, phone(9).e164]
    on = [on_register(store.reader, asked, client) for client in ("", "acme", "zeta")]
    assert on == [{NUMBER}, {OTHER}, set()]
    store.write(BlockNumbers((NUMBER,), "another", NOW, "acme"))
    store.write(UnblockNumbers((OTHER,), NOW + 1, "acme"))
    assert on_register(store.reader, asked, "acme") == {NUMBER}


def test_who_refuses_at_the_phone_is_on_the_register_of_that_client(store: Store) -> None:
    two_clients(store)
    save = save_attempt(1, 3, NUMBER, campaign="acme/spring")
    store.write(save)
    store.write(close_attempt(save, block=NUMBER))
    assert [allowed(store, n, campaign) for n, campaign in enumerate(LEADS, 2)] == [True, False, True]
    assert blocked_since(store.reader.dnc_entries([NUMBER], "acme")) == {NUMBER: NOW + 10.0}


def test_a_number_is_taken_off_one_register_whatever_had_put_it_there(store: Store) -> None:
    two_clients(store)
    for client in ("", "acme", "zeta"):
        store.write(BlockNumbers((NUMBER, OTHER), "register", NOW, client))
    store.write(BlockNumbers((NUMBER,), "another", NOW + 1, "acme"))
    version = store.reader.dnc_version()
    assert store.write(UnblockNumbers((NUMBER, phone(9).e164), NOW + 5, "acme")) == Done()
    assert store.reader.dnc_version() == version + 1
    assert store.reader.blocked_numbers([NUMBER], "acme") == {NUMBER}  # on the house's still
    store.write(UnblockNumbers((NUMBER,), NOW + 6))
    assert store.reader.blocked_numbers([NUMBER, OTHER], "acme") == {OTHER}
    assert store.reader.blocked_numbers([NUMBER, OTHER], "zeta") == {NUMBER, OTHER}
    assert [allowed(store, n, campaign) for n, campaign in enumerate(LEADS, 1)] == [True, True, False]


def test_the_register_remembers_when_a_number_was_on_it(store: Store) -> None:
    store.write(BlockNumbers((NUMBER,), "register", NOW))
    store.write(UnblockNumbers((NUMBER,), NOW + 10))
    assert blocked_spans(store.reader.dnc_entries([NUMBER, OTHER])) == {NUMBER: ((NOW, NOW + 10),)}
    assert blocked_since(store.reader.dnc_entries([NUMBER])) == {}
    store.write(BlockNumbers((NUMBER,), "register", NOW + 20))
    store.write(BlockNumbers((NUMBER,), "another", NOW + 30, "acme"))
    assert blocked_since(store.reader.dnc_entries([NUMBER])) == {NUMBER: NOW + 20}
    assert blocked_spans(store.reader.dnc_entries([NUMBER])) == {NUMBER: ((NOW, NOW + 10), (NOW + 20, None))}
    store.write(UnblockNumbers((NUMBER,), NOW + 40))
    assert blocked_spans(store.reader.dnc_entries([NUMBER]))[NUMBER][-1] == (NOW + 20, NOW + 40)
    assert blocked_spans(store.reader.dnc_entries([NUMBER], "acme")) == {
        NUMBER: ((NOW, NOW + 10), (NOW + 20, None))
    }


def test_taken_off_and_put_on_again_in_one_moment(store: Store) -> None:
    store.write(BlockNumbers((NUMBER,), "register", NOW))
    store.write(UnblockNumbers((NUMBER,), NOW))
    assert store.reader.blocked_numbers([NUMBER]) == set()
    assert blocked_spans(store.reader.dnc_entries([NUMBER])) == {NUMBER: ()}
    store.write(BlockNumbers((NUMBER, OTHER), "register", NOW))
    assert blocked_since(store.reader.dnc_entries([NUMBER, OTHER])) == {NUMBER: NOW, OTHER: NOW}


def test_caps_on_a_number_hold_over_all_clients(store: Store) -> None:
    """The law counts calls to a person, whoever has them made."""
    two_clients(store)
    caps = (number_cap(1, NUMBER),)
    first = store.write(save_attempt(1, 3, NUMBER, campaign="acme/spring", caps=caps))
    assert first == AttemptAccepted(1)
    denied = store.write(save_attempt(2, 5, NUMBER, campaign="zeta/spring", caps=caps))
    assert isinstance(denied, AttemptDenied)
    assert "acme" not in denied.detail
    own = (number_cap(1, NUMBER, campaign="zeta/spring"),)
    assert store.write(save_attempt(3, 5, NUMBER, campaign="zeta/spring", caps=own)) == AttemptAccepted(3)


def test_who_opts_out_is_on_the_register_of_that_client_with_the_attempt_as_source(store: Store) -> None:
    two_clients(store)
    save = save_attempt(7, 3, NUMBER, campaign="acme/spring")
    store.write(save)
    version = store.reader.dnc_version()
    block = BlockNumbers((NUMBER,), opt_out_source(7), NOW + 3.5, "acme")
    assert store.write(SaveOptOut("acme/spring", 7, block)) == Done()
    assert store.reader.dnc_version() == version + 1
    assert blocked_since(store.reader.dnc_entries([NUMBER], "acme")) == {NUMBER: NOW + 3.5}
    store.write(close_attempt(save))
    denied = store.write(save_attempt(8, 3, NUMBER, campaign="acme/spring"))
    assert isinstance(denied, AttemptDenied)
    assert opt_out_source(7) in denied.detail
    assert allowed(store, 9, "zeta/spring")
