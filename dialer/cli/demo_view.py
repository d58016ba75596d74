"""The demo's live view: one screen that says what the floor is doing, and what to do next, at 80×24 and larger."""

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
STATUSES = ("running", "draining", "cutting", "ended")

TITLE = "rightparty demo: a simulated carrier, nobody real is called"
HEAD_ROWS = 4
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
    rows = max(1, below - 2)
    layout["below"].split_row(Layout(_agents(view.agents, rows)), Layout(_calls(view.recent, rows)))
    return layout


def advice(view: FloorView) -> str:
    """What keeps the floor from dialing, or is wrong with it, and what changes that; empty when all is well."""
    if view.status not in STATUSES:
        return f"Dialing has stopped: {view.status}"
    if view.status == "ended":
        return "All calls are over and on record."
    if view.status != "running":
        return f"No new calls. Calls in progress, finishing: {view.lines_used}."
    if not view.agents:
        return "No agent is on duty: nothing is dialed until one logs in."
    if all(agent.state == "paused" for agent in view.agents):
        return "Every agent is paused: nothing is dialed until one is back."
    if not view.leads_ready and view.leads_in_s:
        most = f" ({view.waits_because[0][0]})" if view.waits_because else ""
        return f"No lead may be dialed now{most}; the next one may in {_duration(view.leads_in_s)}."
    # Early on a single person is a high rate: it is too many when one fewer would be as well.
    if view.summary.abandoned - 1 > view.abandon_cap * view.summary.live:
        return "Too many abandoned: lower pacing.ratio, or put more agents on."
    if view.lines_used >= view.lines:
        return "Every line is in use: dialing waits for a free one."
    return ""


def _head(view: FloorView, elapsed_s: float, remaining_s: float) -> Panel:
    status = view.status if view.status in STATUSES else "stopped"
    text = Text(no_wrap=True, overflow="ellipsis")
    text.append(view.campaign, "bold")
    text.append(f": {status}, {elapsed_s:.0f} s in, {remaining_s:.0f} s left\n")
    text.append(advice(view), "bold yellow")
    return Panel(text, title=TITLE, title_align="left")


def _results(view: FloorView) -> Panel:
    s = view.summary
    over = "bold red" if s.abandonment_rate > view.abandon_cap else "green"
    table = _pairs()
    table.add_row("calls over", str(s.attempts), "")
    table.add_row("answered", str(s.connects), _share(s.connects, s.attempts))
    table.add_row("machines", str(s.machine), _share(s.machine, s.connects, of="answers"))
    table.add_row("people", str(s.live), _share(s.live, s.attempts))
    table.add_row(
        "abandoned",
        Text(f"{s.abandonment_rate:.1%}", over),
        Text(f"cap {view.abandon_cap * 100:g}% ({s.abandoned})", over),
    )
    table.add_row("right party", Text(str(s.rpc), "bold"), _share(s.rpc, s.live, of="people"))
    table.add_row("RPC/agent hour", Text(f"{s.rpc_per_agent_hour:.1f}", "bold"), f"in {s.agent_hours:.2f} h")
    return Panel(table, title="Results so far", title_align="left")


def _floor(view: FloorView) -> Panel:
    table = _pairs()
    table.add_row("talking", str(view.talking), f"of {len(view.agents)} agents")
    table.add_row("ringing", str(view.ringing), "")
    waiting = Text(str(view.waiting), "bold red" if view.waiting else "")
    table.add_row("waiting", waiting, "for an agent")
    table.add_row("lines in use", str(view.lines_used), f"of {view.lines}")
    table.add_row("busy so far", f"{view.summary.busy_share:.0%}", "of agent time")
    latency = view.summary.answer_to_agent_ms.quantile(0.99)
    table.add_row("to agent, p99", "-" if latency is None else f"{latency:.0f} ms", "after answer")
    table.add_row("leads at hand", str(view.leads_ready), "ready to dial")
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
        detail = f"{record.agent_id} {record.talk_s:.0f} s" if record.agent_id else ""
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


def _duration(seconds: float) -> str:
    minutes = round(seconds / 60)
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"
