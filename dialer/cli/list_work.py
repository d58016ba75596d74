"""`dialer list segment`, `split` and `merge`: some of a list's leads looked at, or moved to another list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from dialer.cli.client import ClientOption
from dialer.cli.home import home_of
from dialer.cli.output import JsonOption, print_facts, print_json, print_table, say, warn

if TYPE_CHECKING:
    from dialer.api.edits import ListMoved
    from dialer.operations.move_leads import MoveAsked

NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="Name of the list.")]
WhereOption = Annotated[
    list[str] | None,
    typer.Option(
        "--where",
        metavar="FIELD=VALUE",
        help="Leads for which this holds (=, !=, <, <=, >, >=; commas between values); all of several.",
    ),
]
DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Only say what would happen.")]
IntoOption = Annotated[str, typer.Option("--into", metavar="LIST", help="The other list; made if it is new.")]


def segment(
    context: typer.Context,
    name: NameArgument,
    where: WhereOption = None,
    by: Annotated[str, typer.Option(metavar="FIELD", help="Count the leads by each value of it, too.")] = "",
    client: ClientOption = None,
    as_json: JsonOption = False,
) -> None:
    """How many leads of a list are such. For example: --where region=US-FL --where 'attempts>=3'."""
    from dialer.app.installation import read_home
    from dialer.clock import SystemClock
    from dialer.operations.known_client import name_of
    from dialer.operations.move_leads import find_segment

    with read_home(home_of(context)) as view:
        found = find_segment(view.reader, name_of(client, name), where or [], SystemClock().now(), by)
    if as_json:
        print_json(found.as_dict())
        return
    print_facts((("list", found.name), ("leads", f"{found.leads:,} of {found.of:,}"), ("numbers", found.numbers)))
    if by:
        say("")
        print_table((by, "leads#"), ((value or "-", count) for value, count in found.by.items()), empty="No lead.")


def split(
    context: typer.Context,
    name: NameArgument,
    into: IntoOption,
    where: WhereOption = None,
    count: Annotated[int | None, typer.Option(metavar="N", help="So many of them, drawn.")] = None,
    percent: Annotated[
        float | None, typer.Option(metavar="P", help="So many in a hundred of them, drawn.")
    ] = None,
    by: Annotated[
        str, typer.Option(metavar="FIELD", help="A list for each value of it: INTO-VALUE. Those without stay.")
    ] = "",
    dry_run: DryRunOption = False,
    client: ClientOption = None,
    as_json: JsonOption = False,
) -> None:
    """Move some leads of a list to another. Their attempts, dispositions, callbacks and consents go along. Those
    in a call stay, and so do those promised a callback by a campaign that does not dial the other list."""
    from dialer.operations.known_client import name_of
    from dialer.operations.move_leads import MoveAsked

    asked = MoveAsked(into=name_of(client, into), where=tuple(where or ()), count=count, percent=percent, by=by)
    _move(context, name_of(client, name), asked, dry_run=dry_run, as_json=as_json)


def merge(
    context: typer.Context,
    name: NameArgument,
    into: IntoOption,
    dry_run: DryRunOption = False,
    client: ClientOption = None,
    as_json: JsonOption = False,
) -> None:
    """Move all leads of a list to another. The list is empty then, and stays. Run again, it moves
    those that were left."""
    from dialer.operations.known_client import name_of
    from dialer.operations.move_leads import MoveAsked

    asked = MoveAsked(into=name_of(client, into))
    _move(context, name_of(client, name), asked, dry_run=dry_run, as_json=as_json)


def expire(
    context: typer.Context,
    name: NameArgument,
    day: Annotated[str, typer.Argument(metavar="DAY", help="Its last day, like 2026-12-31; or never.")],
    dry_run: DryRunOption = False,
    client: ClientOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say the last day of a list. When it is over where they may be, its leads are not dialed any more. A later
    day takes up again whom the one before has closed."""
    from dialer.api.edits import ExpiryText, ListExpiry
    from dialer.api.requests import expire_list as asked_of
    from dialer.app.installation import read_home
    from dialer.app.reach import reach_home
    from dialer.clock import SystemClock
    from dialer.operations.expire_list import expire_list, plan_expiry, read_day
    from dialer.operations.known_client import name_of

    home, full, expires_on, now = home_of(context), name_of(client, name), read_day(day), SystemClock().now()
    if dry_run:
        with read_home(home) as view:
            planned, _ = plan_expiry(view.reader, full, expires_on)
        done = ListExpiry.model_validate(planned.as_dict())
    else:
        with reach_home(home, "dialer list expire", warn) as reached:
            if reached.service is not None:
                done = reached.service.call(asked_of(full, ExpiryText(expires_on=day)))
            else:
                stored = expire_list(
                    reached.reader, full, expires_on, write=reached.write, actor=reached.actor, now=now
                )
                done = ListExpiry.model_validate(stored.as_dict())
    if as_json:
        print_json(done.model_dump(mode="json"))
        return
    says = (
        f"nobody is dialed after {done.expires_on}, where they may be" if done.expires_on else "it has no last day"
    )
    say(f"{done.name}: {says} ({done.leads:,} leads; campaigns: {', '.join(done.campaigns) or 'none'})")
    if done.back:
        say(f"{done.back:,} leads {'come' if done.stored else 'would come'} back")


def _move(context: typer.Context, name: str, asked: MoveAsked, *, dry_run: bool, as_json: bool) -> None:
    from dialer.api.edits import ListMoved, MoveText
    from dialer.api.requests import move_leads as asked_of
    from dialer.app.installation import read_home
    from dialer.app.reach import reach_home
    from dialer.clock import SystemClock
    from dialer.operations.known_client import new_list_name
    from dialer.operations.move_leads import move_leads, plan_move

    home, now = home_of(context), SystemClock().now()
    if dry_run:
        with read_home(home) as view:
            new_list_name(view.settings, asked.into)
            moved = plan_move(view.reader, name, asked, now).moved.as_dict()
        _print(ListMoved.model_validate(moved), as_json=as_json)
        return
    with reach_home(home, "dialer list split", warn) as reached:
        new_list_name(reached.settings, asked.into)
        if reached.service is not None:
            text = MoveText(
                into=asked.into, where=list(asked.where), count=asked.count, percent=asked.percent, by=asked.by
            )
            done = reached.service.call(asked_of(name, text))
        else:
            moved = move_leads(
                reached.reader, name, asked, write=reached.write, actor=reached.actor, now=now
            ).as_dict()
            done = ListMoved.model_validate(moved)
    _print(done, as_json=as_json)


def _print(done: ListMoved, *, as_json: bool) -> None:
    if as_json:
        print_json(done.model_dump(mode="json"))
        return
    verb = "moved" if done.stored else "would be moved"
    say(f"{done.name}: {sum(done.parts.values()):,} of {done.leads:,} leads {verb}")
    if any(done.parts.values()):
        print_table(("into", "leads#"), done.parts.items(), empty="")
    if done.at_hand:
        warn(f"{done.at_hand:,} are in calls, or about to be, and stay: run it again for those")
    if done.promised:
        warn(
            f"{done.promised:,} were promised a callback by a campaign that does not dial the other list, and"
            " stay: name that list in the campaign, too, or wait until they were called"
        )
