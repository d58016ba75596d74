"""The trunk in virtual time: plays every call's plan and tells the engine what a SIP carrier would tell it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

from campaigns.amd import AmdPolicy
from campaigns.prompt import Prompt
from campaigns.record import EndedBy
from dialer.calls.outcomes import Heard
from dialer.engine.commands import CancelCall, HangUp, Hush, Join, Originate, Speak
from dialer.engine.events import BeepEnded, CallAnswered, CallEnded, CallProgress, Detected, Event
from sim_trunk.callee import (
    REFUSED_BY_CALLEE,
    CallPlan,
    Persona,
    Plans,
    Quirk,
    Step,
    cancel_step,
    heard_end_s,
    invite_steps,
    unheard_end_s,
)
from sim_trunk.errors import TwinError
from sim_trunk.hearing import Hearing, Verdict
from sim_trunk.population_spec import Outage
from sim_trunk.timeline import Timeline
from sim_trunk.twin_speech import TwinSpeech

TRANSACTION_TIMEOUT_S = 32.0
"""An INVITE that nothing comes back for is given up by timer B, 64·T1 (RFC 3261 §17.1.1.2)."""

FINAL = 200


class _TwinCall:
    """One call. `heard`: somebody has been heard, so the end set when the call was answered no longer holds for
    people. `ends`: how often the moment at which they hang up was set. `speech`: what is said to them without an
    agent. `responsive`: anything comes back at all. `verdict`: what the answering-machine detector will say;
    `beep_s`: when the beep ends that it will tell, seconds from the answer."""

    __slots__ = (
        "answered",
        "answered_at",
        "attempt_id",
        "beep_s",
        "ends",
        "given_up",
        "heard",
        "joined",
        "over",
        "plan",
        "responsive",
        "speech",
        "verdict",
    )

    def __init__(self, attempt_id: int, plan: CallPlan, responsive: bool, verdict: Verdict | None) -> None:
        self.verdict = verdict
        self.attempt_id = attempt_id
        self.plan = plan
        self.responsive = responsive
        self.answered = False
        self.answered_at = 0.0
        self.beep_s: float | None = None
        self.ends = 0
        self.speech: TwinSpeech | None = None
        self.given_up = False
        self.heard = False
        self.joined = False
        self.over = False


class TwinCarrier:
    """Carries out the engine's commands about calls.

    `post` takes what happens; `heard(agent_id, attempt_id, persona)` is told who an agent has been joined with.
    `round_trip_s`: between a CANCEL or BYE of ours and the answer to it. `outage(trunk, now)`: of a trunk that
    fails every call. `hearing`: what the answering-machine detector says where it is asked; None: nothing.
    `lasts_s(campaign, prompt)`: how long a prompt takes to play.
    """

    def __init__(
        self,
        timeline: Timeline,
        population: Plans,
        post: Callable[[Event], None],
        heard: Callable[[str, int, Persona], None],
        round_trip_s: float,
        outage: Callable[[str, float], Outage | None] = lambda trunk, now: None,
        hearing: Hearing | None = None,
        lasts_s: Callable[[str, Prompt], float] = lambda campaign, prompt: prompt.spoken_s,
    ) -> None:
        self._hearing = hearing
        self._timeline = timeline
        self._population = population
        self._post = post
        self._heard = heard
        self._round_trip_s = round_trip_s
        self._calls: dict[int, _TwinCall] = {}
        self._calls_to: dict[str, int] = {}
        self._outage = outage
        self._lasts_s = lasts_s
        self.placed = 0

    def originate(self, command: Originate) -> None:
        """An INVITE leaves."""
        if command.attempt_id in self._calls:
            raise TwinError(f"attempt {command.attempt_id} is originated twice")
        number = command.number
        nth = self._calls_to[number] = self._calls_to.get(number, 0) + 1
        timeline = self._timeline
        plan = self._population.plan(number, nth, timeline.now)
        outage = self._outage(command.trunk, timeline.now)
        if outage is not None:
            plan = _failing(plan, outage, self._round_trip_s)
        steps = invite_steps(plan)
        verdict = beep_s = None
        if command.amd.policy is not AmdPolicy.OFF and self._hearing is not None:
            verdict = self._hearing.verdict(number, nth, plan.persona)
            if command.amd.message is not None:
                beep_s = self._hearing.beep_s(number, nth, plan.persona)
                if verdict is not None and beep_s is not None and beep_s < verdict.after_s:
                    verdict = Verdict(beep_s, verdict.heard, "beep")
        call = _TwinCall(command.attempt_id, plan, bool(steps), verdict)
        call.beep_s = beep_s
        self._calls[command.attempt_id] = call
        self.placed += 1
        for step in steps:
            timeline.after(step.after_s, self._respond, (call, step))
        if not steps:
            timeline.after(TRANSACTION_TIMEOUT_S, self._time_out, call)

    def cancel(self, command: CancelCall) -> None:
        """A CANCEL leaves, unless no response has come that would allow one (RFC 3261 §9.1)."""
        call = self._open(command.attempt_id)
        if call is None or call.answered or call.given_up:
            return
        call.given_up = True
        if not call.responsive:
            return  # the CANCEL has to wait for a provisional response; the INVITE times out first
        # A final response that comes before the answer to the CANCEL was under way already: they crossed.
        self._timeline.after(self._round_trip_s, self._respond_to_cancel, call)

    def hang_up(self, command: HangUp) -> None:
        """A BYE leaves."""
        call = self._open(command.attempt_id)
        if call is not None:
            self._timeline.after(self._round_trip_s, self._hung_up, call)

    def join(self, command: Join) -> None:
        """The callee hears an agent from now on, and the agent the callee."""
        call = self._open(command.attempt_id)
        if call is None:
            return
        self._heard(command.agent_id, command.attempt_id, call.plan.persona)
        call.joined = True
        self._hear(call)

    def speak(self, command: Speak) -> None:
        """The callee hears a prompt, or is listened to."""
        call = self._open(command.attempt_id)
        if call is None or call.given_up:
            return
        if call.speech is not None:
            call.speech.stop()
        prompt = command.turn.prompt
        lasts_s = 0.0
        if prompt is not None:
            lasts_s = self._lasts_s(command.campaign, prompt)
            self._hear(call)
        call.speech = TwinSpeech(self._timeline, command, lasts_s, call.answered_at, self._post)

    def hush(self, command: Hush) -> None:
        """Nothing more is said for now."""
        call = self._open(command.attempt_id)
        if call is not None and call.speech is not None:
            call.speech.stop()

    def _hear(self, call: _TwinCall) -> None:
        """The first sound: a person's talk begins."""
        talk_s = heard_end_s(call.plan)
        if talk_s is not None and not call.heard:
            call.heard = True
            self._set_end(call, talk_s)
            self._press_later((call, 0))

    def _press_later(self, what: tuple[_TwinCall, int]) -> None:
        call, nth = what
        if nth < len(call.plan.presses):
            self._timeline.after(call.plan.presses[nth][0], self._press, what)

    def _press(self, what: tuple[_TwinCall, int]) -> None:
        call, nth = what
        if call.over or call.joined:
            return
        self._set_end(call, call.plan.talk_s)
        if call.speech is not None:
            call.speech.press(call.plan.presses[nth][1])
        self._press_later((call, nth + 1))

    def _set_end(self, call: _TwinCall, after_s: float) -> None:
        call.ends += 1
        self._timeline.after(after_s, self._heard_enough, (call, call.ends))

    def _heard_enough(self, what: tuple[_TwinCall, int]) -> None:
        call, ends = what
        if ends == call.ends:
            self._callee_hangs_up(call)

    # --- what happens in its time -------------------------------------------------------------------------

    def _respond(self, what: tuple[_TwinCall, Step]) -> None:
        call, step = what
        if call.over or call.answered:
            return
        if step.status < FINAL:
            self._post(CallProgress(call.attempt_id, step.status))
        elif step.status == FINAL:
            self._answer(call)
        else:
            by = EndedBy.CALLEE if step.status in REFUSED_BY_CALLEE else EndedBy.NETWORK
            self._end(call, by, step.status, step.q850, step.retry_after_s, step.moved_to)

    def _respond_to_cancel(self, call: _TwinCall) -> None:
        if call.over or call.answered:
            return
        step = cancel_step(call.plan)
        if step.status == FINAL:
            self._answer(call)
        else:
            self._end(call, EndedBy.DIALER, step.status, step.q850)

    def _answer(self, call: _TwinCall) -> None:
        call.answered = True
        call.answered_at = self._timeline.now
        self._post(CallAnswered(call.attempt_id))
        if call.given_up:  # ACK and BYE: we wanted this call no more
            self._timeline.after(self._round_trip_s, self._hung_up, call)
        else:
            self._timeline.after(unheard_end_s(call.plan), self._unheard_hangs_up, call)
            if call.beep_s is not None:
                self._timeline.after(call.beep_s, self._beep, call)
            if call.verdict is not None:
                self._timeline.after(call.verdict.after_s, self._detect, (call, call.verdict))

    def _beep(self, call: _TwinCall) -> None:
        if not call.over and call.beep_s is not None:
            self._post(BeepEnded(call.attempt_id, call.beep_s))

    def _detect(self, what: tuple[_TwinCall, Verdict]) -> None:
        call, verdict = what
        if not call.over:
            self._post(Detected(call.attempt_id, verdict.heard.value, verdict.cause, verdict.after_s))

    def _time_out(self, call: _TwinCall) -> None:
        if not call.over:
            self._end(call, EndedBy.DIALER if call.given_up else EndedBy.NETWORK)

    def _unheard_hangs_up(self, call: _TwinCall) -> None:
        if not call.heard:
            self._callee_hangs_up(call)

    def _callee_hangs_up(self, call: _TwinCall) -> None:
        if not call.over:
            self._end(call, EndedBy.CALLEE)

    def _hung_up(self, call: _TwinCall) -> None:
        if not call.over:
            self._end(call, EndedBy.DIALER)

    def _end(
        self,
        call: _TwinCall,
        by: EndedBy,
        status: int | None = None,
        q850: int | None = None,
        retry_after_s: float | None = None,
        moved_to: str = "",
    ) -> None:
        call.over = True
        if call.speech is not None:
            call.speech.leave()
        del self._calls[call.attempt_id]
        told = not call.answered and status == call.plan.final and call.plan.quirk is Quirk.SPECIAL_INFORMATION
        ended = CallEnded(
            call.attempt_id,
            by.value,
            status,
            q850,
            heard=Heard.SIT_VACANT.value if told else None,
            retry_after_s=retry_after_s,
            moved_to=moved_to,
        )
        self._post(ended)

    def _open(self, attempt_id: int) -> _TwinCall | None:
        """The call, or None when its end and the engine's command have crossed."""
        return self._calls.get(attempt_id)


def _failing(plan: CallPlan, outage: Outage, after_s: float) -> CallPlan:
    """The call as the outage has it: refused at once, or nothing ever comes back."""
    if not outage.status:
        return replace(plan, pdd_s=math.inf, ring_s=math.inf, quirk=Quirk.NO_RESPONSE)
    return replace(plan, pdd_s=after_s, ring_s=after_s, final=outage.status, q850=None, quirk=Quirk.NONE)
