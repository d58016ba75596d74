from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from dialer.errors import InputError
from dialer.operations.block_numbers import (
    CHUNK,
    block_numbers,
    look_up,
    parse_numbers,
    read_register,
    refuse_bad_lines,
    unblock_numbers,
)
from dialer.storage.memory import MemoryStore
from lists.errors import OptionError

NUMBERS = ("+442079460001", "+442079460002")


def test_numbers_are_read_as_typed() -> None:
    assert parse_numbers(["+44 20 7946 0001", "020 7946 0002", "+442079460001"], "gb") == NUMBERS


def test_what_is_no_number_is_refused() -> None:
    with pytest.raises(InputError, match="--region"):
        parse_numbers(["020 7946 0001"])
    with pytest.raises(OptionError):
        parse_numbers(["020 7946 0001"], "XX")


@pytest.mark.parametrize(
    "text",
    [
        "+442079460001\n+442079460002\n",
        "\ufeff# a register\r\n+44 20 7946 0001\r\n\r\n+442079460002",
        "phone,since\n+442079460001,2026\n+442079460002,2025\n",
        "name;phone\nAna;020 7946 0001\nBo;+44 (20) 7946-0002\n",
        '"+442079460001"\t"x"\n"+442079460002"\t"y"\n+442079460001\tagain\n',
    ],
)
def test_a_register_is_a_number_a_line_or_a_table(tmp_path: Path, text: str) -> None:
    file = tmp_path / "register.csv"
    file.write_text(text, encoding="utf-8")
    register = read_register(file, "GB")
    assert (register.numbers, register.bad) == (NUMBERS, ())
    refuse_bad_lines(file, register)


def test_lines_that_cannot_be_read_are_told_with_their_place(tmp_path: Path) -> None:
    file = tmp_path / "register.csv"
    file.write_text("+442079460001\nnobody\n+44\n\0 1\n" + "x\n" * 20)
    register = read_register(file)
    assert register.numbers == NUMBERS[:1]
    assert [bad.line for bad in register.bad] == list(range(2, 25))
    with pytest.raises(InputError, match=r"register.csv, line 3: .*\n(.*\n)*… and 13 more\n.*--skip-bad"):
        refuse_bad_lines(file, register)


def test_a_file_that_is_not_there_or_not_text_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="No such file"):
        read_register(tmp_path / "none")
    file = tmp_path / "register.csv"
    file.write_bytes(b"+442079460001\ncaf\xe9\n")
    with pytest.raises(InputError, match="line 2: not UTF-8"):
        read_register(file)


def test_a_file_without_lines_is_not_read_to_its_end() -> None:
    with pytest.raises(InputError, match="/dev/zero, line 1: longer than any line of numbers"):
        read_register(Path("/dev/zero"))


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_may_end_as_on_any_system(tmp_path: Path, end: str) -> None:
    file = tmp_path / "register.csv"
    file.write_bytes(b"\xef\xbb\xbf" + f"phone{end}+442079460001{end}nobody{end}+442079460002".encode())
    register = read_register(file)
    assert (register.numbers, [bad.line for bad in register.bad]) == (NUMBERS, [3])


def found_since(
    store: MemoryStore, numbers: Sequence[str], client: str = "", purpose: str = ""
) -> list[tuple[str, list[float]]]:
    found = look_up(store, numbers, client, purpose)
    return [(number, [one.since for one in entries]) for number, entries in found]


def test_numbers_are_blocked_once_in_chunks_and_found_again() -> None:
    store = MemoryStore()
    many = tuple(f"+4420794{number:05}" for number in range(CHUNK + 1))
    first = block_numbers(many, source="a", write=store.write, reader=store, now=100.0)
    assert (first.added, first.already) == (CHUNK + 1, 0)
    again = block_numbers((*many[:2], "+12125550123"), source="b", write=store.write, reader=store, now=200.0)
    assert (again.added, again.already) == (1, 2)
    asked = (many[-1], "+12125550199", "+12125550123")
    assert found_since(store, asked) == [(many[-1], [100.0]), ("+12125550199", []), ("+12125550123", [200.0])]


def test_a_clients_register_holds_for_that_client_alone_and_the_houses_for_all() -> None:
    store = MemoryStore()
    block_numbers(NUMBERS[:1], source="law", write=store.write, reader=store, now=1.0)
    told: list[tuple[int, int]] = []
    answer = block_numbers(
        NUMBERS, source="acme", write=store.write, reader=store, now=2.0, client="acme",
        progress=lambda done, total: told.append((done, total)),
    )  # fmt: skip
    assert (answer.added, answer.already, told) == (2, 0, [(2, 2)])  # what the house's has is not on this one
    assert found_since(store, NUMBERS, "acme") == [(NUMBERS[0], [1.0, 2.0]), (NUMBERS[1], [2.0])]
    assert found_since(store, NUMBERS, "zoo") == [(NUMBERS[0], [1.0]), (NUMBERS[1], [])]


def test_what_a_client_takes_off_its_register_the_house_may_still_hold() -> None:
    store = MemoryStore()
    block_numbers(NUMBERS[:1], source="law", write=store.write, reader=store, now=1.0)
    block_numbers(NUMBERS, source="acme", write=store.write, reader=store, now=2.0, client="acme")
    third = "+442079460003"
    answer = unblock_numbers((*NUMBERS, third), write=store.write, reader=store, now=3.0, client="acme")
    assert (answer.removed, answer.absent, answer.held) == (2, 1, NUMBERS[:1])
    house = unblock_numbers(NUMBERS[:1], write=store.write, reader=store, now=4.0)
    assert (house.removed, house.absent, house.held) == (1, 0, ())
    assert store.blocked_numbers(NUMBERS, "acme") == set()


def test_numbers_are_on_and_off_a_register_by_purpose() -> None:
    store = MemoryStore()

    def on(numbers: Sequence[str], now: float, purpose: str) -> tuple[int, int]:
        told = block_numbers(
            numbers, source="a", write=store.write, reader=store, now=now, client="acme", purpose=purpose
        )
        return told.added, told.already

    def off(now: float, purpose: str) -> tuple[int, int, tuple[str, ...]]:
        told = unblock_numbers(NUMBERS, write=store.write, reader=store, now=now, client="acme", purpose=purpose)
        return told.removed, told.absent, told.held

    assert on(NUMBERS, 1.0, "sales") == (2, 0)
    assert on(NUMBERS[:1], 2.0, "") == (1, 0)
    assert on(NUMBERS, 3.0, "sales") == (0, 2)
    assert found_since(store, NUMBERS, "acme", "research") == [(NUMBERS[0], [2.0]), (NUMBERS[1], [])]
    assert off(4.0, "sales") == (2, 0, NUMBERS[:1])  # the first is there for all calls
    assert off(5.0, "") == (1, 1, ())
