from __future__ import annotations

from dialer.media.strain import Strain


def second(strain: Strain, start: float, *, late_s: float, busy_s: float) -> float:
    """200 ticks, and the first of the next second."""
    ends = [strain.ticked(late_s, busy_s, start + 0.005001 * n) for n in range(1, 201)]
    assert ends == [False] * 199 + [True]
    return start + 200 * 0.005001


def test_at_capacity_until_it_is_clearly_below() -> None:
    strain = Strain(0.0)
    now = second(strain, 0.0, late_s=0.0, busy_s=0.004)
    assert bool(strain.strained) is False
    assert 0.78 < strain.busy < 0.81
    now = second(strain, now, late_s=0.0, busy_s=0.0045)
    assert strain.strained is True
    now = second(strain, now, late_s=0.0, busy_s=0.004)
    assert strain.strained is True
    now = second(strain, now, late_s=0.0, busy_s=0.003)
    assert strain.strained is False


def test_ticks_that_come_late_are_a_strain_as_well_but_not_a_single_one() -> None:
    strain = Strain(0.0)
    strain.ticked(0.5, 0.0, 0.001)
    now = 0.001
    for _ in range(199):
        now += 0.005
        strain.ticked(0.0, 0.0, now)
    strain.ticked(0.0, 0.0, 1.01)
    assert strain.strained is False
    assert strain.late_s == 0.5
    second(strain, 1.01, late_s=0.03, busy_s=0.0)
    assert strain.strained is True
