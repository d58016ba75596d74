"""Everything about one campaign: figures, outcomes, dispositions, why leads wait, its agents and calls."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widget import Widget

from campaigns.life import Step
from dialer.api.schemas import CampaignRow, Overview
from dialer.tui import blocks
from dialer.tui.advice import advise
from dialer.tui.agents import COLUMNS as AGENT_COLUMNS
from dialer.tui.agents import by_time
from dialer.tui.calls import COLUMNS as CALL_COLUMNS
from dialer.tui.calls import by_urgency
from dialer.tui.cells import Line, beside, line, wrap
from dialer.tui.columns import Column, Row, choose, heading, row_line
from dialer.tui.frame import Frame, StepAsked
from dialer.tui.funnel import FunnelScreen
from dialer.tui.head import Key
from dialer.tui.keys import funnel_key, no_funnel, screen_keys, step_keys
from dialer.tui.lines import Sheet
from dialer.tui.steps import KEYS
from dialer.tui.view import View
from dialer.tui.words import CAMPAIGN_WORDS

BESIDE_FROM = 160
BLOCK_W = 27
WIDE_BLOCK_W = 38


class CampaignScreen(Frame):
    title_word = "Campaign"
    words = CAMPAIGN_WORDS
    key_words = (
        ("↑ ↓", "scroll (also k j, Page Up, Page Down, Home, End)"),
        ("s", "start it, or go on after a pause"),
        ("p", "pause it: no new calls; those in progress finish"),
        ("d", "drain (stop) it, after a question"),
        ("u", "its funnel: how many leads may be dialed, and what keeps the others"),
        ("Esc", "back to the floor"),
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        *(Binding(key, f"step('{step.value}')", show=False) for key, step in KEYS.items()),
        Binding("u", "funnel", show=False),
    ]

    def __init__(self, campaign: str) -> None:
        super().__init__()
        self._campaign = campaign
        self._sheet = Sheet()

    @property
    def campaign_meant(self) -> str | None:
        return self._campaign

    def parts(self) -> Sequence[Widget]:
        return (self._sheet,)

    def draw_parts(self, view: View) -> None:
        row, overview = view.campaign(self._campaign), view.overview
        if row is None or overview is None:
            words = f" {self._campaign} is not among the campaigns any more. Esc goes back."
            self._sheet.fill([(), line((words, "note"))], stale=view.stale)
        else:
            self._sheet.fill(detail(row, overview, view, self.size.width), stale=view.stale)

    def caption(self, view: View) -> tuple[Line, str]:
        row, overview = view.campaign(self._campaign), view.overview
        if row is None or overview is None:
            return (), ""
        client = f"client {row.client}" if row.client else ""
        return blocks.state_line(row, overview, None, self.size.width - len(client) - 3), client

    def keys(self, view: View) -> list[Key]:
        return [
            *step_keys(view, view.campaign(self._campaign)),
            funnel_key(view),
            Key("Esc", "back"),
            *screen_keys(view, "1"),
        ]

    def action_funnel(self) -> None:
        if self.view is not None and not no_funnel(self.view):
            self.app.push_screen(FunnelScreen(self._campaign))

    def action_step(self, step: str) -> None:
        self.post_message(StepAsked(self._campaign, Step(step)))


def detail(row: CampaignRow, overview: Overview, view: View, width: int) -> list[Line]:
    """All lines about the campaign, for a screen of this width."""
    advice = advise(row, overview, view.pace)
    style = "" if advice is None else "alarm" if advice.level == "alarm" else "note"
    sign = "▲" if style == "alarm" else "!"
    text = f"No call: {row.no_call}" if row.no_call else "" if advice is None else advice.text
    told = wrap(f"{sign if advice else '·'} {text}", width - 2, style) if text else []
    figures = row.figures
    found = blocks.side_by_side(
        [
            (blocks.results(row, overview), blocks.RESULTS_W),
            (blocks.floor(row), blocks.FLOOR_W),
            (blocks.leads(row, overview), blocks.LEADS_W),
            *([(blocks.pacing(row), blocks.PACING_W)] if row.pace is not None else []),
            (blocks.more(row), BLOCK_W),
            *([(blocks.machines(row), blocks.MACHINES_W)] if figures.amd is not None else []),
            (blocks.counts("Outcomes", figures.outcomes), BLOCK_W),
            (blocks.counts("Dispositions", figures.dispositions), BLOCK_W),
            (blocks.waits(row, WIDE_BLOCK_W), WIDE_BLOCK_W),
            (blocks.trunks([trunk for trunk in overview.trunks if row.name in trunk.campaigns]), BLOCK_W),
        ],
        width,
    )
    mode = line((f" {row.mode} mode" + (f" · {row.title}" if row.title else ""), "dim"))
    return [*(((" ", ""), *found) for found in told), mode, *found, (), *people_and_calls(row, overview, width)]


def people_and_calls(row: CampaignRow, overview: Overview, width: int) -> list[Line]:
    """Its agents and its calls, next to each other where there is room."""
    agents = by_time([agent for agent in overview.agents if agent.campaign == row.name])
    calls = by_urgency([call for call in overview.calls if call.campaign == row.name])
    half = (width - 2) // 2 if width >= BESIDE_FROM else width
    on_it = _listed(f"Agents ({len(agents):,})", agents, AGENT_COLUMNS, half)
    in_progress = _listed(f"Calls in progress ({len(calls):,})", calls, CALL_COLUMNS, half)
    if width >= BESIDE_FROM:
        return beside([on_it, in_progress], [half + 2, half])
    return [*on_it, (), *in_progress]


def _listed(title: str, rows: Sequence[Row], columns: Sequence[Column[Row]], width: int) -> list[Line]:
    others = [column for column in columns if column.title != "Campaign"]
    fitted = choose(others, width - 1)
    return [
        line((f" {title}", "strong")),
        ((" ", ""), *heading(fitted)),
        *(((" ", ""), *row_line(fitted, row)) for row in rows),
    ]
