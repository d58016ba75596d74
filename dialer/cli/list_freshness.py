"""`dialer list freshness`: how much of a list is alive, for how long, and what to do about it."""

from __future__ import annotations

from contextlib import redirect_stdout
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dialer.cli.client import ClientOption
from dialer.cli.home import home_of
from dialer.cli.output import JsonOption, print_facts, print_json, print_table, say, warn

if TYPE_CHECKING:
    from dialer.operations.list_freshness import Freshness


class Format(StrEnum):
    TEXT = "text"
    JSON = "json"
    HTML = "html"


def freshness(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name of the list.")],
    verify_below: Annotated[
        float, typer.Option("--verify-below", metavar="SHARE", help="Verify anew when fewer are alive.")
    ] = 0.8,
    worth_from: Annotated[
        float, typer.Option("--worth-from", metavar="SHARE", help="Not worth buying when fewer are alive.")
    ] = 0.5,
    at: Annotated[str | None, typer.Option(metavar="ISO8601", help="As of this moment; now if not given.")] = None,
    as_format: Annotated[Format, typer.Option("--format", help="html: one page, with the curves.")] = Format.TEXT,
    output: Annotated[Path | None, typer.Option(metavar="FILE", help="Standard output if not given.")] = None,
    client: ClientOption = None,
    as_json: JsonOption = False,
) -> None:
    """How alive a list is, and for how long.

    How much of it is alive, dead or of somebody else by what calls have shown, each with its 90 % interval; how
    long it will live; when to verify it anew; and how it does beside its seller's other lists.
    """
    from dialer.app.installation import read_home
    from dialer.app.reach import make_way
    from dialer.cli.files import output_to
    from dialer.clock import SystemClock
    from dialer.operations.freshness_page import write_page
    from dialer.operations.freshness_words import document_of, warnings
    from dialer.operations.known_client import name_of
    from dialer.operations.list_freshness import list_freshness
    from dialer.operations.moments import parse_moment

    chosen = Format.JSON if as_json else as_format
    now = SystemClock().now() if at is None else parse_moment(at, "--at")
    make_way(home_of(context))
    with read_home(home_of(context)) as view, output_to(output) as out, redirect_stdout(out):
        found = list_freshness(view.reader, name_of(client, name), now, verify_below, worth_from)
        if chosen is Format.JSON:
            print_json(document_of(found))
        elif chosen is Format.HTML:
            write_page(found, out)
        else:
            _print(found)
    for warning in warnings(found):
        warn(f"warning: {warning}")
    if output is not None:
        warn(f"written to {output}")


def _print(found: Freshness) -> None:
    from dialer.operations.freshness_words import (
        LIST_COLUMNS,
        SOURCE_COLUMNS,
        STATES,
        comparison_words,
        list_cells,
        share_words,
        source_cells,
        tally_cells,
        threshold_words,
    )
    from lists.freshness.tally import By

    tally = found.tally
    say(f"{found.summary.name}: {tally.numbers:,} numbers, {tally.called:,} called")
    say("")
    print_facts(zip([name for name, _ in STATES], tally_cells(tally), strict=True))
    say("")
    print_facts(
        [
            *(
                (f"alive {'today' if days == 0 else f'in {days} days'}", share_words(share))
                for days, share in found.alive
            ),
            ("verify anew", threshold_words(found, found.verify, found.verify_at)),
            ("stop buying", threshold_words(found, found.buying, found.worth_from)),
        ]
    )
    say("")
    print_table(SOURCE_COLUMNS, map(source_cells, found.sources), empty="No number.")
    say("")
    for source, both in found.deliveries:
        for one in both:
            say(comparison_words(source, one))
    say("")
    print_table(LIST_COLUMNS, map(list_cells, found.beside.items()), empty="No list of its sources was called.")
    for by in (By.SOURCE, By.REGION, By.FIELD, By.AGE):
        say("")
        print_table(
            (by.value, "numbers#", "called#", *(name for name, _ in STATES)),
            ((key or "-", one.numbers, one.called, *tally_cells(one)) for key, one in found.tallies(by).items()),
            empty="No number.",
        )
