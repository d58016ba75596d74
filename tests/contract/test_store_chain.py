"""The chain of permits in a database: sealed in the order of the commits, and erasable."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from dialer.ports.store import AttemptDenied, Done, ErasePerson, SaveRuleSet, Seal, StoredAttempt, StoredRuleSet
from tests.contract.storage_values import NOW, close_attempt, number_cap, phone, save_attempt
from tests.contract.stores import InDatabase, Store, filled


def sealed(store: Store) -> list[tuple[StoredAttempt, Seal]]:
    found = {one.attempt_id: one for one in store.reader.attempts("c")}
    return [(found[attempt_id], seal) for attempt_id, seal in store.reader.chain() if seal is not None]


def check(links: Sequence[tuple[StoredAttempt, Seal]], outside: tuple[int, int] = (0, 0)) -> None:
    """Written from the description in `dialer/storage/chain.py`, not from its code."""
    before = hashlib.sha256(b"".join(number.to_bytes(8, "big") for number in outside)).digest()
    for n, (attempt, seal) in enumerate(links, 1):
        assert attempt.seal == seal
        assert seal.place == n
        assert seal.salt is not None
        assert len(bytes.fromhex(seal.salt)) == 16
        digest = hashlib.sha256(bytes.fromhex(seal.salt) + attempt.permit.encode()).digest()
        assert seal.digest == digest.hex()
        numbers = attempt.attempt_id.to_bytes(8, "big") + n.to_bytes(8, "big")
        before = hashlib.sha256(before + digest + numbers).digest()
        assert seal.link == before.hex()


def test_attempts_are_sealed_in_the_order_in_which_they_were_committed(store: Store) -> None:
    if not isinstance(store, InDatabase):
        return  # a store that keeps nothing seals nothing
    filled(store, 6)
    store.group([save_attempt(n, n, phone(n - 1).e164) for n in (1, 3, 2)])
    store.write(save_attempt(9, 4, phone(3).e164))
    links = sealed(store)
    assert [attempt.attempt_id for attempt, _ in links] == [1, 3, 2, 9]
    assert len({seal.salt for _, seal in links}) == 4
    check(links)


def test_what_is_refused_leaves_no_gap(store: Store) -> None:
    if not isinstance(store, InDatabase):
        return
    filled(store, 6)
    number = phone(0).e164
    capped = save_attempt(2, 1, number, caps=(number_cap(1, number),))
    twice = save_attempt(1, 2, phone(1).e164)
    answers = store.group([save_attempt(1, 1, number), capped, save_attempt(3, 3, phone(2).e164)])
    assert isinstance(answers[1], AttemptDenied)
    answers = store.group([save_attempt(4, 4, phone(3).e164), twice, save_attempt(5, 5, phone(4).e164)])
    assert isinstance(answers[1], Exception)
    links = sealed(store)
    assert [attempt.attempt_id for attempt, _ in links] == [1, 3, 4, 5]
    check(links)


def test_an_erased_permit_keeps_its_place(store: Store) -> None:
    filled(store, 6)
    for n in (1, 2, 3):
        saved = save_attempt(n, n, phone(n - 1).e164)
        store.group([saved, close_attempt(saved)])
    before = dict(store.reader.chain())
    assert store.write(ErasePerson((2, 77), (), (), (), NOW)) == Done()
    permits = {one.attempt_id: one.permit for one in store.reader.attempts("c")}
    assert [bool(permits[n]) for n in (1, 2, 3)] == [True, False, True]
    after = dict(store.reader.chain())
    assert after.keys() == before.keys()
    for attempt_id, seal in before.items():
        if seal is not None:
            salt = None if attempt_id == 2 else seal.salt
            assert after[attempt_id] == Seal(seal.place, salt, seal.digest, seal.link)
    if isinstance(store, InDatabase):
        assert all(before.values())


def test_the_texts_of_rule_sets_are_kept_with_when_they_came_into_force(store: Store) -> None:
    assert list(store.reader.rule_sets()) == []
    for saved in (
        SaveRuleSet("fr-sales", "aa", "one", NOW),
        SaveRuleSet("fr-sales", "bb", "two", NOW + 5),
        SaveRuleSet("ours", "cc", "three", NOW + 2, "declared"),
        SaveRuleSet("fr-sales", "aa", "one", NOW + 9),  # as it was before
        SaveRuleSet("ours", "", "", NOW + 9),
    ):
        assert store.write(saved) == Done()
    assert list(store.reader.rule_sets()) == [
        StoredRuleSet("fr-sales", "aa", "one", NOW, "preset"),
        StoredRuleSet("ours", "cc", "three", NOW + 2, "declared"),
        StoredRuleSet("fr-sales", "bb", "two", NOW + 5, "preset"),
        StoredRuleSet("fr-sales", "aa", "one", NOW + 9, "preset"),
        StoredRuleSet("ours", "", "", NOW + 9, "preset"),
    ]
