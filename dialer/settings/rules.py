"""The rules of an installation: those it declares, and what becomes of rules that nobody has checked for long."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from campaigns.declared_rules import read_declared_rules
from campaigns.errors import CampaignFileError
from campaigns.rule_library import USUAL_GRACE_S, RuleLibrary
from campaigns.toml_table import Table
from dialer.clock import SystemClock

LONGEST_GRACE_S = 366 * 86_400.0


def read_rules(table: Table, home: Path) -> RuleLibrary:
    """Of the table `[rules]`, and of the home's folder `rules`; what is wrong with either is noted."""
    outdated = table.choice("outdated", "refuse", ["warn", "refuse"])
    grace_s = table.duration("grace", USUAL_GRACE_S, 0.0, LONGEST_GRACE_S)
    if outdated == "warn" and "grace" in table:
        table.wrong("grace", "outdated rules are never refused here", 'remove it, or write outdated = "refuse"')
    try:
        declared = read_declared_rules(home, _latest_day())
    except CampaignFileError as error:
        table.source.problems += error.problems
        declared = ()
    return RuleLibrary(declared, float("inf") if outdated == "warn" else grace_s)


def _latest_day() -> date:
    """The day that it is where days begin first, 14 hours before that of UTC."""
    return (datetime.fromtimestamp(SystemClock().now(), UTC) + timedelta(hours=14)).date()
