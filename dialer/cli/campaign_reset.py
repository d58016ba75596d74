"""`dialer campaign reset`: leads that are closed taken up again, by what closed them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from dialer.cli.client import ClientOption
from dialer.cli.home import home_of
from dialer.cli.list_work import WhereOption
from dialer.cli.output import JsonOption, print_json, print_table, say, warn

if TYPE_CHECKING:
    from dialer.api.edits import CampaignReset


def reset(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name of the campaign.")],
    outcome: Annotated[
        list[str], typer.Option(metavar="CODE", help="Leads that this result closed; may be given several times.")
    ],
    where: WhereOption = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would happen.")] = False,
    client: ClientOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take leads up again that are closed: their retries begin anew. Attempts stay, and every cap counts them; who
    refused or asked for no more calls does not come back."""
    from dialer.api.edits import CampaignReset, ResetAsked
    from dialer.api.requests import reset_campaign as asked_of
    from dialer.app.installation import read_home
    from dialer.app.reach import reach_home
    from dialer.clock import SystemClock
    from dialer.operations.known_client import name_of
    from dialer.operations.reset_campaign import plan_reset, reset_campaign

    home, full, now = home_of(context), name_of(client, name), SystemClock().now()
    if dry_run:
        with read_home(home) as view:
            walls, rules = view.settings.walls, view.settings.rules
            planned, _ = plan_reset(
                view.reader, full, outcome, walls=walls, now=now, library=rules, where=where or []
            )
        _print(CampaignReset.model_validate(planned.as_dict()), as_json=as_json)
        return
    with reach_home(home, "dialer campaign reset", warn) as reached:
        if reached.service is not None:
            done = reached.service.call(asked_of(full, ResetAsked(outcomes=outcome, where=where or [])))
        else:
            stored = reset_campaign(
                reached.reader,
                full,
                outcome,
                walls=reached.settings.walls,
                write=reached.write,
                actor=reached.actor,
                now=now,
                library=reached.settings.rules,
                where=where or [],
            )
            done = CampaignReset.model_validate(stored.as_dict())
    _print(done, as_json=as_json)


def _print(done: CampaignReset, *, as_json: bool) -> None:
    if as_json:
        print_json(done.model_dump(mode="json"))
        return
    verb = "come back" if done.stored else "would come back"
    say(f"{done.campaign}: {done.back:,} of {done.leads:,} leads closed by {', '.join(done.outcomes)} {verb}")
    rows = [(count, "come back, but not yet", code) for code, count in done.held.items()]
    rows += [(count, "stay closed", code) for code, count in done.barred.items()]
    if rows:
        print_table(("leads", "", "reason"), rows, empty="")
