from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.media.g711 import (
    ALAW_SILENCE,
    ALAW_TO_ULAW,
    ULAW_SILENCE,
    ULAW_TO_ALAW,
    alaw_decode,
    alaw_encode,
    ulaw_decode,
    ulaw_encode,
)

samples = st.integers(-32_768, 32_767)
ALL = bytes(range(256))


@pytest.mark.parametrize(
    ("octet", "sample"),
    [(0x00, -32_124), (0x80, 32_124), (0xFF, 0), (0x7F, 0), (0xFE, 8), (0x7E, -8), (0x8F, 16_764)],
)
def test_ulaw_values_of_the_recommendation(octet: int, sample: int) -> None:
    assert list(ulaw_decode(bytes([octet]))) == [sample]


@pytest.mark.parametrize(
    ("octet", "sample"), [(0xD5, 8), (0x55, -8), (0xAA, 32_256), (0x2A, -32_256), (0xD4, 24), (0xC5, 264)]
)
def test_alaw_values_of_the_recommendation(octet: int, sample: int) -> None:
    assert list(alaw_decode(bytes([octet]))) == [sample]


def test_every_octet_survives_decoding_and_encoding() -> None:
    assert alaw_encode(alaw_decode(ALL)) == ALL
    assert ulaw_encode(ulaw_decode(ALL)) == ALL.replace(b"\x7f", b"\xff")  # the two zeros are one sample


@given(samples)
def test_the_error_is_at_most_half_a_step(sample: int) -> None:
    half_step = max(8, (abs(sample) + 132) / 32)  # 16 steps in a segment, each segment twice the one before
    for encode, decode, top in ((ulaw_encode, ulaw_decode, 32_124), (alaw_encode, alaw_decode, 32_256)):
        clipped = max(-top, min(sample, top))
        assert abs(decode(encode([sample]))[0] - clipped) <= half_step + 1


@given(st.lists(samples, min_size=2, max_size=2))
def test_louder_never_becomes_softer(pair: list[int]) -> None:
    low, high = sorted(pair)
    for encode, decode in ((ulaw_encode, ulaw_decode), (alaw_encode, alaw_decode)):
        assert decode(encode([low]))[0] <= decode(encode([high]))[0]


def test_conversion_tables_stay_close() -> None:
    for octet, converted in enumerate(ULAW_TO_ALAW):
        before, after = ulaw_decode(bytes([octet]))[0], alaw_decode(bytes([converted]))[0]
        assert abs(before - after) <= 8 + abs(before) / 30
    assert bytes([ALAW_SILENCE]).translate(ALAW_TO_ULAW) in (b"\xfe", bytes([ULAW_SILENCE]))


def test_beyond_the_range_is_clipped() -> None:
    assert ulaw_encode([40_000, -40_000]) == b"\x80\x00"
    assert alaw_encode([40_000, -40_000]) == b"\xaa\x2a"
