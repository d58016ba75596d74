"""What the writer commits next, and in which order."""

from __future__ import annotations

import threading

import pytest

from dialer.ports.store import FetchLeads, ReturnLeads, SaveAgentTime, Write
from dialer.storage import groups as module
from dialer.storage.errors import WriterClosed
from dialer.storage.groups import Entry, Groups
from tests.contract.storage_values import LONDON, NOW, phone, save_attempt

TIME = SaveAgentTime(())
BACK = ReturnLeads(())


def fetch(limit: int) -> FetchLeads:
    return FetchLeads("c", limit, NOW, (LONDON,))


def attempt(number: int) -> Write:
    return save_attempt(number, number, phone(number - 1).e164)


def put(groups: Groups, *writes: Write, direct: bool = False) -> None:
    for write in writes:
        groups.put(Entry(write, lambda _result: None, direct=direct))


def taken(groups: Groups) -> list[Write] | None:
    group = groups.next(0.0)
    return None if group is None else [entry.write for entry in group]  # type: ignore[misc]


def test_all_in_line_is_one_group_and_each_fetch_one_behind_it() -> None:
    groups = Groups(linger_s=0.0)
    put(groups, BACK, fetch(1), attempt(1), fetch(2), TIME)
    assert groups.queued == 5
    assert taken(groups) == [BACK, attempt(1), TIME]
    assert taken(groups) == [fetch(1)]
    assert taken(groups) == [fetch(2)]
    assert taken(groups) == []
    assert groups.queued == 0


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


def test_a_fetch_does_not_wait_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(module, "monotonic", lambda: now[0])
    groups = Groups(linger_s=0.0)
    groups.put(Entry(fetch(1), lambda _result: None, direct=False, queued_at=now[0]))
    put(groups, attempt(1))
    assert taken(groups) == [attempt(1)]
    now[0] += 2 * module.FETCH_PATIENCE_S
    put(groups, attempt(2))
    assert taken(groups) == [fetch(1)]
    assert taken(groups) == [attempt(2)]


def test_nothing_lingers_while_a_fetch_waits() -> None:
    groups = Groups(linger_s=3_600.0)
    put(groups, attempt(1), fetch(1))
    assert taken(groups) == [attempt(1)]
    put(groups, TIME)
    assert taken(groups) == [TIME]
    assert taken(groups) == [fetch(1)]


def test_what_nobody_waits_for_is_held_back_until_something_urgent_comes() -> None:
    groups = Groups(linger_s=3_600.0)
    put(groups, TIME)
    taker = threading.Thread(target=lambda: found.append(taken(groups)))
    found: list[object] = []
    taker.start()
    put(groups, BACK, attempt(1))
    taker.join(10)
    assert found == [[TIME, BACK, attempt(1)]]


def test_who_blocks_on_a_write_is_not_kept_waiting() -> None:
    groups = Groups(linger_s=3_600.0)
    put(groups, TIME, direct=True)
    assert taken(groups) == [TIME]


def test_a_group_is_bounded() -> None:
    groups = Groups(linger_s=3_600.0)
    put(groups, *[TIME] * (module.GROUP_LIMIT + 1), direct=True)
    assert [len(group) for _ in range(2) if (group := taken(groups)) is not None] == [module.GROUP_LIMIT, 1]


def test_after_the_end_all_is_taken_and_nothing_put() -> None:
    groups = Groups(linger_s=3_600.0)
    put(groups, TIME, fetch(1), fetch(2), BACK)
    assert groups.close()
    assert not groups.close()
    with pytest.raises(WriterClosed):
        put(groups, TIME)
    assert [taken(groups) for _ in range(4)] == [[TIME, BACK], [fetch(1)], [fetch(2)], None]
