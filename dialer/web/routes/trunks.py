"""Trunks: how they are, and trying one."""

from __future__ import annotations

from typing import Annotated

from dialer.api.holdings import Accepted
from dialer.api.roles import Permission
from dialer.api.trunks import Trunks, TrunkTest, TrunkTested
from dialer.web.caller import Caller, needs
from dialer.web.control import Control, ControlOf
from dialer.web.refusals import Refused
from dialer.web.router import Router

router = Router(prefix="/v1/trunks", tag="trunks")

Sees = Annotated[Caller, needs(Permission.FLOOR_READ, house=True)]
Tries = Annotated[Caller, needs(Permission.TRUNKS_TEST, house=True)]


@router.get("", summary="Trunks: state, calls, figures and cost of today")
async def trunks(control: ControlOf, caller: Sees) -> Trunks:
    return Trunks(trunks=control.service.trunk_rows())


@router.post("/{name}/test", summary="Ask a trunk by OPTIONS, or call a number over it")
async def test_trunk(control: ControlOf, caller: Tries, name: str, body: TrunkTest) -> TrunkTested:
    """The answer comes when the carrier's does: silence takes half a minute. A call keeps to the walls, is
    hung up on as soon as it is answered, and stands in the log of changes."""
    _check_running(control)
    return await control.service.test_trunk(name, caller.actor, body.call, body.caller_id)


@router.post("/{name}/release", summary="Use a stopped, held or paused trunk again", status_code=202)
async def release_trunk(control: ControlOf, caller: Tries, name: str) -> Accepted:
    """What was wrong with it is mended: calls go over it again, and its results count from anew."""
    await control.service.release_trunk(name, caller.actor)
    return Accepted()


def _check_running(control: Control) -> None:
    if control.service.state == "starting":
        text = "the service is still starting; ask again when /readyz says so"
        raise Refused(503, "not_ready", text, retry_after_s=1.0)
