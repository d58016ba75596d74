"""What the writer commits next, and in which order."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any

import pytest

from campaigns.permission.caps import CapCheck
from dialer.ports.access import Change
from dialer.ports.store import (
    Audited,
    CloseAttempt,
    FetchLeads,
    ReturnLeads,
    SaveAgentTime,
    SaveAttempt,
    UpdateLeads,
    Write,
)
from dialer.storage import groups as module
from dialer.storage.errors import WriterClosed
from dialer.storage.groups import Entry, Groups
from tests.contract.storage_values import (
    LONDON,
    NOW,
    close_attempt,
    phone,
    save_attempt,
    save_campaign,
    save_leads,
)

TIME = SaveAgentTime(())
BACK = ReturnLeads(())


def fetch(limit: int) -> FetchLeads:
    return FetchLeads("c", limit, NOW, (LONDON,))


def attempt(number: int) -> SaveAttempt:
    return save_attempt(number, number, phone(number - 1).e164)


def put(groups: Groups, *writes: Write, direct: bool = False) -> None:
    for write in writes:
        groups.put(Entry(write, lambda _result: None, direct=direct))


def taken(groups: Groups) -> list[Write] | None:
    group = groups.next(0.0)
    return None if group is None else [entry.write for entry in group]  # type: ignore[misc]


def test_all_in_line_is_one_group_and_each_fetch_one_behind_it() -> None:
    groups = Groups(linger_s=0.0)
    put(groups, attempt(1), fetch(1), attempt(2), fetch(2), attempt(3))
    assert groups.queued == 5
    assert taken(groups) == [attempt(1), attempt(2), attempt(3)]
    assert taken(groups) == [fetch(1)]
    assert taken(groups) == [fetch(2)]
    assert taken(groups) == []
    assert groups.queued == 0


def test_leads_of_an_import_are_committed_alone_behind_attempts_that_wait() -> None:
    groups = Groups(linger_s=0.0)
    more, better = save_leads(()), UpdateLeads("people", (), NOW)
    noted = Audited(more, Change(NOW, "os:ana", "admin", "command", "", "list.import", "people"))
    put(groups, more, attempt(1), noted, better)
    put(groups, more, direct=True)
    assert taken(groups) == [attempt(1)]
    put(groups, attempt(2))
    assert taken(groups) == [attempt(2)]
    assert [taken(groups) for _ in range(4)] == [[more], [noted], [better], [more]]
    awaited = [Entry(write, lambda _: None, direct=False).awaited for write in (more, noted, better, attempt(1))]
    assert awaited == [False, False, False, True]
    assert Entry(more, lambda _: None, direct=True).awaited


def test_attempts_that_wait_go_before_a_fetch() -> None:
    groups = Groups(linger_s=0.0)
    put(groups, attempt(1), fetch(1))
    assert taken(groups) == [attempt(1)]
    put(groups, attempt(2), fetch(2))
    assert taken(groups) == [attempt(2)]
    assert taken(groups) == [fetch(1)]
    put(groups, attempt(3))
    assert taken(groups) == [attempt(3)]
    assert taken(groups) == [fetch(2)]


def test_a_fetch_that_is_put_back_is_behind_attempts_and_before_all_that_is_later() -> None:
    groups = Groups(linger_s=0.0)
    put(groups, fetch(1), fetch(2), attempt(1))
    assert taken(groups) == [attempt(1)]
    found = groups.next(0.0)
    assert found is not None
    groups.put_back(*found)
    put(groups, attempt(2))
    assert taken(groups) == [attempt(2)]
    assert groups.next(0.0) == found
    assert taken(groups) == [fetch(2)]


def test_a_fetch_does_not_wait_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(module, "monotonic", lambda: now[0])
    groups = Groups(linger_s=0.0)
    groups.put(Entry(fetch(1), lambda _result: None, direct=False, queued_at=now[0]))
    put(groups, attempt(1))
    assert taken(groups) == [attempt(1)]
    now[0] += 2 * module.PATIENCE_S
    put(groups, attempt(2))
    assert taken(groups) == [fetch(1)]
    assert taken(groups) == [attempt(2)]


def test_nothing_lingers_while_a_fetch_waits() -> None:
    groups = Groups(linger_s=3_600.0)
    put(groups, attempt(1), fetch(1))
    assert taken(groups) == [attempt(1)]
    put(groups, TIME)
    assert taken(groups) == [fetch(1)]
    put(groups, fetch(2))
    assert taken(groups) == [TIME]
    assert taken(groups) == [fetch(2)]


def test_what_nobody_waits_for_is_held_back_until_something_urgent_comes() -> None:
    groups = Groups(linger_s=3_600.0)
    put(groups, TIME)
    taker = threading.Thread(target=lambda: found.append(taken(groups)))
    found: list[object] = []
    taker.start()
    put(groups, BACK, attempt(1))
    taker.join(10)
    assert found == [[attempt(1)]]
    put(groups, attempt(2))
    assert taken(groups) == [attempt(2)]
    put(groups, TIME, direct=True)
    assert taken(groups) == [TIME, BACK, TIME], "and nobody who blocks goes before it"


def test_who_blocks_on_a_write_is_not_kept_waiting() -> None:
    groups = Groups(linger_s=3_600.0)
    put(groups, TIME, direct=True)
    assert taken(groups) == [TIME]


def test_a_group_is_bounded() -> None:
    groups = Groups(linger_s=3_600.0)
    put(groups, *[TIME] * (module.GROUP_LIMIT + 1), direct=True)
    assert [len(group) for _ in range(2) if (group := taken(groups)) is not None] == [module.GROUP_LIMIT, 1]


def close(number: int) -> CloseAttempt:
    return close_attempt(attempt(number))


def test_what_nobody_waits_for_is_committed_apart_and_attempts_overtake_it() -> None:
    groups = Groups(linger_s=0.0)
    put(groups, close(1), TIME, attempt(2), BACK, attempt(3))
    assert groups.queued == 5
    assert taken(groups) == [attempt(2), attempt(3)]
    put(groups, attempt(4))
    assert taken(groups) == [attempt(4)]
    assert taken(groups) == [close(1), TIME]
    assert taken(groups) == [BACK], "few at once, for an attempt may come just then"
    assert groups.queued == 0


def test_an_attempt_on_somebody_whose_call_is_being_closed_is_behind_that() -> None:
    groups = Groups(linger_s=0.0)
    again = save_attempt(9, 1, phone(0).e164)
    put(groups, close(1), TIME, attempt(2), again)
    assert taken(groups) == [attempt(2), close(1), TIME, again]
    put(groups, close(3))
    assert taken(groups) == [close(3)]
    put(groups, TIME, save_attempt(10, 3, phone(2).e164))
    assert taken(groups) == [save_attempt(10, 3, phone(2).e164)], "that is over"


@pytest.mark.parametrize(
    "whom", [{"number": "+1"}, {"lead_id": 1}, {"whom": ("person", "+1")}, {"whom": ("debt", "+1")}]
)
def test_an_attempt_whose_caps_count_what_is_being_closed_is_behind_that(whom: dict[str, Any]) -> None:
    groups = Groups(linger_s=0.0)
    closing = close(1)
    closing = replace(closing, record=replace(closing.record, number="+1", person="+1", debt="+1"))
    cap = CapCheck("law", 1, NOW, **whom)
    counting = save_attempt(2, 2, phone(1).e164, caps=(cap,))
    put(groups, closing, attempt(3), counting)
    assert taken(groups) == [attempt(3), closing, counting]


@pytest.mark.parametrize("number", [5, 6])
def test_every_attempt_is_behind_a_refusal_which_may_be_about_all_numbers_of_a_person(number: int) -> None:
    groups = Groups(linger_s=0.0)
    refusing = close_attempt(attempt(3), block=phone(4).e164)
    put(groups, close(1), refusing, attempt(number))
    assert taken(groups) == [close(1), refusing, attempt(number)]


def test_a_refusal_is_not_held_back() -> None:
    groups = Groups(linger_s=3_600.0)
    refusing = close_attempt(attempt(3), block=phone(4).e164)
    put(groups, TIME, refusing)
    assert taken(groups) == [TIME, refusing]


def test_what_people_write_is_behind_all_that_was_put_before_it() -> None:
    groups = Groups(linger_s=0.0)
    put(groups, close(1), fetch(1), TIME, save_campaign(), attempt(2))
    assert taken(groups) == [close(1), TIME, save_campaign(), attempt(2)]
    assert taken(groups) == [fetch(1)]


def test_a_fetch_sees_what_was_given_back_before_it() -> None:
    groups = Groups(linger_s=3_600.0)
    put(groups, BACK, fetch(1), close(1))
    assert [taken(groups) for _ in range(2)] == [[BACK], [fetch(1)]]


def test_little_is_committed_apart_at_once_but_for_a_crowd(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(module, "monotonic", lambda: now[0])
    groups = Groups(linger_s=0.0)

    def crowd(count: int) -> None:
        for _ in range(count):
            groups.put(Entry(TIME, lambda _result: None, direct=False, queued_at=now[0]))

    crowd(module.APART_AT_ONCE + 1)
    assert taken(groups) == [TIME] * module.APART_AT_ONCE
    assert taken(groups) == [TIME]
    crowd(module.CROWD)
    assert taken(groups) == [TIME] * module.CROWD
    crowd(module.APART_AT_ONCE + 1)
    put(groups, attempt(1))
    assert taken(groups) == [attempt(1)]
    now[0] += 2 * module.PATIENCE_S
    put(groups, attempt(2))
    assert taken(groups) == [TIME] * (module.APART_AT_ONCE + 1), "it does not wait for ever"
    assert taken(groups) == [attempt(2)]


def test_after_the_end_what_is_apart_is_taken_too() -> None:
    groups = Groups(linger_s=3_600.0)
    put(groups, TIME, attempt(1), fetch(1), close(1))
    assert groups.close()
    assert [taken(groups) for _ in range(5)] == [[attempt(1)], [TIME], [fetch(1)], [close(1)], None]


def test_after_the_end_all_is_taken_and_nothing_put() -> None:
    groups = Groups(linger_s=3_600.0)
    put(groups, TIME, fetch(1), fetch(2), BACK)
    assert groups.close()
    assert not groups.close()
    with pytest.raises(WriterClosed):
        put(groups, TIME)
    assert [taken(groups) for _ in range(5)] == [[TIME], [fetch(1)], [fetch(2)], [BACK], None]
