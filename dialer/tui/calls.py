"""Calls in progress: state, for how long, number (masked), agent, trunk."""

from __future__ import annotations

from collections.abc import Sequence

from textual.widget import Widget

from dialer.api.schemas import CallRow
from dialer.tui.cells import Line, line
from dialer.tui.columns import Column
from dialer.tui.figures import NONE, duration
from dialer.tui.frame import Frame
from dialer.tui.head import Key, waiting
from dialer.tui.keys import screen_keys
from dialer.tui.table import Table
from dialer.tui.view import View
from dialer.tui.words import CALL_STATES, CALL_WORDS, counted

STYLES = {"talking": "good", "waiting": "alarm", "alerting": "", "placed": "dim", "committing": "dim"}
URGENCY = (
    "waiting",
    "talking",
    "prompted",
    "alerting",
    "placed",
    "committing",
    "cancelling",
    "ending",
    "ended",
    "closed",
)
_PLACE = {state: n for n, state in enumerate(URGENCY)}


def _state(row: CallRow) -> tuple[str, str]:
    word = CALL_STATES.get(row.state, row.state)
    return (f"! {word}" if row.state == "waiting" else word), STYLES.get(row.state, "dim")


COLUMNS: Sequence[Column[CallRow]] = (
    Column("State", 9, lambda row, w: _state(row)),
    Column("For", 7, lambda row, w: (duration(row.for_s), ""), right=True),
    Column("Number", 14, lambda row, w: (row.number, ""), most=16),
    Column("Agent", 12, lambda row, w: (row.agent_id or NONE, ""), most=24),
    Column("Trunk", 10, lambda row, w: (row.trunk, ""), most=20),
    Column("Campaign", 12, lambda row, w: (row.campaign, ""), most=36),
    Column("Contact", 14, lambda row, w: (row.contact, ""), rank=1, most=48),
    Column("Attempt", 11, lambda row, w: (str(row.attempt_id), "dim"), right=True, rank=2),
)


def by_urgency(rows: Sequence[CallRow]) -> list[CallRow]:
    """Who waits for an agent first, then those talking, then those not yet answered; in each the longest first."""
    return sorted(rows, key=lambda row: (_PLACE.get(row.state, len(_PLACE)), -row.for_s, row.attempt_id))


class CallsScreen(Frame):
    title_word = "Calls"
    words = CALL_WORDS
    key_words = (
        ("↑ ↓", "move (also k j, Page Up, Page Down, Home, End)"),
        ("Esc", "back to the floor"),
    )

    def __init__(self) -> None:
        super().__init__()
        self._table: Table[CallRow] = Table(COLUMNS, key=lambda row: row.attempt_id, first_stays=True)

    def parts(self) -> Sequence[Widget]:
        return (self._table,)

    def draw_parts(self, view: View) -> None:
        if view.overview is None:
            self._table.fill((), stale=False, empty=waiting(view, self.size.width))
            return
        none = [(), line(("  No call is in progress. The floor (1) says why, campaign by campaign.", ""))]
        self._table.fill(by_urgency(view.overview.calls), stale=view.stale, empty=none)

    def caption(self, view: View) -> tuple[Line, str]:
        if view.overview is None:
            return (), ""
        calls = view.overview.calls
        counts = {CALL_STATES[state]: sum(row.state == state for row in calls) for state in URGENCY}
        told = ", ".join(f"{count:,} {word}" for word, count in counts.items() if count)
        return line(
            (f" {counted(len(calls), 'call')}" + (f": {told}" if told else ""), "dim")
        ), self._table.place()

    def keys(self, view: View) -> list[Key]:
        return [Key("↑↓", "move"), *screen_keys(view, "3")]
