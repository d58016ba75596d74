"""Help: the keys of the screen one comes from, and what its words mean."""

from __future__ import annotations

from collections.abc import Sequence

from textual.widget import Widget

from dialer.tui.cells import Line, fit, line, wrap
from dialer.tui.frame import Frame, Words
from dialer.tui.head import Key
from dialer.tui.lines import Sheet
from dialer.tui.view import View

KEY_W, WORD_W = 10, 16
EVERYWHERE: Words = (
    ("1 2 3 4 5", "floor, agents, calls, alarms, callbacks"),
    ("w", "why a number or a lead may be called now, or not"),
    ("?", "help on the screen you are on"),
    ("Esc", "back"),
    ("q", "leave the console; the service goes on"),
)


class HelpScreen(Frame):
    """`of`: the screen that help was asked on."""

    def __init__(self, of: Frame, quit_text: str) -> None:
        super().__init__()
        self.title_word = f"Help: {of.title_word}"  # type: ignore[misc]
        self._of = of
        self._quit_text = quit_text
        self._sheet = Sheet()

    def parts(self) -> Sequence[Widget]:
        return (self._sheet,)

    def draw_parts(self, view: View) -> None:
        self._sheet.fill(self._lines(self.size.width))

    def caption(self, view: View) -> tuple[Line, str]:
        return (), ""

    def keys(self, view: View) -> list[Key]:
        return [Key("Esc", "back"), Key("↑↓", "scroll"), Key("q", view.quit_word)]

    def action_help(self) -> None:
        self.action_leave()

    def _lines(self, width: int) -> list[Line]:
        everywhere = [(key, self._quit_text if key == "q" else text) for key, text in EVERYWHERE]
        known = {key for key, _ in self._of.key_words}
        return [
            *_section(f"Keys on {self._of.title_word.lower()}", self._of.key_words, KEY_W, width),
            *_section("Keys everywhere", [pair for pair in everywhere if pair[0] not in known], KEY_W, width),
            *_section("Words", self._of.words, WORD_W, width),
        ]


def _section(title: str, pairs: Words, word_width: int, width: int) -> list[Line]:
    lines: list[Line] = [line((f" {title}", "head"))]
    for word, text in pairs:
        told = wrap(text, max(20, width - word_width - 4))
        for n, row in enumerate(told):
            lines.append(((f"  {fit(word if n == 0 else '', word_width)} ", "strong"), *row))
    return [*lines, ()]
