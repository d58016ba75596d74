"""`dialer amd`: the answering-machine detector on recordings."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dialer.cli.output import JsonOption, print_json, print_table


def register(program: typer.Typer) -> None:
    program.command("amd")(amd)


def amd(
    files: Annotated[list[Path], typer.Argument(metavar="FILE.wav…", help="Recordings, from the answer on.")],
    hold: Annotated[
        float | None,
        typer.Option(
            metavar="SECONDS",
            help="As for a contact that is held for the verdict, at most 1.8 s; then it is unsure.",
        ),
    ] = None,
    channel: Annotated[
        int | None,
        typer.Option(metavar="N", min=1, help="Which channel is the contact's; else all, mixed."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Who answered, in recordings of any rate and width: a person, a machine, or neither for sure. With the time
    of the verdict, of the end of the greeting and of the beep."""
    from dialer.app.recordings import hear_files
    from dialer.errors import InputError
    from dialer.media.amd import Advise, Hold

    try:
        policy = Advise() if hold is None else Hold(hold)
    except ValueError as error:
        raise InputError(f"--hold: {error}") from None
    heard = hear_files(files, policy, channel)
    if as_json:
        print_json([each.as_dict() for each in heard])
        return
    rows = (
        (
            each.file,
            "screening" if each.screening else each.verdict.value,
            each.cause.value,
            _seconds(each.at_s),
            _seconds(each.greeting_end_s),
            _seconds(each.beep_s),
            ", ".join(each.signals) or None,
        )
        for each in heard
    )
    columns = ("file", "verdict", "cause", "at s#", "greeting to s#", "beep s#", "signals")
    print_table(columns, rows, empty="No recording.")


def _seconds(value: float | None) -> str | None:
    return None if value is None else f"{value:.2f}"
