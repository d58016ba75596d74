"""Alarms, the gravest first, and what to do about the one under the cursor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual.widget import Widget

from dialer.api.schemas import Alarm, Overview
from dialer.tui.cells import Line, line, wrap
from dialer.tui.columns import Column
from dialer.tui.figures import moment, time_of_day
from dialer.tui.frame import Frame
from dialer.tui.head import Key, waiting
from dialer.tui.keys import screen_keys
from dialer.tui.lines import Lines
from dialer.tui.table import Table
from dialer.tui.view import View
from dialer.tui.words import ALARM_WORDS, LEVEL_SIGNS, LEVEL_STYLES, counted

PANEL_ROWS = 6
LEVELS = tuple(LEVEL_SIGNS)


@dataclass(frozen=True, slots=True)
class Told:
    """An alarm with the time of day at which it was raised."""

    alarm: Alarm
    at: str


COLUMNS: Sequence[Column[Told]] = (
    Column("", 1, lambda told, w: (LEVEL_SIGNS[told.alarm.level], LEVEL_STYLES[told.alarm.level])),
    Column("At", 12, lambda told, w: (told.at, "")),
    Column("Campaign", 16, lambda told, w: (told.alarm.campaign, ""), most=24),
    Column("What, and what to do", 30, lambda told, w: (told.alarm.text, ""), most=400),
)


def _level(alarm: Alarm) -> tuple[str, str]:
    return f"{LEVEL_SIGNS[alarm.level]} {alarm.level}", LEVEL_STYLES[alarm.level]


class AlarmPanel(Lines):
    """The whole text of one alarm."""

    DEFAULT_CSS = f"AlarmPanel {{ height: {PANEL_ROWS}; }}"


class AlarmsScreen(Frame):
    title_word = "Alarms"
    words = ALARM_WORDS
    key_words = (
        ("↑ ↓", "choose an alarm; its whole text stands below"),
        ("Esc", "back to the floor"),
    )

    def __init__(self) -> None:
        super().__init__()
        self._table: Table[Told] = Table(
            COLUMNS, key=lambda told: (told.alarm.at, told.alarm.code, told.alarm.campaign), first_stays=True
        )
        self._panel = AlarmPanel()

    def parts(self) -> Sequence[Widget]:
        return (self._table, self._panel)

    def draw_parts(self, view: View) -> None:
        overview = view.overview
        if overview is None:
            self._table.fill((), stale=False, empty=waiting(view, self.size.width))
            self._panel.draw([])
            return
        gravest_first = sorted(overview.alarms, key=lambda alarm: (LEVELS.index(alarm.level), -alarm.at))
        rows = [Told(alarm, _when(alarm, overview)) for alarm in gravest_first]
        self._table.fill(
            rows, stale=view.stale, empty=[(), line(("  No alarms. All is well as far as is known.", ""))]
        )
        current, width = self._table.current, self.size.width
        self._panel.draw([] if current is None else whole(current, width), stale=view.stale)

    def caption(self, view: View) -> tuple[Line, str]:
        if view.overview is None:
            return (), ""
        alarms = view.overview.alarms
        counts = [(sum(a.level == level for a in alarms), level) for level in LEVEL_SIGNS]
        told = ", ".join(
            counted(count, level, level if level == "info" else "") for count, level in counts if count
        )
        return line((f" {told or 'No alarms'}", "dim")), self._table.place()

    def keys(self, view: View) -> list[Key]:
        return [Key("↑↓", "choose"), *screen_keys(view, "4")]

    def on_table_moved(self) -> None:
        self.redraw()


def whole(told: Told, width: int) -> list[Line]:
    """`PANEL_ROWS` lines at most: when, where, and the whole text."""
    sign, style = _level(told.alarm)
    first = line((f" {sign}", style), (f"  {told.at}  {told.alarm.campaign}  {told.alarm.code}", "dim"))
    text = [(((" ", ""), *row)) for row in wrap(told.alarm.text, max(10, width - 2))]
    if len(text) > PANEL_ROWS - 2:
        text = [*text[: PANEL_ROWS - 3], (((" …", "dim")),)]
    return [line(("─" * width, "dim")), first, *text]


def _when(alarm: Alarm, overview: Overview) -> str:
    service = overview.service
    local = moment(alarm.at, service.timezone)
    seconds = f"{local:%H:%M:%S}"
    told = time_of_day(alarm.at, service.timezone, service.now)
    return seconds if len(told) == len("00:00") else told
