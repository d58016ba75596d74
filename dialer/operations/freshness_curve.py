"""The share of a source's numbers that is alive, by the age of their data, as a drawing in SVG."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from dialer.operations.list_freshness import Freshness
from lists.freshness.delivery import dead_of
from lists.freshness.share import FEW, Share
from lists.freshness.standing import Standing, days

STYLE = """
svg{width:100%;height:auto;font:12px system-ui,sans-serif}svg text{fill:#51606f}svg line{stroke:#e4e9ef}
svg .band{fill:#2f6fb0;fill-opacity:.18}svg polyline{fill:none;stroke:#2f6fb0;stroke-width:2.5}
svg .works{stroke:#7a8794;stroke-width:1.5;stroke-dasharray:5 4}
svg .verify{stroke:#d98200;stroke-dasharray:2 4}svg .worth{stroke:#b3261e;stroke-dasharray:2 4}
svg .today{stroke:#1c2430;stroke-opacity:.5}svg .seen{stroke:#51606f}svg circle{fill:#51606f}
"""
_WIDTH, _HEIGHT = 720, 300
_LEFT, _RIGHT, _TOP, _BOTTOM = 48, 16, 16, 40
_POINTS = 80
_GROUPS = 8
"""Of calls, from the youngest data to the oldest, each with a dot; fewer where they would be small."""
_STEPS_D = (30, 60, 90, 180, 365, 730, 1_825, 3_650)


@dataclass(frozen=True, slots=True)
class _Plane:
    """From ages (days, up to `longest`) and shares to the drawing."""

    longest: float

    def x(self, age: float) -> str:
        return f"{_LEFT + age / self.longest * (_WIDTH - _LEFT - _RIGHT):.1f}"

    def y(self, share: float) -> str:
        return f"{_TOP + (1 - share) * (_HEIGHT - _TOP - _BOTTOM):.1f}"

    def path(self, ages: Sequence[float], shares: Sequence[float]) -> str:
        return " ".join(f"{self.x(age)},{self.y(share)}" for age, share in zip(ages, shares, strict=True))

    def level(self, share: float, kind: str) -> str:
        return (
            f'<line class="{kind}" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{self.y(share)}" y2="{self.y(share)}"/>'
        )

    def upright(self, age: float, low: float, high: float, kind: str) -> str:
        x = self.x(age)
        return f'<line class="{kind}" x1="{x}" x2="{x}" y1="{self.y(low)}" y2="{self.y(high)}"/>'


def draw_curve(found: Freshness, source: str) -> Iterator[str]:
    """Lines of SVG; its looks are `STYLE`."""
    mine = [one for one in found.everything if one.source == source]
    plane = _Plane(max([found.middle_age_d + 200, 365.0, *(_called_at(one) * 1.15 for one in mine)]))
    ages = np.linspace(0.0, plane.longest, _POINTS)
    low, middle, high = np.quantile(found.laws.alive(source, ages), (0.05, 0.5, 0.95), axis=0).tolist()
    works = np.median(found.laws.dying.alive(source, ages), axis=0).tolist()
    at = ages.tolist()
    yield f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="share of numbers alive by age of data">'
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        yield plane.level(share, "grid")
        yield f'<text x="{_LEFT - 6}" y="{float(plane.y(share)) + 4:.1f}" text-anchor="end">{share:.0%}</text>'
    step = next((step for step in _STEPS_D if plane.longest / step <= 8), _STEPS_D[-1])
    for mark in range(0, int(plane.longest) + 1, step):
        yield f'<text x="{plane.x(mark)}" y="{_HEIGHT - 20}" text-anchor="middle">{mark:,}</text>'
    yield f'<text x="{_WIDTH // 2}" y="{_HEIGHT - 4}" text-anchor="middle">age of the data, days</text>'
    yield f'<polygon class="band" points="{plane.path(at, high)} {plane.path(at[::-1], low[::-1])}"/>'
    yield f'<polyline class="works" points="{plane.path(at, works)}"/>'
    yield f'<polyline points="{plane.path(at, middle)}"/>'
    yield plane.level(found.verify_at, "verify")
    yield plane.level(found.worth_from, "worth")
    yield plane.upright(found.middle_age_d, 0.0, 1.0, "today")
    yield f'<text x="{float(plane.x(found.middle_age_d)) + 4:.1f}" y="{_HEIGHT - _BOTTOM - 6}">today</text>'
    for age, dead in _counted(mine):
        least, most = dead.interval()
        yield plane.upright(age, 1 - least, 1 - most, "seen")
        yield f'<circle cx="{plane.x(age)}" cy="{plane.y(1 - dead.found / dead.of)}" r="3.5"/>'
    yield "</svg>"


def _counted(called: Sequence[Standing]) -> Iterator[tuple[float, Share]]:
    """Ages at calls, and the share of dead numbers found there; none for fewer calls than a share is told of."""
    in_order = sorted(called, key=_called_at)
    numbers = sum(one.count for one in in_order)
    groups = max(1, min(_GROUPS, numbers // FEW))
    group: list[Standing] = []
    seen = 0
    for one in in_order:
        group.append(one)
        seen += one.count
        if seen * groups >= numbers or one is in_order[-1]:
            dead = dead_of(group)
            if dead.enough:
                yield sum(_called_at(each) * each.count for each in group) / dead.of, dead
            group, seen = [], 0


def _called_at(one: Standing) -> float:
    return days(one.gone_w if one.state.dead and one.gone_w is not None else one.called_w or 0)
