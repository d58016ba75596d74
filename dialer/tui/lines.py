"""Widgets that show lines: each line is compared with what stands there, and only what differs is drawn again."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from dialer.tui.cells import Line, fit_line, line
from dialer.tui.palette import BASE, CURSOR, STALE, STYLES

Overlay = str
"""Of a whole line: "" none, "cursor", "stale", "stale cursor"."""

Drawn = tuple[Line, Overlay]


@lru_cache(512)
def _style(name: str, overlay: Overlay) -> Style:
    style = BASE + STYLES[name]
    if "stale" in overlay:
        style = STALE + Style(bgcolor=style.bgcolor)
    return style + CURSOR if "cursor" in overlay else style


class Lines(Widget):
    """Lines from its top down; without any, blank. There is no markup in them and nothing to lay out."""

    DEFAULT_CSS = "Lines { height: 1; }"

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id)
        self._drawn: list[Drawn] = []

    def draw(self, lines: Sequence[Line], *, stale: bool = False) -> None:
        """Show these."""
        self.draw_each([(row, "stale" if stale else "") for row in lines])

    def draw_each(self, lines: Sequence[Drawn]) -> None:
        """Show these, each with its overlay. Lines that stay as they are cost a comparison."""
        before, self._drawn = self._drawn, list(lines)
        width = self.size.width
        longest = max(len(before), len(lines))
        changed = [
            Region(0, y, width, 1)
            for y in range(min(longest, self.size.height))
            if y >= len(before) or y >= len(lines) or before[y] != lines[y]
        ]
        if changed:
            self.refresh(*changed)

    @property
    def text(self) -> list[str]:
        """What stands there, without styles."""
        return ["".join(part for part, _ in row) for row, _ in self._drawn]

    def render_line(self, y: int) -> Strip:
        row, overlay = self._drawn[y] if y < len(self._drawn) else ((), "")
        width = self.size.width
        return Strip([Segment(text, _style(style, overlay)) for text, style in fit_line(row, width)], width)


SCROLL_KEYS: list[BindingType] = [
    Binding("up,k", "move(-1)", show=False),
    Binding("down,j", "move(1)", show=False),
    Binding("pageup", "page(-1)", show=False),
    Binding("pagedown,space", "page(1)", show=False),
    Binding("home", "move(-1000000)", show=False),
    Binding("end", "move(1000000)", show=False),
]


class Sheet(Lines, can_focus=True):
    """More lines than there is room for, scrolled by keys. The place is kept while the lines change."""

    DEFAULT_CSS = "Sheet { height: 1fr; }"
    BINDINGS: ClassVar[list[BindingType]] = SCROLL_KEYS

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id)
        self._all: list[Line] = []
        self._top = 0
        self._stale = False

    def fill(self, lines: Sequence[Line], *, stale: bool = False) -> None:
        """These are all its lines."""
        self._all, self._stale = list(lines), stale
        self._show()

    def action_move(self, by: int) -> None:
        self._top += by
        self._show()

    def action_page(self, by: int) -> None:
        self.action_move(by * max(1, self.size.height - 2))

    def on_resize(self, event: events.Resize) -> None:
        self._show()

    def _show(self) -> None:
        height = self.size.height
        room = height if len(self._all) <= height else max(1, height - 1)
        self._top = max(0, min(self._top, len(self._all) - room))
        shown = self._all[self._top : self._top + room]
        if room < height:
            below = len(self._all) - self._top - room
            words = f" ↓ {below} more lines (Page Down)" if below else " ↑ the end (Page Up)"
            shown.append(line((words, "dim")))
        self.draw(shown, stale=self._stale)
