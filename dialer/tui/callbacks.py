"""Promised calls still to be made: when, to whom, by whom, and why one waits."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widget import Widget

from campaigns.life import CampaignState
from dialer.api.callbacks import DueCallback, DueCallbacks
from dialer.api.schemas import Overview
from dialer.errors import DialerError
from dialer.tui.asking import Asking
from dialer.tui.campaign_filter import OfOneCampaign
from dialer.tui.cells import Line, line, wrap
from dialer.tui.columns import Column
from dialer.tui.figures import NONE, clock, duration, moment, time_of_day
from dialer.tui.head import Key, waiting
from dialer.tui.keys import screen_keys
from dialer.tui.lines import Lines
from dialer.tui.table import Table
from dialer.tui.view import View
from dialer.tui.why_question import WhoMeant, WhyWanted
from dialer.tui.words import AGENT_STATES, CALL_STATES, CALLBACK_WORDS, counted, spelled

AGAIN_S = 5.0
LATE_S = 900.0
"""From then on a promise is not kept in time (`dialer callbacks`)."""
PANEL_ROWS = 5


@dataclass(frozen=True, slots=True)
class Shown:
    """A callback as it stands at `now` (seconds UTC of the service). `by`: who makes it; `why`: what it waits for,
    with its style."""

    row: DueCallback
    now: float
    timezone: str
    by: str
    why: tuple[str, str]

    @property
    def late_s(self) -> float:
        """Seconds since the promised moment; negative before it."""
        return self.now - self.row.promised_at


def shown(row: DueCallback, overview: Overview, now: float) -> Shown:
    """What there is to say of it."""
    return Shown(row, now, overview.service.timezone, _by(row, now), _why(row, overview, now))


def _by(row: DueCallback, now: float) -> str:
    if not row.agent_id:
        return "anyone"
    # Whom it was promised by is waited for; then anyone makes the call.
    return row.agent_id if row.agent_until is None or now < row.agent_until else f"anyone (was {row.agent_id})"


def _why(row: DueCallback, overview: Overview, now: float) -> tuple[str, str]:
    calls = [call for call in overview.calls if (call.campaign, call.lead_id) == (row.campaign, row.lead_id)]
    if calls:
        return f"being called: {CALL_STATES.get(calls[0].state, calls[0].state)}", "good"
    state = next((one.state for one in overview.campaigns if one.name == row.campaign), None)
    if state is not CampaignState.RUNNING:
        return f"campaign is {state or 'not among those shown'}", "note" if row.promised_at <= now else "dim"
    if row.due_at is not None and row.due_at > now:
        until = time_of_day(row.due_at, overview.service.timezone, now)
        return (f"till {until}: {spelled(row.reason)}", "note") if row.reason else ("not due yet", "dim")
    if row.agent_id and row.agent_until is not None and now < row.agent_until:
        agent = next((one for one in overview.agents if one.agent_id == row.agent_id), None)
        doing = "off duty" if agent is None else AGENT_STATES.get(agent.state, agent.state)
        if agent is not None and agent.campaign not in ("", row.campaign):
            doing += f" in {agent.campaign}"
        return f"agent {doing}, anyone in {duration(row.agent_until - now)}", "note"
    return ("next in line", "") if row.at_hand else ("about to be taken up", "")


def _sign(one: Shown) -> tuple[str, str]:
    if one.late_s < 0:
        return "", ""
    return ("▲", "alarm") if one.late_s >= LATE_S else ("!", "note")


def _in(one: Shown) -> tuple[str, str]:
    if one.late_s < 0:
        return f"in {_short(-one.late_s)}", ""
    return "now" if one.late_s < 60 else f"{_short(one.late_s)} late", _sign(one)[1]


def _short(seconds: float) -> str:
    """`40 s`, `25 min`, `1 h 30`, `2 d 4 h`."""
    minutes = int(seconds // 60)
    if minutes < 60:
        return f"{minutes} min" if minutes else f"{int(seconds)} s"
    hours = minutes // 60
    return f"{hours} h {minutes % 60:02d}" if hours < 24 else f"{hours // 24} d {hours % 24} h"


def _day_and_time(wall: datetime, today: date) -> str:
    """`Mon 18:30` in the days around today, `24 Dec 18:30` else."""
    return f"{wall:%a %H:%M}" if abs((wall.date() - today).days) < 6 else f"{wall:%d %b %H:%M}"


def _theirs(one: Shown) -> str:
    return _day_and_time(datetime.fromisoformat(one.row.local), moment(one.now, one.timezone).date())


def _ours(one: Shown) -> str:
    ours = moment(one.row.promised_at, one.timezone)
    return _day_and_time(ours, moment(one.now, one.timezone).date())


COLUMNS: Sequence[Column[Shown]] = (
    Column("", 1, lambda one, w: _sign(one)),
    Column("Their clock", 12, lambda one, w: (_theirs(one), "")),
    Column("Ours", 12, lambda one, w: (_ours(one), "")),
    Column("Due", 11, lambda one, w: _in(one), right=True),
    Column("Contact", 10, lambda one, w: (one.row.contact or one.row.number, ""), most=30),
    Column("By", 9, lambda one, w: (one.by if len(one.by) <= w else one.by.partition(" ")[0], ""), most=26),
    Column("Why it waits", 17, lambda one, w: one.why, most=60),
    Column("Campaign", 12, lambda one, w: (one.row.campaign, ""), rank=1, most=30),
    Column("Zone", 16, lambda one, w: (one.row.zone, "dim"), rank=2, most=24),
    Column("Number", 14, lambda one, w: (one.row.number, "dim"), rank=2, most=16),
)


def by_time(rows: Sequence[Shown]) -> list[Shown]:
    """The longest overdue first, then as they come due."""
    return sorted(rows, key=lambda one: (one.row.promised_at, one.row.callback))


def by_agent(rows: Sequence[Shown]) -> list[Shown]:
    """By who makes them, anyone first; of each the longest overdue first."""
    return sorted(rows, key=lambda one: (not one.by.startswith("anyone"), one.by, one.row.promised_at))


def by_why(rows: Sequence[Shown]) -> list[Shown]:
    """By what they wait for; of each the longest overdue first."""
    return sorted(rows, key=lambda one: (one.why[0].rpartition(": ")[2], one.row.promised_at, one.row.callback))


ORDERS: dict[str, Callable[[Sequence[Shown]], list[Shown]]] = {
    "time": by_time, "agent": by_agent, "reason": by_why,
}  # fmt: skip


class CallbackPanel(Lines):
    """All there is to say about one of them."""

    DEFAULT_CSS = f"CallbackPanel {{ height: {PANEL_ROWS}; }}"


class CallbacksScreen(OfOneCampaign):
    title_word = "Callbacks"
    words = CALLBACK_WORDS
    key_words = (
        ("↑ ↓", "choose one; all about it stands below (also k j, Page Up, Page Down, Home, End)"),
        ("Enter", "why it may be called now, or not"),
        ("t", "sort by time: the longest overdue first"),
        ("n", "sort by who makes them"),
        ("e", "sort by what they wait for"),
        ("f", "filter: of the next campaign only"),
        ("a", "of all campaigns"),
        ("Esc", "back to the floor"),
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("t", "sort('time')", show=False),
        Binding("n", "sort('agent')", show=False),
        Binding("e", "sort('reason')", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._table: Table[Shown] = Table(COLUMNS, key=lambda one: one.row.callback, first_stays=True)
        self._panel = CallbackPanel()
        self._asking: Asking[DueCallbacks] = Asking(self, lambda source: source.callbacks(), AGAIN_S)
        self._order = "time"

    @property
    def campaign_meant(self) -> str | None:
        return None if self._table.current is None else self._table.current.row.campaign

    def parts(self) -> Sequence[Widget]:
        return (self._table, self._panel)

    def draw_parts(self, view: View) -> None:
        self._asking.look(view)
        overview, found, width = view.overview, self._asking.answer, self.size.width
        if overview is None:
            self._table.fill((), stale=False, empty=waiting(view, width))
        elif not isinstance(found, DueCallbacks):
            told = "Looking for promised calls …" if found is None else f"They cannot be shown: {_one_line(found)}"
            self._table.fill((), stale=False, empty=[(), *_indented(told, width, "note" if found else "")])
        else:
            of = f" of {self.only}" if self.only else ""
            none = [
                (),
                line((f"  No promised call{of} is still to be made.", "")),
                *_indented("An agent promises one with the disposition callback, and a time.", width, "dim"),
            ]
            self._table.fill(self._shown(view, overview, found), stale=view.stale, empty=none)
        current = self._table.current
        self._panel.draw([] if current is None else whole(current, width), stale=view.stale)

    def caption(self, view: View) -> tuple[Line, str]:
        found, overview = self._asking.answer, view.overview
        if overview is None or not isinstance(found, DueCallbacks):
            return (), ""
        rows = self._shown(view, overview, found)
        late = sum(one.late_s >= 0 for one in rows)
        of = f" of {self.only}" if self.only else ""
        spans = [(f" {counted(len(rows), 'callback')}{of} by {self._order}", "dim")]
        if found.total > len(found.callbacks):
            spans.append((f", the first of {found.total:,}", "dim"))
        if late:
            spans.append((f" · ! {late:,} overdue", "note"))
        return line(*spans), self._table.place()

    def keys(self, view: View) -> list[Key]:
        everybody = Key("a", "all", "" if self.only else "all are shown", spare=True)
        return [Key("⏎", "why"), Key("t n e", "sort"), Key("f", "campaign"), everybody, *screen_keys(view, "5")]

    def on_table_moved(self) -> None:
        self.redraw()

    def on_table_chosen(self) -> None:
        one = self._table.current
        if one is not None:
            self.post_message(WhyWanted(WhoMeant(one.row.campaign, one.row.lead_id, "")))

    def action_sort(self, order: str) -> None:
        self._order = order
        self.redraw()

    def campaigns_shown(self) -> Iterable[str]:
        found = self._asking.answer
        return sorted({row.campaign for row in found.callbacks}) if isinstance(found, DueCallbacks) else []

    def _shown(self, view: View, overview: Overview, found: DueCallbacks) -> list[Shown]:
        now = overview.service.now + view.age_s
        rows = [row for row in found.callbacks if self.only in (None, row.campaign)]
        return ORDERS[self._order]([shown(row, overview, now) for row in rows])


def whole(one: Shown, width: int) -> list[Line]:
    """`PANEL_ROWS` lines at most: the promise on both clocks, who makes it, and why it waits."""
    row = one.row
    patience = ""
    if row.agent_id and row.agent_until is not None:
        by = clock(row.agent_until, one.timezone).partition(" ")[0]
        patience = f", who is waited for until {by}; then anyone makes it" if one.now < row.agent_until else ""
    consent = "; they agreed to a time outside the hours" if row.consent else ""
    who = f"{row.contact}{', ' if row.contact else ''}{row.number}, lead {row.lead_id} of {row.campaign}"
    told = [
        line((f" {_in(one)[0]}", _sign(one)[1] or "strong"), (f"  {who}", "")),
        line((f" Theirs: {_theirs(one)} {row.zone} · ours: {_ours(one)} {one.timezone}", "")),
        line((f" By {one.by}{patience}{consent}", "")),
        line((f" {one.why[0] or NONE}", one.why[1])),
    ]
    return [line(("─" * width, "dim")), *told]


def _indented(text: str, width: int, style: str) -> list[Line]:
    return [(("  ", ""), *row) for row in wrap(text, max(10, width - 4), style)]


def _one_line(error: DialerError) -> str:
    return " ".join(str(error).split())
