"""Makes the pacer of a mode."""

from __future__ import annotations

from dialer.pacing.lines import LinesPacer
from dialer.pacing.power import PowerPacer
from dialer.pacing.predictive import PredictivePacer
from dialer.pacing.progressive import ProgressivePacer
from dialer.pacing.snapshot import Pacer

MODES = ("progressive", "power", "predictive", "lines")
"""The modes that can be made today. Preview has its name in `campaigns.campaign.Mode`."""


def create(
    mode: str,
    *,
    ratio: float = 1.0,
    abandon_target: float = 0.03,
    grace_s: float = 2.0,
    lines: int = 1,
    window_s: float | tuple[float, ...] = 28_800.0,
    seed: int = 0,
) -> Pacer:
    """A pacer of this mode. The options are those of every mode, so that a caller need not know which it has:
    `ratio` is read by power; `lines` by lines; `abandon_target` (fraction of live answers), `grace_s`, `window_s`
    (one or several seconds) and `seed` by predictive.

    Raises `ValueError` for an unknown mode or an option out of its range.
    """
    if not 0.0 < abandon_target < 1.0:
        raise ValueError(f"abandon_target must lie between 0 and 1, not {abandon_target!r}")
    if grace_s < 0.0:
        raise ValueError(f"grace_s must not be negative, not {grace_s!r}")
    windows = window_s if isinstance(window_s, tuple) else (window_s,)
    if not windows or min(windows) <= 0.0:
        raise ValueError(f"window_s must be positive, not {window_s!r}")
    if mode == "progressive":
        return ProgressivePacer()
    if mode == "power":
        return PowerPacer(ratio)
    if mode == "predictive":
        return PredictivePacer(abandon_target, grace_s, windows)
    if mode == "lines":
        return LinesPacer(lines)
    raise ValueError(f"unknown pacing mode {mode!r}; known: {', '.join(MODES)}")
