from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest

from campaigns.audit_chain import ChainWalk, Seal, is_erased, permit_faults


def number(value: int) -> bytes:
    return value.to_bytes(8, "big")


def chain(ids: list[int], outside: tuple[int, int] = (0, 0)) -> list[tuple[int, Seal]]:
    """As a store seals attempts whose permits are their ids in words."""
    before = hashlib.sha256(number(outside[0]) + number(outside[1])).digest()
    links = []
    for place, attempt_id in enumerate(ids, 1):
        salt = bytes([attempt_id % 256]) * 16
        digest = hashlib.sha256(salt + f"permit {attempt_id}".encode()).digest()
        before = hashlib.sha256(before + digest + number(attempt_id) + number(place)).digest()
        links.append((attempt_id, Seal(place, salt.hex(), digest.hex(), before.hex())))
    return links


def walk(
    links: list[tuple[int, Seal]], outside: list[int] | None = None, wanted: str = ""
) -> tuple[ChainWalk, list[tuple[int, str]]]:
    """Walked to its end, and what was found on the way."""
    done = ChainWalk(wanted)
    codes = [
        (attempt_id, code)
        for one, seal in [*((earlier, None) for earlier in outside or []), *links]
        for attempt_id, code, _ in done.visit(one, seal)
    ]
    return done, codes


def test_a_chain_as_it_was_sealed() -> None:
    links = chain([1, 3, 2, 9])
    done, codes = walk(links)
    assert codes == []
    assert (done.links, done.outside, done.head) == (4, [], links[-1][1].link)


def test_one_that_begins_behind_attempts_of_earlier_versions() -> None:
    links = chain([8, 9], outside=(3, 7))
    done, codes = walk(links, [2, 5, 7])
    assert (done.outside, codes) == ([2, 5, 7], [])
    _, codes = walk(links, [2, 7])  # one of the earlier is gone
    assert codes == [(8, "chain_broken")]


def test_a_removed_attempt_shows_at_the_next() -> None:
    links = chain([1, 2, 3, 4, 5])
    _, codes = walk([*links[:1], *links[3:]])
    assert codes == [(4, "chain_broken")]


def test_removed_and_the_rest_moved_up_shows_too() -> None:
    links = chain([1, 2, 3, 4])
    moved = [(attempt_id, replace(seal, place=seal.place - 1)) for attempt_id, seal in links[2:]]
    _, codes = walk([*links[:1], *moved])
    assert codes == [(3, "chain_broken"), (4, "chain_broken")]


def test_swapped_attempts_show() -> None:
    links = chain([1, 2, 3, 4])
    swapped = [(3 if n == 2 else 2 if n == 3 else n, seal) for n, seal in links]
    _, codes = walk(swapped)
    assert codes == [(3, "chain_broken"), (2, "chain_broken")]


def test_an_attempt_put_in_later_without_a_seal_shows() -> None:
    _, codes = walk(chain([5, 6], outside=(1, 2)), [2, 7])
    assert codes == [(7, "outside_chain")]


def test_the_end_cut_off_shows_only_against_what_was_written_down() -> None:
    links = chain([1, 2, 3])
    done, codes = walk(links[:2], wanted=links[-1][1].link)
    assert (done.found, codes) == (False, [])
    done, _ = walk(links, wanted=links[1][1].link)
    assert done.found


@pytest.mark.parametrize(
    ("permit", "salt", "codes"),
    [
        ("permit 7", (b"\x07" * 16).hex(), []),
        ("permit 8", (b"\x07" * 16).hex(), ["permit_edited"]),
        ("permit 7", (b"\x08" * 16).hex(), ["permit_edited"]),
        ("", (b"\x07" * 16).hex(), ["permit_edited"]),
        ("permit 7", None, ["permit_edited"]),
        ("", None, []),
        (None, None, []),
    ],
)
def test_a_permit_is_the_one_that_was_sealed_or_erased(
    permit: str | None, salt: str | None, codes: list[str]
) -> None:
    ((_, seal),) = chain([7])
    seal = replace(seal, salt=salt)
    assert [code for code, _ in permit_faults(permit, seal)] == codes
    assert is_erased(permit, seal) == (salt is None and not permit)


def test_without_a_seal_nothing_is_said_of_the_permit() -> None:
    assert list(permit_faults("anything", None)) == []
    assert not is_erased("", None)
