from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.media.errors import MalformedPacket
from dialer.media.g711 import ulaw_decode
from dialer.media.rtp import PCMA, PCMU, RtpPacket, RtpSender, RtpSplice

FRAME = bytes(range(160))

packets = st.builds(
    RtpPacket,
    payload_type=st.integers(0, 127),
    sequence=st.integers(0, 0xFFFF),
    timestamp=st.integers(0, 0xFFFFFFFF),
    ssrc=st.integers(0, 0xFFFFFFFF),
    payload=st.binary(max_size=200),
    marker=st.booleans(),
)


@given(packets)
def test_round_trip(packet: RtpPacket) -> None:
    assert RtpPacket.parse(packet.pack()) == packet


@given(st.binary(max_size=64))
def test_any_datagram_is_a_packet_or_malformed(data: bytes) -> None:
    try:
        packet = RtpPacket.parse(data)
    except MalformedPacket:
        return
    assert len(packet.payload) <= len(data) - 12


def test_a_packet_as_it_stands_in_the_rfc() -> None:
    packet = RtpPacket.parse(bytes.fromhex("80 80 1234 00000140 deadbeef ff7f"))
    assert packet == RtpPacket(PCMU, 0x1234, 320, 0xDEADBEEF, b"\xff\x7f", marker=True)


def test_extension_sources_and_padding_are_read_over() -> None:
    data = bytes.fromhex("b1 08 0001 00000002 00000003  0000000a  bede0001 11223344  d5d5  000003")
    assert RtpPacket.parse(data) == RtpPacket(PCMA, 1, 2, 3, b"\xd5\xd5")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "80 00 0001 00000002 0000",  # cut in the header
        "40 00 0001 00000002 00000003",  # version 1
        "82 00 0001 00000002 00000003 0000000a",  # two sources told, one there
        "90 00 0001 00000002 00000003 bede",  # extension cut
        "90 00 0001 00000002 00000003 bede00ff 00",  # extension longer than the packet
        "a0 00 0001 00000002 00000003 00",  # padding of 0
        "a0 00 0001 00000002 00000003 09",  # padding longer than the packet
    ],
)
def test_malformed(text: str) -> None:
    with pytest.raises(MalformedPacket):
        RtpPacket.parse(bytes.fromhex(text))


def test_sender_counts_wraps_and_marks_its_first_packet() -> None:
    sender = RtpSender(ssrc=7, sequence=0xFFFF, timestamp=0xFFFFFFFF - 159, payload_type=PCMA)
    first, second = (RtpPacket.parse(sender.packet(FRAME)) for _ in range(2))
    assert first == RtpPacket(PCMA, 0xFFFF, 0xFFFFFFFF - 159, 7, FRAME, marker=True)
    assert second == RtpPacket(PCMA, 0, 0, 7, FRAME)
    assert sender.sent == 2


def test_sender_keeps_the_time_of_a_pause() -> None:
    sender = RtpSender(1, 10, 0)
    sender.packet(FRAME)
    sender.skip(800)
    packet = RtpPacket.parse(sender.packet(FRAME))
    assert (packet.sequence, packet.timestamp) == (11, 960)


def source(ssrc: int, sequence: int, timestamp: int, payload: bytes = FRAME, codec: int = PCMU) -> bytes:
    return RtpPacket(codec, sequence, timestamp, ssrc, payload).pack()


def heard(splice: RtpSplice, data: bytes, now: float) -> RtpPacket:
    out = splice.packet(data, now)
    assert out is not None
    return RtpPacket.parse(out)


def test_splice_makes_one_stream_of_two_sources() -> None:
    splice = RtpSplice(ssrc=99, sequence=100, timestamp=5000)
    a1 = heard(splice, source(1, 7, 160), 10.0)
    a2 = heard(splice, source(1, 8, 320), 10.02)
    b1 = heard(splice, source(2, 60_000, 4_000_000_000), 11.02)
    b2 = heard(splice, source(2, 60_001, 4_000_000_160), 11.04)
    assert [p.ssrc for p in (a1, a2, b1, b2)] == [99] * 4
    assert [p.sequence for p in (a1, a2, b1, b2)] == [101, 102, 103, 104]
    assert [p.timestamp for p in (a1, a2, b1, b2)] == [5160, 5320, 13_320, 13_480]  # 1 s passed between them
    assert [p.marker for p in (a1, a2, b1, b2)] == [True, False, True, False]


def test_splice_takes_the_same_source_for_a_new_one_after_a_cut() -> None:
    splice = RtpSplice(99, 0, 0)
    heard(splice, source(1, 7, 160), 1.0)
    splice.cut()
    packet = heard(splice, source(1, 507, 80_160), 1.02)
    assert (packet.sequence, packet.marker) == (2, True)


def test_splice_leaves_loss_and_reordering_to_the_listener() -> None:
    splice = RtpSplice(99, 0, 0)
    order = [heard(splice, source(1, n, 160 * n), 1.0 + n / 50).sequence for n in (10, 12, 11, 15)]
    assert order == [1, 3, 2, 6]
    assert heard(splice, source(2, 900, 0), 1.5).sequence == 7  # after the newest, not after the last to come


@given(st.lists(st.integers(1, 4), min_size=1, max_size=12), st.integers(0, 0xFFFF), st.integers(0, 0xFFFF))
def test_splice_never_repeats_a_sequence_number(runs: list[int], start: int, offset: int) -> None:
    splice = RtpSplice(1, start, 0)
    seen = []
    for ssrc, count in enumerate(runs):
        for n in range(count):
            packet = heard(splice, source(ssrc, (offset * ssrc + n) & 0xFFFF, 160 * n), 1.0)
            seen.append(packet.sequence)
    assert seen == [(start + 1 + n) & 0xFFFF for n in range(sum(runs))]


def test_splice_converts_to_the_listeners_law() -> None:
    loud = bytes([0x2A] * 160)  # A-law, near full scale
    packet = heard(RtpSplice(1, 0, 0, PCMU), source(1, 1, 1, loud, PCMA), 0.0)
    assert packet.payload_type == PCMU
    assert set(ulaw_decode(packet.payload)) == {-32_124}
    back = heard(RtpSplice(1, 0, 0, PCMA), source(1, 1, 1, packet.payload, PCMU), 0.0)
    assert (back.payload_type, back.payload) == (PCMA, loud)


def test_splice_reads_over_extensions_and_padding() -> None:
    data = bytes.fromhex("b0 00 0001 00000002 00000003  bede0001 11223344  ff7f  000003")
    assert heard(RtpSplice(1, 0, 0), data, 0.0).payload == b"\xff\x7f"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"garbage that is no RTP",
        source(1, 1, 1, b""),
        source(1, 1, 1, b"\x01\x0a\x00\xa0", 101),
        b"\xa0" * 13,
    ],
)
def test_splice_passes_nothing_but_speech(data: bytes) -> None:
    assert RtpSplice(1, 0, 0).packet(data, 0.0) is None
