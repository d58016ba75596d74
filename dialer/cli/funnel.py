"""`dialer funnel`: of all leads, how many may be dialed now, and what keeps the others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from dialer.cli.client import ClientOption
from dialer.cli.home import home_of
from dialer.cli.output import JsonOption, minute, print_json, print_table, say

if TYPE_CHECKING:
    from dialer.operations.funnel import Funnel

ZONES_SHOWN = 20


def register(program: typer.Typer) -> None:
    program.command("funnel")(funnel)


def funnel(
    context: typer.Context,
    campaign: Annotated[str, typer.Argument(metavar="CAMPAIGN", help="Name of the campaign.")],
    at: Annotated[
        str | None, typer.Option(metavar="ISO8601", help="At which moment, as things stand; now if not given.")
    ] = None,
    client: ClientOption = None,
    as_json: JsonOption = False,
) -> None:
    """How many leads of a campaign may be dialed, what keeps each of the others, and what opens next."""
    from dialer.app.installation import read_home
    from dialer.app.remote import trunk_rows
    from dialer.clock import SystemClock
    from dialer.operations.funnel import funnel as count
    from dialer.operations.known_client import name_of
    from dialer.operations.moments import parse_moment
    from dialer.operations.routes_at import RoutesAt, out_of_use

    now = SystemClock().now()
    moment = now if at is None else parse_moment(at, "--at")
    with read_home(home_of(context)) as view:
        walls, trunks = view.settings.walls, view.settings.trunks
        down = out_of_use(trunk_rows(view.home), moment) if at is None else {}  # how they will be, nobody knows
        routes = RoutesAt(view.reader, walls, trunks, moment, down)
        name = name_of(client, campaign)
        rules = view.settings.rules
        found = count(view.reader, name, moment, now, walls=walls, trunks=trunks, routes=routes, library=rules)
    if as_json:
        print_json(found.as_dict())
    else:
        _print(found)


def _print(found: Funnel) -> None:
    from dialer.operations.funnel import HOUR_S
    from dialer.operations.moments import iso

    at = minute(iso(found.at))
    say(f"{found.campaign}, {at}: {found.dialable:,} of {found.total:,} leads may be dialed")
    say("")
    left = found.total
    rows: list[tuple[object, ...]] = [("all leads", "", left, "")]
    for stage, lost, codes in found.by_stage():
        left -= lost
        rows.append((stage.words, lost, left, ""))
        rows += [(f"  {code}", leads, "", minute(iso(first))) for code, leads, first in codes]
    rows.append(("may be dialed", "", found.dialable, ""))
    print_table(("", "leads#", "left#", "first free"), rows, empty="")
    coming = [(n, leads) for n, leads in enumerate(found.hours) if leads]
    say("")
    print_table(
        ("come free from", "leads#"),
        [(minute(iso(found.at + n * HOUR_S)), leads) for n, leads in coming],
        empty="No lead comes free within 24 hours.",
    )
    if found.never:
        never = ", ".join(f"{leads:,} {code}" for code, leads in found.never.most_common())
        say("")
        say(f"Time alone frees none of these: {never} (docs/reference/reasons.md says what does)")
    closed = sorted(
        (zone.opens_at or float("inf"), name, zone) for name, zone in found.zones.items() if zone.closed
    )
    if closed:
        say("")
        print_table(
            ("window closed in", "leads#", "opens"),
            [(name, zone.closed, minute(iso(zone.opens_at)) or "never") for _, name, zone in closed[:ZONES_SHOWN]],
            empty="",
        )
        if len(closed) > ZONES_SHOWN:
            say(f"and {len(closed) - ZONES_SHOWN:,} more zone groups; --json has all of them")
