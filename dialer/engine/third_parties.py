"""Calls to numbers outside that agents bring into conversations. They are no attempts on leads, but calls over
trunks: walls, ceilings, channels and caller ids hold for them, and each is on record before it leaves.

    ThirdAsked ──► SaveThirdCall ──ThirdSaved──► CallThird ──► ThirdAnswered ──► ThirdOver ──► SaveThirdCall
"""

from __future__ import annotations

from dataclasses import replace

from campaigns.refusal import Refusal, Refused
from dialer.calls.call import Call, CallState
from dialer.calls.outcomes import Fault, ruling_of
from dialer.engine.closing import Closing
from dialer.engine.commands import CallThird, Notice, Originate, SaveThirdCall
from dialer.engine.events import ThirdAsked, ThirdOver
from dialer.engine.lines import Lines
from dialer.engine.state import EngineState
from dialer.ports.store import ThirdCall
from dialer.trunks.health import CallEnd
from dialer.trunks.selection import Route
from lists.client import client_of
from lists.lead import PhoneNumber


def conversation(state: EngineState, attempt_id: int, agent_id: str) -> Call | None:
    """The call of this attempt, if the agent talks in it."""
    call = state.calls.get(attempt_id)
    talks = call is not None and call.state is CallState.TALKING and call.agent_id == agent_id
    return call if talks else None


def route_to(state: EngineState, call: Call, number: PhoneNumber, now: float) -> Route | Refused:
    """How a third party of the call's conversation is reached, by the trunks and caller ids of its campaign; or
    why not."""
    run = state.run_of(call)
    route = run.selector.propose(number, now)
    if route is None:
        return Refused(Refusal.ROUTE_DOWN, None, "the campaign's trunks have no free channel at this moment")
    if isinstance(route, Refused):
        return route
    outside = state.tolls.walls.refusal(
        number.e164,
        client=client_of(run.name),
        trunk=route.trunk,
        caller_id=route.caller_id,
        campaign=run.campaign.destinations,
    )
    return outside or route


class ThirdParties:
    """The engine's part that knows of them."""

    def __init__(self, state: EngineState, lines: Lines, closing: Closing) -> None:
        self._state = state
        self._lines = lines
        self._closing = closing

    def asked(self, event: ThirdAsked, now: float) -> None:
        """An agent wants somebody in: a channel is taken, and the call committed before it leaves."""
        state = self._state
        call = conversation(state, event.attempt_id, event.agent_id)
        if call is None:
            state.strays += 1
            return
        run = state.run_of(call)
        route = route_to(state, call, event.number, now)
        if isinstance(route, Refused):
            self._tell(call, f"{event.number.e164} was not called: {route.reason} ({route.detail})")
            return
        self._lines.take(run, route, now)
        third = ThirdCall(
            key=event.key,
            attempt_id=event.attempt_id,
            campaign=run.name,
            agent_id=event.agent_id,
            number=event.number.e164,
            trunk=route.trunk,
            caller_id=route.caller_id,
            call_id=state.call_id_of(event.key),
            asked_at=now,
            expected_cost_micro=route.expected_cost_micro,
            currency=state.tolls.walls.currency,
        )
        state.thirds[event.key] = third
        state.out.append(SaveThirdCall(third))

    def saved(self, key: int, now: float) -> None:
        """It is on record, and leaves, unless something has changed meanwhile."""
        state, third = self._state, self._state.thirds[key]
        call = conversation(state, third.attempt_id, third.agent_id)
        why = "the conversation was over" if call is None else self._last_look(call, third)
        if call is None or why:
            state.tolls.ceilings.release(client_of(third.campaign), third.trunk, third.expected_cost_micro or 0)
            self._close(replace(third, cost_micro=0), now)
            if call is not None:
                self._tell(call, f"{third.number} was not called: {why}")
            return
        state.thirds[key] = replace(third, placed_at=now)
        state.tolls.ceilings.placed(client_of(third.campaign), third.trunk, now)
        withhold = state.run_of(call).campaign.withhold_caller_id
        order = Originate(key, third.call_id, third.number, third.trunk, third.caller_id, withhold)
        state.out.append(CallThird(third.attempt_id, order))

    def unsaved(self, key: int, now: float) -> None:
        """It could not be committed: nobody is called."""
        third = self._state.thirds.pop(key)
        self._state.tolls.ceilings.release(client_of(third.campaign), third.trunk, third.expected_cost_micro or 0)
        self._state.release_line(third.trunk)
        self._closing.release_parked_on((third.number,), now)

    def answered(self, key: int, now: float) -> None:
        if (third := self._state.thirds.get(key)) is not None:
            self._state.thirds[key] = replace(third, answered_at=now)

    def over(self, event: ThirdOver, now: float) -> None:
        """It is over on the wire: what it cost is known, and its trunk is judged by it."""
        third = self._state.thirds.get(event.key)
        if third is None:
            self._state.strays += 1
            return
        if event.answered and third.answered_at is None:
            third = replace(third, answered_at=now)  # it crossed our CANCEL
        limits = self._state.trunks[third.trunk]
        rate = limits.rates.rate(third.number, third.asked_at)
        talked_s = None if third.answered_at is None else now - third.answered_at
        cost = None if rate is None else 0 if talked_s is None else rate.cost_micro(talked_s)
        client, expected = client_of(third.campaign), third.expected_cost_micro or 0
        self._state.tolls.ceilings.settled(client, third.trunk, expected, cost or 0, now)
        self._lines.judge(third.trunk, _end_of(event, third), now)
        self._close(replace(third, status=event.status, cost_micro=cost), now)

    def _last_look(self, call: Call, third: ThirdCall) -> str:
        run = self._state.run_of(call)
        return self._lines.shut(run, third.trunk, third.number, third.caller_id)

    def _close(self, third: ThirdCall, now: float) -> None:
        del self._state.thirds[third.key]
        self._state.release_line(third.trunk)
        self._state.out.append(SaveThirdCall(replace(third, ended_at=now)))
        self._closing.release_parked_on((third.number,), now)
        for name in self._state.runs:
            self._state.pace_soon(name)

    def _tell(self, call: Call, text: str) -> None:
        self._state.out.append(Notice(call.intent.campaign, "third_refused", f"Third party {text}."))


def _end_of(event: ThirdOver, third: ThirdCall) -> CallEnd:
    """As far as the trunk is concerned. One that we gave up says nothing of it."""
    if third.answered_at is not None or event.given_up or event.fault:
        return CallEnd(True, placed_at=third.asked_at)
    ruling = ruling_of(event.status, event.q850, rang=event.rang, by=event.cause_by)
    return CallEnd(
        through=ruling.policy.fault is not Fault.ROUTE,
        status=event.status,
        stop_after=ruling.stop_after,
        why=ruling.why,
        retry_after_s=event.retry_after_s,
        placed_at=third.asked_at,
    )
