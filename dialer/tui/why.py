"""Why a number or a lead may be called now, or not: the answer, all that is in the way, and the evidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from textual.binding import Binding, BindingType
from textual.widget import Widget

from dialer.api.holdings import WhyAnswer, WhyEverywhere
from dialer.errors import DialerError
from dialer.tui.asking import Asking
from dialer.tui.cells import Line, fit, line, wrap
from dialer.tui.figures import NONE, seconds_of, time_of_day
from dialer.tui.frame import Frame
from dialer.tui.head import Key
from dialer.tui.keys import screen_keys
from dialer.tui.lines import Sheet
from dialer.tui.view import View
from dialer.tui.why_question import WhoMeant
from dialer.tui.words import WHY_WORDS, spelled
from lists.zone_evidence import evidence_text

LABEL_W = 22
AGAIN_S = 10.0


class WhyScreen(Frame):
    title_word = "Why"
    words = WHY_WORDS
    key_words = (
        ("↑ ↓", "scroll (also k j, Page Up, Page Down, Home, End)"),
        ("w", "ask about another"),
        ("a", "of every campaign that calls it"),
        ("Esc", "back"),
    )
    BINDINGS: ClassVar[list[BindingType]] = [Binding("a", "everywhere", show=False)]

    def __init__(self, who: WhoMeant) -> None:
        super().__init__()
        self._who = who
        self._sheet = Sheet()
        self._asking: Asking[WhyAnswer | WhyEverywhere] = self._ask(who)

    def _ask(self, who: WhoMeant) -> Asking[WhyAnswer | WhyEverywhere]:
        number = None if who.lead is not None else who.number
        return Asking(self, lambda source: source.why(who.campaign, who.lead, number), AGAIN_S)

    @property
    def campaign_meant(self) -> str | None:
        return self._who.campaign

    def parts(self) -> Sequence[Widget]:
        return (self._sheet,)

    def draw_parts(self, view: View) -> None:
        self._asking.look(view)
        found, width = self._asking.answer, self.size.width
        timezone = view.overview.service.timezone if view.overview else "UTC"
        if found is None:
            self._sheet.fill([(), line((f"  Asking about {self._who.words} …", ""))])
        elif isinstance(found, DialerError):
            self._sheet.fill([(), *_indented(" ".join(str(found).split()), width, "note")])
        elif isinstance(found, WhyAnswer):
            self._sheet.fill(why_lines(found, timezone, width), stale=view.stale)
        else:
            self._sheet.fill(everywhere_lines(found, timezone, width), stale=view.stale)

    def caption(self, view: View) -> tuple[Line, str]:
        of = f"for {self._who.campaign}" if self._who.campaign else "for every campaign that calls it"
        zone = f"times of {view.overview.service.timezone}" if view.overview else ""
        return line((f" {self._who.words}", "strong"), (f"  {of}", "dim")), zone

    def keys(self, view: View) -> list[Key]:
        every = Key("a", "all campaigns", "" if self._who.campaign else "all are shown", spare=True)
        return [Key("↑↓", "scroll"), every, Key("Esc", "back"), *screen_keys(view, "")]

    def action_everywhere(self) -> None:
        if self._who.campaign is not None:
            self._who = WhoMeant(None, self._who.lead, self._who.number)
            self._asking = self._ask(self._who)
            self.redraw()


def why_lines(found: WhyAnswer, timezone: str, width: int) -> list[Line]:
    """The answer for one campaign."""
    evidence: Mapping[str, Any] = found.evidence
    now = seconds_of(evidence["at"])
    until = NONE if found.until is None else time_of_day(seconds_of(found.until), timezone, now)
    number = evidence["number"]
    if "standing" in evidence:
        answer, style = f"{number}: its lead is {evidence['standing']}.", "good"
    elif found.allowed:
        answer, style = f"{number} may be dialed, until {until}.", "good"
    else:
        opens = f"From {until} on it may." if found.until else "Waiting does not change that."
        answer = f"{number} may not be dialed now: {spelled(str(found.reason))} ({evidence['detail']}). {opens}"
        style = "note"
    told = [(), *_indented(answer, width, style)]
    if evidence["lead_id"] is None:
        told += _indented("No lead of the campaign has this number: this is what would hold if one had.", width)
    return [*told, (), *_gates(evidence["gates"], timezone, now, width), (), *_evidence(evidence, width)]


def _gates(gates: Sequence[Mapping[str, Any]], timezone: str, now: float, width: int) -> list[Line]:
    told: list[Line] = []
    closed = [gate for gate in gates if gate["open"] is False]
    if closed:
        told.append(line((" In the way", "head")))
    for gate in closed:
        opens = "" if gate["until"] is None else f", until {time_of_day(seconds_of(gate['until']), timezone, now)}"
        told += _indented(f"{gate['text']}: {spelled(gate['reason'])}{opens}", width, "strong")
        told += [(("  ", ""), *row) for row in _indented(gate["detail"], width - 2)]
        told += [(("  ", ""), *row) for row in _indented(f"What to do: {gate['remedy']}", width - 2, "good")]
    clear = ", ".join(gate["text"] for gate in gates if gate["open"])
    unasked = ", ".join(gate["text"] for gate in gates if gate["open"] is None)
    if clear:
        told += [line((" Not in the way", "head")), *_indented(clear, width)]
    if unasked:
        told += [line((" Not asked before that is mended", "head")), *_indented(unasked, width)]
    return told


def _evidence(evidence: Mapping[str, Any], width: int) -> list[Line]:
    told = [line((" Evidence", "head"))]
    for name, value in evidence.items():
        for label, text in _facts(name, value):
            rows = wrap(text, max(10, width - LABEL_W - 4)) or [()]
            for n, row in enumerate(rows):
                told.append(((f"  {fit(label if n == 0 else '', LABEL_W)} ", "dim"), *row))
    return told


def _facts(name: str, value: Any) -> list[tuple[str, str]]:
    match name:
        case "zones":
            local = "; ".join(f"{zone['zone']} {zone['local_time'].replace('T', ' ')}" for zone in value)
            return [("their local time", local or "unknown")]
        case "zone_evidence":
            return [("zones by", evidence_text(value) or NONE)]
        case "counters":
            used = ", ".join(f"{one['cap']} {one['used']} of {one['limit']}" for one in value)
            return [("used", used or NONE)]
        case "leads":
            return [(f"lead {one['lead_id']}", spelled(one["reason"] or "may be dialed")) for one in value]
        case "numbers":
            return [(one["number"], spelled(one["reason"] or "may be dialed")) for one in value]
        case "detail" | "gates" | "rule_set_hash" | "campaign_hash":
            return []
        case "at" | "window_closes_at":
            return [(spelled(name), str(value).replace("T", " ").replace("Z", " UTC"))]
        case "on_dnc":
            return [("do-not-call register", "on it" if value else "not on it")]
    return [(spelled(name), NONE if value in (None, "") else str(value))]


def everywhere_lines(found: WhyEverywhere, timezone: str, width: int) -> list[Line]:
    """The answer of every campaign that calls it, its registers, its latest calls."""
    now = seconds_of(found.at)
    leads = ", ".join(map(str, found.leads)) or "none"
    word = "may be dialed" if found.allowed else "may not be dialed by any campaign now"
    who = f"{', '.join(found.numbers)} (leads: {leads}) {word}."
    told = [(), *_indented(who, width, "good" if found.allowed else "note"), (), line((" Campaigns", "head"))]
    for one in found.campaigns:
        told += _indented(_of_campaign(one, timezone, now), width)
    if not found.campaigns:
        told += _indented("No campaign calls it.", width)
    told += [(), line((" Do-not-call registers", "head"))]
    for one in found.registers:
        since, until = (one["since"], one["until"])
        to = "still on it" if until is None else f"until {_at(until, timezone, now)}"
        told += _indented(
            f"{one['client'] or 'the house’s'}: {one['number']} since {_at(since, timezone, now)}, {to}", width
        )
    if not found.registers:
        told += _indented("It is on none, and never was.", width)
    told += [(), line((" Latest calls", "head"))]
    for one in found.attempts:
        said = f", {spelled(str(one['disposition']))}" if one["disposition"] else ""
        came = spelled(str(one["outcome"] or "not over"))
        told += _indented(
            f"{_at(one['at'], timezone, now)}  {one['number']}  {one['campaign']}: {came}{said}", width
        )
    if not found.attempts:
        told += _indented("It has not been called.", width)
    return told


def _of_campaign(one: Mapping[str, Any], timezone: str, now: float) -> str:
    head = f"{one['campaign']} ({one['state']}): "
    if one["allowed"] is None:
        return head + "its stored text is not understood"
    until = "" if one["until"] is None else _at(one["until"], timezone, now)
    if one["allowed"]:
        return head + f"may be dialed, until {until}"
    detail = one["evidence"].get("detail", "")
    opens = f"; from {until} on it may" if until else "; waiting does not change that"
    return head + f"{spelled(str(one['reason']))} ({detail}){opens}"


def _at(value: object, timezone: str, now: float) -> str:
    return time_of_day(seconds_of(str(value)), timezone, now)


def _indented(text: str, width: int, style: str = "") -> list[Line]:
    return [(("  ", ""), *row) for row in wrap(text, max(10, width - 4), style)]
