"""Whether a trunk may be used: held by its carrier's word, paused by its own results, stopped by what only a
person can mend, silent when it is asked, unresolved while its host has no address.

    open ──503 with Retry-After──► held ──time──► open
    open ──too few calls get through──► paused ──time──► probing, one call at a time ──► open, or paused for longer
    open ──401, 402, 407 …──► stopped ──`release`──► open
    open ──OPTIONS unanswered──► silent ──OPTIONS answered──► open
    unresolved ──its host is found──► open
"""

from __future__ import annotations

from collections import deque
from enum import StrEnum

from dialer.trunks.advice import what_to_change
from lists.value import value

UNLIMITED = 1_000_000
LONGEST_HOLD_S = 3_600.0
"""A carrier that asks for more is asked again after an hour: it may have meant it for one call."""
LONGEST_PAUSE_S = 1_800.0


class TrunkState(StrEnum):
    OPEN = "open"
    PROBING = "probing"
    PAUSED = "paused"
    HELD = "held"
    SILENT = "silent"
    UNRESOLVED = "unresolved"
    STOPPED = "stopped"


@value
class HealthRules:
    """A trunk is paused for `pause_s` when of its last `sample` calls, all within `window_s` seconds, less than
    `ner_min` got through: NER (ITU-T E.425), a fraction 0–1; 0 never pauses. No more calls than these are
    looked at, so that a trunk that dies is left after a few, however many it carried before. A number that
    does not exist, is busy or does not answer got through. `options_missed`: so many OPTIONS in a row without
    an answer, and it is silent."""

    ner_min: float = 0.3
    window_s: float = 300.0
    sample: int = 30
    pause_s: float = 60.0
    options_missed: int = 3


@value
class HealthNews:
    """What has changed. `code`: a notice's; `text`: for people, with what to do."""

    code: str
    text: str


@value
class CallEnd:
    """How a call over the trunk ended, as far as the trunk is concerned. `through`: the network delivered it,
    whatever came of it. `status`, `stop_after`, `why`: of the ruling on its end. `retry_after_s`: of a 503.
    `placed_at`: when it left: one from before a pause says nothing of how the trunk is after it."""

    through: bool
    status: int | None = None
    stop_after: int | None = None
    why: str = ""
    retry_after_s: float | None = None
    placed_at: float = float("inf")


class TrunkHealth:
    """One trunk's. Pure: time is an argument."""

    def __init__(self, name: str, rules: HealthRules) -> None:
        self._name = name
        self._rules = rules
        self._ends: deque[tuple[float, bool]] = deque()
        self._through = 0
        self._in_a_row: tuple[int | None, int] = (None, 0)
        self._held_until = float("-inf")
        self._paused_until = float("-inf")
        self._pause_s = rules.pause_s
        self._probing = False
        self._probes_out = 0
        self._missed = 0
        self._silent = False
        self.unresolved = ""
        """Why nobody knows where it is; "" when its servers are known."""
        self.stopped = ""
        """Why a person has to look after it; "" when nobody has to."""
        self.why = ""
        """Why it is not open, or the last time was not."""

    def change(self, rules: HealthRules) -> None:
        """Other rules from now on."""
        self._rules = rules

    def state(self, now: float) -> TrunkState:
        if self.stopped:
            return TrunkState.STOPPED
        if self.unresolved:
            return TrunkState.UNRESOLVED
        if self._silent:
            return TrunkState.SILENT
        if now < self._held_until:
            return TrunkState.HELD
        if now < self._paused_until:
            return TrunkState.PAUSED
        return TrunkState.PROBING if self._probing else TrunkState.OPEN

    def room(self, now: float) -> int:
        """How many calls its health allows at `now`."""
        state = self.state(now)
        if state is TrunkState.OPEN:
            return UNLIMITED
        return max(0, 1 - self._probes_out) if state is TrunkState.PROBING else 0

    def opens_at(self, now: float) -> float | None:
        """When it may be used again by itself; None: it may now, or only a person or somebody's answer brings
        that."""
        if self.stopped or self.unresolved or self._silent:
            return None
        at = max(self._held_until, self._paused_until)
        return at if at > now else None

    def ner(self, now: float) -> float | None:
        """The share of the last calls that got through; None when there were none within the window."""
        self._forget(now)
        return self._through / len(self._ends) if self._ends else None

    def placed(self) -> None:
        """A call leaves over it."""
        if self._probing:
            self._probes_out += 1

    def ended(self, end: CallEnd, now: float) -> HealthNews | None:
        """A call over it has ended: what has changed by that."""
        self._ends.append((now, end.through))
        self._through += end.through
        if len(self._ends) > self._rules.sample:
            self._through -= self._ends.popleft()[1]
        self._forget(now)
        if self._probing and end.placed_at >= self._paused_until:
            self._probes_out = max(0, self._probes_out - 1)
        status, count = self._in_a_row
        self._in_a_row = (end.status, count + 1 if status == end.status else 1)
        if end.stop_after is not None and self._in_a_row[1] >= end.stop_after and not self.stopped:
            return self._stop(end)
        if end.retry_after_s is not None and end.retry_after_s > 0:
            return self._hold(min(end.retry_after_s, LONGEST_HOLD_S), now)
        return self._judge(end, now)

    def released(self) -> None:
        """A person has mended what was wrong, or says so."""
        self.stopped, self.why = "", self.unresolved
        self._held_until = self._paused_until = float("-inf")
        self._in_a_row = (None, 0)
        self._silent, self._missed = False, 0
        self._fresh_start()

    def found(self, why: str) -> HealthNews | None:
        """Its host was looked up. `why`: it has no address, and why."""
        was, self.unresolved = self.unresolved, why
        if why:
            self.why = why
            text = f"Trunk {self._name} is not used: {why}. It is looked up again."
            return None if was else HealthNews("trunk_unresolved", text)
        return HealthNews("trunk_found", f"Trunk {self._name}'s host is found: it is used.") if was else None

    def asked(self, answered: bool) -> HealthNews | None:
        """An OPTIONS was answered, by whatever status (RFC 3261 § 11.1), or was not."""
        if answered:
            self._missed = 0
            if not self._silent:
                return None
            self._silent = False
            return HealthNews("trunk_answers", f"Trunk {self._name} answers OPTIONS again: it is used again.")
        self._missed += 1
        if self._silent or self._missed < self._rules.options_missed:
            return None
        self._silent = True
        self.why = f"{self._missed} OPTIONS in a row were not answered"
        text = f"Trunk {self._name} is not used: {self.why}. {what_to_change(None)} It is asked on."
        return HealthNews("trunk_silent", text)

    def _stop(self, end: CallEnd) -> HealthNews:
        self.stopped = self.why = f"{end.status}: {end.why}"
        text = (
            f"Trunk {self._name} is stopped ({self.why}). {what_to_change(end.status)} "
            f"Then `dialer reload`, or `dialer trunk release {self._name}`."
        )
        return HealthNews("trunk_stopped", text)

    def _hold(self, seconds: float, now: float) -> HealthNews | None:
        was_held = now < self._held_until
        self._held_until = max(self._held_until, now + seconds)
        self.why = f"its carrier asked for {seconds:.0f} s of rest (503 with Retry-After)"
        return None if was_held else HealthNews("trunk_held", f"Trunk {self._name} is not used: {self.why}.")

    def _judge(self, end: CallEnd, now: float) -> HealthNews | None:
        rules = self._rules
        if self._probing and end.placed_at < self._paused_until:
            return None
        if self._probing and now >= self._paused_until:
            if end.through:
                self._probing = False
                self._pause_s = rules.pause_s
                self._fresh_start()
                return HealthNews("trunk_recovered", f"Trunk {self._name} gets calls through again.")
            self._pause_s = min(2 * self._pause_s, LONGEST_PAUSE_S)
            self._paused_until = now + self._pause_s
            return None
        count = len(self._ends)
        if now < self._paused_until or count < rules.sample or self._through >= rules.ner_min * count:
            return None
        self._paused_until = now + self._pause_s
        self.why = f"{self._through} of its last {count} calls got through"
        self._probing = True
        text = (
            f"Trunk {self._name} is paused for {self._pause_s:.0f} s ({self.why}: less than {rules.ner_min:.0%}); "
            "then single calls try it."
        )
        return HealthNews("trunk_paused", text)

    def _fresh_start(self) -> None:
        self._ends.clear()
        self._through = self._probes_out = 0
        self._probing = False

    def _forget(self, now: float) -> None:
        while self._ends and self._ends[0][0] <= now - self._rules.window_s:
            self._through -= self._ends.popleft()[1]
