"""A home's settings, without the store behind it: what a command needs that asks the service for everything
else."""

from __future__ import annotations

from pathlib import Path

from dialer.errors import HomeError
from dialer.settings import Settings, load_settings


def load_home(home: Path) -> Settings:
    """The settings of a home. Raises `HomeError` when there is none, `SettingsError`."""
    if not home.is_dir():
        advice = "there is no home here; make one with `dialer init`, or name yours with --home or DIALER_HOME"
        raise HomeError(home, advice)
    return load_settings(home)
