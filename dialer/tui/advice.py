"""Why agents wait and no calls go out, and what changes that."""

from __future__ import annotations

from dataclasses import dataclass

from campaigns.life import CampaignState
from campaigns.outcome import TECHNICAL
from dialer.api.schemas import CampaignRow, Overview
from dialer.tui.figures import cap, share
from dialer.tui.pace import Pace
from dialer.tui.words import counted, spelled

NEAR_CAP = 0.8
FAILING_FROM = 10
"""So many calls have to fail before a trunk is suspected: as many as the service waits for with its alarm."""
CLOSED = frozenset({"held", "paused", "silent", "stopped", "unresolved"})
"""States of a trunk over which nothing is dialed (`docs/reference/trunks.md`)."""


@dataclass(frozen=True, slots=True)
class Advice:
    """`level`: "alarm" (agents stand idle for it, or a rule is broken), or "note". `idle`: how many agents."""

    level: str
    text: str
    idle: int = 0


def idle_agents(row: CampaignRow) -> int:
    """Agents of it who wait for a call."""
    return row.agents.get("ready", 0)


def advise(row: CampaignRow, overview: Overview, pace: Pace) -> Advice | None:
    """What a manager should know of the campaign now; None when all is well."""
    idle = idle_agents(row)
    why = _no_calls(row, overview)
    if not why and idle > row.dialing + row.waiting:
        why = _too_few_calls(row, overview, pace)
    failing = _failing(row)
    if idle and (why or failing):
        verb = "waits" if idle == 1 else "wait"
        return Advice("alarm", f"{counted(idle, 'agent')} {verb}: {why or failing}", idle)
    if failing:
        return Advice("alarm", failing)
    if abandoning(row) == "▲" and _beyond_one(row):
        rate, limit = share(row.figures.abandonment_rate), cap(row.figures.abandon_cap)
        return Advice("alarm", f"{rate} abandoned, cap {limit}: put more agents on, or pace it lower")
    if why:
        return Advice("note", why)
    return None


def advise_floor(overview: Overview, pace: Pace) -> str:
    """The most urgent of all campaigns in a line, with how many more there are; empty when none is urgent."""
    urgent = [
        (advice, row)
        for row in overview.campaigns
        if (advice := advise(row, overview, pace)) and advice.level == "alarm"
    ]
    if not urgent:
        return ""
    advice, row = max(urgent, key=lambda found: found[0].idle)
    more = f" (+{len(urgent) - 1} more)" if len(urgent) > 1 else ""
    return f"{row.name}{more}: {advice.text}"


def abandoning(row: CampaignRow) -> str:
    """▲ at the cap of abandoned calls or over it, ! from 80 % of it on, else nothing."""
    figures = row.figures
    if not figures.abandoned:
        return ""
    if figures.abandonment_rate >= figures.abandon_cap:
        return "▲"
    return "!" if figures.abandonment_rate >= NEAR_CAP * figures.abandon_cap else ""


def _beyond_one(row: CampaignRow) -> bool:
    """Early on a single person is a high rate: it is too many when one fewer would be as well."""
    return row.figures.abandoned - 1 > row.figures.abandon_cap * row.figures.live


def _on_duty(row: CampaignRow) -> int:
    return sum(count for state, count in row.agents.items() if state not in ("paused", "logged_out"))


def _no_calls(row: CampaignRow, overview: Overview) -> str:
    """Why no new call can go out, as things stand; empty when calls can."""
    reason = f" ({row.state_reason})" if row.state_reason else ""
    if overview.service.state == "draining":
        return "the service is stopping"
    match row.state:
        case CampaignState.DRAFT:
            return f"a draft, not complete{reason}"
        case CampaignState.READY:
            return "not started; s starts it" if _on_duty(row) else ""
        case CampaignState.PAUSED:
            return f"paused; s goes on{reason}"
        case CampaignState.DRAINING:
            return "draining; no new calls" if _on_duty(row) else ""
        case CampaignState.DONE:
            return f"done{reason}" if _on_duty(row) else ""
    if overview.service.state == "starting":
        return "the service is starting"
    return row.no_call


def _failing(row: CampaignRow) -> str:
    """Calls that fail on the way, by no fault of the leads: most of the day's."""
    faults = {outcome: row.figures.outcomes.get(outcome, 0) for outcome in sorted(TECHNICAL)}
    failed = sum(faults.values())
    if row.state is not CampaignState.RUNNING or failed < FAILING_FROM or 2 * failed < row.figures.attempts:
        return ""
    worst = max(faults, key=lambda outcome: faults[outcome])
    return (
        f"{failed:,} of {row.figures.attempts:,} calls failed on the way ({spelled(worst)}); is its trunk up?"
        " 4 shows alarms"
    )


def _too_few_calls(row: CampaignRow, overview: Overview, pace: Pace) -> str:
    """What holds a running campaign back while more agents wait than calls are out."""
    if row.state is not CampaignState.RUNNING:
        return ""
    mine = [trunk for trunk in overview.trunks if row.name in trunk.campaigns]
    if mine and all(trunk.state in CLOSED for trunk in mine):
        return f"trunk {mine[0].name} is {mine[0].state} ({mine[0].why})"
    if row.lines == 0:
        return "its trunks have no lines; see dialer.toml"
    if row.lines_in_use >= row.lines:
        return f"all {row.lines:,} lines are in use"
    trunk = pace.at_limit(overview, row.name)
    if trunk is not None:
        cps = next(found.cps for found in overview.trunks if found.name == trunk)
        return f"{trunk} is at its {cps:g} calls a second (cps)"
    return ""
