"""The keys that several screens have."""

from __future__ import annotations

from dialer.api.roles import Permission
from dialer.api.schemas import CampaignRow
from dialer.tui.head import Key
from dialer.tui.link import LinkState
from dialer.tui.steps import KEYS, WORDS, not_now, not_permitted
from dialer.tui.view import View


def step_keys(view: View, row: CampaignRow | None) -> list[Key]:
    """Keys that move a campaign on, each with why it cannot be used now. What is not permitted at all is one
    greyed key with its reason as the word."""
    away = "" if view.link.state is LinkState.LIVE else "the service is away"
    forbidden = not_permitted(view.me)
    if not away and forbidden:
        return [Key(" ".join(KEYS), f"need {Permission.CAMPAIGNS_RUN}", forbidden)]
    return [Key(key, WORDS[step], away or not_now(row, step)) for key, step in KEYS.items()]


def no_funnel(view: View) -> str:
    """Why no funnel can be asked for; empty when one can."""
    if view.link.state is not LinkState.LIVE:
        return "the service is away"
    if view.me is None or Permission.CAMPAIGNS_READ not in view.me.permissions:
        return f"not permitted: {Permission.CAMPAIGNS_READ} is missing"
    return ""


def funnel_key(view: View) -> Key:
    return Key("u", "funnel", no_funnel(view), spare=True)


def no_why(view: View) -> str:
    """Why nobody can be asked about; empty when one can."""
    if view.link.state is not LinkState.LIVE:
        return "the service is away"
    if view.me is None or Permission.LEADS_READ not in view.me.permissions:
        return f"not permitted: {Permission.LEADS_READ} is missing"
    return ""


SCREENS = (("1", "floor"), ("2", "agents"), ("3", "calls"), ("4", "alarms"), ("5", "callbacks"))


def screen_keys(view: View, here: str) -> list[Key]:
    """The keys that every screen has."""
    others = [Key(key, word) for key, word in SCREENS if key != here]
    return [*others, Key("w", "why", no_why(view), spare=True), Key("?", "help"), Key("q", view.quit_word)]
