"""Shares and their intervals."""

from __future__ import annotations

import pytest

from lists.freshness.share import FEW, Share


@pytest.mark.parametrize(
    ("share", "low", "high"),
    [  # by the closed form of Wilson's interval at z = 1.644854
        (Share(0, 10), 0.0, 0.2129),
        (Share(10, 10), 0.7871, 1.0),
        (Share(3, 12), 0.1047, 0.4873),
        (Share(50, 100), 0.4188, 0.5812),
        (Share(0, 0), 0.0, 1.0),
    ],
)
def test_intervals(share: Share, low: float, high: float) -> None:
    assert share.interval() == pytest.approx((low, high), abs=5e-5)


def test_few_calls_are_told_as_such() -> None:
    assert str(Share(3, 12)) == "too few calls: 3 of 12"
    assert str(Share(0, 0)) == "none called"
    assert Share(3, FEW - 1).as_dict()["share"] is None
    assert str(Share(60, 200)) == "30% (25% to 36%)"
    assert Share(60, 200).as_dict() == {"count": 60, "of": 200, "share": 0.3, "low": 0.2497, "high": 0.3557}
