from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.media.errors import MalformedPacket
from dialer.media.reception import ReportBlock
from dialer.media.rtcp import (
    Goodbye,
    Report,
    SenderInfo,
    compound,
    is_rtcp,
    middle,
    ntp_of,
    parse,
    round_trip_s,
)

WORD = st.integers(0, 0xFFFFFFFF)
BLOCKS = st.builds(
    ReportBlock, WORD, st.integers(0, 255), st.integers(-0x80_0000, 0x7F_FFFF), WORD, WORD, WORD, WORD
)
SENDERS = st.builds(SenderInfo, st.integers(0, 2**64 - 1), WORD, WORD, WORD)


@given(WORD, st.none() | SENDERS, st.none() | BLOCKS, st.binary(max_size=20), st.booleans())
def test_what_is_written_is_read(
    ssrc: int, sender: SenderInfo | None, block: ReportBlock | None, cname: bytes, bye: bool
) -> None:
    data = compound(ssrc, sender, block, cname, bye=bye)
    assert len(data) % 4 == 0
    assert is_rtcp(data)
    report, *rest = parse(data)
    assert report == Report(ssrc, sender, () if block is None else (block,))
    assert rest == ([Goodbye(ssrc)] if bye else [])


def test_a_receiver_report_as_on_the_wire() -> None:
    data = bytes.fromhex(
        "81c90007 00000001  00000002 40 000005 00010203 0000000a 11112222 00010000  81cb0001 00000001"
    )
    block = ReportBlock(2, 64, 5, 0x10203, 10, 0x11112222, 65_536)
    assert parse(data) == (Report(1, None, (block,)), Goodbye(1))


@given(st.binary(max_size=120))
def test_garbage_is_malformed_or_understood(data: bytes) -> None:
    with contextlib.suppress(MalformedPacket):
        parse(data)


@pytest.mark.parametrize(
    "data",
    [
        b"\x80",
        bytes.fromhex("81c9000100000001"),  # says a block, has none
        bytes.fromhex("81c9ffff00000001"),
        bytes.fromhex("01c9000100000001"),
        bytes.fromhex("82cb000100000001"),
    ],
)
def test_packets_cut_short(data: bytes) -> None:
    with pytest.raises(MalformedPacket):
        parse(data)


def test_audio_is_no_rtcp() -> None:
    assert not is_rtcp(bytes.fromhex("8000000100000000") + bytes(8))
    assert not is_rtcp(bytes.fromhex("80e5000100000000") + bytes(8))  # a telephone event with the marker


def test_the_round_trip_is_what_passed_less_the_far_ends_delay() -> None:
    sent = middle(ntp_of(1_000.0))
    block = ReportBlock(1, 0, 0, 0, 0, sent, round(0.25 * 65_536))
    assert round_trip_s(block, middle(ntp_of(1_000.33))) == pytest.approx(0.08, abs=1e-3)
    assert round_trip_s(ReportBlock(1, 0, 0, 0, 0), middle(ntp_of(1.0))) is None
    assert round_trip_s(block, middle(ntp_of(1_000.1))) is None  # the far end claims a longer delay than passed
