"""The keys that several screens have."""

from __future__ import annotations

from dialer.api.schemas import CampaignRow
from dialer.tui.head import Key
from dialer.tui.steps import KEYS, WORDS, not_now, not_permitted
from dialer.tui.view import View


def step_keys(view: View, row: CampaignRow | None) -> list[Key]:
    """Keys that move a campaign on, each with why it cannot be used now."""
    forbidden = not_permitted(view.me)
    return [Key(key, WORDS[step], forbidden or not_now(row, step)) for key, step in KEYS.items()]


SCREENS = (("1", "floor"), ("2", "agents"), ("3", "calls"), ("4", "alarms"))


def screen_keys(view: View, here: str) -> list[Key]:
    """The keys that every screen has."""
    others = [Key(key, word) for key, word in SCREENS if key != here]
    return [*others, Key("?", "help"), Key("q", view.quit_word)]
