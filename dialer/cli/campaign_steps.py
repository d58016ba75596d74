"""`dialer campaign start`, `pause`, `stop`: a campaign through its life."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from dialer.cli.client import ClientOption
from dialer.cli.home import home_of
from dialer.cli.output import JsonOption, print_json, say, warn

if TYPE_CHECKING:
    from campaigns.life import Step
    from dialer.api.edits import CampaignMoved

NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="Name of the campaign.")]

_OFFLINE = "the service is not running: this is stored, and holds when it starts"


def start(
    context: typer.Context, name: NameArgument, client: ClientOption = None, as_json: JsonOption = False
) -> None:
    """Dial a campaign, or dial it again after a pause. Only the service dials: exit status 3 when none runs."""
    from dialer.api.requests import start_campaign
    from dialer.app.remote import service_of
    from dialer.operations.known_client import name_of

    with service_of(home_of(context)) as service:
        moved = service.call(start_campaign(name_of(client, name)))
    _print(moved, as_json=as_json)


def pause(
    context: typer.Context, name: NameArgument, client: ClientOption = None, as_json: JsonOption = False
) -> None:
    """Place no more calls; those in progress finish, its agents stay. Without the service: it will not be dialed
    when that starts."""
    from campaigns.life import Step

    _take(context, name, client, Step.PAUSE, as_json=as_json)


def stop(
    context: typer.Context, name: NameArgument, client: ClientOption = None, as_json: JsonOption = False
) -> None:
    """Place no more calls; the campaign is done when the last one is over. It can be started again."""
    from campaigns.life import Step

    _take(context, name, client, Step.STOP, as_json=as_json)


def _take(context: typer.Context, name: str, client: str | None, step: Step, *, as_json: bool) -> None:
    from campaigns.life import Step
    from dialer.api.edits import CampaignMoved
    from dialer.api.requests import pause_campaign, stop_campaign
    from dialer.app.reach import is_served, reach_home
    from dialer.app.remote import service_of
    from dialer.clock import SystemClock
    from dialer.operations.known_client import name_of
    from dialer.operations.step_campaign import REASON, step_campaign

    full = name_of(client, name)
    home = home_of(context)
    asked = (pause_campaign if step is Step.PAUSE else stop_campaign)(full)
    if is_served(home):  # which needs no database for it, and nor do we
        with service_of(home) as service:
            _print(service.call(asked), as_json=as_json)
        return
    with reach_home(home, f"dialer campaign {step}", warn) as reached:
        if reached.service is not None:  # it has started in between
            moved = reached.service.call(asked)
        else:
            state = step_campaign(
                full,
                step,
                reader=reached.reader,
                write=reached.write,
                actor=reached.actor,
                now=SystemClock().now(),
            )
            moved = CampaignMoved(campaign=full, state=state, state_reason=REASON[step])
            warn(_OFFLINE)
    _print(moved, as_json=as_json)


def _print(moved: CampaignMoved, *, as_json: bool) -> None:
    if as_json:
        print_json(moved.model_dump(mode="json"))
    else:
        reason = f" ({moved.state_reason})" if moved.state_reason else ""
        say(f"Campaign {moved.campaign} is {moved.state}{reason}")
    if moved.unstored:
        warn(f"in force now, and not stored yet: {moved.unstored}")
