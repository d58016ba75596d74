"""A box over the screen, for what has to be answered."""

from __future__ import annotations

from typing import TypeVar

from textual import events
from textual.app import ComposeResult
from textual.screen import ModalScreen

from dialer.tui.cells import Line
from dialer.tui.lines import Lines

Answer = TypeVar("Answer")

WIDTH = 64
MARGIN = 6


class Box(Lines):
    """Its size is set to its text's."""


class BoxScreen(ModalScreen[Answer]):
    """Over the others, a box as large as its rows."""

    def __init__(self) -> None:
        super().__init__()
        self._box = Box()

    def compose(self) -> ComposeResult:
        yield self._box

    def on_mount(self) -> None:
        self.lay_out()

    def on_resize(self, event: events.Resize) -> None:
        self.lay_out()

    def lay_out(self) -> None:
        """Draw the rows as they are now."""
        width = max(20, min(WIDTH, self.app.size.width - 2))
        rows = self.rows(width - MARGIN)
        self._box.styles.width, self._box.styles.height = width, len(rows) + 4
        self._box.draw(rows)

    def rows(self, width: int) -> list[Line]:
        """What is in the box, in so many columns."""
        raise NotImplementedError
