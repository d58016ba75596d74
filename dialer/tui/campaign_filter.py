"""Screens whose rows may be those of one campaign alone."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual.binding import Binding, BindingType

from dialer.tui.frame import Frame


class OfOneCampaign(Frame):
    """`only`: the campaign whose rows are shown, None for all."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f", "next_campaign", show=False),
        Binding("a", "all_campaigns", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.only: str | None = None

    def campaigns_shown(self) -> Iterable[str]:
        """Those that may be chosen, in the order in which they are."""
        raise NotImplementedError

    def action_next_campaign(self) -> None:
        """All, then each campaign in turn, then all again."""
        names = [None, *self.campaigns_shown()]
        at = names.index(self.only) if self.only in names else 0
        self.only = names[(at + 1) % len(names)]
        self.redraw()

    def action_all_campaigns(self) -> None:
        self.only = None
        self.redraw()
