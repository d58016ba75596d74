"""One call's way through a call flow: which step it is at, and what is to be done next. Without I/O.

    begin ──► Turn ──► over ──► Turn ──► … ──► Finish | Enqueue | OptOut ──► opted_out ──► Turn ──► over ──► Finish

A turn is what media can do by themselves: play a prompt, and collect digits or record.
"""

from __future__ import annotations

import json
from dataclasses import replace
from enum import StrEnum

from campaigns.flow import (
    Flow,
    GatherStep,
    HangUpStep,
    OptOutStep,
    PlayStep,
    RecordStep,
    Step,
    ToAgentsStep,
)
from campaigns.prompt import Prompt
from lists.value import value

MOST_TURNS = 200
"""Whoever presses keys for ever is let go."""


class TurnEnd(StrEnum):
    """How a turn ended. PLAYED: to the end of its prompt, and nothing was to be collected. COMPLETE: the digits
    are. PAUSE: no further digit came in time. NOTHING: none came. RECORDED: what was said is in a file. LEFT: the
    same, and the person has hung up. FAILED: there is no such prompt, or no such file could be written."""

    PLAYED = "played"
    COMPLETE = "complete"
    PAUSE = "pause"
    NOTHING = "nothing"
    RECORDED = "recorded"
    LEFT = "left"
    FAILED = "failed"


class WalkEnd(StrEnum):
    """How a way through a flow ended. MACHINE: nobody listens but an answering machine. LEFT: the call was over
    before."""

    FINISHED = "finished"
    OPTED_OUT = "opted_out"
    TO_AGENTS = "to_agents"
    FAILED = "failed"
    TOO_LONG = "too_long"
    MACHINE = "machine"
    LEFT = "left"


DELIVERED = frozenset({WalkEnd.FINISHED, WalkEnd.OPTED_OUT})
"""The ends that a flow has by itself."""


@value
class Turn:
    """`turn`: which of the way, from 1. `digits`: how many are collected at most, 0 for none. `record_s`:
    the longest recording, 0 for none; any key ends it. The rest as in `GatherStep`."""

    prompt: Prompt | None
    turn: int = 0
    digits: int = 0
    finish: str = ""
    timeout_s: float = 0.0
    between_s: float = 0.0
    barge_in: bool = False
    record_s: float = 0.0


@value
class Enqueue:
    """The person wants an agent."""


@value
class OptOut:
    """The number is to be put on the register; `FlowWalk.opted_out` when it is there."""


@value
class Finish:
    """The call is to be hung up. `disposition`: the code that the flow gives it, "" for none."""

    disposition: str = ""


Act = Turn | Enqueue | OptOut | Finish


class FlowWalk:
    """One call in a flow. `step`: where it is. `pressed`: a digit came, so somebody is there. `answers`: what was
    pressed or recorded, by step, the last word of each. `end`: None while it goes on. Moments are seconds, of any
    clock that does not go back."""

    __slots__ = ("_asked", "_flow", "_until", "answers", "end", "pressed", "step", "turn")

    def __init__(self, flow: Flow, now: float) -> None:
        self._flow = flow
        self._until = now + flow.longest_s
        self._asked = 0
        self.step = flow.start
        self.turn = 0
        self.pressed = False
        self.answers: dict[str, str] = {}
        self.end: WalkEnd | None = None

    def begin(self, now: float) -> Act:
        """The first step. To be called once."""
        return self._enter(self.step, now)

    def over(self, end: TurnEnd, heard: str, now: float) -> Act:
        """The turn is over. `heard`: the digits, or the name of the recording. Raises `ValueError` when there was
        none, or the way is over."""
        if self.end is not None or not self.turn:
            raise ValueError(f"no turn is open at step {self.step}")
        if end is TurnEnd.FAILED:
            return self._finish(WalkEnd.FAILED)
        if end is TurnEnd.LEFT:
            self.answers[self.step] = heard
            return self._finish(WalkEnd.LEFT)
        match step := self._flow.step(self.step):
            case GatherStep():
                return self._gathered(step, end, heard, now)
            case RecordStep():
                self.answers[self.step] = heard
                return self._enter(step.next, now)
            case PlayStep():
                return self._enter(step.next, now)
        return self._finish(WalkEnd.OPTED_OUT)

    def opted_out(self, now: float) -> Act:
        """The number is on the register. Raises `ValueError` where nobody asked for that."""
        step = self._flow.step(self.step)
        if self.end is not None or not isinstance(step, OptOutStep):
            raise ValueError(f"nobody opted out at step {self.step}")
        if step.prompt is None or now >= self._until:
            return self._finish(WalkEnd.OPTED_OUT)
        return self._turn(Turn(step.prompt), now)

    def stop(self) -> None:
        """It speaks to a machine."""
        self.end = WalkEnd.MACHINE

    def leave(self) -> None:
        """The call is over, wherever the flow is."""
        if self.end is None:
            self.end = WalkEnd.LEFT

    @property
    def answers_json(self) -> str:
        """`answers` as a JSON object, in the order of the flow's steps; "" without any."""
        if not self.answers:
            return ""
        ordered = {name: self.answers[name] for name, _ in self._flow.steps if name in self.answers}
        return json.dumps(ordered, separators=(",", ":"))

    # --- inside -------------------------------------------------------------------------------------------

    def _gathered(self, step: GatherStep, end: TurnEnd, digits: str, now: float) -> Act:
        if not digits:
            return self._again(step, step.timeout if end is TurnEnd.NOTHING else step.invalid, now)
        self.pressed = True
        following = dict(step.branches).get(digits, step.any)
        if not following:
            return self._again(step, step.invalid, now)
        self.answers[self.step] = digits
        return self._enter(following, now)

    def _again(self, step: GatherStep, following: str, now: float) -> Act:
        if self._asked <= step.repeat:
            return self._ask(step, now)
        return self._enter(following, now)

    def _enter(self, name: str, now: float) -> Act:
        self.step = name
        self._asked = 0
        return self._do(self._flow.step(name), now)

    def _do(self, step: Step, now: float) -> Act:
        match step:
            case PlayStep():
                return self._turn(Turn(step.prompt), now)
            case GatherStep():
                return self._ask(step, now)
            case RecordStep():
                return self._turn(Turn(step.prompt, record_s=step.longest_s), now)
            case ToAgentsStep():
                self.end = WalkEnd.TO_AGENTS
                return Enqueue()
            case OptOutStep():
                return OptOut()
            case HangUpStep():
                return self._finish(WalkEnd.FINISHED, step.disposition)

    def _ask(self, step: GatherStep, now: float) -> Act:
        self._asked += 1
        turn = Turn(
            step.prompt,
            digits=step.digits,
            finish=step.finish,
            timeout_s=step.timeout_s,
            between_s=step.between_s,
            barge_in=step.barge_in,
        )
        return self._turn(turn, now)

    def _turn(self, turn: Turn, now: float) -> Act:
        if self.turn >= MOST_TURNS or now >= self._until:
            return self._finish(WalkEnd.TOO_LONG)
        self.turn += 1
        return replace(turn, turn=self.turn)

    def _finish(self, end: WalkEnd, disposition: str = "") -> Finish:
        self.end = end
        return Finish(disposition)
