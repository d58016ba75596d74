"""Orders to a campaign: which key gives which, whether it can be given now, and what it will do."""

from __future__ import annotations

from typing import Final

from campaigns.life import NEXT, Step
from dialer.api.access import Me
from dialer.api.roles import Permission
from dialer.api.schemas import CampaignRow
from dialer.tui.words import counted

KEYS: Final[dict[str, Step]] = {"s": Step.START, "p": Step.PAUSE, "d": Step.STOP}
WORDS: Final[dict[Step, str]] = {Step.START: "start", Step.PAUSE: "pause", Step.STOP: "drain"}


def not_permitted(me: Me | None) -> str:
    """Why we may not give orders at all; empty when we may."""
    if me is None:
        return "the service has not said yet what you may do"
    if Permission.CAMPAIGNS_RUN not in me.permissions:
        return f"not permitted: {Permission.CAMPAIGNS_RUN} is missing ({me.name}, {me.role})"
    return ""


def not_now(row: CampaignRow | None, step: Step) -> str:
    """Why the campaign cannot take the step; empty when it can."""
    if row is None:
        return "there is no campaign"
    return "" if (row.state, step) in NEXT else f"{row.name} is {row.state}"


def what_draining_does(row: CampaignRow, on_it: int) -> list[str]:
    """Sentences for the confirmation. `on_it`: its calls in progress."""
    open_leads = max(0, row.leads.total - row.leads.final)
    return [
        "No new calls go out. "
        + (
            f"{counted(on_it, 'call')} in progress will finish, then it is done."
            if on_it
            else "It is done at once."
        ),
        f"{counted(open_leads, 'lead')} not yet final will stay as they are."
        if open_leads
        else "Every lead is final.",
        "Agents stay logged in. Starting it again (s) goes on from here.",
    ]
