"""`dialer rules`: the rule sets there are, one of them, and those that a call comes under."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from dialer.cli.client import ClientOption
from dialer.cli.home import home_of
from dialer.cli.output import JsonOption, print_facts, print_json, print_table, say
from dialer.cli.why import AtOption, CountryOption, WhoArgument
from dialer.errors import ANSWER_IS_NO

group = typer.Typer(help="Rule sets: what there is, and what a call comes under.")


def register(program: typer.Typer) -> None:
    program.add_typer(group, name="rules")


@group.callback(invoke_without_command=True)
def rules(context: typer.Context, as_json: JsonOption = False) -> None:
    """Every rule set: for whom it speaks, and when it was last checked."""
    if context.invoked_subcommand is not None:
        return
    from dialer.app.home import load_home
    from dialer.clock import SystemClock
    from dialer.operations.show_rules import rule_rows

    rows = rule_rows(load_home(home_of(context)).rules, SystemClock().now())
    if as_json:
        print_json(rows)
        return
    columns = ("name", "speaks for", "purpose", "basis", "confidence", "checked", "state")
    print_table(columns, map(_row, rows), empty="No rule set.")


@group.command()
def show(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name of the rule set.")],
    as_json: JsonOption = False,
) -> None:
    """One rule set, rule by rule: what it says, where that is written, and how sure it is."""
    from dialer.app.home import load_home
    from dialer.clock import SystemClock
    from dialer.operations.show_rules import show_rule_set

    found = show_rule_set(load_home(home_of(context)).rules, name, SystemClock().now())
    if as_json:
        print_json(found)
    else:
        _print_set(found)


@group.command("for")
def applicable(
    context: typer.Context,
    who: WhoArgument,
    campaign: Annotated[str, typer.Option(metavar="NAME", help="For which campaign.")],
    at: AtOption = None,
    region: CountryOption = None,
    client: ClientOption = None,
    as_json: JsonOption = False,
) -> None:
    """What a call to a number, or to a lead, comes under, and why. Exit status 1 when there is no rule for it."""
    from dialer.app.installation import read_home
    from dialer.clock import SystemClock
    from dialer.operations.known_client import name_of
    from dialer.operations.moments import parse_moment
    from dialer.operations.show_rules import rules_for_number

    moment = parse_moment(at, "--at") if at is not None else SystemClock().now()
    with read_home(home_of(context)) as view:
        name, library = name_of(client, campaign), view.settings.rules
        found = rules_for_number(view.reader, library, name, who, moment, region)
    if as_json:
        print_json(found)
    else:
        _print_numbers(found)
    if not any(number["allowed"] for number in found["numbers"]):
        raise typer.Exit(ANSWER_IS_NO)


def _print_numbers(found: dict[str, Any]) -> None:
    say(f"{found['campaign']} calls for {found['purpose']}; its rule sets are chosen {found['chosen']}")
    for number in found["numbers"]:
        say("")
        say(number["number"])
        for place in number["places"]:
            say(f"  {place['code']}: {place['because']}")
        if not number["allowed"]:
            say(f"  nothing is dialed: {number['lack']}")
            continue
        say(f"  together (on the word of {number['basis']} rules):")
        for line in number["together"]:
            say(f"    {line}")
        for rule_set in number["rule_sets"]:
            say("")
            say(f"  {rule_set['name']} {rule_set['because']}")
            _print_set(rule_set)


def _print_set(found: dict[str, Any]) -> None:
    declared = found["declared"]
    facts = [
        ("name", found["name"]),
        ("title", found["title"]),
        ("speaks for", ", ".join(found["jurisdiction"])),
        ("purpose", ", ".join(found["purpose"]) or "all"),
        ("binding", found["binding"]),
        ("basis", found["basis"]),
        ("source", found["citation"]),
        ("checked", found["verified_on"]),
        ("valid", f"{found['valid_from'] or '...'} to {found['valid_to'] or '...'}"),
        ("state", found["state"]),
    ]
    if declared is not None:
        facts.append(("declared", f"by {declared['by']} on {declared['on']}: {declared['source']}"))
    if found["note"]:
        facts.append(("note", found["note"]))
    print_facts(facts)
    say("")
    print_table(
        ("rule", "says", "source", "confidence", "checked", "note"), map(_rule_row, found["rules"]), empty=""
    )


def _rule_row(rule: dict[str, Any]) -> tuple[object, ...]:
    sure = rule["confidence"] if rule["verified"] else f"{rule['confidence']}: not verified"
    return rule["rule"], rule["says"], rule["citation"], sure, rule["verified_on"], rule["note"]


def _row(row: dict[str, Any]) -> tuple[object, ...]:
    return (
        row["name"],
        ", ".join(row["jurisdiction"]),
        ", ".join(row["purpose"]) or "all",
        row["basis"],
        row["confidence"],
        row["verified_on"],
        row["state"],
    )
