"""The funnel of a campaign: how many leads may be dialed, what keeps each of the others, and what opens next."""

from __future__ import annotations

from collections.abc import Sequence

from textual.widget import Widget

from dialer.api.holdings import FunnelAnswer
from dialer.errors import DialerError
from dialer.tui.asking import Asking
from dialer.tui.cells import Line, beside, fit, line, wrap
from dialer.tui.figures import NONE, moment, number, seconds_of, time_of_day
from dialer.tui.frame import Frame
from dialer.tui.head import Key
from dialer.tui.keys import screen_keys
from dialer.tui.lines import Sheet
from dialer.tui.view import View
from dialer.tui.words import counted, spelled

AGAIN_S = 20.0
"""Asked again after so long while it is looked at."""

COUNT_W, WORDS_W, FREE_W = 10, 30, 14
STAGES_W = WORDS_W + 2 * COUNT_W + FREE_W + 2
HOURS_W = 34
ZONES_FROM, MOST_ZONE_W = 60, 60
BESIDE_FROM = STAGES_W + HOURS_W + 2
BAR_W = 8
HOUR_S = 3_600.0
_LOST_SIGN = "−"

FUNNEL_WORDS = (
    ("lost", "leads that this keeps from being dialed; each is counted once, by the first thing in its way"),
    ("left", "of all leads, those that nothing up to this line keeps"),
    (
        "first free",
        "when the first of them may be dialed, as things stand; all times here are by the service's clock",
    ),
    ("from – to", "so many leads come free within that hour, on the service's clock, which the caption names"),
    ("closed", "by what closed them: a sale, a refusal, a dead number, no attempts left"),
    (
        "can never be dialed",
        "as they are: nothing says in which zone or country they are, or no rule speaks for it",
    ),
    ("at hand or in a call", "leased by the service: next in line, or being called"),
    ("time alone does not", "somebody has to change something: `dialer why LEAD` says what"),
)


class FunnelScreen(Frame):
    title_word = "Funnel"
    words = FUNNEL_WORDS
    key_words = (
        ("↑ ↓", "scroll (also k j, Page Up, Page Down, Home, End)"),
        ("Esc", "back"),
    )

    def __init__(self, campaign: str) -> None:
        super().__init__()
        self._campaign = campaign
        self._sheet = Sheet()
        self._asking = Asking(self, lambda source: source.funnel(campaign), AGAIN_S)

    @property
    def campaign_meant(self) -> str | None:
        return self._campaign

    def parts(self) -> Sequence[Widget]:
        return (self._sheet,)

    def draw_parts(self, view: View) -> None:
        self._asking.look(view)
        found = self._asking.answer
        if found is None:
            self._sheet.fill([(), line((f"  Counting the leads of {self._campaign} …", ""))])
        elif isinstance(found, DialerError):
            why = " ".join(str(found).split())
            told = wrap(f"It cannot be counted: {why}", self.size.width - 4, "note")
            self._sheet.fill([(), *((("  ", ""), *row) for row in told)])
        else:
            timezone = view.overview.service.timezone if view.overview else "UTC"
            self._sheet.fill(funnel_lines(found, timezone, self.size.width), stale=view.stale)

    def caption(self, view: View) -> tuple[Line, str]:
        answer = self._asking.answer
        if answer is None or isinstance(answer, DialerError):
            return line((f" {self._campaign}", "strong")), ""
        # Whoever is called lives by other clocks: it is said whose these are.
        zone = f"all times: {view.overview.service.timezone}" if view.overview else ""
        text = f"{answer.dialable:,} of {counted(answer.total, 'lead')} may be dialed"
        return line((f" {self._campaign}", "strong"), (f"  {text}", "good" if answer.dialable else "note")), zone

    def keys(self, view: View) -> list[Key]:
        return [Key("↑↓", "scroll"), Key("Esc", "back"), *screen_keys(view, "")]


def funnel_lines(answer: FunnelAnswer, timezone: str, width: int) -> list[Line]:
    """All that there is to say of it, side by side where there is room."""
    now = seconds_of(answer.at)
    stages, hours = _stages(answer, timezone, now), _hours(answer, timezone)
    left = width - BESIDE_FROM - 2
    if left >= ZONES_FROM:
        zones = _zones(answer, timezone, now, left)
        return beside([stages, hours, zones], [STAGES_W + 2, HOURS_W + 2, left])
    zones = _zones(answer, timezone, now, width)
    if width >= BESIDE_FROM:
        return [*beside([stages, hours], [STAGES_W + 2, HOURS_W]), (), *zones]
    return [*stages, (), *hours, (), *zones]


def _stages(answer: FunnelAnswer, timezone: str, now: float) -> list[Line]:
    block = [
        _row("", "lost", "left", "first free", "head"),
        _row("all leads", "", number(answer.total), "", "strong"),
    ]
    for stage in (stage for stage in answer.stages if stage.lost):
        block.append(_row(stage.text, f"{_LOST_SIGN}{number(stage.lost)}", number(stage.left), "", "strong"))
        for reason in stage.reasons:
            free = NONE if reason.first_free is None else time_of_day(seconds_of(reason.first_free), timezone, now)
            block.append(_row(f"  {spelled(reason.code)}", number(reason.leads), "", free, ""))
    block.append(_row("may be dialed", "", number(answer.dialable), "", "good" if answer.dialable else "note"))
    if answer.never:
        never = ", ".join(f"{leads:,} {spelled(code)}" for code, leads in answer.never.items())
        told = wrap(f"Time alone does not free: {never}", STAGES_W - 4, "note")
        block += [(), *((("  ", ""), *row) for row in told)]
    return block


def _row(words: str, lost: str, left: str, free: str, style: str) -> Line:
    text = f" {fit(words, WORDS_W)}{fit(lost, COUNT_W, True)}{fit(left, COUNT_W, True)}{fit(free, FREE_W, True)}"
    return line((text, style))


def _hours(answer: FunnelAnswer, timezone: str) -> list[Line]:
    """Leads that come free, hour by hour, with a bar for how many."""
    most = max((hour.leads for hour in answer.hours), default=0)
    block = [line((" Come free within 24 h, from – to", "head"))]
    for hour in answer.hours:
        if hour.leads:
            bar = "█" * max(1, round(BAR_W * hour.leads / most))
            since = seconds_of(hour.since)
            within = f"{moment(since, timezone):%a %H:%M}–{moment(since + HOUR_S, timezone):%H:%M}"
            block.append(line((f" {within} {fit(number(hour.leads, 8), 8, True)} ", ""), (bar, "dim")))
    return block if most else [*block, line((" no lead", "dim"))]


def _zones(answer: FunnelAnswer, timezone: str, now: float, width: int) -> list[Line]:
    """Where the window is closed, the first to open first."""
    block = [_zone_row("Window closed in", "leads", "opens", "head", width)]
    for zone in answer.zones:
        if zone.closed:
            opens = "never" if zone.opens_at is None else time_of_day(seconds_of(zone.opens_at), timezone, now)
            block.append(_zone_row(zone.group, number(zone.closed), opens, "", width))
    return block if len(block) > 1 else [*block, line((f" {NONE}", "dim"))]


def _zone_row(group: str, leads: str, opens: str, style: str, width: int) -> Line:
    room = min(MOST_ZONE_W, width - COUNT_W - FREE_W - 1)
    return line((f" {fit(group, room)}{fit(leads, COUNT_W, True)}{fit(opens, FREE_W, True)}", style))
