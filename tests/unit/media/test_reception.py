from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dialer.media.reception import Reception


def hear(reception: Reception, *sequences: int, ssrc: int = 1, delay_s: float = 0.0) -> None:
    for sequence in sequences:
        reception.hear(sequence & 0xFFFF, 160 * sequence & 0xFFFFFFFF, ssrc, sequence / 50 + delay_s)


def test_nothing_to_report_before_the_first_packet() -> None:
    assert Reception().report() is None


def test_loss_since_the_report_before_and_since_the_start() -> None:
    reception = Reception()
    hear(reception, 1, 2, 4, 5)
    first = reception.report()
    assert first is not None
    assert (first.fraction_lost, first.lost, first.highest) == (256 // 5, 1, 5)
    hear(reception, 6, 7)
    second = reception.report(last_report=9, delay=8)
    assert second is not None
    assert (second.fraction_lost, second.lost, second.last_report, second.delay) == (0, 1, 9, 8)
    assert (reception.received, reception.lost) == (6, 1)


def test_packets_overtaken_are_not_lost_and_duplicates_make_up_for_none() -> None:
    reception = Reception()
    hear(reception, 1, 3, 2, 2)
    report = reception.report()
    assert report is not None
    assert (report.lost, report.fraction_lost) == (-1, 0)
    assert reception.lost == 0


def test_the_sequence_goes_round() -> None:
    reception = Reception()
    hear(reception, 0xFFFE, 0xFFFF, 0x10000, 0x10002)
    report = reception.report()
    assert report is not None
    assert (report.highest, report.lost) == (0x10002, 1)


def test_a_new_source_or_a_jump_begins_anew_and_totals_go_on() -> None:
    reception = Reception()
    hear(reception, 1, 3)
    hear(reception, 40_000, 40_001)
    hear(reception, 7, 9, ssrc=2)
    assert (reception.received, reception.lost) == (6, 2)
    report = reception.report()
    assert report is not None
    assert (report.ssrc, report.lost) == (2, 1)


def test_jitter_is_the_mean_deviation_of_the_transit_time() -> None:
    even, uneven = Reception(), Reception()
    hear(even, *range(100))
    for n in range(100):
        hear(uneven, n, delay_s=0.005 * (n % 2))
    assert even.jitter < 1.0
    assert 30.0 < uneven.jitter < 41.0  # 5 ms are 40 samples
    assert uneven.max_jitter >= uneven.jitter


@given(st.lists(st.tuples(st.integers(0, 0xFFFF), st.integers(0, 0xFFFFFFFF), st.integers(0, 2)), max_size=60))
def test_whatever_comes_the_report_fits_its_fields(packets: list[tuple[int, int, int]]) -> None:
    reception = Reception()
    for n, (sequence, timestamp, ssrc) in enumerate(packets):
        reception.hear(sequence, timestamp, ssrc, n / 50)
        report = reception.report()
        assert report is not None
        assert 0 <= report.fraction_lost <= 255
        assert -0x80_0000 <= report.lost <= 0x7F_FFFF
        assert 0 <= report.highest <= 0xFFFFFFFF
        assert 0 <= report.jitter <= 0xFFFFFFFF
    assert reception.received == len(packets)
    assert reception.lost >= 0
