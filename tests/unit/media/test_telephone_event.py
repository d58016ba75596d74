from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.media.telephone_event import DIGITS, DigitReader, DigitWriter


def event(digit: str, duration: int = 160, *, end: bool = False) -> bytes:
    return bytes((DIGITS.index(digit), (0x80 if end else 0) | 10)) + duration.to_bytes(2, "big")


def test_a_digit_is_told_at_its_first_packet_whichever_that_is() -> None:
    reader = DigitReader()
    told = [reader.read(1, 1_000, event("5", 160 * n, end=n > 5)) for n in range(1, 9)]
    assert told == ["5"] + [None] * 7
    assert reader.read(1, 3_000, event("5", 800, end=True)) == "5"  # its other packets were lost


def test_a_packet_of_a_digit_before_is_not_a_new_one() -> None:
    reader = DigitReader()
    assert reader.read(1, 1_000, event("1")) == "1"
    assert reader.read(1, 2_000, event("2")) == "2"
    assert reader.read(1, 1_000, event("1", end=True)) is None
    assert reader.read(1, 2_000, event("2", end=True)) is None
    assert reader.read(2, 500, event("3")) == "3"  # another source


@pytest.mark.parametrize("payload", [b"", b"\x05\x0a\x00", b"\x10\x0a\x00\xa0", b"\xff\x0a\x00\xa0"])
def test_what_is_no_digit(payload: bytes) -> None:
    assert DigitReader().read(1, 1, payload) is None


@given(st.text(DIGITS, min_size=1, max_size=8))
def test_what_is_written_is_read(digits: str) -> None:
    writer, reader = DigitWriter(digits), DigitReader()
    read, now, markers = "", 10_000, 0
    while writer:
        part = writer.next()
        if part is not None:
            marker, payload, behind = part
            markers += marker != 0
            read += reader.read(7, now - behind, payload) or ""
        now += 160
    assert read == digits
    assert markers == len(digits)
    assert writer.next() is None


def test_no_digits() -> None:
    with pytest.raises(ValueError, match="no digits: 'xy'"):
        DigitWriter("1xy")
