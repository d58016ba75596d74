"""`dialer why`: may it be dialed, and if not, why not, and when."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from dialer.cli.client import ClientOption
from dialer.cli.home import home_of
from dialer.cli.output import JsonOption, print_facts, print_json, say
from dialer.errors import ANSWER_IS_NO


def register(program: typer.Typer) -> None:
    program.command("why")(why)


def why(
    context: typer.Context,
    who: Annotated[str, typer.Argument(metavar="PHONE_OR_LEAD", help="A number as +12025550123, or a lead's id.")],
    campaign: Annotated[str, typer.Option(metavar="NAME", help="For which campaign.")],
    at: Annotated[str | None, typer.Option(metavar="ISO8601", help="At which moment; now if not given.")] = None,
    region: Annotated[
        str | None, typer.Option(metavar="CC", help="Country of a number written without one.")
    ] = None,
    client: ClientOption = None,
    as_json: JsonOption = False,
) -> None:
    """May a number or a lead be dialed? With the reason and the evidence. Exit status 1 when it may not."""
    from dialer.app.installation import read_home
    from dialer.app.remote import trunk_rows
    from dialer.clock import SystemClock
    from dialer.operations.known_client import name_of
    from dialer.operations.moments import iso, parse_moment
    from dialer.operations.routes_at import RoutesAt, out_of_use
    from dialer.operations.why import why as explain

    moment = parse_moment(at, "--at") if at is not None else SystemClock().now()
    with read_home(home_of(context)) as view:
        name = name_of(client, campaign)
        walls, trunks = view.settings.walls, view.settings.trunks
        down = out_of_use(trunk_rows(view.home), moment) if at is None else {}  # how they will be, nobody knows
        routes = RoutesAt(view.reader, walls, trunks, moment, down)
        rules = view.settings.rules
        explanation = explain(view.reader, name, who, moment, region, walls=walls, routes=routes, library=rules)
    if as_json:
        print_json(explanation.as_dict())
    else:
        evidence = explanation.evidence
        if explanation.allowed:
            say(f"{evidence['number']} may be dialed, until {iso(explanation.until)}")
        else:
            until = iso(explanation.until)
            when = f"from {until} on it may" if until else "waiting does not change that"
            say(f"{evidence['number']} may not be dialed: {explanation.reason} ({evidence['detail']}); {when}")
        if evidence["lead_id"] is None:
            say("No lead of the campaign has this number: this is what would hold if one had.")
        say("")
        print_facts(_facts(evidence))
    if not explanation.allowed:
        raise typer.Exit(ANSWER_IS_NO)


def _facts(evidence: dict[str, Any]) -> list[tuple[str, object]]:
    facts: list[tuple[str, object]] = []
    for name, value in evidence.items():
        if name == "zones":
            shown = "; ".join(f"{zone['zone']} {zone['local_time']}" for zone in value)
            facts.append(("local time", shown or "unknown"))
        elif name == "counters":
            shown = ", ".join(f"{counter['cap']} {counter['used']} of {counter['limit']}" for counter in value)
            facts.append(("used", shown))
        elif name == "leads":
            facts += [(f"lead {entry['lead_id']}", entry["reason"] or "may be dialed") for entry in value]
        elif name == "numbers":
            facts += [(entry["number"], entry["reason"] or "may be dialed") for entry in value]
        elif name not in {"detail", "rule_set_hash", "campaign_hash"}:
            facts.append((name.replace("_", " "), value))
    return facts
