from __future__ import annotations

from dialer.operations.registers import RegisterCount, register_name
from dialer.ports.store import BlockNumbers, UnblockNumbers, opt_out_source
from dialer.storage.memory import MemoryStore
from lists.dnc import DncEntry

NOW = 1_790_000_000.0
A, B, C = "+442079460001", "+442079460002", "+442079460003"


def blocked() -> MemoryStore:
    store = MemoryStore()
    for numbers, source, client, purpose in (
        ((A, B), "national 2026", "", ""),
        ((A,), opt_out_source(7), "acme", ""),
        ((B,), opt_out_source(8), "acme", ""),
        ((C,), "campaign acme/spring", "acme", "sales"),
        ((C,), "theirs", "zeta", ""),
    ):
        store.write(BlockNumbers(numbers, source, NOW, client, purpose))
    return store


def test_a_register_is_called_by_whose_it_is_and_by_what_put_the_number_there() -> None:
    assert register_name(DncEntry(A, "", "", "national 2026", NOW)) == "house: national 2026"
    assert register_name(DncEntry(A, "acme", "sales", opt_out_source(7), NOW)) == "acme: opt-out (sales)"
    assert register_name(DncEntry(A, "", "", "", NOW)) == "house: no source"


def test_people_are_counted_once_for_each_register_of_their_numbers() -> None:
    count = RegisterCount(blocked(), "acme")
    for numbers in ([A, B], [C], [""], ["+442079460009"]):
        count.add(numbers)
    assert count.counts() == {
        "acme: campaign acme/spring (sales)": 1,
        "acme: opt-out": 1,
        "house: national 2026": 1,
    }


def test_what_was_taken_off_or_is_for_some_calls_alone_is_left_out() -> None:
    store = blocked()
    store.write(UnblockNumbers((A,), NOW + 1, "acme"))
    count = RegisterCount(store, "acme", all_purposes=True)
    for _ in range(600):  # more than are asked for at once
        count.add([A, C])
    assert count.counts() == {"house: national 2026": 600}
