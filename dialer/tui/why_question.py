"""Whom `why` is asked about: a number or a lead's id, typed in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message

from dialer.tui.box import BoxScreen
from dialer.tui.cells import Line, line, wrap
from dialer.tui.palette import PAPER

MOST = 20
"""Characters of an answer: of a number with its plus, and blanks between."""


@dataclass(frozen=True, slots=True)
class WhoMeant:
    """A lead, or a number (E.164) where `lead` is None. `campaign`: None for all that call it."""

    campaign: str | None
    lead: int | None
    number: str

    @property
    def words(self) -> str:
        return self.number if self.lead is None else f"lead {self.lead}"


class WhyWanted(Message):
    """A screen wants it told of somebody on it."""

    def __init__(self, who: WhoMeant) -> None:
        super().__init__()
        self.who = who


def who_meant(text: str, campaign: str | None) -> WhoMeant | str:
    """Who is meant by what was typed; else what is wrong with it. A number has its plus, and may have blanks,
    points, dashes and brackets."""
    bare = "".join(letter for letter in text if letter not in " -.()/")
    digits = bare.removeprefix("+")
    if not (digits.isascii() and digits.isdecimal()):
        return "type a number as +12025550123, or a lead's id"
    if bare.startswith("+"):
        fits = 7 <= len(digits) <= 15
        return WhoMeant(campaign, None, bare) if fits else "a number has 7 to 15 digits after its +"
    if len(digits) > 9:
        return "a number begins with + and its country; without it, a lead's id is meant"
    return WhoMeant(campaign, int(digits), "") if int(digits) else "lead ids begin with 1"


class QuestionScreen(BoxScreen[WhoMeant | None]):
    """Answers None for Esc. `campaign`: for which it is asked; Tab asks for all instead."""

    DEFAULT_CSS = f"""
    QuestionScreen {{ align: center middle; background: #000000 40%; }}
    QuestionScreen Box {{ border: round #8fb8de; padding: 1 2; background: {PAPER}; }}
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss_question", show=False, priority=True),
        Binding("enter", "answer", show=False),
        Binding("tab", "turn", show=False),
        Binding("backspace", "erase", show=False),
    ]

    def __init__(self, campaign: str | None) -> None:
        super().__init__()
        self._campaign = campaign
        self._all = campaign is None
        self._text = ""
        self._wrong = ""

    def on_key(self, event: events.Key) -> None:
        letter = event.character or ""
        if letter and letter in "0123456789+ -.()/":
            event.stop()
            self._text = (self._text + letter)[:MOST]
            self._wrong = ""
            self.lay_out()

    def on_paste(self, event: events.Paste) -> None:
        self._text = (self._text + event.text.strip())[:MOST]
        self.lay_out()

    def action_erase(self) -> None:
        self._text, self._wrong = self._text[:-1], ""
        self.lay_out()

    def action_turn(self) -> None:
        self._all = self._campaign is None or not self._all
        self.lay_out()

    def action_dismiss_question(self) -> None:
        self.dismiss(None)

    def action_answer(self) -> None:
        found = who_meant(self._text, None if self._all else self._campaign)
        if isinstance(found, WhoMeant):
            self.dismiss(found)
        else:
            self._wrong = found
            self.lay_out()

    def rows(self, width: int) -> list[Line]:
        of = "for every campaign that calls it" if self._all else f"for {self._campaign}"
        keys = [("Enter", "strong"), (" ask    ", "")]
        if self._campaign is not None:
            turn = f"for {self._campaign} alone" if self._all else "for all campaigns"
            keys += [("Tab", "strong"), (f" {turn}    ", "")]
        keys += [("Esc", "strong"), (" back", "")]
        return [
            *wrap(f"May it be called now, {of}?", width, "strong"),
            (),
            *wrap("A telephone number as +12025550123, or a lead's id:", width),
            line((f"› {self._text}", "strong"), ("▏", "head")),
            *(wrap(self._wrong, width, "note") or [()]),
            (),
            line(*keys),
        ]
