"""The agents on duty: state, how long in it, campaign, contact."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widget import Widget

from dialer.api.schemas import AgentRow, Overview
from dialer.tui.campaign_filter import OfOneCampaign
from dialer.tui.cells import Line, line
from dialer.tui.columns import Column
from dialer.tui.figures import NONE, duration
from dialer.tui.head import Key, waiting
from dialer.tui.keys import screen_keys
from dialer.tui.table import Table
from dialer.tui.view import View
from dialer.tui.words import AGENT_STATES, AGENT_WORDS, counted

LONG_S = {"paused": 900.0, "holding": 180.0, "wrap_up": 120.0}
"""From when on a state stands out."""

STYLES = {
    "talking": "good",
    "holding": "note",
    "ready": "",
    "reserved": "",
    "wrap_up": "note",
    "unreachable": "alarm",
    "paused": "dim",
    "logged_out": "dim",
}
NO_DESK = {"talking": "talk, no desk", "holding": "hold, no desk", "wrap_up": "wrap, no desk"}
"""Short, to be read whole in the narrowest column."""

_ORDER = list(AGENT_STATES)


def is_long(row: AgentRow) -> bool:
    """Whether the agent is paused, has somebody on hold or wraps up for longer than is usual."""
    return row.for_s >= LONG_S.get(row.state, float("inf"))


def _state(row: AgentRow) -> tuple[str, str]:
    word = AGENT_STATES.get(row.state, row.state)
    why = {"paused": row.pause_code, "unreachable": row.phone}.get(row.state, "")
    if row.desk_lost:
        return NO_DESK.get(row.state, "no desk"), "alarm"
    return f"{word}: {why}" if why else word, "alarm" if is_long(row) else STYLES.get(row.state, "")


def _time(row: AgentRow) -> tuple[str, str]:
    if row.state == "logged_out":
        return NONE, "dim"
    return (f"! {duration(row.for_s)}", "alarm") if is_long(row) else (duration(row.for_s), "")


COLUMNS: Sequence[Column[AgentRow]] = (
    Column("Agent", 17, lambda row, w: (row.name or row.agent_id, ""), most=36),
    Column("State", 13, lambda row, w: _state(row), most=24),
    Column("Time", 10, lambda row, w: _time(row), right=True),
    Column("Campaign", 14, lambda row, w: (row.campaign, ""), most=36),
    Column("Contact", 20, lambda row, w: (row.contact, ""), most=48),
    Column("Id", 14, lambda row, w: (row.agent_id, "dim"), rank=1),
    Column(
        "Attempt",
        11,
        lambda row, w: (NONE if row.attempt_id is None else str(row.attempt_id), "dim"),
        True,
        rank=2,
    ),
)


def by_time(rows: Sequence[AgentRow]) -> list[AgentRow]:
    """Longest in its state first."""
    return sorted(rows, key=lambda row: (-row.for_s, row.agent_id))


def by_state(rows: Sequence[AgentRow]) -> list[AgentRow]:
    """Idle, talking, wrap-up, no phone, paused; in each the longest first."""
    place = {state: n for n, state in enumerate(_ORDER)}
    return sorted(rows, key=lambda row: (place.get(row.state, len(place)), -row.for_s, row.agent_id))


def by_name(rows: Sequence[AgentRow]) -> list[AgentRow]:
    return sorted(rows, key=lambda row: ((row.name or row.agent_id).casefold(), row.agent_id))


ORDERS: dict[str, Callable[[Sequence[AgentRow]], list[AgentRow]]] = {
    "time": by_time, "state": by_state, "name": by_name,
}  # fmt: skip


class AgentsScreen(OfOneCampaign):
    title_word = "Agents"
    words = AGENT_WORDS
    key_words = (
        ("↑ ↓", "move (also k j, Page Up, Page Down, Home, End)"),
        ("t", "sort by time in the state, longest first"),
        ("e", "sort by state"),
        ("n", "sort by name"),
        ("f", "filter: agents of the next campaign only"),
        ("a", "agents of all campaigns"),
        ("Esc", "back to the floor"),
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("t", "sort('time')", show=False),
        Binding("e", "sort('state')", show=False),
        Binding("n", "sort('name')", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._table: Table[AgentRow] = Table(COLUMNS, key=lambda row: row.agent_id, first_stays=True)
        self._order = "time"

    def parts(self) -> Sequence[Widget]:
        return (self._table,)

    def draw_parts(self, view: View) -> None:
        if view.overview is None:
            self._table.fill((), stale=False, empty=waiting(view, self.size.width))
            return
        where = f" of {self.only}" if self.only else ""
        nobody = [(), line((f"  No agent{where} is on duty: nothing is dialed until one logs in.", "note"))]
        self._table.fill(ORDERS[self._order](self._shown(view.overview)), stale=view.stale, empty=nobody)

    def caption(self, view: View) -> tuple[Line, str]:
        if view.overview is None:
            return (), ""
        shown = self._shown(view.overview)
        long = sum(map(is_long, shown))
        counts = {word: sum(row.state == state for row in shown) for state, word in AGENT_STATES.items()}
        told = ", ".join(f"{count:,} {word}" for word, count in counts.items() if count)
        of = f" of {self.only}" if self.only else ""
        spans = [(f" {counted(len(shown), 'agent')}{of} by {self._order}" + (f": {told}" if told else ""), "dim")]
        if long:
            spans.append((f" · ! {long:,} long", "alarm"))
        return line(*spans), self._table.place()

    def keys(self, view: View) -> list[Key]:
        everybody = Key("a", "all", "" if self.only else "all are shown")
        return [Key("t e n", "sort"), Key("f", "campaign"), everybody, *screen_keys(view, "2")]

    def action_sort(self, order: str) -> None:
        self._order = order
        self.redraw()

    def campaigns_shown(self) -> Iterable[str]:
        return [row.name for row in self.view.overview.campaigns] if self.view and self.view.overview else []

    def _shown(self, overview: Overview) -> list[AgentRow]:
        return [row for row in overview.agents if self.only is None or row.campaign == self.only]
