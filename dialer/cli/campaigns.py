"""`dialer campaign …`: campaigns."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dialer.cli import campaign_reset, campaign_steps
from dialer.cli.client import ClientOption, OnlyOption
from dialer.cli.home import given_home, home_of
from dialer.cli.output import JsonOption, minute, print_facts, print_json, print_table, say, warn
from dialer.cli.progress import counter
from dialer.errors import WRONG_INPUT

if TYPE_CHECKING:
    from campaigns.errors import Problem
    from dialer.settings import Settings

group = typer.Typer(help="Campaigns.", no_args_is_help=True, rich_markup_mode=None)

FileArgument = Annotated[Path, typer.Argument(metavar="FILE", help="Campaign file (TOML).")]


def register(program: typer.Typer) -> None:
    program.add_typer(group, name="campaign")


@group.command()
def check(context: typer.Context, file: FileArgument, as_json: JsonOption = False) -> None:
    """Check a campaign file: every problem with its line, field and remedy. In a home, warns of lists and
    trunks that the home does not have; a client or a caller id that it does not know is a problem."""
    from campaigns.errors import CampaignFileError
    from campaigns.prompt import FOLDER
    from dialer.clock import SystemClock
    from dialer.operations.check_campaign import check_campaign
    from dialer.telephony.prompt_desk import prompt_trial

    lists, settings = _known(context)
    trunks = None if settings is None else [trunk.name for trunk in settings.trunks]
    try:
        trial = None if settings is None else prompt_trial(home_of(context) / FOLDER)
        now = SystemClock().now()
        checked = check_campaign(file, lists=lists, trunks=trunks, settings=settings, try_prompt=trial, now=now)
    except CampaignFileError as error:
        if as_json:
            print_json({"ok": False, "problems": list(map(_problem_dict, error.problems)), "warnings": []})
        for problem in error.problems:
            warn(str(problem))
        raise typer.Exit(WRONG_INPUT) from None
    if as_json:
        warnings = list(map(_problem_dict, checked.warnings))
        print_json({"ok": True, "campaign": checked.campaign.name, "problems": [], "warnings": warnings})
    else:
        say(f"{file}: campaign {checked.campaign.name} is right")
    for problem in checked.warnings:
        warn(f"warning: {problem}")


def _known(context: typer.Context) -> tuple[list[str] | None, Settings | None]:
    """Lists and settings of the home, None and None when there is none. A home that was named has to be one."""
    from dialer.app.installation import read_home

    home = home_of(context)
    if given_home(context) is None and not home.is_dir():
        return None, None
    with read_home(home) as view:
        lists = [summary.name for summary in view.reader.lists()]
    return lists, view.settings


def _problem_dict(problem: Problem) -> dict[str, object]:
    return {
        "file": problem.file,
        "line": problem.line,
        "column": problem.column,
        "field": problem.field,
        "text": problem.text,
        "advice": problem.advice,
    }


@group.command()
def add(context: typer.Context, file: FileArgument, as_json: JsonOption = False) -> None:
    """Add a campaign to the home; one of the same name gets the new text, and its leads keep their place."""
    from dialer.app.adding import run_add

    with counter("leads") as progress:
        added = run_add(home_of(context), file, warn, progress)
    warnings = [row.model_dump(mode="json") for row in added.warnings]
    if as_json:
        print_json(added.model_dump(mode="json") | {"warnings": warnings})
    else:
        verb = "replaced" if added.replaced else "added"
        say(f"Campaign {added.campaign} {verb}: {added.leads:,} leads, {added.state}")
    for row in added.warnings:
        warn(f"warning: {row.file}:{row.line}:{row.column}: {row.field}: {row.text} ({row.advice})")


@group.command()
def ls(context: typer.Context, client: OnlyOption = None, as_json: JsonOption = False) -> None:
    """All campaigns, and what state they are in."""
    from dialer.app.installation import read_home
    from dialer.operations.show_campaign import campaign_rows

    with read_home(home_of(context)) as view:
        rows = [row for row in campaign_rows(view.reader) if client is None or row["client"] == client]
    if as_json:
        print_json(rows)
        return
    shown = [row | {"lists": ", ".join(row["lists"]), "added_at": minute(row["added_at"])} for row in rows]
    shown = [row | {"state_since": minute(row["state_since"])} for row in shown]
    keys = (
        "name",
        "client",
        "state",
        "state_since",
        "mode",
        "lists",
        "leads",
        "attempted",
        "final",
        "state_reason",
    )
    print_table(
        ("campaign", "client", "state", "since", "mode", "lists", "leads#", "attempted#", "final#", "because"),
        [[row[key] for key in keys] for row in shown],
        empty="No campaign yet: `dialer campaign add FILE` adds one.",
    )


@group.command()
def show(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name of the campaign.")],
    client: ClientOption = None,
    as_json: JsonOption = False,
    as_toml: Annotated[bool, typer.Option("--toml", help="The campaign's file as it was added.")] = False,
) -> None:
    """One campaign: what it does, and how far it has come."""
    from dialer.app.installation import read_home
    from dialer.app.remote import why_no_call
    from dialer.operations.known_client import name_of
    from dialer.operations.show_campaign import show_campaign

    with read_home(home_of(context)) as view:
        found = show_campaign(view.reader, name_of(client, name), view.settings.rules)
        found = {"no_call": why_no_call(view.home, found["name"]), **found}
    if as_json:
        print_json(found)
    elif as_toml:
        say(str(found["toml"]).rstrip("\n"))
    else:
        if found["no_call"]:
            say(f"No call: {found['no_call']}")
        apart = {"no_call", "toml", "script", "zone_groups", *(() if found["mode"] == "power" else ("ratio",))}
        print_facts(
            (key, ", ".join(map(str, value)) if isinstance(value, list) else value)
            for key, value in found.items()
            if key not in apart
        )


for command in (campaign_steps.start, campaign_steps.pause, campaign_steps.stop, campaign_reset.reset):
    group.command()(command)
