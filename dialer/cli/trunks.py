"""`dialer trunk …`: the ways out to carriers, of a running service."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from dialer.cli.home import home_of
from dialer.cli.output import JsonOption, print_json, print_table, say
from dialer.errors import ANSWER_IS_NO

if TYPE_CHECKING:
    from dialer.api.trunks import TrunkDetail

group = typer.Typer(help="Trunks.", no_args_is_help=True, rich_markup_mode=None)


def register(program: typer.Typer) -> None:
    program.add_typer(group, name="trunk")


@group.command()
def ls(context: typer.Context, as_json: JsonOption = False) -> None:
    """Trunks: state and why, calls, and today's figures. Exit status 3 when the service is not running."""
    from dialer.api.requests import trunks
    from dialer.app.remote import service_of

    with service_of(home_of(context)) as service:
        found = service.call(trunks()).trunks
    if as_json:
        print_json([trunk.model_dump(mode="json") for trunk in found])
        return
    head = (
        "trunk",
        "address",
        "state",
        "calls#",
        "of#",
        "per s#",
        "today#",
        "NER#",
        "ASR#",
        "PDD s#",
        "cost#",
        "registered",
        "why",
    )
    print_table(head, map(_row, found), empty="No trunk: describe one in dialer.toml under [[trunk]].")


def _row(trunk: TrunkDetail) -> tuple[object, ...]:
    return (
        trunk.name,
        trunk.address,
        "removed" if trunk.removed else trunk.state,
        trunk.in_use,
        trunk.channels,
        f"{trunk.cps:g}",
        trunk.seizures,
        _share(trunk.ner),
        _share(trunk.asr),
        "" if trunk.pdd_s is None else f"{trunk.pdd_s:.1f}",
        "" if trunk.cost is None else f"{trunk.cost} {trunk.currency}",
        trunk.registration,
        trunk.why + ("" if trunk.opens_in_s is None else f" (for {trunk.opens_in_s:.0f} s)"),
    )


def _share(share: float | None) -> str:
    return "" if share is None else f"{share:.0%}"


@group.command("test")
def try_trunk(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="As in dialer.toml.")],
    call: Annotated[
        str | None, typer.Option(metavar="NUMBER", help="Also call this number, and hang up when it answers.")
    ] = None,
    caller_id: Annotated[
        str, typer.Option(metavar="NUMBER", help="What that call shows; the first of ours if not given.")
    ] = "",
    as_json: JsonOption = False,
) -> None:
    """Ask a trunk whether it is there, and say what it answers and what to change. Exit status 1 when it is of
    no use as it is."""
    from dialer.api.requests import try_trunk as asked
    from dialer.app.remote import service_of

    with service_of(home_of(context)) as service:
        results = [service.call(asked(name))]
        if call is not None:
            results.append(service.call(asked(name, _number(call), caller_id)))
    if as_json:
        print_json([result.model_dump(mode="json") for result in results])
    else:
        for result in results:
            for step in result.steps:
                say(f"{step.after_s:7.3f} s  {step.what}" + (f" ({step.status})" if step.status else ""))
            say(f"{result.verdict} {result.advice}".strip())
    if not results[-1].ok:
        raise typer.Exit(ANSWER_IS_NO)


def _number(text: str) -> str:
    from dialer.errors import InputError
    from lists.phone import BadNumber, parse_phone

    number = parse_phone(text)
    if isinstance(number, BadNumber):
        raise InputError(f"--call: {number.text} (write it as +12025550123)")
    return number.e164


@group.command()
def release(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="As in dialer.toml.")],
    as_json: JsonOption = False,
) -> None:
    """Use a trunk again that is stopped, held or paused: what was wrong with it is mended."""
    from dialer.api.requests import release_trunk
    from dialer.app.remote import service_of

    with service_of(home_of(context)) as service:
        service.call(release_trunk(name))
    if as_json:
        print_json({"trunk": name, "released": True})
    else:
        say(f"{name} is used again")
