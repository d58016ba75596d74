"""What a manager should know: conditions that hold, looked at with every overview, and what the engine told."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import structlog

from dialer.api.schemas import Alarm
from dialer.engine.commands import Notice

_log = structlog.wrap_logger(logging.getLogger("dialer.live"))

Level = Literal["info", "warning", "alarm"]
_SEVERITY: dict[Level, int] = {"info": logging.INFO, "warning": logging.WARNING, "alarm": logging.ERROR}

NOTICED_FOR_S = 600.0
"""A notice of something that happened once is shown for this long."""

LOUD: dict[str, Level] = {
    "records_lost": "alarm",
    "fault": "alarm",
    "call_fault": "warning",
    "caller_id_blocked": "warning",
    "desk_gone": "warning",
    "recording_failed": "warning",
    "third_refused": "warning",
    "callback_refused": "warning",
    "callback_waits": "warning",
}
"""Notices that are more than news. What stops a campaign is shown as its failure, for as long as it lasts."""

KEPT = 50


@dataclass(frozen=True, slots=True)
class Condition:
    """Something that holds now. `code` is stable, `text` says what and what to do. `campaign`: "" for all of the
    service; `subject`: which of several of the same code, a trunk's name for instance."""

    code: str
    level: Level
    campaign: str
    text: str
    subject: str = ""


class Alarms:
    """What is to be shown, and since when."""

    def __init__(self) -> None:
        self._since: dict[tuple[str, str, str], float] = {}
        self._noticed: list[tuple[float, Alarm]] = []

    def notice(self, notice: Notice, now: float) -> None:
        """The engine has told something; the same again counts from anew."""
        level = LOUD.get(notice.code, "info")
        alarm = Alarm(at=now, level=level, code=notice.code, campaign=notice.campaign, text=notice.text)
        same = [kept for kept in self._noticed if kept[1].code == alarm.code and kept[1].text == alarm.text]
        for kept in same:
            self._noticed.remove(kept)
        until = float("inf") if level == "alarm" else now + NOTICED_FOR_S
        self._noticed = [*self._noticed, (until, alarm)][-KEPT:]

    def forget(self, campaign: str) -> None:
        """The campaign was started anew: what was noticed of it before is over."""
        self._noticed = [kept for kept in self._noticed if kept[1].campaign != campaign]

    def look(self, conditions: Iterable[Condition], now: float) -> list[Alarm]:
        """Everything to be shown now, newest first. A condition stands since it was first met without a break."""
        since: dict[tuple[str, str, str], float] = {}
        shown = []
        for condition in conditions:
            key = (condition.code, condition.campaign, condition.subject)
            known = self._since.get(key)
            since[key] = at = now if known is None else known
            if known is None:
                _log.log(_SEVERITY[condition.level], "alarm", code=condition.code, text=condition.text)
            shown.append(
                Alarm(
                    at=at,
                    level=condition.level,
                    code=condition.code,
                    campaign=condition.campaign,
                    text=condition.text,
                )
            )
        self._since = since
        self._noticed = [(until, alarm) for until, alarm in self._noticed if now < until]
        shown += [alarm for _, alarm in self._noticed]
        shown.sort(key=lambda alarm: -alarm.at)
        return shown
