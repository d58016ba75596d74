"""How fast the numbers of each source go: S(t) = exp(-(t / eta)^k), k = 1 being the exponential.

Bayesian, on grids, without a random walk: of each source the likelihood on a grid of its own, fitted to where it
has weight; above the sources a normal distribution of the log hazard, by which a small source is drawn towards the
whole; above that, weak priors. The draws are from the joint distribution, so that everything said of the future
carries what is not known of hazard, shape and spread. Why so: `docs/decisions/0050-freshness.md`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lists.freshness.evidence import Evidence, log_likelihood

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]

DRAWS = 1_000

USUAL_HALF_LIFE_D = 2_500.0
"""Of each of the two ways to go: by both together 20 to 30 % of numbers a year are lost, as sources publish that
measure little (`docs/how-to/freshness.md`)."""
_TRUST = 1.5
"""Standard deviation of the prior about it, in log hazard: a factor of 4.5 either way."""
_LIKELY_SPREAD = 0.75
"""Scale of the half-normal prior of how far sources differ, in log hazard."""
_SPREADS = np.array([0.15, 0.25, 0.4, 0.6, 0.9, 1.3, 2.0])
_SHAPE_SPREAD = 0.4
"""Standard deviation of the prior of log k, about the exponential's 0: a Weibull that fits no better is not
taken."""

_ETAS = 97
_SHAPES = 17
_CENTRES = 97
_DEPTH = 9.0
"""Log likelihood below the highest at which a grid ends."""


@dataclass(frozen=True, slots=True)
class Decay:
    """Draws of the law of each unit: log cumulative hazard at the age `at_d` (days), and the shape, one for all.
    `told`: numbers of each unit of which calls have told something."""

    at_d: float
    log_hazard: Mapping[str, Floats]
    shape: Floats
    told: Mapping[str, float]

    @property
    def form(self) -> str:
        """Whether the calls speak for another shape than the exponential's."""
        low, high = np.quantile(self.shape, (0.05, 0.95))
        return "exponential" if low <= 1 <= high else "weibull"

    def alive(self, unit: str, age_d: float | Floats, every: int = 1) -> Floats:
        """S at these ages (days, >= 0): one row for each of `every` draws."""
        ages = np.atleast_1d(np.asarray(age_d, dtype=float))
        relative = (ages[None, :] / self.at_d) ** self.shape[::every, None]
        survive: Floats = np.exp(-np.exp(self.log_hazard[unit][::every])[:, None] * relative)
        return survive

    def age_at(self, unit: str, share: float) -> Floats:
        """The age, in days, at which S comes down to `share` (0-1): one a draw."""
        ages: Floats = self.at_d * (-math.log(share) / np.exp(self.log_hazard[unit])) ** (1 / self.shape)
        return ages


def estimate_decay(units: Mapping[str, Evidence], untold: Sequence[float] = (0.0,), seed: int = 0) -> Decay:
    """The laws of these units together. One without evidence is one more of their kind, of which nothing is known
    but that. `untold`: values, as likely as each other, of the chance that a call to a dead number does not say
    so."""
    at_d = _middle_age(units)
    random = np.random.default_rng(seed)
    parts = [_estimate(units, at_d, one, -(-DRAWS // len(untold)), random) for one in untold]
    drawn = {name: np.concatenate([found[name] for found, _ in parts]) for name in units}
    shape = np.concatenate([found for _, found in parts])
    return Decay(at_d, drawn, shape, {name: unit.told for name, unit in units.items()})


def _estimate(
    units: Mapping[str, Evidence], at_d: float, untold: float, draws: int, random: np.random.Generator
) -> tuple[dict[str, Floats], Floats]:
    """Draws of the log hazards and of the shape."""
    shapes, prior_shape = _shape_grid(units, at_d, untold)
    grids = {name: _unit_grid(unit, shapes, at_d, untold) for name, unit in units.items()}
    centre = math.log(math.log(2) * at_d / USUAL_HALF_LIFE_D)
    told = [float(np.average(eta, weights=likely.max(0))) for eta, likely in grids.values()] or [centre]
    centres = np.linspace(min(centre, *told) - 3, max(centre, *told) + 3, _CENTRES)
    posterior = (
        prior_shape[:, None, None]
        - 0.5 * ((centres - centre) / _TRUST)[None, :, None] ** 2
        - 0.5 * (_SPREADS / _LIKELY_SPREAD)[None, None, :] ** 2
        + np.log(np.gradient(_SPREADS))[None, None, :]
    )
    for eta, likely in grids.values():
        between = _between(eta, centres).reshape(len(eta), -1)
        posterior = posterior + np.log(np.maximum(likely @ between, 1e-300)).reshape(posterior.shape)
    picked = _systematic(np.exp(posterior - posterior.max()).ravel(), draws, random)
    k, m, t = np.unravel_index(picked, posterior.shape)
    drawn = {
        name: _draw_unit(eta, likely, k, centres[m], _SPREADS[t], random) for name, (eta, likely) in grids.items()
    }
    return drawn, shapes[k]


def _middle_age(units: Mapping[str, Evidence]) -> float:
    """Where hazard and shape say least of each other: the geometric mean of the ages that calls were made at."""
    ages = np.concatenate([unit.ages[0] for unit in units.values()] or [np.zeros(0)])
    counts = np.concatenate([unit.ages[1] for unit in units.values()] or [np.zeros(0)])
    if not counts.sum():
        return 365.0
    return float(np.exp(np.average(np.log(ages), weights=counts)))


def _shape_grid(units: Mapping[str, Evidence], at_d: float, untold: float) -> tuple[Floats, Floats]:
    """Shapes that the data allow, and the logarithms of their prior weights."""
    logs = np.linspace(-1.5, 1.25, 12)
    for _ in range(3):
        log = _log_prior(logs)
        for unit in units.values():
            log = log + log_likelihood(unit, _WIDE, np.exp(logs), at_d, untold).max(1)
        inside = np.flatnonzero(log > log.max() - _DEPTH)
        low, high = max(inside[0] - 1, 0), min(inside[-1] + 1, len(logs) - 1)
        logs = np.linspace(logs[low], logs[high], _SHAPES)
        if len(inside) > len(log) / 2:
            break
    return np.exp(logs), _log_prior(logs)


def _log_prior(log_shapes: Floats) -> Floats:
    prior: Floats = -0.5 * (log_shapes / _SHAPE_SPREAD) ** 2
    return prior


_WIDE = np.linspace(-12.0, 4.0, 81)


def _unit_grid(unit: Evidence, shapes: Floats, at_d: float, untold: float) -> tuple[Floats, Floats]:
    """Log hazards where the unit's likelihood has weight, and the likelihood there, by shape; 1 at its highest."""
    eta = _WIDE
    for _ in range(3):
        log = log_likelihood(unit, eta, shapes[:: _SHAPES // 4], at_d, untold)
        inside = np.flatnonzero(log.max(0) > log.max() - _DEPTH)
        low, high = max(inside[0] - 1, 0), min(inside[-1] + 1, len(eta) - 1)
        if len(inside) > _ETAS / 2:
            break
        eta = np.linspace(eta[low], eta[high], _ETAS)
    log = log_likelihood(unit, eta, shapes, at_d, untold)
    return eta, np.exp(log - log.max())


def _between(eta: Floats, centres: Floats) -> Floats:
    """The normal density over the sources, times the grid's step: by log hazard, centre, spread."""
    apart = (eta[:, None, None] - centres[None, :, None]) / _SPREADS[None, None, :]
    density: Floats = np.exp(-0.5 * apart**2) / _SPREADS * (eta[1] - eta[0])
    return density


def _systematic(mass: Floats, draws: int, random: np.random.Generator) -> Ints:
    """`draws` places in proportion to the mass, in random order."""
    cumulated = np.cumsum(mass)
    at = (np.arange(draws) + random.random()) / draws * cumulated[-1]
    picked = np.minimum(np.searchsorted(cumulated, at), len(mass) - 1)
    return random.permutation(picked)


def _draw_unit(
    eta: Floats, likely: Floats, shape: Ints, centre: Floats, spread: Floats, random: np.random.Generator
) -> Floats:
    weights = likely[shape] * np.exp(-0.5 * ((eta[None, :] - centre[:, None]) / spread[:, None]) ** 2)
    cumulated = np.cumsum(weights, axis=1)
    at = random.random(len(shape)) * cumulated[:, -1]
    place = np.minimum((cumulated < at[:, None]).sum(1), len(eta) - 1)
    drawn: Floats = eta[place] + (random.random(len(shape)) - 0.5) * (eta[1] - eta[0])
    return drawn
