"""What every screen of the console is: a head, a banner, a caption, its own part, and its keys."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.screen import Screen
from textual.widget import Widget

from campaigns.life import Step
from dialer.tui.cells import Line, ends, length, line
from dialer.tui.head import Key, banner, foot, head
from dialer.tui.lines import Lines
from dialer.tui.palette import PAPER
from dialer.tui.view import View

Words = Sequence[tuple[str, str]]


class StepAsked(Message):
    """A key asks for a step of a campaign (None: of none, for there is none)."""

    def __init__(self, campaign: str | None, step: Step) -> None:
        super().__init__()
        self.campaign = campaign
        self.step = step


class PictureWanted(Message):
    """A screen came to the front, and has to be drawn."""


class Frame(Screen[None]):
    """`title_word`: in the head. `key_words`: keys and what they do, for help. `words`: what the screen's words
    mean."""

    DEFAULT_CSS = f"Frame {{ layout: vertical; overflow: hidden; background: {PAPER}; }}"
    AUTO_FOCUS = "Table, Sheet"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", show=False)]

    title_word: ClassVar[str] = ""
    key_words: ClassVar[Words] = ()
    words: ClassVar[Words] = ()

    def __init__(self) -> None:
        super().__init__()
        self._head, self._banner, self._caption, self._foot = Lines(id="head"), Lines(), Lines(), Lines(id="foot")
        self.view: View | None = None

    @property
    def campaign_meant(self) -> str | None:
        """The campaign that is shown, or stands under the cursor; None for none."""
        return None

    def compose(self) -> ComposeResult:
        yield self._head
        yield self._banner
        yield self._caption
        yield from self.parts()
        yield self._foot

    def parts(self) -> Sequence[Widget]:
        """The widgets between caption and foot."""
        raise NotImplementedError

    def draw_parts(self, view: View) -> None:
        """Bring them up to date."""
        raise NotImplementedError

    def caption(self, view: View) -> tuple[Line, str]:
        """The line over the parts: what is shown, and at its right end where in it we are."""
        raise NotImplementedError

    def keys(self, view: View) -> list[Key]:
        """The keys at the foot."""
        raise NotImplementedError

    def show(self, view: View) -> None:
        """Draw the screen from this. Before the first layout there is no width, and nothing is drawn."""
        self.view = view
        width = self.size.width
        if not width or not self._foot.size.width:
            return
        self.draw_parts(view)
        self._head.draw([head(view, self.title_word, width)])
        self._banner.draw([banner(view, width)])
        left, right = self.caption(view)
        if length(left) + len(right) + 2 > width:
            right = ""
        self._caption.draw([ends(left, line((f"{right} ", "dim")), width)], stale=view.stale)
        self._foot.draw([foot(self.keys(view), width)])

    def redraw(self) -> None:
        """Draw again from the same view: a key changed what is shown of it."""
        if self.view is not None:
            self.show(self.view)

    def on_resize(self, event: events.Resize) -> None:
        self.call_after_refresh(self.redraw)

    def on_screen_resume(self) -> None:
        # What it last showed may be long ago, or nothing; and before its first layout it could show nothing.
        self.call_after_refresh(self.post_message, PictureWanted())

    def action_leave(self) -> None:
        """Back to where we came from; nowhere from the first screen."""
        if len(self.app.screen_stack) > 1:
            self.app.pop_screen()
