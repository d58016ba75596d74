from __future__ import annotations

from dialer.media.tap import Tap, Verdict


class Ear:
    """Says something at the third loud frame, and again at the fifth."""

    def __init__(self) -> None:
        self.heard = b""
        self.loud = 0

    def hear(self, frame: bytes) -> list[Verdict]:
        assert len(frame) == 160
        self.heard += frame
        self.loud += frame[0] != 0xFF
        if frame[0] == 0xFF or self.loud not in (3, 5):
            return []
        return [Verdict("loud", len(self.heard) / 8_000, last=self.loud == 5)]


def test_it_hears_in_order_without_gaps_and_says_when_it_has_heard_enough() -> None:
    ear = Ear()
    tap = Tap(1, ear, 0.0)
    said = []
    for n in (0, 1, 3, 2, 6, 7, 8):
        tap.put(1, 160 * n, bytes([n + 1]) * 160, 0.02 * n)
    for n in range(20):
        said += tap.hear(0.02 * n)
        if said and said[-1].last:
            break
    assert [verdict.at_s for verdict in said] == [0.06, 0.14]
    assert ear.heard == b"".join(bytes([n]) * 160 for n in (1, 2, 3, 4, 0xFF, 0xFF, 7))


def test_without_packets_time_passes_all_the_same() -> None:
    ear = Ear()
    tap = Tap(1, ear, 10.0)
    assert tap.hear(12.0) == []
    assert 1.9 < len(ear.heard) / 8_000 < 2.0
