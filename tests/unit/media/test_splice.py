from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dialer.media.g711 import ulaw_decode
from dialer.media.rtp import MARKER, PCMA, PCMU, RtpPacket
from dialer.media.splice import RtpSplice

FRAME = bytes(range(160))


def heard(
    splice: RtpSplice,
    source: int,
    sequence: int,
    timestamp: int,
    now: float,
    *,
    payload: bytes = FRAME,
    codec: int = PCMU,
) -> RtpPacket:
    return RtpPacket.parse(splice.forward(codec, 0, sequence, timestamp, source, payload, now))


def test_one_stream_of_two_sources() -> None:
    splice = RtpSplice(ssrc=99, sequence=100, timestamp=5000)
    a1 = heard(splice, 1, 7, 160, 10.0)
    a2 = heard(splice, 1, 8, 320, 10.02)
    b1 = heard(splice, 2, 60_000, 4_000_000_000, 11.02)
    b2 = heard(splice, 2, 60_001, 4_000_000_160, 11.04)
    assert [p.ssrc for p in (a1, a2, b1, b2)] == [99] * 4
    assert [p.sequence for p in (a1, a2, b1, b2)] == [101, 102, 103, 104]
    assert [p.timestamp for p in (a1, a2, b1, b2)] == [5160, 5320, 13_320, 13_480]  # 1 s passed between them
    assert [p.marker for p in (a1, a2, b1, b2)] == [True, False, True, False]
    assert (splice.packets, splice.octets, splice.position) == (4, 640, 13_480)


def test_the_same_source_is_a_new_one_after_a_cut() -> None:
    splice = RtpSplice(99, 0, 0)
    heard(splice, 1, 7, 160, 1.0)
    splice.cut()
    packet = heard(splice, 1, 507, 80_160, 1.02)
    assert (packet.sequence, packet.marker) == (2, True)


def test_loss_and_reordering_are_left_to_the_listener() -> None:
    splice = RtpSplice(99, 0, 0)
    order = [heard(splice, 1, n, 160 * n, 1.0 + n / 50).sequence for n in (10, 12, 11, 15)]
    assert order == [1, 3, 2, 6]
    assert heard(splice, 2, 900, 0, 1.5).sequence == 7  # after the newest, not after the last to come


def test_frames_of_ours_between_those_of_a_speaker() -> None:
    splice = RtpSplice(99, 0, 0)
    heard(splice, 1, 7, 160, 1.0)
    ours = [RtpPacket.parse(splice.own(FRAME, 1.02 + 0.02 * n)) for n in range(3)]
    back = heard(splice, 1, 500, 99_160, 1.08)
    packets = [*ours, back]
    assert [packet.sequence for packet in packets] == [2, 3, 4, 5]
    assert [packet.timestamp for packet in packets] == [320, 480, 640, 800]
    assert [packet.marker for packet in packets] == [True, False, False, True]


def test_frames_that_were_left_out_are_a_pause_on_the_streams_clock() -> None:
    splice = RtpSplice(99, 0, 0)
    first = RtpPacket.parse(splice.own(FRAME, 1.0))
    splice.skip_own()
    second = RtpPacket.parse(splice.own(FRAME, 1.04))
    assert (second.sequence - first.sequence, second.timestamp - first.timestamp) == (1, 320)


def test_packets_of_a_digit_of_ours_bear_the_moment_of_its_beginning() -> None:
    splice = RtpSplice(99, 0, 0)
    splice.own(FRAME, 1.0)
    digit = [RtpPacket.parse(splice.own_event(101, 0, b"1234", 1.02 + 0.02 * n, 160 * n)) for n in range(3)]
    after = RtpPacket.parse(splice.own(FRAME, 1.08))
    assert [packet.payload_type for packet in digit] == [101] * 3
    assert {packet.timestamp for packet in digit} == {320}
    assert [packet.sequence for packet in (*digit, after)] == [2, 3, 4, 5]
    assert after.timestamp == 800


def test_a_digit_passed_on_keeps_its_marker_and_gets_the_listeners_number() -> None:
    splice = RtpSplice(99, 0, 0)
    heard(splice, 1, 7, 160, 1.0)
    packet = RtpPacket.parse(splice.event(96, MARKER, 8, 320, 1, b"1234", 1.02))
    assert (packet.payload_type, packet.marker, packet.sequence, packet.timestamp) == (96, True, 2, 320)


@given(st.lists(st.integers(1, 4), min_size=1, max_size=12), st.integers(0, 0xFFFF), st.integers(0, 0xFFFF))
def test_no_sequence_number_is_ever_repeated(runs: list[int], start: int, offset: int) -> None:
    splice = RtpSplice(1, start, 0)
    seen = []
    for ssrc, count in enumerate(runs):
        for n in range(count):
            if ssrc % 3 == 2:
                packet = RtpPacket.parse(splice.own(FRAME, 1.0))
            else:
                packet = heard(splice, ssrc, (offset * ssrc + n) & 0xFFFF, 160 * n, 1.0)
            seen.append(packet.sequence)
    assert seen == [(start + 1 + n) & 0xFFFF for n in range(sum(runs))]


def test_what_is_said_in_the_other_law_is_converted() -> None:
    loud = bytes([0x2A] * 160)  # A-law, near full scale
    packet = heard(RtpSplice(1, 0, 0, PCMU), 1, 1, 1, 0.0, payload=loud, codec=PCMA)
    assert packet.payload_type == PCMU
    assert set(ulaw_decode(packet.payload)) == {-32_124}
    back = heard(RtpSplice(1, 0, 0, PCMA), 1, 1, 1, 0.0, payload=packet.payload)
    assert (back.payload_type, back.payload) == (PCMA, loud)


def test_the_streams_clock_goes_on_between_packets() -> None:
    splice = RtpSplice(1, 0, 1_000)
    assert splice.timestamp_at(5.0) == 1_000
    heard(splice, 1, 1, 1, 5.0)
    assert splice.timestamp_at(5.5) == 1_160 + 4_000
