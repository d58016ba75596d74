"""`dialer why`: may it be dialed, and if not, why not, and when."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand

from dialer.cli.client import ClientOption
from dialer.cli.home import home_of
from dialer.cli.output import JsonOption, minute, print_facts, print_json, print_table, say
from dialer.errors import ANSWER_IS_NO

if TYPE_CHECKING:
    from dialer.operations.why import Explanation
    from dialer.operations.why_everywhere import Everywhere


WhoArgument = Annotated[
    str, typer.Argument(metavar="PHONE_OR_LEAD", help="A number as +12025550123, or a lead's id.")
]
AtOption = Annotated[str | None, typer.Option(metavar="ISO8601", help="At which moment; now if not given.")]
CountryOption = Annotated[
    str | None, typer.Option("--region", metavar="CC", help="Country of a number written without one.")
]


class WhoCommand(TyperCommand):
    """`-1` is somebody asked about, and wrong; no option is a number."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        numbers = [
            place
            for place, text in enumerate(args)
            if re.match(r"-\d", text) and not (place and args[place - 1].startswith("--"))
        ]
        others = [text for place, text in enumerate(args) if place not in numbers]
        return super().parse_args(ctx, [*others, "--", *(args[place] for place in numbers)] if numbers else args)


def register(program: typer.Typer) -> None:
    program.command("why", cls=WhoCommand)(why)


def why(
    context: typer.Context,
    who: WhoArgument,
    campaign: Annotated[
        str | None, typer.Option(metavar="NAME", help="For which campaign; for all that call it if not given.")
    ] = None,
    at: AtOption = None,
    region: CountryOption = None,
    client: ClientOption = None,
    as_json: JsonOption = False,
) -> None:
    """May a number or a lead be dialed? With the reason and the evidence. Exit status 1 when it may not."""
    from dialer.app.installation import read_home
    from dialer.app.remote import trunk_rows
    from dialer.clock import SystemClock
    from dialer.operations.known_client import belonging_to, known_client, name_of
    from dialer.operations.moments import parse_moment
    from dialer.operations.routes_at import RoutesAt, out_of_use
    from dialer.operations.why import why as explain
    from dialer.operations.why_everywhere import why_everywhere

    moment = parse_moment(at, "--at") if at is not None else SystemClock().now()
    with read_home(home_of(context)) as view:
        walls, trunks, rules = view.settings.walls, view.settings.trunks, view.settings.rules
        rows = trunk_rows(view.home) if at is None else []  # how they will be, nobody knows
        down, served = out_of_use(rows, moment), bool(rows)
        routes = RoutesAt(view.reader, walls, trunks, moment, down)
        if campaign is None:
            only = None if client is None else known_client(view.settings, client)
            everywhere = why_everywhere(
                view.reader,
                who,
                moment,
                region,
                walls=walls,
                routes=routes,
                library=rules,
                sees=belonging_to(only),
                served=served,
            )
            document, allowed = everywhere.as_dict(), everywhere.allowed
        else:
            name = name_of(client, campaign)
            explanation = explain(
                view.reader, name, who, moment, region, walls=walls, routes=routes, library=rules, served=served
            )
            document, allowed = explanation.as_dict(), explanation.allowed
    if as_json:
        print_json(document)
    elif campaign is None:
        _print_everywhere(everywhere)
    else:
        _print(explanation)
    if not allowed:
        raise typer.Exit(ANSWER_IS_NO)


def _print(explanation: Explanation) -> None:
    evidence: dict[str, Any] = dict(explanation.evidence)
    say(_sentence(explanation))
    if evidence["lead_id"] is None:
        say("No lead of the campaign has this number: this is what would hold if one had.")
    say("")
    _print_gates(evidence.pop("gates"))
    say("")
    print_facts(_facts(evidence))


def _sentence(explanation: Explanation) -> str:
    from dialer.operations.moments import iso

    evidence = explanation.evidence
    if "standing" in evidence:
        return f"{evidence['number']}: its lead is {evidence['standing']}"
    if explanation.allowed:
        return f"{evidence['number']} may be dialed, until {iso(explanation.until)}"
    until = iso(explanation.until)
    when = f"from {until} on it may" if until else "waiting does not change that"
    return f"{evidence['number']} may not be dialed: {explanation.reason} ({evidence['detail']}); {when}"


def _print_gates(gates: Sequence[Mapping[str, Any]]) -> None:
    """Those in the way, each with its reason, when it opens and what can be done; the others in a line."""
    closed = [gate for gate in gates if gate["open"] is False]
    if closed:
        print_table(
            ("in the way", "reason", "opens", "because", "what to do"),
            [
                (gate["text"], gate["reason"], minute(gate["until"]) or "–", gate["detail"], gate["remedy"])
                for gate in closed
            ],
            empty="",
        )
    clear = [gate["text"] for gate in gates if gate["open"]]
    unasked = [gate["text"] for gate in gates if gate["open"] is None]
    if clear:
        say(f"not in the way: {', '.join(clear)}")
    if unasked:
        say(f"not asked before that is mended: {', '.join(unasked)}")


def _print_everywhere(found: Everywhere) -> None:
    from dialer.operations.moments import iso

    numbers = ", ".join(found.numbers)
    leads = ", ".join(map(str, found.lead_ids)) or "none"
    say(f"{numbers} (leads: {leads}) {'may be dialed' if found.allowed else 'may not be dialed by any campaign'}")
    say("")
    rows: list[tuple[object, ...]] = []
    for stored, answer in found.campaigns:
        if answer is None:
            rows.append((stored.name, stored.state.value, "its stored text is not understood", "", ""))
        else:
            reason = answer.reason or "may be dialed"
            rows.append(
                (
                    stored.name,
                    stored.state.value,
                    reason,
                    minute(iso(answer.until)),
                    answer.evidence.get("detail", ""),
                )
            )
    print_table(("campaign", "state", "answer", "until", "because"), rows, empty="No campaign calls it.")
    say("")
    print_table(
        ("register", "number", "calls", "since", "until"),
        [
            (
                one.client or "house",
                one.number,
                one.purpose or "all",
                minute(iso(one.since)),
                minute(iso(one.until)) or "still",
            )
            for one in found.registers
        ],
        empty="It is on no do-not-call register, and never was.",
    )
    say("")
    keys = ("at", "campaign", "number", "outcome", "disposition")
    print_table(
        ("called", "campaign", "number", "outcome", "disposition"),
        [[minute(str(one["at"])), *(one[key] for key in keys[1:])] for one in found.attempts],
        empty="It has not been called.",
    )


def _facts(evidence: dict[str, Any]) -> list[tuple[str, object]]:
    from lists.zone_evidence import evidence_text

    facts: list[tuple[str, object]] = []
    for name, value in evidence.items():
        if name == "zones":
            shown = "; ".join(f"{zone['zone']} {zone['local_time']}" for zone in value)
            facts.append(("local time", shown or "unknown"))
        elif name == "zone_evidence":
            facts.append(("zones by", evidence_text(value) or "nothing"))
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
