"""Leads by where they may be, as a table."""

from __future__ import annotations

from collections.abc import Mapping

from dialer.cli.output import print_table, say

_SHOWN = 15


def print_zones(zones: Mapping[str, int]) -> None:
    """`zones`: leads by the set of zones they may be in, joined by "|"; the most frequent sets are shown."""
    largest = sorted(zones.items(), key=lambda item: (-item[1], item[0]))
    rows = [(name.replace("|", ", "), count) for name, count in largest[:_SHOWN]]
    print_table(("may be in", "leads#"), rows, empty="No lead.")
    if len(largest) > _SHOWN:
        say(f"… and {len(largest) - _SHOWN} more sets of zones (--json has all)")
