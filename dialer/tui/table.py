"""A table with a cursor that stays on its row while rows come, go and change places."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import ClassVar, Generic

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message

from dialer.tui.cells import Line
from dialer.tui.columns import Column, Row, choose, heading, row_line
from dialer.tui.lines import SCROLL_KEYS, Drawn, Lines

ON, OFF = ("›", "strong"), (" ", "")
"""Before the row that the cursor is on, and before the others."""


class Table(Lines, Generic[Row], can_focus=True):
    """`key` tells rows apart. Only rows in sight are made into lines. `empty`: what stands there without rows.
    `first_stays`: a cursor on the first row is on whatever row is first; else it follows its row."""

    DEFAULT_CSS = "Table { height: 1fr; }"
    BINDINGS: ClassVar[list[BindingType]] = [*SCROLL_KEYS, Binding("enter", "choose", show=False)]

    class Moved(Message):
        """The cursor stands on another row, by a key."""

    class Chosen(Message):
        """Enter on a row. `key`: of that row."""

        def __init__(self, key: Hashable) -> None:
            super().__init__()
            self.key = key

    def __init__(
        self, columns: Sequence[Column[Row]], key: Callable[[Row], Hashable], *, first_stays: bool = False
    ) -> None:
        super().__init__()
        self._first_stays = first_stays
        self._columns = columns
        self._key_of = key
        self._rows: Sequence[Row] = ()
        self._empty: Sequence[Line] = ()
        self._stale = False
        self._at = 0
        self._top = 0
        self._key: Hashable = None

    @property
    def current(self) -> Row | None:
        """The row under the cursor, None without rows."""
        return self._rows[self._at] if self._rows else None

    def fill(self, rows: Sequence[Row], *, stale: bool, empty: Sequence[Line] = ()) -> None:
        """These are its rows now. The cursor follows its row; where that is gone, it stays at its height."""
        self._rows, self._stale, self._empty = rows, stale, empty
        if self._first_stays and self._at == 0:
            self._top = 0
        elif not rows or self._key_of(rows[min(self._at, len(rows) - 1)]) != self._key:
            found = next((n for n, row in enumerate(rows) if self._key_of(row) == self._key), None)
            if found is not None:
                self._top += found - self._at  # what is around it may move; the line it stands on does not
                self._at = found
        self._show()

    def place(self) -> str:
        """Which rows are in sight: `1–20 of 300`."""
        last = min(len(self._rows), self._top + self._page())
        return f"{self._top + 1:,}–{last:,} of {len(self._rows):,}" if len(self._rows) > self._page() else ""

    def action_move(self, by: int) -> None:
        if not self._rows:
            return
        self._at = max(0, min(len(self._rows) - 1, self._at + by))
        self._key = self._key_of(self._rows[self._at])
        self._show()
        self.post_message(self.Moved())

    def action_page(self, by: int) -> None:
        self._top += by * self._page()
        self.action_move(by * self._page())

    def action_choose(self) -> None:
        if self._rows:
            self.post_message(self.Chosen(self._key))

    def on_resize(self, event: events.Resize) -> None:
        self._show()

    def _page(self) -> int:
        return max(1, self.size.height - 1)

    def _show(self) -> None:
        fitted = choose(self._columns, self.size.width - 1)
        drawn: list[Drawn] = []
        if not self._rows:
            self._at = self._top = 0
            drawn = [(row, "") for row in self._empty]
        else:
            drawn.append(((OFF, *heading(fitted)), ""))
            self._at = max(0, min(self._at, len(self._rows) - 1))
            self._key = self._key_of(self._rows[self._at])
            page = self._page()
            self._top = max(self._at - page + 1, min(self._top, self._at, max(0, len(self._rows) - page)))
            self._top = max(0, self._top)
            stale = "stale " if self._stale else ""
            for n in range(self._top, min(len(self._rows), self._top + page)):
                cells = row_line(fitted, self._rows[n])
                drawn.append(((ON, *cells), f"{stale}cursor") if n == self._at else ((OFF, *cells), stale))
        self.draw_each(drawn)
