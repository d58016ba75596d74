"""`dialer consent …`: who has agreed to be called."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dialer.cli.dnc import NumbersArgument, RegionOption, RegisterOption
from dialer.cli.home import home_of
from dialer.cli.output import JsonOption, print_json, say, warn
from dialer.errors import ANSWER_IS_NO

group = typer.Typer(
    help='Consents to be called, each client\'s own: what rule sets with `consent = "opt_in"` ask for.',
    no_args_is_help=True,
    rich_markup_mode=None,
)


def register(program: typer.Typer) -> None:
    program.add_typer(group, name="consent")


@group.command()
def add(
    context: typer.Context,
    numbers: NumbersArgument,
    source: Annotated[str, typer.Option(metavar="S", help="Where it comes from: a form, a recording, a letter.")],
    given_at: Annotated[
        str, typer.Option("--given-at", metavar="WHEN", help="Date or moment; now if not given.")
    ] = "",
    expires_at: Annotated[
        str, typer.Option("--expires-at", metavar="WHEN", help="From when on it holds no longer.")
    ] = "",
    kind: Annotated[str, typer.Option(metavar="KIND", help="call, prerecorded or recording.")] = "call",
    purpose: Annotated[str, typer.Option(metavar="P", help="sales, debt, research or service.")] = "",
    evidence: Annotated[str, typer.Option(metavar="E", help="Where it can be seen.")] = "",
    region: RegionOption = None,
    client: RegisterOption = "",
    as_json: JsonOption = False,
) -> None:
    """Put on record that the people on these numbers have agreed."""
    from dialer.app.reach import reach_home
    from dialer.clock import SystemClock
    from dialer.operations.block_numbers import parse_numbers
    from dialer.operations.consents import make_consent, read_moment, save_consents
    from dialer.operations.known_client import known_client

    now = SystemClock().now()
    consents = [
        make_consent(
            number,
            kind=kind,
            purpose=purpose,
            given_at=read_moment(given_at, "--given-at") if given_at else now,
            expires_at=read_moment(expires_at, "--expires-at") if expires_at else None,
            source=source,
            evidence=evidence,
        )
        for number in parse_numbers(numbers, region)
    ]
    with reach_home(home_of(context), "dialer consent add", warn) as reached:
        saved = save_consents(
            consents, write=reached.write, now=now, client=known_client(reached.settings, client)
        )
    if as_json:
        print_json({"saved": saved})
    else:
        say(f"{saved:,} consents on record")


@group.command("import")
def import_(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV: number, given_at, source, …")],
    region: RegionOption = None,
    skip_bad: Annotated[
        bool, typer.Option("--skip-bad", help="Import the rest when rows cannot be read; else import nothing.")
    ] = False,
    client: RegisterOption = "",
    as_json: JsonOption = False,
) -> None:
    """Put the consents of a file on record."""
    from dialer.app.reach import make_way, reach_home
    from dialer.clock import SystemClock
    from dialer.operations.consents import read_consents, refuse_bad_rows, save_consents
    from dialer.operations.known_client import known_client

    home = home_of(context)
    make_way(home)
    consents, bad = read_consents(file, region)
    if not skip_bad:
        refuse_bad_rows(file, bad)
    with reach_home(home, "dialer consent import", warn) as reached:
        saved = save_consents(
            consents,
            write=reached.write,
            now=SystemClock().now(),
            client=known_client(reached.settings, client),
        )
    if as_json:
        print_json({"saved": saved, "bad": [{"line": one.line, "text": one.text} for one in bad]})
        return
    say(f"{saved:,} consents on record")
    for one in bad:
        warn(f"{file}, line {one.line}: skipped: {one.text}")


@group.command()
def remove(
    context: typer.Context,
    numbers: NumbersArgument,
    kind: Annotated[str, typer.Option(metavar="KIND", help="call, prerecorded, recording; else all.")] = "",
    source: Annotated[str, typer.Option(metavar="S", help="How they said so; kept with it.")] = "",
    region: RegionOption = None,
    client: RegisterOption = "",
    as_json: JsonOption = False,
) -> None:
    """The people on these numbers have withdrawn what they agreed to. It stays on record until when it held, and
    that they said no where they had not agreed; no call is made until they agree anew."""
    from dialer.app.reach import reach_home
    from dialer.clock import SystemClock
    from dialer.operations.block_numbers import parse_numbers
    from dialer.operations.consents import withdraw_consents
    from dialer.operations.known_client import known_client

    parsed = parse_numbers(numbers, region)
    with reach_home(home_of(context), "dialer consent remove", warn) as reached:
        withdraw_consents(
            parsed,
            write=reached.write,
            now=SystemClock().now(),
            client=known_client(reached.settings, client),
            kind=kind,
            source=source,
        )
    if as_json:
        print_json({"numbers": list(parsed)})
    else:
        say(f"withdrawn on {len(parsed):,} numbers")


@group.command()
def show(
    context: typer.Context,
    numbers: NumbersArgument,
    region: RegionOption = None,
    client: RegisterOption = "",
    as_json: JsonOption = False,
) -> None:
    """What has been agreed to on these numbers. Exit status 1 when nothing is in force on one of them."""
    from campaigns.consent import ConsentCheck, ConsentKind, consent_until
    from dialer.app.installation import read_home
    from dialer.clock import SystemClock
    from dialer.operations.block_numbers import parse_numbers
    from dialer.operations.known_client import known_client
    from dialer.operations.moments import iso

    parsed = parse_numbers(numbers, region)
    now = SystemClock().now()
    with read_home(home_of(context)) as view:
        found = view.reader.consents(parsed, known_client(view.settings, client))
    in_force = {
        one.number
        for one in found
        for kind in ConsentKind
        if consent_until(found, one.number, ConsentCheck(kind, one.purpose), now) is not None
    }
    if as_json:
        print_json(
            [
                {
                    "number": one.number, "kind": one.kind, "purpose": one.purpose or None,
                    "given_at": iso(one.given_at), "expires_at": iso(one.expires_at),
                    "withdrawn_at": iso(one.withdrawn_at), "source": one.source, "evidence": one.evidence,
                }
                for one in found
            ]
        )  # fmt: skip
    else:
        for one in found:
            until = "" if one.ends_at == float("inf") else f" until {iso(one.ends_at)}"
            what = f"{one.kind} for {one.purpose or 'all'} since {iso(one.given_at)}{until}"
            if one.is_refusal:
                what = f"{one.kind or 'calls of every kind'} refused {iso(one.given_at)}"
            say(f"{one.number}  {what}  {one.source}")
        for number in parsed:
            if number not in in_force:
                say(f"{number}  nothing in force")
    if len(in_force) < len(parsed):
        raise typer.Exit(ANSWER_IS_NO)


@group.command("ls")
def list_(context: typer.Context, client: RegisterOption = "", as_json: JsonOption = False) -> None:
    """How many consents have not been withdrawn, by kind and purpose."""
    from dialer.app.installation import read_home
    from dialer.operations.known_client import known_client

    with read_home(home_of(context)) as view:
        totals = view.reader.consent_totals(known_client(view.settings, client))
    if as_json:
        print_json([{"kind": kind, "purpose": purpose or None, "consents": n} for kind, purpose, n in totals])
        return
    for kind, purpose, count in totals:
        say(f"{kind} for {purpose or 'all'}: {count:,}")
    if not totals:
        say("no consent is on record")
