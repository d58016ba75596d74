"""A campaign paused or stopped while no service runs: nothing of it is in progress, so what is stored changes."""

from __future__ import annotations

from collections.abc import Callable

from campaigns.life import CampaignState, Step, after
from dialer.errors import UnknownName
from dialer.ports.access import Actor
from dialer.ports.store import Answer, Audited, Reader, SetCampaignState, Write
from lists.client import client_of

REASON = {Step.PAUSE: "paused while the service was not running", Step.STOP: "stopped"}


def step_campaign(
    name: str, step: Step, *, reader: Reader, write: Callable[[Write], Answer], actor: Actor, now: float
) -> CampaignState:
    """Take the step, `PAUSE` or `STOP`, and answer the state it leads to. A stopped campaign is done at once: it
    has no call to wait for. Raises `UnknownName`, `StepRefused`, `StateConflict`."""
    stored = reader.campaign(name)
    if stored is None:
        known = [campaign.name for campaign in reader.campaigns()]
        raise UnknownName("campaign", name, known, "`dialer campaign add FILE` adds one")
    state = after(name, stored.state, step)
    if state is CampaignState.DRAINING:
        state = after(name, state, Step.FINISH)
    reason = REASON[step]
    change = actor.change(now, f"campaign.{step}", name, client_of(name), state=state, reason=reason)
    write(Audited(SetCampaignState(name, state, now, reason, expected=stored.state), change))
    return state
