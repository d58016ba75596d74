"""A question that has to be answered before anything happens."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen

from dialer.tui.cells import Line, line, wrap
from dialer.tui.lines import Lines
from dialer.tui.palette import PAPER

WIDTH = 64
MARGIN = 6


class Box(Lines):
    """Its size is set to its text's."""


class ConfirmScreen(ModalScreen[bool]):
    """Answers True for y, False for n, Esc and q. Enter is no answer: it was pressed for something else before."""

    DEFAULT_CSS = f"""
    ConfirmScreen {{ align: center middle; background: #000000 40%; }}
    ConfirmScreen Box {{ border: round #e6c65c; padding: 1 2; background: {PAPER}; }}
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "answer(True)", show=False),
        Binding("n,escape,q", "answer(False)", show=False),
    ]

    def __init__(self, question: str, sentences: Sequence[str], yes: str) -> None:
        super().__init__()
        self._question, self._sentences, self._yes = question, sentences, yes
        self._box = Box()

    def compose(self) -> ComposeResult:
        yield self._box

    def on_mount(self) -> None:
        self._lay_out()

    def on_resize(self, event: events.Resize) -> None:
        self._lay_out()

    def action_answer(self, yes: bool) -> None:
        self.dismiss(yes)

    def _lay_out(self) -> None:
        width = max(20, min(WIDTH, self.app.size.width - 2))
        rows = self._rows(width - MARGIN)
        self._box.styles.width, self._box.styles.height = width, len(rows) + 4
        self._box.draw(rows)

    def _rows(self, width: int) -> list[Line]:
        told = [row for sentence in self._sentences for row in wrap(sentence, width)]
        keys = line(("y", "strong"), (f" {self._yes}    ", ""), ("n", "strong"), (" leave it as it is", ""))
        return [*wrap(self._question, width, "strong"), (), *told, (), keys]
