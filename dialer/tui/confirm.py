"""A question that has to be answered before anything happens."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType

from dialer.tui.box import BoxScreen
from dialer.tui.cells import Line, line, wrap
from dialer.tui.palette import PAPER


class ConfirmScreen(BoxScreen[bool]):
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

    def action_answer(self, yes: bool) -> None:
        self.dismiss(yes)

    def rows(self, width: int) -> list[Line]:
        told = [row for sentence in self._sentences for row in wrap(sentence, width)]
        keys = line(("y", "strong"), (f" {self._yes}    ", ""), ("n", "strong"), (" leave it as it is", ""))
        return [*wrap(self._question, width, "strong"), (), *told, (), keys]
