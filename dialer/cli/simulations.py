"""What several simulations came to, as tables and as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import mean
from typing import TYPE_CHECKING, Any

from dialer.cli.output import minute, print_table, say
from dialer.operations.moments import iso
from dialer.operations.simulated_figures import FIGURES, Spread, spreads_of
from dialer.tui.words import counted

if TYPE_CHECKING:
    from dialer.app.many_simulations import SimulatedRun
    from dialer.app.simulate import SimulationOptions
    from dialer.operations.find_agents import AgentsNeeded

_SHARES = frozenset({"busy_share", "abandonment_rate", "penetration"})
_WORDS = {
    "rpc": "right-party contacts",
    "rpc_per_hour": "right-party contacts per hour",
    "rpc_per_agent_hour": "right-party contacts per agent hour",
    "agent_hours": "agent hours",
    "busy_share": "busy, of agent time",
    "abandonment_rate": "abandoned, of live",
    "connects": "connects (network answers)",
    "live": "live (answered by a person)",
    "penetration": "leads attempted, of all",
    "final": "leads final",
}
_DAY_FIGURES = ("attempts", "live", "rpc", "rpc_per_agent_hour", "busy_share", "abandonment_rate", "penetration")


def described(options: SimulationOptions) -> str:
    """What is simulated, in a line."""
    days = f"{options.days:,} days of " if options.days > 1 else ""
    people = "" if options.population is None else f", people of {options.population}"
    since = minute(iso(options.start))
    return (
        f"{options.campaign}, {counted(options.agents, 'agent')}, {days}{options.hours:g} h from {since}{people}"
    )


def document_of(options: SimulationOptions, runs: Sequence[SimulatedRun]) -> dict[str, object]:
    """The document of `dialer simulate --json` with several days or runs."""
    spreads = spreads_of([run.figures for run in runs])
    return {
        "campaign": runs[0].summary["campaign"],
        "from": iso(options.start),
        "agents": options.agents,
        "hours": options.hours,
        "days": options.days,
        "runs": len(runs),
        "figures": {name: spread.as_dict() for name, spread in spreads.items()},
        "results": [{"seed": run.seed, "summary": run.summary, "by_day": list(run.days)} for run in runs],
    }


def print_figures(
    columns: Sequence[tuple[str, Mapping[str, Spread]]], options: SimulationOptions, runs: int
) -> None:
    """A line a figure, each column with its mean and how far off it may be."""
    interval = ", with 95 % intervals" if runs > 1 else ""
    say(f"{described(options)}: {counted(runs, 'run')}{interval}\n")
    heads = [f"{head}#" for head, _ in columns]
    rows = [(_WORDS.get(name, name), *(_shown(name, spreads[name]) for _, spreads in columns)) for name in FIGURES]
    print_table(("", *heads), rows, empty="")


def print_days(runs: Sequence[SimulatedRun]) -> None:
    """Means over the runs that came so far, and how long there was anybody to dial."""
    longest = max(len(run.days) for run in runs)
    if longest < 2:
        return
    say("")
    rows = []
    for day in range(longest):
        found = [run.days[day] for run in runs if len(run.days) > day]
        rows.append((day + 1, *(_mean(name, found) for name in _DAY_FIGURES), _until(found)))
    heads = ("attempts#", "live#", "rpc#", "rpc/agent h#", "busy#", "abandoned#", "attempted#", "dialed until")
    print_table(("day#", *heads), rows, empty="")


def print_needed(needed: AgentsNeeded) -> None:
    goal = needed.goal
    wanted = (
        f"{_WORDS.get(goal.figure, goal.figure)} of at least {_value(goal.figure, goal.at_least, goal.at_least)}"
    )
    rows = [(agents, _shown(goal.figure, spread)) for agents, spread in needed.tried]
    if needed.agents is None:
        say(f"No number of agents that was tried comes to {wanted}.")
    else:
        how_many = "The fewest that come to" if goal.rises else "The most that keep"
        say(f"{how_many} {wanted}: {counted(needed.agents, 'agent')}.")
    say("")
    print_table(("agents#", f"{_WORDS.get(goal.figure, goal.figure)}#"), rows, empty="")


def _shown(name: str, spread: Spread) -> str:
    size = abs(spread.mean)
    off = "" if spread.high is None else f" ± {_value(name, spread.high - spread.mean, size)}"
    return f"{_value(name, spread.mean, size)}{off}"


def _value(name: str, value: float, size: float) -> str:
    """With as many digits as a figure of that size needs."""
    if name in _SHARES:
        return f"{value:.1%}"
    return f"{value:,.{2 if size < 10 else 1 if size < 1_000 else 0}f}"


def _mean(name: str, days: Sequence[Mapping[str, Any]]) -> str:
    found = mean(float(day[name]) for day in days)
    return _value(name, found, abs(found))


def _until(days: Sequence[Mapping[str, Any]]) -> str:
    """The latest of the runs."""
    moments = [str(day["dialed_until"]) for day in days if day["dialed_until"] is not None]
    return minute(max(moments)) or "" if moments else "nobody to dial"
