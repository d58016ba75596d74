"""Registers of consents, and that the inserting transaction looks at them again."""

from __future__ import annotations

from dataclasses import replace

from campaigns.callback import Callback
from campaigns.consent import Consent, ConsentCheck, ConsentKind
from campaigns.purpose import Purpose
from campaigns.refusal import Refusal
from dialer.ports.store import (
    AttemptAccepted,
    AttemptDenied,
    CloseAttempt,
    ReturnLeads,
    SaveAttempt,
    SaveConsents,
    WithdrawConsents,
)
from tests.contract.storage_values import NOW, phone, record_for, save_attempt, update_for
from tests.contract.stores import Store, fetch, filled, ids

AGREED = Consent(phone(0).e164, "call", "sales", NOW - 100.0, NOW + 500.0, "form", "page 3")
TO_RECORDINGS = Consent(phone(0).e164, "prerecorded", "", NOW - 50.0, None, "letter")


def wanting(
    attempt_id: int, at: float = NOW, purpose: Purpose = Purpose.SALES, *, required: bool = True
) -> SaveAttempt:
    save = save_attempt(attempt_id, 1, phone(0).e164, at=at)
    check = ConsentCheck(ConsentKind.CALL, purpose, required)
    permitted = replace(save.intent.permitted, consent=check)
    return replace(save, intent=replace(save.intent, permitted=permitted))


def reason(store: Store, save: SaveAttempt) -> Refusal | None:
    answer = store.write(save)
    if isinstance(answer, AttemptDenied):
        return answer.reason
    assert answer == AttemptAccepted(save.intent.attempt_id)
    return None


def test_what_was_agreed_to_comes_back_as_it_was_given_and_stays_when_it_is_withdrawn(store: Store) -> None:
    store.write(SaveConsents((AGREED, TO_RECORDINGS), NOW))
    store.write(SaveConsents((replace(AGREED, number=phone(1).e164),), NOW, "acme"))
    reader = store.reader
    assert list(reader.consents([phone(0).e164, phone(1).e164])) == [AGREED, TO_RECORDINGS]
    assert list(reader.consents([phone(0).e164], "acme")) == []
    store.write(SaveConsents((replace(AGREED, source="recording"),), NOW))
    assert [one.source for one in reader.consents([phone(0).e164])] == ["recording", "letter"]
    assert list(reader.consent_totals()) == [("call", "sales", 1), ("prerecorded", "", 1)]
    store.write(WithdrawConsents((phone(0).e164,), NOW + 5, kind="call"))
    assert [one.withdrawn_at for one in reader.consents([phone(0).e164])] == [NOW + 5, None, NOW + 5]
    store.write(WithdrawConsents((phone(0).e164,), NOW + 6, source="a letter"))
    found = list(reader.consents([phone(0).e164]))
    assert [one.withdrawn_at for one in found] == [NOW + 5, NOW + 6, NOW + 5, NOW + 6]
    assert found[-1] == Consent(phone(0).e164, "", "", NOW + 6, source="a letter", withdrawn_at=NOW + 6)
    assert list(reader.consent_totals()) == []
    assert list(reader.consent_totals("acme")) == [("call", "sales", 1)]


def test_what_was_withdrawn_stays_so_when_the_same_file_is_read_again(store: Store) -> None:
    store.write(SaveConsents((AGREED,), NOW))
    store.write(WithdrawConsents((AGREED.number,), NOW + 5))
    again = replace(AGREED, given_at=NOW + 10, expires_at=None)
    store.write(SaveConsents((replace(AGREED, source="recording"), again), NOW + 20))
    found = list(store.reader.consents([AGREED.number]))
    assert [(one.given_at, one.source, one.withdrawn_at) for one in found] == [
        (AGREED.given_at, "recording", NOW + 5),
        (NOW + 5, "", NOW + 5),
        (NOW + 10, AGREED.source, None),
    ]


def test_an_attempt_needs_the_consent_when_it_is_inserted(store: Store) -> None:
    filled(store)
    assert reason(store, wanting(1)) is Refusal.CONSENT
    store.write(SaveConsents((AGREED,), NOW, "acme"))
    assert reason(store, wanting(2)) is Refusal.CONSENT
    store.write(SaveConsents((AGREED,), NOW))
    assert reason(store, wanting(3, NOW - 101.0)) is Refusal.CONSENT
    assert reason(store, wanting(4)) is None
    assert reason(store, wanting(5, purpose=Purpose.DEBT)) is Refusal.CONSENT
    assert reason(store, wanting(6, NOW + 500.0)) is Refusal.CONSENT
    answers = store.group([WithdrawConsents((AGREED.number,), NOW + 1), wanting(7, NOW + 2)])
    assert isinstance(answers[1], AttemptDenied)
    assert answers[1].detail == f"no consent to call for sales is in force for {AGREED.number} any more"


def test_a_candidate_brings_what_its_people_have_agreed_to(store: Store) -> None:
    filled(store)
    store.write(SaveConsents((AGREED, TO_RECORDINGS), NOW))
    first, second, *_ = fetch(store).candidates
    assert (first.consents, first.consent_version) == ((AGREED, TO_RECORDINGS), 1)
    assert (second.consents, second.consent_version) == ((), 1)


def test_who_had_agreed_to_nothing_and_says_no_is_not_called_until_they_agree(store: Store) -> None:
    filled(store)
    assert reason(store, wanting(1, required=False)) is None
    store.write(WithdrawConsents((AGREED.number,), NOW + 1, source="a letter"))
    assert reason(store, wanting(2, NOW + 2, required=False)) is Refusal.CONSENT
    store.write(SaveConsents((AGREED,), NOW + 3))  # of before
    assert reason(store, wanting(3, NOW + 4)) is Refusal.CONSENT
    store.write(SaveConsents((replace(AGREED, given_at=NOW + 4, expires_at=None),), NOW + 4))
    assert reason(store, wanting(4, NOW + 5)) is None
    answers = store.group([
        WithdrawConsents((AGREED.number,), NOW + 7), wanting(5, NOW + 6.9, required=False),
    ])  # fmt: skip
    assert isinstance(answers[1], AttemptDenied), "it is withdrawn by now, even if the decision is a moment older"


def test_leads_that_wait_for_a_consent_are_due_when_it_is_put_on_record(store: Store) -> None:
    filled(store)
    leased = fetch(store).candidates
    later = NOW + 86_400.0
    store.write(
        ReturnLeads(
            tuple(
                update_for(one.lead.lead_id, due_at=later, reason="busy" if one.lead.lead_id == 2 else "consent")
                for one in leased
            )
        )
    )
    others = tuple(replace(AGREED, number=phone(index).e164) for index in range(2))
    store.write(SaveConsents(others, NOW + 5, "acme"))
    assert fetch(store, now=NOW + 6).candidates == ()
    store.write(SaveConsents(others, NOW + 5))
    found = fetch(store, now=NOW + 6).candidates
    assert [(one.lead.lead_id, len(one.consents)) for one in found] == [(1, 1)]


def test_a_consent_to_something_else_wakes_nobody(store: Store) -> None:
    filled(store, 2)
    later = NOW + 86_400.0
    fetch(store, limit=1)
    store.write(ReturnLeads((update_for(1, due_at=later, reason="consent"),)))
    fetch(store, limit=1)
    other = [
        replace(AGREED, number=phone(n).e164, kind=kind) for n in (0, 1) for kind in ("recording", "callback")
    ]
    store.write(SaveConsents(tuple(other), NOW))
    store.write(ReturnLeads((update_for(2, due_at=later, reason="consent"),)))
    assert ids(fetch(store, now=later - 1.0)) == []
    store.write(SaveConsents((replace(AGREED, kind="prerecorded"),), NOW))
    assert ids(fetch(store, now=NOW)) == [1]


def test_a_promised_lead_that_waits_for_a_consent_is_due_when_it_is_put_on_record(store: Store) -> None:
    filled(store)
    fetch(store)
    promised = Callback(
        9, "c", 1, phone(0).e164, "2026-11-18T18:30:00", "America/New_York", NOW - 50.0, NOW - 90.0, "a1"
    )
    save = save_attempt(9, 1, phone(0).e164)
    store.write(save)
    update = replace(update_for(1, due_at=NOW + 86_400.0, reason="consent"), callback=promised)
    store.write(CloseAttempt(record_for(save), update, None, promised))
    assert fetch(store, now=NOW + 6).candidates == ()
    store.write(SaveConsents((AGREED,), NOW + 5))
    found = fetch(store, now=NOW + 6).candidates
    assert [(one.lead.lead_id, one.callback) for one in found] == [(1, promised)]


def test_a_lead_that_was_leased_when_its_consent_was_put_on_record_does_not_wait_for_it(store: Store) -> None:
    filled(store)
    leased = {one.lead.lead_id: one for one in fetch(store).candidates}
    store.write(SaveConsents((AGREED,), NOW + 5))
    later = NOW + 86_400.0
    store.write(ReturnLeads(tuple(update_for(lead_id, due_at=later, reason="consent") for lead_id in leased)))
    found = fetch(store, now=NOW + 6).candidates
    assert [(one.lead.lead_id, one.consents) for one in found] == [(1, (AGREED,))]
    store.write(ReturnLeads((update_for(1, due_at=later, reason="consent"),)))
    assert fetch(store, now=NOW + 7).candidates == (), "known of by now, and not enough"
    store.write(SaveConsents((replace(AGREED, given_at=NOW + 8),), NOW + 8))
    assert ids(fetch(store, now=NOW + 9)) == [1]
    store.write(SaveConsents((replace(AGREED, given_at=NOW + 9),), NOW + 9))
    store.write(ReturnLeads((update_for(1, due_at=later, reason="busy"),)))
    assert fetch(store, now=NOW + 10).candidates == (), "that was not for want of a consent"


def test_what_was_agreed_to_in_a_call_is_on_the_register_when_it_is_closed(store: Store) -> None:
    filled(store)
    fetch(store)
    save = save_attempt(1, 1, phone(0).e164)
    store.write(save)
    said = replace(AGREED, kind="callback", given_at=NOW + 5, expires_at=None, source="agent a, attempt 1")
    store.write(CloseAttempt(record_for(save), update_for(1), consents=(said,)))
    assert list(store.reader.consents([AGREED.number])) == [said]


def test_an_attempt_that_rests_on_a_consent_to_be_called_back_needs_it_when_it_is_inserted(store: Store) -> None:
    filled(store)
    asked = ConsentCheck(ConsentKind.CALLBACK, "sales")

    def resting(attempt_id: int, at: float) -> SaveAttempt:
        save = wanting(attempt_id, at, required=False)
        return replace(save, intent=replace(save.intent, permitted=replace(save.intent.permitted, asked=asked)))

    assert reason(store, resting(1, NOW)) is Refusal.CONSENT
    store.write(SaveConsents((replace(AGREED, kind="callback", expires_at=None),), NOW))
    assert reason(store, resting(2, NOW)) is None
    store.write(WithdrawConsents((AGREED.number,), NOW + 1, kind="callback"))
    assert reason(store, resting(3, NOW + 2)) is Refusal.CONSENT
    assert reason(store, wanting(4, NOW + 3, required=False)) is None, "other calls to them are not concerned"
