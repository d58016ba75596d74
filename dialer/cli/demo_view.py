"""The demo's live view: one screen that says what the floor is doing, at 80×24 and larger."""

from __future__ import annotations

from rich.console import RenderableType
from rich.layout import Layout
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from campaigns.record import AttemptRecord
from dialer.live.floor_view import AgentView, FloorView

STATE_STYLE = {"talking": "bold green", "ready": "cyan", "wrap_up": "yellow", "paused": "dim"}
STATE_WORD = {"talking": "talking", "ready": "ready", "wrap_up": "wrap-up", "paused": "paused"}

HEAD_ROWS = 3
FOOT_ROWS = 1
FIGURES_ROWS = 9


def screen(view: FloorView, *, elapsed_s: float, remaining_s: float, height: int) -> RenderableType:
    """The whole screen. `height`: rows of the terminal."""
    layout = Layout()
    below = max(3, height - HEAD_ROWS - FOOT_ROWS - FIGURES_ROWS)
    layout.split_column(
        Layout(_head(view, elapsed_s, remaining_s), size=HEAD_ROWS),
        Layout(name="figures", size=FIGURES_ROWS),
        Layout(name="below", size=below),
        Layout(_foot(view), size=FOOT_ROWS),
    )
    layout["figures"].split_row(Layout(_results(view)), Layout(_floor(view)))
    rows = max(1, below - 3)
    layout["below"].split_row(
        Layout(_agents(view.agents, rows), ratio=2), Layout(_calls(view.recent, rows), ratio=3)
    )
    return layout


def _head(view: FloorView, elapsed_s: float, remaining_s: float) -> Panel:
    left = f", {remaining_s:.0f} s left"
    text = Text.assemble(
        (view.campaign, "bold"),
        f"  {view.status}, {elapsed_s:.0f} s in{left}.  ",
        ("Real SIP and RTP to a simulated carrier; nobody real is called.", "dim"),
    )
    text.no_wrap = True
    return Panel(text, title="rightparty demo", title_align="left")


def _results(view: FloorView) -> Panel:
    s = view.summary
    rate = s.abandonment_rate
    table = _pairs()
    table.add_row("dialed", str(s.attempts), "")
    table.add_row("answered", str(s.connects), _share(s.connects, s.attempts))
    table.add_row("people", str(s.live), _share(s.live, s.attempts))
    table.add_row("right party", Text(str(s.rpc), "bold"), _share(s.rpc, s.live, of="people"))
    table.add_row("RPC per agent hour", Text(f"{s.rpc_per_agent_hour:.1f}", "bold"), f"{s.agent_hours:.2f} h")
    over = "bold red" if rate > view.abandon_cap else "green"
    table.add_row("abandoned", Text(str(s.abandoned), over), Text(f"{rate:.1%}, cap {view.abandon_cap:.0%}", over))
    table.add_row("machines", str(s.machine), _share(s.machine, s.connects, of="answers"))
    return Panel(table, title="Results so far", title_align="left")


def _floor(view: FloorView) -> Panel:
    table = _pairs()
    table.add_row("ringing", str(view.ringing), "")
    waiting = Text(str(view.waiting), "bold red" if view.waiting else "")
    table.add_row("waiting for an agent", waiting, "")
    table.add_row("talking", str(view.talking), "")
    table.add_row("lines in use", str(view.lines_used), f"of {view.lines}")
    table.add_row("agents busy", f"{view.summary.busy_share:.0%}", "talk and wrap-up")
    latency = view.summary.answer_to_agent_ms.quantile(0.99)
    table.add_row("answer to agent", "-" if latency is None else f"{latency:.0f} ms", "99 of 100 within")
    why = ", ".join(f"{reason} {count}" for reason, count in view.waits_because)
    table.add_row("leads at hand", str(view.leads_ready), why and f"put back: {why}")
    return Panel(table, title="Floor now", title_align="left")


def _agents(agents: tuple[AgentView, ...], rows: int) -> Panel:
    table = Table(box=None, expand=True, padding=(0, 1, 0, 0), show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(justify="right", no_wrap=True)
    table.add_column(ratio=1, no_wrap=True, overflow="ellipsis")
    shown = agents if len(agents) <= rows else agents[: rows - 1]
    for agent in shown:
        style = STATE_STYLE.get(agent.state, "")
        word = STATE_WORD.get(agent.state, agent.state)
        table.add_row(agent.agent_id, Text(word, style), f"{agent.for_s:.0f} s", agent.contact)
    if len(agents) > len(shown):
        table.add_row("", f"{len(agents) - len(shown)} more", "", "")
    return Panel(table, title=f"Agents ({len(agents)})", title_align="left")


def _calls(recent: tuple[AttemptRecord, ...], rows: int) -> Panel:
    table = Table(box=None, expand=True, padding=(0, 1, 0, 0), show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(ratio=1, no_wrap=True, overflow="ellipsis")
    for record in reversed(recent[-rows:]):
        what = record.disposition or record.outcome
        style = "green" if record.rpc else "red" if record.abandoned else ""
        where = f"{record.region} {record.local_hour:02d}h"
        detail = f"{record.agent_id}, {record.talk_s:.0f} s" if record.agent_id else ""
        table.add_row(where, Text(what.replace("_", " "), style), detail)
    return Panel(table, title="Latest calls", title_align="left")


def _foot(view: FloorView) -> Text:
    if view.notices:
        return Text(view.notices[-1].text, "bold red", no_wrap=True, overflow="ellipsis")
    return Text("Ctrl-C: no new calls, those in progress finish. Twice: hang up now.", "dim", no_wrap=True)


def _pairs() -> Table:
    table = Table(box=None, expand=True, padding=(0, 1, 0, 0), show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(justify="right", no_wrap=True)
    table.add_column(ratio=1, no_wrap=True, overflow="ellipsis", style="dim")
    return table


def _share(part: int, whole: int, of: str = "") -> str:
    return "" if not whole else f"{part / whole:.0%} of {of}" if of else f"{part / whole:.0%}"
