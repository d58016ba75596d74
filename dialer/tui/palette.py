"""The styles that lines name. Colour never says anything alone: what it stresses has a sign or a word as well."""

from __future__ import annotations

from rich.style import Style

PAPER = "#14191f"

BASE = Style(color="#d8d8d8", bgcolor=PAPER)
"""Under every style: the terminal's own background may be light."""

STYLES: dict[str, Style] = {
    "": Style(),
    "strong": Style(bold=True),
    "dim": Style(color="#9a9a9a"),
    "head": Style(color="#8fb8de", bold=True),
    "good": Style(color="#7ec98f"),
    "note": Style(color="#e6c65c"),
    "alarm": Style(color="#ff7b72", bold=True),
    "alarm-bar": Style(color="#ffffff", bgcolor="#a1261d", bold=True),
    "note-bar": Style(color="#1c1c1c", bgcolor="#e6c65c"),
    "good-bar": Style(color="#10240f", bgcolor="#7ec98f"),
    "bar": Style(color="#e6e6e6", bgcolor="#2b3a4a"),
    "bar-strong": Style(color="#ffffff", bgcolor="#2b3a4a", bold=True),
    "bar-dim": Style(color="#93a1af", bgcolor="#2b3a4a"),
    "bar-note": Style(color="#f0d67a", bgcolor="#2b3a4a", bold=True),
    "bar-alarm": Style(color="#ff9d96", bgcolor="#2b3a4a", bold=True),
}

STALE = Style(color="#7a7a7a", bold=False)
"""Laid over every line of a picture that is out of date."""

CURSOR = Style(bgcolor="#3a4a63")
"""Laid under the line that the cursor is on."""
