"""What is made of the answering-machine detector's word: who is held for it, and what follows."""

from __future__ import annotations

from campaigns.amd import AmdPolicy, Heard
from campaigns.record import EndedBy
from dialer.calls.call import Call
from dialer.engine.deadlines import Timer
from dialer.engine.events import Detected
from dialer.engine.floor import Floor
from dialer.engine.flows import Flows
from dialer.engine.state import EngineState
from dialer.pacing import MachineDetected


class Detection:
    """Between the answer and the agent, or the call flow."""

    def __init__(self, state: EngineState, floor: Floor, flows: Flows) -> None:
        self._state = state
        self._floor = floor
        self._flows = flows

    def answered(self, call: Call, now: float) -> None:
        """Hold the contact if the campaign does so, shortly; else an agent is looked for at once."""
        amd, run = call.terms.amd, self._state.run_of(call)
        if amd.policy is not AmdPolicy.HOLD:
            self._flows.answered(call, now)
            return
        run.held[call.attempt_id] = call
        self._state.deadlines.set(Timer.HOLD, call.attempt_id, now + min(amd.hold_s, run.grace_s))

    def heard(self, call: Call, event: Detected, now: float) -> None:
        """The detector says who answered. Its first word counts for who is held; all else is advice for the agent,
        of which the record keeps the last: it corrects what was said before."""
        if call.verdict is None or call.terms.amd.policy is AmdPolicy.JOINED:
            call.verdict, call.verdict_cause, call.verdict_at_s = event.verdict, event.cause, event.at_s
        is_news, call.advice = event.verdict != call.advice, event.verdict
        run = self._state.run_of(call)
        if call.attempt_id not in run.held:
            self._flows.advised(call, event.verdict, event.cause, now)
            if is_news:
                self._floor.tell_of(call)
            return
        del run.held[call.attempt_id]
        self._state.deadlines.clear(Timer.HOLD, call.attempt_id)
        if event.verdict == Heard.MACHINE and not self._is_checked(call):
            call.heard = event.heard
            if call.reserved_agent is None:  # the pacer was not told of its answer either
                run.pacer.observe(MachineDetected(now, now - (call.answered_at or now)))
            if self._flows.leaves_message(call, event.cause):
                self._flows.leave_message(call, now)
                return
            call.is_machine = True
            call.ended_by = EndedBy.DIALER
            self._floor.hang_up(call, now)
        else:
            self._flows.answered(call, now)

    def held_long_enough(self, call: Call, now: float) -> None:
        """Nothing was said in time: whoever it is is treated as a person."""
        del self._state.run_of(call).held[call.attempt_id]
        call.verdict, call.verdict_cause = Heard.UNSURE.value, "time"
        call.verdict_at_s = now - (call.answered_at or now)
        self._flows.answered(call, now)

    def _is_checked(self, call: Call) -> bool:
        """Whether an agent shall hear what it is; a call flow would not tell."""
        return call.terms.flow is None and call.terms.amd.checks(call.attempt_id)
