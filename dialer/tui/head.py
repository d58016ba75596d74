"""The lines that every screen has: head, banner, and the keys at its foot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dialer.api.schemas import Overview
from dialer.errors import ServiceNotRunning
from dialer.tui.advice import advise_floor
from dialer.tui.cells import Line, ends, fit_line, length, line, width_of, wrap
from dialer.tui.figures import clock, duration
from dialer.tui.link import LinkState, cause_in_words, remedy
from dialer.tui.view import View
from dialer.tui.words import counted

WIDE = 110
FRESH_S = 2.5
"""A picture younger than this is live."""


@dataclass(frozen=True, slots=True)
class Key:
    """A key of the foot. `why_not`: why it cannot be used now, empty when it can. `spare`: it is left out first
    where there is no room."""

    key: str
    word: str
    why_not: str = ""
    spare: bool = False


def head(view: View, title: str, width: int) -> Line:
    """Where we are, what the service does, how many alarms, what time it is there, how old the picture is."""
    overview = view.overview
    right: list[tuple[str, str]] = []
    absent = isinstance(view.link.cause, ServiceNotRunning)
    state = ("✖ no service" if absent else view.link.state.value, "bar-note")
    if overview is not None:
        right += [*_alarms(overview, width >= WIDE), ("  ", "bar")]
        right += [(clock(overview.service.now + view.age_s, overview.service.timezone), "bar"), ("  ", "bar")]
        state = _service_state(view, overview)
    if view.ends_in_s is not None:
        right += [(f"ends in {duration(view.ends_in_s)}  ", "bar-note")]
    right += [_age(view), (" ", "bar")]
    end = line(*right)
    room = width - length(end) - width_of(title) - len(state[0]) - 7
    where = view.where if width_of(view.where) <= room else "…" + view.where[-max(1, room - 1) :]
    if room < 4:
        where = ""
    left = line((" ", "bar"), (title, "bar-strong"), ("  ", "bar"), (where, "bar-dim"), ("  ", "bar"), state)
    return tuple((text, style or "bar") for text, style in ends((*left, ("  ", "bar")), end, width))


def _service_state(view: View, overview: Overview) -> tuple[str, str]:
    if view.stale:
        return "✖ lost", "bar-alarm"
    service = overview.service.state
    return service, "bar-strong" if service == "running" else "bar-note"


def _alarms(overview: Overview, wide: bool) -> list[tuple[str, str]]:
    alarms = sum(alarm.level == "alarm" for alarm in overview.alarms)
    warnings = sum(alarm.level == "warning" for alarm in overview.alarms)
    found = []
    if alarms:
        found.append((f"▲ {counted(alarms, 'alarm')}", "bar-alarm"))
    if warnings:
        words = counted(warnings, "warning") if wide or not alarms else f"{warnings:,}"
        found.append((" ! " + words if alarms else "! " + words, "bar-note"))
    return found or [("no alarms", "bar-dim")]


def _age(view: View) -> tuple[str, str]:
    if view.overview is None:
        return "no picture yet", "bar-note"
    if view.age_s < FRESH_S and not view.stale:
        return "live", "bar"
    return f"{duration(view.age_s)} old", "bar-alarm"


def banner(view: View, width: int) -> Line:
    """The one thing to know now: the service is away, an order was refused, agents wait. Else empty."""
    text, style = _banner(view)
    return tuple((part, style) for part, _ in fit_line(line((f" {text}", style)), width)) if text else ()


def _banner(view: View) -> tuple[str, str]:
    link, overview = view.link, view.overview
    wait = f"next try in {max(0.0, link.next_try_at - view.now):.0f} s"
    if link.state is LinkState.LOST:
        away = duration(view.now - link.since)
        return (
            f"✖ Lost the service {away} ago: {cause_in_words(link.cause)}. Last picture; {wait}.",
            "alarm-bar",
        )
    if view.notice is not None and view.now < view.notice.until:
        return view.notice.text, view.notice.style
    if overview is None:
        if isinstance(link.cause, ServiceNotRunning) and view.holdings is not None:
            return "Service not running: nothing is dialed. Below is what the home has stored.", "note-bar"
        cause = cause_in_words(link.cause)
        return f"Waiting for the service: {cause}; asked every few seconds.", "note-bar"
    if link.back_after_s is not None:
        how = "was restarted and is back" if link.restarted else "is back"
        return f"✔ The service {how}, after {duration(link.back_after_s)}.", "good-bar"
    if overview.service.state == "starting":
        return "The service is starting: nothing is dialed yet.", "note-bar"
    if overview.service.state == "draining":
        return f"The service is stopping: no new calls, {len(overview.calls):,} in progress finish.", "note-bar"
    urgent = advise_floor(overview, view.pace) or _newest_alarm(overview)
    return (f"▲ {urgent}", "alarm-bar") if urgent else ("", "")


def _newest_alarm(overview: Overview) -> str:
    alarms = [alarm for alarm in overview.alarms if alarm.level == "alarm"]
    return max(alarms, key=lambda alarm: alarm.at).text if alarms else ""


def waiting(view: View, width: int) -> list[Line]:
    """The screen without a picture: what is missing, and what to do."""
    cause, room = view.link.cause, max(10, width - 4)
    if cause is None:
        return [(), line((f"  Asking the service at {view.where} …", ""))]
    told = [found for part in str(cause).splitlines() for found in wrap(part, room)]
    told += [(), *(row for part in remedy(cause, view.where).splitlines() for row in wrap(part, room, "strong"))]
    return [(), *((("  ", ""), *row) for row in told)]


def foot(keys: Sequence[Key], width: int) -> Line:
    """The keys; those that cannot be used now are greyed, in brackets, or left out where there is no room."""
    spans = _keys(keys, "  ")
    if length(line(*spans)) > width:
        spans = _keys(keys, " ")
    if length(line(*spans)) > width:
        keys = _screens_as_one(keys)
        spans = _keys(keys, " ")
    while length(line(*spans)) > width and any(key.spare for key in keys):
        last = max(n for n, key in enumerate(keys) if key.spare)
        keys = [*keys[:last], *keys[last + 1 :]]
        spans = _keys(keys, " ")
    if length(line(*spans)) > width:
        spans = _keys([key for key in keys if not key.why_not], " ")
    return tuple((text, style or "bar") for text, style in fit_line(line(*spans), width))


def _screens_as_one(keys: Sequence[Key]) -> list[Key]:
    """The keys of the other screens as one: their names stand in help."""
    screens = [key for key in keys if key.key.isdecimal()]
    if len(screens) < 2:
        return list(keys)
    one = Key(f"{screens[0].key}–{screens[-1].key}", "screens")
    return [one if key is screens[0] else key for key in keys if key is screens[0] or key not in screens]


def _keys(keys: Sequence[Key], gap: str) -> list[tuple[str, str]]:
    spans = [(" ", "bar")]
    for key in keys:
        if key.why_not:
            spans.append((f"({key.key} {key.word}){gap}", "bar-dim"))
        else:
            spans += [(key.key, "bar-strong"), (f" {key.word}{gap}", "bar")]
    return spans
