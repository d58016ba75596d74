"""What several runs of a simulation say together: means, and how sure they are."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import mean, stdev
from typing import Any

from dialer.errors import InputError

FIGURES = (
    "rpc", "rpc_per_hour", "rpc_per_agent_hour", "agent_hours", "busy_share", "abandonment_rate", "attempts",
    "connects", "live", "abandoned", "penetration", "final",
)  # fmt: skip
"""Figures of `docs/reference/kpi.md`, and `rpc_per_hour`: right-party contacts in an hour of the whole floor."""

MORE_WITH_AGENTS = frozenset({"rpc", "rpc_per_hour", "attempts", "connects", "live", "penetration"})
LESS_WITH_AGENTS = frozenset({"rpc_per_agent_hour", "busy_share"})
"""What rises, and what falls, as more agents work."""

_T_975 = (
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131,
    2.120, 2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042,
)  # fmt: skip
"""Student's t, two-sided 95 %, for 1 to 30 degrees of freedom; beyond, the normal law's is near enough."""


@dataclass(frozen=True, slots=True)
class Spread:
    """The mean over runs, and the interval that holds the true one in 95 of 100 cases (Student's t); None for a
    single run, which does not say how far another would be off."""

    mean: float
    low: float | None
    high: float | None

    def as_dict(self) -> dict[str, float | None]:
        return {"mean": _rounded(self.mean), "low": _rounded(self.low), "high": _rounded(self.high)}


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 6)


def spread_of(values: Sequence[float]) -> Spread:
    """Of at least one run."""
    middle = mean(values)
    if len(values) < 2:
        return Spread(middle, None, None)
    freedom = len(values) - 1
    t = _T_975[freedom - 1] if freedom <= len(_T_975) else 1.96
    half = t * stdev(values) / math.sqrt(len(values))
    return Spread(middle, middle - half, middle + half)


def figures_of(summary: Mapping[str, Any], hours: float) -> dict[str, float]:
    """`FIGURES` of one run, from its summary (`Report.as_dict`). `hours`: dialed in it."""
    leads = summary["leads"]
    further = {
        "rpc_per_hour": summary["rpc"] / hours,
        "penetration": leads["penetration"],
        "final": leads["final"],
    }
    return {name: float(further.get(name, summary.get(name, 0.0))) for name in FIGURES}


def spreads_of(runs: Sequence[Mapping[str, float]]) -> dict[str, Spread]:
    """Of each figure."""
    return {name: spread_of([run[name] for run in runs]) for name in FIGURES}


def differences_of(
    ours: Sequence[Mapping[str, float]], theirs: Sequence[Mapping[str, float]]
) -> dict[str, Spread]:
    """Theirs less ours, run by run: runs of one seed meet the same people, so that most of the chance goes out."""
    return {
        name: spread_of([their[name] - our[name] for our, their in zip(ours, theirs, strict=True)])
        for name in FIGURES
    }


@dataclass(frozen=True, slots=True)
class Goal:
    """A figure, and what it is to come to at least."""

    figure: str
    at_least: float

    @property
    def rises(self) -> bool:
        """Whether more agents bring it nearer; else fewer do."""
        return self.figure in MORE_WITH_AGENTS


def parse_goal(text: str) -> Goal:
    """`rpc_per_hour=12`. Raises `InputError`."""
    figure, sign, value = text.partition("=")
    known = sorted(MORE_WITH_AGENTS | LESS_WITH_AGENTS)
    if not sign or figure.strip() not in known:
        raise InputError(f"--goal: {text!r}: write FIGURE=VALUE, with one of {', '.join(known)}")
    try:
        at_least = float(value)
    except ValueError:
        at_least = math.nan
    if not (math.isfinite(at_least) and at_least > 0.0):
        raise InputError(f"--goal: {value!r} is no figure to reach; write a number above 0")
    return Goal(figure.strip(), at_least)
