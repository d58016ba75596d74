"""When an import begins, as the log of changes has it."""

from __future__ import annotations

from dialer.web.importing import FORGOTTEN_AFTER_S, Importing


def test_the_first_portion_begins_it_and_its_end_or_a_long_silence_ends_it() -> None:
    importing = Importing()
    assert importing.begins("ana", "people", 0.0)
    assert not importing.begins("ana", "people", 1.0)
    assert importing.begins("ben", "people", 1.0)
    assert importing.begins("ana", "others", 1.0)
    assert not importing.begins("ana", "people", 1.0 + FORGOTTEN_AFTER_S)
    assert importing.begins("ana", "people", 3.0 + 2 * FORGOTTEN_AFTER_S)
    importing.ended("ana", "people")
    assert importing.begins("ana", "people", 4.0 + 2 * FORGOTTEN_AFTER_S)
    importing.ended("nobody", "people")


def test_of_too_many_the_oldest_is_forgotten() -> None:
    importing = Importing()
    for n in range(1_001):
        assert importing.begins("ana", f"list-{n}", 0.0)
    assert not importing.begins("ana", "list-1000", 0.0)
    assert importing.begins("ana", "list-0", 0.0)
