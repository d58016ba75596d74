"""`dialer person …`: what is stored of one person, shown, handed over, erased."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dialer.cli.home import home_of
from dialer.cli.output import JsonOption, minute, print_json, print_table, say, warn
from dialer.cli.why import CountryOption, WhoArgument, WhoCommand
from dialer.tui.words import counted

if TYPE_CHECKING:
    from dialer.operations.person import Person

group = typer.Typer(
    help="What is stored of one person: shown, exported, erased.", no_args_is_help=True, rich_markup_mode=None
)

OfClientOption = Annotated[
    str | None,
    typer.Option("--client", metavar="ID", help='What this client has of them; "" for the house. Else all.'),
]


def register(program: typer.Typer) -> None:
    program.add_typer(group, name="person")


@group.command(cls=WhoCommand)
def show(
    context: typer.Context,
    who: WhoArgument,
    region: CountryOption = None,
    client: OfClientOption = None,
    as_json: JsonOption = False,
) -> None:
    """Everything stored of whoever has this number or lead id: leads, calls, promises, consents, registers."""
    person = _find(context, who, region, client)
    if as_json:
        print_json(person.as_dict())
    else:
        _print(person)


@group.command(cls=WhoCommand)
def export(
    context: typer.Context,
    who: WhoArgument,
    output: Annotated[Path, typer.Option(metavar="FILE", help="A zip archive; it must not be there yet.")],
    region: CountryOption = None,
    client: OfClientOption = None,
) -> None:
    """The same as an archive to hand over: person.json, and every recording."""
    from dialer.operations.export_person import export_person
    from dialer.telephony.call_folders import CallFolders

    person = _find(context, who, region, client)
    export_person(person, CallFolders.of_home(home_of(context)).recordings, output)
    say(f"written to {output}: {_counts(person)}")


@group.command(cls=WhoCommand)
def erase(
    context: typer.Context,
    who: WhoArgument,
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Why; kept in the log of changes.")] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    region: CountryOption = None,
    client: OfClientOption = None,
    as_json: JsonOption = False,
) -> None:
    """Erase what is stored of them, for good. Outcomes and times of calls stay without whose they were, and keyed
    hashes of their numbers, so that no later import brings them back."""
    from dialer.app.erasing import erase_from
    from dialer.errors import InputError
    from dialer.operations.erase_person import refuse_several

    person = _find(context, who, region, client)
    refuse_several(person, who)
    if not yes:
        if not (sys.stdin.isatty() and sys.stderr.isatty()):
            raise InputError(f"this would erase {_counts(person)}, for good: add --yes to do it")
        typer.confirm(f"Erase {_counts(person)}, for good?", abort=True, err=True)
    done = erase_from(home_of(context), who, warn, region=region, client=client, reason=reason)
    if as_json:
        print_json(done.model_dump(mode="json"))
        return
    said = f"what {counted(done.attempts, 'attempt')} and {counted(done.callbacks, 'callback')} said of them"
    say(f"erased: {counted(done.leads, 'lead')}, {said}, {counted(done.recordings, 'recording')}")
    if done.registers:
        say(
            f"{done.registers:,} entries of do-not-call registers stay: they are what keeps them from being called"
        )


@group.command()
def retention(
    context: typer.Context,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Erase whoever is past the time of [retention] in dialer.toml. A running service does so every day."""
    from dialer.app.retaining import run_retention

    done = run_retention(home_of(context), warn, dry_run=dry_run)
    if as_json:
        print_json(done.model_dump(mode="json", exclude_none=True))
        return
    rows = [
        (row.client or "house", row.lead_days, row.proof_days, row.leads, row.attempts or row.called or 0)
        for row in done.clients
    ]
    counts = ("erased#", "attempts#") if done.stored else ("due#", "of them called#")
    empty = "Leads are kept for ever: say lead_days under [retention] in dialer.toml."
    print_table(("client", "kept for days#", "called ones at least#", *counts), rows, empty=empty)
    at_hand = sum(row.at_hand or 0 for row in done.clients)
    if at_hand:
        warn(f"{at_hand:,} are in calls, or about to be, and go another day")


def _find(context: typer.Context, who: str, region: str | None, client: str | None) -> Person:
    from dialer.app.installation import read_home
    from dialer.operations.known_client import belonging_to, known_client
    from dialer.operations.person import find_person
    from dialer.telephony.call_folders import CallFolders

    with read_home(home_of(context)) as view:
        if client is not None:
            known_client(view.settings, client)
        folder = CallFolders.of_home(view.home).recordings
        return find_person(view.reader, who, region, recordings=folder, sees=belonging_to(client))


def _counts(person: Person) -> str:
    parts = (
        (len(person.leads), "lead"), (len(person.attempts), "attempt"), (len(person.callbacks), "callback"),
        (len(person.consents), "consent"), (len(person.recordings), "recording"),
    )  # fmt: skip
    name = ", ".join(person.names) or "somebody without a name"
    return f"{name}: {', '.join(counted(count, what) for count, what in parts)}"


def _print(person: Person) -> None:
    from dialer.operations.moments import iso

    say(_counts(person))
    say("")
    print_table(
        ("lead", "list", "name", "numbers", "id", "person"),
        [
            (
                str(lead.lead_id),
                lead.list_name,
                lead.display_name,
                " ".join(phone.e164 for phone in lead.phones),
                lead.external_id,
                lead.person_key,
            )
            for lead in person.leads
        ],
        empty="",
    )
    say("")
    print_table(
        ("called", "campaign", "number", "outcome", "disposition", "agent", "talk s#"),
        [
            (
                minute(iso(one.created_at)),
                one.campaign,
                one.number,
                "in progress" if one.record is None else one.record.outcome,
                None if one.record is None else one.record.disposition,
                None if one.record is None else one.record.agent_id,
                "" if one.record is None else f"{one.record.talk_s:.0f}",
            )
            for one in person.attempts
        ],
        empty="They have never been called.",
    )
    _print_given(person)


def _print_given(person: Person) -> None:
    """What they have asked for, agreed to and refused."""
    from dialer.operations.moments import iso

    rows = [
        (minute(iso(one.callback.made_at)), "callback", one.callback.campaign, one.callback.number,
         f"promised for {one.callback.wall} in {one.callback.zone}: {one.state}")
        for one in person.callbacks
    ]  # fmt: skip
    rows += [
        (minute(iso(one.given_at)), f"consent: {one.kind}", client or "the house", one.number,
         f"{one.source}{' (withdrawn)' if one.withdrawn_at is not None else ''}")
        for client, one in person.consents
    ]  # fmt: skip
    rows += [
        (minute(iso(one.since)), "do not call", one.client or "the house", one.number,
         f"{one.source}{' (taken off)' if one.until is not None else ''}")
        for one in person.registers
    ]  # fmt: skip
    rows += [
        (minute(iso(one.since)), "do not call", one.client or "the house", "whatever number",
         f"{one.source}{' (taken off)' if one.until is not None else ''}")
        for one in person.refused
    ]  # fmt: skip
    if rows:
        say("")
        print_table(("since", "what", "of", "number", ""), sorted(rows, key=lambda row: str(row[0])), empty="")
    for name in person.recordings:
        say(f"recording  {name}")
