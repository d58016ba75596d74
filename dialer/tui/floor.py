"""The first screen: all campaigns, and the figures of the one under the cursor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.widget import Widget

from campaigns.life import Step
from dialer.api.schemas import CampaignRow, Overview
from dialer.tui import blocks
from dialer.tui.advice import Advice, advise, idle_agents
from dialer.tui.campaign import CampaignScreen, people_and_calls
from dialer.tui.cells import Line, line
from dialer.tui.columns import Column
from dialer.tui.figures import decimal, duration, number, share
from dialer.tui.frame import Frame, StepAsked
from dialer.tui.funnel import FunnelScreen
from dialer.tui.head import Key, waiting
from dialer.tui.keys import funnel_key, no_funnel, screen_keys, step_keys
from dialer.tui.lines import Lines, Sheet
from dialer.tui.steps import KEYS
from dialer.tui.stored import stored_caption, stored_lines
from dialer.tui.table import Table
from dialer.tui.view import View
from dialer.tui.words import AGENT_STATES, FLOOR_WORDS, STATE_STYLE, counted

PANEL_ROWS = 12
SHORT_BELOW = 20
"""On a terminal lower than this the table has it all."""
TALL_FROM, TALL_ROWS = 45, 30
"""From this height of the terminal on, the panel is higher and shows agents and calls as well."""
BLOCK_ROWS = 8
WAITS_W, COUNTS_W, TRUNKS_W = 40, 27, 26

Seen = tuple[CampaignRow, Advice | None]


def _sign(advice: Advice | None) -> tuple[str, str]:
    if advice is None:
        return "", ""
    return ("▲", "alarm") if advice.level == "alarm" else ("!", "note")


def _count(of: int, width: int) -> tuple[str, str]:
    return number(of, width), ""


def _why(row: CampaignRow, advice: Advice | None) -> tuple[str, str]:
    return (advice.text, _sign(advice)[1]) if advice else (row.state_reason, "dim")


COLUMNS: Sequence[Column[Seen]] = (
    Column("", 1, lambda seen, w: _sign(seen[1])),
    Column("Campaign", 14, lambda seen, w: (seen[0].name, ""), most=40),
    Column("State", 8, lambda seen, w: (seen[0].state.value, STATE_STYLE[seen[0].state])),
    Column(
        "Idle/ag", 7, lambda seen, w: (f"{idle_agents(seen[0])}/{sum(seen[0].agents.values())}", ""), right=True
    ),
    Column("Dialing", 7, lambda seen, w: _count(seen[0].dialing, w), right=True, rank=1),
    Column("Waiting", 7, lambda seen, w: _count(seen[0].waiting, w), right=True, rank=1),
    Column("Talking", 7, lambda seen, w: _count(seen[0].talking, w), right=True, rank=1),
    Column("Lines", 7, lambda seen, w: (f"{seen[0].lines_in_use}/{seen[0].lines}", ""), right=True, rank=1),
    Column("Dials", 7, lambda seen, w: _count(seen[0].figures.attempts, w), right=True, most=9),
    Column("Connects", 8, lambda seen, w: _count(seen[0].figures.connects, w), right=True, rank=2),
    Column("Live", 6, lambda seen, w: _count(seen[0].figures.live, w), right=True, most=8),
    Column("Aband.", 8, lambda seen, w: blocks.abandonment(seen[0]), right=True),
    Column("RPC", 6, lambda seen, w: _count(seen[0].figures.rpc, w), right=True, most=7),
    Column("RPC/h", 5, lambda seen, w: (decimal(seen[0].figures.rpc_per_agent_hour, w), ""), right=True),
    Column("Busy", 7, lambda seen, w: (share(seen[0].figures.busy_share), ""), right=True),
    Column("Leads", 9, lambda seen, w: _count(seen[0].leads.total, w), right=True, rank=3),
    Column("At hand", 7, lambda seen, w: _count(seen[0].leads.at_hand, w), right=True, rank=3),
    Column("Next in", 8, lambda seen, w: (duration(seen[0].leads.next_in_s), ""), right=True, rank=3),
    Column("Why", 20, lambda seen, w: _why(*seen), rank=4, most=90),
)


class Panel(Lines):
    """The figures under the table."""

    DEFAULT_CSS = f"Panel {{ height: {PANEL_ROWS}; }}"


class FloorScreen(Frame):
    title_word = "Floor"
    words = FLOOR_WORDS
    key_words = (
        ("↑ ↓", "choose a campaign (also k j, Page Up, Page Down, Home, End)"),
        ("s", "start it, or go on after a pause"),
        ("p", "pause it: no new calls; those in progress finish"),
        ("d", "drain (stop) it, after a question"),
        ("Enter", "everything about it"),
        ("u", "its funnel: how many leads may be dialed, and what keeps the others"),
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        *(Binding(key, f"step('{step.value}')", show=False) for key, step in KEYS.items()),
        Binding("u", "funnel", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._table: Table[Seen] = Table(COLUMNS, key=lambda seen: seen[0].name)
        self._panel = Panel()
        self._home = Sheet()
        self._home.display = False

    @property
    def campaign_meant(self) -> str | None:
        seen = self._table.current
        return None if seen is None else seen[0].name

    def parts(self) -> Sequence[Widget]:
        return (self._table, self._panel, self._home)

    def draw_parts(self, view: View) -> None:
        overview = view.overview
        self._turn_to(self._home if overview is None else self._table)
        if overview is None:
            width = self.size.width
            known = None if view.holdings is None else stored_lines(view.holdings, view.where, width)
            self._home.fill(known or waiting(view, width))
            return
        rows = [(row, advise(row, overview, view.pace)) for row in overview.campaigns]
        self._table.fill(rows, stale=view.stale, empty=NO_CAMPAIGN)
        self._draw_panel(view, overview)

    def _turn_to(self, part: Table[Seen] | Sheet) -> None:
        """The floor's table and panel, or the home without its service."""
        if part.display:
            return
        self._home.display = part is self._home
        self._table.display = self._panel.display = part is self._table
        self.set_focus(part)
        self.call_after_refresh(self.redraw)  # its height is known then

    def caption(self, view: View) -> tuple[Line, str]:
        if view.overview is None:
            return stored_caption(view.holdings), ""
        place = self._table.place()
        room = self.size.width - len(place) - 2
        return floor_caption(view.overview, view.pace.per_s(), room), place

    def keys(self, view: View) -> list[Key]:
        if view.overview is None:
            return [Key("↑↓", "scroll"), *screen_keys(view, "1")]
        seen = self._table.current
        return [
            *step_keys(view, seen[0] if seen else None),
            Key("⏎", "detail"),
            funnel_key(view),
            *screen_keys(view, "1"),
        ]

    def on_resize(self, event: events.Resize) -> None:
        height = event.size.height
        rows = TALL_ROWS if height >= TALL_FROM else PANEL_ROWS if height >= SHORT_BELOW else 0
        self._panel.styles.height = rows
        super().on_resize(event)

    def on_table_moved(self) -> None:
        self.redraw()

    def on_table_chosen(self, chosen: Table.Chosen) -> None:
        screen = CampaignScreen(str(chosen.key))
        self.app.push_screen(screen)

    def action_funnel(self) -> None:
        seen = self._table.current
        if seen is not None and self.view is not None and not no_funnel(self.view):
            self.app.push_screen(FunnelScreen(seen[0].name))

    def action_step(self, step: str) -> None:
        seen = self._table.current
        self.post_message(StepAsked(seen[0].name if seen else None, Step(step)))

    def _draw_panel(self, view: View, overview: Overview) -> None:
        seen, width = self._table.current, self.size.width
        lines = panel(*seen, overview, width) if seen else []
        if seen and self.size.height >= TALL_FROM:
            lines += [()] * (PANEL_ROWS - len(lines)) + people_and_calls(seen[0], overview, width)
        self._panel.draw(lines[: self._panel.size.height], stale=view.stale)


NO_CAMPAIGN: Sequence[Line] = (
    (),
    line(("  No campaign yet.", "strong")),
    line(("  Import a list:     dialer list import FILE --list NAME", "")),
    line(("  Add a campaign:    dialer campaign add FILE", "")),
    line(("  It appears here at once.", "dim")),
)


def panel(row: CampaignRow, advice: Advice | None, overview: Overview, width: int) -> list[Line]:
    """`PANEL_ROWS` lines: the trunks of all, then about one campaign as many blocks as there is room for."""
    figures = row.figures
    found = [
        (blocks.results(row, overview), blocks.RESULTS_W),
        (blocks.floor(row), blocks.FLOOR_W),
        (blocks.leads(row, overview), blocks.LEADS_W),
        (blocks.waits(row, WAITS_W), WAITS_W),
        (blocks.counts("Outcomes", figures.outcomes, BLOCK_ROWS - 1), COUNTS_W),
        (blocks.counts("Dispositions", figures.dispositions, BLOCK_ROWS - 1), COUNTS_W),
        (blocks.trunks(overview.trunks), TRUNKS_W),
    ]
    while len(found) > 1 and sum(wide for _, wide in found) > width:
        found.pop()
    rows = blocks.side_by_side([(block[:BLOCK_ROWS], wide) for block, wide in found], width)
    if len(found) < 4:
        rows += [()] * (BLOCK_ROWS - len(rows)) + [blocks.waits_line(row)]
    trunks, rule = blocks.trunks_line(overview.trunks, width), line(("─" * width, "dim"))
    return [trunks, rule, blocks.state_line(row, overview, advice, width), *rows]


def floor_caption(overview: Overview, dials_per_s: float, width: int) -> Line:
    """Agents by state, pace, lines and campaigns, of all of it: as much as there is room for."""
    states = {state: sum(row.state == state for row in overview.agents) for state in AGENT_STATES}
    told = ", ".join(f"{count:,} {AGENT_STATES[state]}" for state, count in states.items() if count)
    lines = sum(trunk.in_use for trunk in overview.trunks), sum(trunk.channels for trunk in overview.trunks)
    text = f" {counted(len(overview.agents), 'agent')}" + (f": {told}" if told else "")
    parts = [
        f"lines {lines[0]:,}/{lines[1]:,}",
        f"{dials_per_s:.1f} dials/s",
        counted(len(overview.campaigns), "campaign"),
    ]
    for part in parts:
        if len(text) + len(part) + 3 <= width:
            text += f" · {part}"
    return line((text, "dim"))
