from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.media.errors import MalformedPacket
from dialer.media.rtp import PCMA, PCMU, RtpPacket, RtpSender

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
