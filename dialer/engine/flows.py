"""Answered calls that no agent speaks with: call flows, and the message of those whom no agent took in time."""

from __future__ import annotations

from campaigns.amd import BEEP_WITHIN_S, Heard
from campaigns.flow import Flow
from dialer.calls.call import Call, CallState, Trigger
from dialer.calls.drop import MessageDrop
from dialer.calls.walk import Act, Enqueue, Finish, FlowWalk, OptOut, Turn, TurnEnd
from dialer.engine.commands import Hush, SaveOptOut, Speak
from dialer.engine.deadlines import Timer
from dialer.engine.floor import Floor
from dialer.engine.refusing import refused
from dialer.engine.state import EngineState
from dialer.ports.store import opt_out_source

OVERDUE_S = 30.0
"""So long after a flow should be over at the latest, it is ended without waiting for its turn."""

REGISTERED_WITHIN_S = 10.0
"""Who has opted out waits no longer in silence to hear that it is on the register. It goes there all the same."""

LONGEST_MESSAGE_S = 300.0

JUST_NOW_S = 2.0
"""A beep so lately is the one that the message is to follow."""

NO_MAILBOX = frozenset({"sit", "fax", "progress-tone"})
"""Causes of a machine's verdict (`dialer.media.amd.events.Cause`) that take no message."""


class Flows:
    """What is said to people without an agent, and what follows from it."""

    def __init__(self, state: EngineState, floor: Floor) -> None:
        self._state = state
        self._floor = floor

    def answered(self, call: Call, now: float) -> None:
        """Somebody answered: the campaign's flow speaks with them, or an agent."""
        flow = call.terms.flow
        if flow is None:
            self._floor.serve(call, now)
            return
        call.flow = walk = self._begin(call, flow, now)
        self._do(call, walk.begin(now), now)

    def unserved(self, call: Call, now: float) -> None:
        """No agent came in time: the person is abandoned, and hears who has called if there is a message."""
        message = call.terms.abandoned
        if message is None:
            self._floor.abandon(call, now)
            return
        self._floor.count_abandoned(call, now)
        call.message = walk = self._begin(call, message.flow, now)
        self._do(call, walk.begin(now), now)

    def began(self, call: Call, turn: int, after_answer_s: float) -> None:
        """The first sound of a turn has gone out."""
        if call.drop is not None:
            if turn == call.drop.turn:
                call.message_after_s = after_answer_s  # of the last one, where it was said again
        elif call.message is not None and call.message_after_s is None and turn == 1:
            call.message_after_s = after_answer_s

    def leaves_message(self, call: Call, cause: str) -> bool:
        """Whether the machine that answered is to be left a message."""
        return call.terms.amd.message is not None and cause not in NO_MAILBOX

    def leave_message(self, call: Call, now: float) -> None:
        """A machine answered: the message waits for its beep, which may just have been."""
        prompt = call.terms.amd.message
        if prompt is None:
            raise ValueError(f"attempt {call.attempt_id}: there is no message")
        call.is_machine = True
        if call.state is CallState.WAITING:
            call.apply(Trigger.PROMPT)
        call.drop = MessageDrop(prompt)
        self._state.deadlines.set(Timer.FLOW, call.attempt_id, now + BEEP_WITHIN_S)
        if call.beep_s is not None and now - (call.answered_at or now) - call.beep_s <= JUST_NOW_S:
            self.beep(call, call.beep_s, now)

    def beep(self, call: Call, ended_s: float, now: float) -> None:
        """A beep has ended."""
        call.beep_s = ended_s
        act = None if call.drop is None or call.state is not CallState.PROMPTED else call.drop.beep(ended_s)
        if act is not None:
            self._state.deadlines.set(Timer.FLOW, call.attempt_id, now + LONGEST_MESSAGE_S)
            self._do(call, act, now)

    def advised(self, call: Call, verdict: str, cause: str, now: float) -> None:
        """The detector says, late, who it is that a flow speaks to, or that no beep will come."""
        if call.state is not CallState.PROMPTED:
            return
        if call.drop is not None:
            if verdict == Heard.SCREENING and not call.drop.turn:
                self.hang_up(call, "an assistant that asks who is calling: no message left", now)
        elif (
            verdict == Heard.MACHINE
            and call.flow is not None
            and call.message is None
            and call.flow.end is None
            and not call.flow.pressed
            and self.leaves_message(call, cause)
        ):
            call.flow.stop()
            self._state.out.append(Hush(call.attempt_id))
            self.leave_message(call, now)

    def over(self, call: Call, turn: int, end: TurnEnd, heard: str, now: float) -> None:
        """A turn has ended."""
        walk = call.walk
        if call.state is not CallState.PROMPTED or walk is None or turn != walk.turn or walk.end is not None:
            self._state.strays += 1
            return
        self._do(call, walk.over(end, heard, now), now)

    def opted_out(self, call: Call, now: float) -> None:
        """The number is on the register: the person is told."""
        if call.state is CallState.PROMPTED and isinstance(call.walk, FlowWalk):
            self._state.deadlines.set(Timer.FLOW, call.attempt_id, now + LONGEST_MESSAGE_S)
            self._do(call, call.walk.opted_out(now), now)
        else:
            self._state.strays += 1

    def overdue(self, call: Call, now: float) -> None:
        """What should long be over, or begun, is not."""
        waits = call.drop is not None and not call.drop.turn
        self.hang_up(call, "no beep was heard" if waits else "its call flow did not go on", now)

    def hang_up(self, call: Call, note: str, now: float) -> None:
        """End a flow that cannot go on."""
        if call.state is CallState.PROMPTED:
            call.note = note
            self._floor.hang_up(call, now)

    # --- inside -------------------------------------------------------------------------------------------

    def _begin(self, call: Call, flow: Flow, now: float) -> FlowWalk:
        call.apply(Trigger.PROMPT)
        self._state.deadlines.set(Timer.FLOW, call.attempt_id, now + flow.longest_s + OVERDUE_S)
        return FlowWalk(flow, now)

    def _do(self, call: Call, act: Act, now: float) -> None:
        match act:
            case Turn():
                self._state.out.append(Speak(call.attempt_id, call.intent.campaign, act))
            case Enqueue():
                call.apply(Trigger.ENQUEUE)
                call.to_agents_at = now
                self._state.deadlines.clear(Timer.FLOW, call.attempt_id)
                self._floor.serve(call, now)
            case OptOut():
                call.opted_out_at = now
                self._state.deadlines.set(Timer.FLOW, call.attempt_id, now + REGISTERED_WITHIN_S)
                intent = call.intent
                block = refused(self._state.run_of(call), call, opt_out_source(call.attempt_id), now)
                self._state.out.append(SaveOptOut(intent.campaign, call.attempt_id, block))
            case Finish():
                if act.disposition:
                    call.disposition = call.terms.disposition(act.disposition)
                self._floor.hang_up(call, now)
