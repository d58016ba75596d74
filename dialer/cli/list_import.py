"""`dialer list import`: a contact list from a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dialer.cli.client import ClientOption
from dialer.cli.home import home_of
from dialer.cli.output import JsonOption, print_facts, print_json, print_table, say, warn
from dialer.cli.preview import print_preview
from dialer.cli.progress import bar
from dialer.cli.zones import print_zones
from lists.dedupe import USUAL, Policy

if TYPE_CHECKING:
    from dialer.operations.import_list import ImportSummary


def import_(
    context: typer.Context,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="CSV file or workbook (XLSX, ODS), with a line of column names.")
    ],
    list_name: Annotated[str, typer.Option("--list", metavar="NAME", help="List to add to; made if new.")],
    region: Annotated[
        str | None, typer.Option(metavar="CC", help="Country of numbers written without one: US, GB, DE …")
    ] = None,
    mapping: Annotated[
        list[str] | None,
        typer.Option(
            "--map",
            metavar="COL=FIELD",
            help="Column to field, as --dry-run shows them: phone, phone2 …, mobile, city, as_of, consent_at …; "
            "or ignore.",
        ),
    ] = None,
    saved: Annotated[
        str | None,
        typer.Option(
            "--mapping", metavar="NAME|FILE", help="Read it as saved with --save-mapping; options go before."
        ),
    ] = None,
    save_as: Annotated[
        str | None,
        typer.Option(
            "--save-mapping", metavar="NAME|FILE", help="Keep how it was read, for lists of this source."
        ),
    ] = None,
    source: Annotated[str, typer.Option(metavar="S", help="Where the list comes from; kept with it.")] = "",
    as_of: Annotated[str, typer.Option("--as-of", metavar="DATE", help="How old it is, as 2026-11-22.")] = "",
    dates: Annotated[
        str, typer.Option(metavar="ORDER", help="dmy or mdy, where dates in its columns may be either.")
    ] = "",
    encoding: Annotated[
        str | None, typer.Option(metavar="E", help="Encoding, if it is not UTF-8: cp1252, cp1251 …")
    ] = None,
    delimiter: Annotated[
        str | None, typer.Option(metavar="D", help="comma, semicolon, tab or pipe; found out if not given.")
    ] = None,
    accept: Annotated[
        list[str] | None,
        typer.Option(metavar="KIND", help="Keep numbers that are premium or shared_cost; none is ever dialed."),
    ] = None,
    sheet: Annotated[
        str | None, typer.Option(metavar="NAME", help="Sheet of a workbook; the first with cells if not given.")
    ] = None,
    on_duplicate: Annotated[
        Policy, typer.Option("--on-duplicate", help="What becomes of a row whose contact is known.")
    ] = Policy.SKIP,
    duplicates_by: Annotated[
        str,
        typer.Option(
            "--duplicates-by",
            metavar="KEYS",
            help="By what it is known: of phone, id, person, address; commas between.",
        ),
    ] = USUAL,
    across_lists: Annotated[
        bool, typer.Option("--across-lists", help="Look for duplicates in all lists of the client.")
    ] = False,
    rejects: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write every row not taken here, with its reason.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what is understood of the file; store nothing.")
    ] = False,
    client: ClientOption = None,
    as_json: JsonOption = False,
) -> None:
    """Import a contact list. Rows wrong, doubled or on a do-not-call register are left out and counted.

    While the service runs the leads go through it, and join its running campaigns at once.
    """
    from dialer.app.importing import run_import
    from dialer.operations.import_list import ImportOptions
    from dialer.operations.known_client import name_of
    from dialer.operations.list_mapping import mapping_file, save_mapping, with_mapping
    from lists.dedupe import Duplicates, read_match_by
    from lists.reasons import OF_A_VALUE, Reason

    options = ImportOptions(
        list_name=name_of(client, list_name),
        region=region,
        mapping=tuple(mapping or ()),
        source=source,
        as_of=as_of,
        dates=dates,
        delimiter=delimiter,
        encoding=encoding,
        dry_run=dry_run,
        rejects=rejects,
        sheet=sheet,
        accept=tuple(accept or ()),
        duplicates=Duplicates(read_match_by(duplicates_by), on_duplicate, across_lists),
    )
    home = home_of(context)
    if saved is not None:
        options = with_mapping(options, mapping_file(home, saved))
    with bar("rows") as progress:
        summary = run_import(home, file, options, warn, progress)
    if save_as is not None and summary.columns is not None:
        path = mapping_file(home, save_as)
        save_mapping(path, options, summary.columns.stated)
        warn(f"mapping saved as {path}")
    if as_json:
        print_json(summary.to_json())
    else:
        if summary.preview is not None:
            print_preview(summary.preview)
            say("")
        _print_summary(summary, options.list_name, dry_run=dry_run)
    for reason, count in summary.warnings.items():
        what = "values that cannot be read, of" if reason in OF_A_VALUE else "numbers left out of"
        what = "places that are not known, of" if reason == Reason.UNKNOWN_PLACE else what
        what = "toll-free numbers, which companies have, of" if reason == Reason.TOLL_FREE else what
        warn(f"warning: {count:,} {what} leads that were taken: {reason}")
    if rejects is None and summary.read > summary.accepted:
        warn("hint: --rejects FILE writes every row that was not taken, with its line and reason")


def _print_summary(summary: ImportSummary, list_name: str, *, dry_run: bool) -> None:
    heading = "Would be imported into" if dry_run else "Imported into"
    say(f"{heading} {list_name}: {summary.accepted:,} of {summary.read:,} rows")
    facts = [
        ("read", summary.read),
        ("accepted", summary.accepted),
        ("rejected", summary.rejected),
        ("duplicates", summary.duplicates),
        *((("updated by them", summary.updated),) if summary.updated else ()),
        ("suppressed (do not call)", summary.suppressed),
        *((("consents put on the register", summary.consents),) if summary.consents else ()),
        ("rows per second", round(summary.rows_per_s)),
    ]
    print_facts(facts)
    if summary.reasons:
        say("")
        print_table(("not taken because", "rows#"), summary.reasons.items(), empty="")
    if summary.registers:
        say("")
        print_table(("suppressed: on the register of", "rows#"), summary.registers.items(), empty="")
    if summary.zones:
        say("")
        print_zones(summary.zones)
