"""`dialer status`, `reload`, `stop`: the service that runs on a home."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from campaigns.life import CampaignState
from dialer.cli.home import home_of
from dialer.cli.output import JsonOption, print_facts, print_json, print_table, say, warn
from dialer.errors import EnvironmentFault

if TYPE_CHECKING:
    from dialer.api.schemas import CampaignRow, Overview

LOOK_EVERY_S = 0.1
LONGER_THAN_DRAIN_S = 120.0
"""After the drain calls are hung up and the last records committed, which are given up after a while where the
database is away (`dialer/live/stopping.py`)."""


def register(program: typer.Typer) -> None:
    program.command("status")(status)
    program.command("reload")(reload)
    program.command("stop")(stop)


def status(context: typer.Context, as_json: JsonOption = False) -> None:
    """The service on one screen: its state, campaigns, trunks, alarms. Exit status 3 when it is not running."""
    from dialer.api.requests import overview
    from dialer.app.remote import service_of

    with service_of(home_of(context)) as service:
        found = service.call(overview())
    if as_json:
        print_json(found.model_dump(mode="json"))
    else:
        _print(found)


def _print(found: Overview) -> None:
    from dialer.operations.moments import iso

    service = found.service
    states: dict[str, int] = {}
    for agent in found.agents:
        states[agent.state] = states.get(agent.state, 0) + 1
    print_facts(
        [
            ("service", f"{service.state}, process {service.pid}, version {service.version}"),
            ("home", service.home),
            ("since", iso(float(int(service.started_at)))),
            ("SIP", service.sip_address),
            ("agents", ", ".join(f"{count} {state}" for state, count in sorted(states.items())) or "none on duty"),
            ("calls in progress", len(found.calls)),
        ]
    )
    say("")
    print_table(
        ("campaign", "state", "dialing#", "talking#", "attempts#", "live#", "abandoned", "RPC/h#", "because"),
        [
            (
                row.name,
                row.state,
                row.dialing,
                row.talking,
                row.figures.attempts,
                row.figures.live,
                f"{row.figures.abandonment_rate:.1%} of {row.figures.abandon_cap:.1%}",
                f"{row.figures.rpc_per_agent_hour:.1f}",
                row.state_reason or _waits(row, service.now),
            )
            for row in found.campaigns
        ],
        empty="No campaign yet: `dialer campaign add FILE` adds one.",
    )
    say("")
    print_table(
        ("trunk", "address", "state", "calls#", "of#", "per second#", "why"),
        [
            (row.name, row.address, row.state, row.in_use, row.channels, f"{row.cps:g}", row.why)
            for row in found.trunks
        ],
        empty="No trunk: describe one in dialer.toml under [[trunk]].",
    )
    if found.alarms:
        say("")
    for alarm in found.alarms:
        say(f"{alarm.level}: {alarm.text}")


def _waits(row: CampaignRow, now: float) -> str:
    """Why a running campaign dials nothing now, and when it does again."""
    from dialer.operations.moments import iso

    leads = row.leads
    if row.state != CampaignState.RUNNING or row.dialing or leads.at_hand or not row.waits_because:
        return ""
    again = "" if leads.next_in_s is None else f"; the next lead at {iso(float(round(now + leads.next_in_s)))}"
    return f"{row.waits_because[0].text}{again}"


def reload(context: typer.Context, as_json: JsonOption = False) -> None:
    """Have the service read dialer.toml again, without dropping a call. What is wrong in it is told, and nothing
    changes."""
    from dialer.api.requests import reload_settings
    from dialer.app.remote import service_of

    with service_of(home_of(context)) as service:
        reloaded = service.call(reload_settings())
    if as_json:
        print_json(reloaded.model_dump(mode="json"))
        return
    say(f"In force now: {', '.join(reloaded.changed) or 'nothing has changed'}")
    if reloaded.needs_restart:
        warn(f"in force after a restart of the service: {', '.join(reloaded.needs_restart)}")


def stop(
    context: typer.Context,
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help="Until it has ended, or only ask it to.")] = True,
    as_json: JsonOption = False,
) -> None:
    """Stop the service: no new calls, those in progress finish, as long as service.drain allows."""
    from dialer.api.requests import stop_service
    from dialer.app.remote import service_of

    home = home_of(context)
    with service_of(home) as service:
        accepted = service.call(stop_service())
    if accepted.unstored:
        warn(f"not in the log of changes: {accepted.unstored}")
    if wait:
        _wait_for_end(home)
    if as_json:
        print_json({"stopped": wait})
    else:
        say("The service has stopped" if wait else "The service is stopping")


def _wait_for_end(home: Path) -> None:
    from dialer.app.home import load_home
    from dialer.clock import monotonic
    from dialer.storage.owner import owner_of

    patience_s = load_home(home).drain_s + LONGER_THAN_DRAIN_S
    started = monotonic()
    while owner_of(home) is not None:
        if monotonic() - started > patience_s:
            raise EnvironmentFault(
                f"{home}: the service has been asked to stop and is at work still; see its log, or kill it"
            )
        time.sleep(LOOK_EVERY_S)
