"""Lines to the outside: the route of each call, what it uses of ceilings and caller ids, and what its end says
of its trunk."""

from __future__ import annotations

from campaigns.refusal import Refusal, Refused
from campaigns.retry import caller_id_turn
from dialer.calls.call import Call
from dialer.calls.outcomes import Action, Fault
from dialer.engine.commands import Notice
from dialer.engine.state import CampaignRun, EngineState
from dialer.ports.store import Candidate
from dialer.trunks.health import CallEnd, HealthNews
from dialer.trunks.selection import Route
from lists.client import client_of

TRIED_FOR_S = 300.0
"""A trunk that has failed on a number is passed over for it for so long, while another could carry it."""


def tried_lately(candidate: Candidate, number: str, now: float) -> frozenset[str]:
    """Trunks whose fault it was that earlier attempts on the number came to nothing."""
    return frozenset(
        past.trunk
        for past in candidate.history
        if past.number == number and not past.charged and past.at > now - TRIED_FOR_S
    )


def goes_on_elsewhere(run: CampaignRun, call: Call, now: float) -> bool:
    """Whether the number is to be tried again at once over another trunk: nothing rang, it was the route's
    fault, and there is a trunk that has not been tried. That is an attempt of its own, with a permit of its
    own."""
    ruling = call.ruling
    if ruling is None or call.progress_at is not None:
        return False
    if ruling.policy.action not in (Action.OTHER_ROUTE, Action.STOP_ROUTE):
        return False
    candidate = call.candidate
    number = candidate.lead.phones[candidate.phone_position]
    tried = tried_lately(candidate, number.e164, now) | {call.intent.trunk}
    return run.selector.other_than(tried, number, now)


class Lines:
    """The engine's dealings with trunks."""

    def __init__(self, state: EngineState) -> None:
        self._state = state

    def propose(self, run: CampaignRun, candidate: Candidate, position: int, now: float) -> Route | Refused | None:
        """The route for one of the lead's numbers; None when its trunks are full."""
        number = candidate.lead.phones[position]
        turn = caller_id_turn(run.campaign.retry, candidate.lead.lead_id, candidate.tries)
        return run.selector.propose(number, now, tried_lately(candidate, number.e164, now), turn)

    def take(self, run: CampaignRun, route: Route, now: float) -> None:
        """A call is about to leave this way."""
        run.selector.take(route, now)
        tolls = self._state.tolls
        tolls.ceilings.reserve(client_of(run.name), route.trunk, route.expected_cost_micro or 0)
        tolls.caller_ids.shown(route.caller_id, now)

    def last_look(self, run: CampaignRun, call: Call, now: float) -> str:
        """Why the committed call may not leave after all; "" when it may. Settings may have changed since its
        permit, and its trunk's health."""
        intent = call.intent
        return self.shut(run, intent.trunk, intent.number, intent.caller_id)

    def shut(self, run: CampaignRun, trunk: str, number: str, caller_id: str) -> str:
        """Why the way that a call was committed with is not open any more; "" when it is."""
        limits = self._state.trunks[trunk]
        if limits.removed:
            return "its trunk was removed before the call left"
        if limits.health.stopped:
            return f"its trunk was stopped before the call left ({limits.health.stopped})"
        outside = self._state.tolls.walls.refusal(
            number,
            client=client_of(run.name),
            trunk=trunk,
            caller_id=caller_id,
            campaign=run.campaign.destinations,
        )
        return "" if outside is None else f"{outside.reason}: {outside.detail}"

    def left(self, call: Call, now: float) -> None:
        """Its INVITE is out."""
        self._state.tolls.ceilings.placed(client_of(call.intent.campaign), call.intent.trunk, now)

    def not_left(self, call: Call) -> None:
        """It was withdrawn before anything left."""
        self._state.release_line(call.intent.trunk)
        self._state.tolls.ceilings.release(client_of(call.intent.campaign), call.intent.trunk, _expected(call))

    def ended(self, call: Call, now: float) -> None:
        """It is over on the wire: its line is free, what it cost is known, and its trunk is judged by it."""
        intent = call.intent
        call.cost_micro = _cost(call, self._state, now)
        tolls = self._state.tolls
        tolls.ceilings.settled(
            client_of(intent.campaign), intent.trunk, _expected(call), call.cost_micro or 0, now
        )
        if call.dialed_at is not None:
            self.judge(intent.trunk, _end_of(call), now)
            self._judge_caller_id(call, now)
        self._state.release_line(intent.trunk)

    def judge(self, trunk: str, end: CallEnd, now: float) -> None:
        """What a call over the trunk came to says something of the trunk."""
        self._tell(self._state.trunks[trunk].health.ended(end, now))

    def asked(self, trunk: str, answered: bool) -> None:
        """An OPTIONS to the trunk was answered, or not."""
        limits = self._state.trunks.get(trunk)
        if limits is not None and not limits.removed:
            self._tell(limits.health.asked(answered))

    def found(self, trunk: str, why: str) -> None:
        """Where it is has become known, or why it is not."""
        limits = self._state.trunks.get(trunk)
        if limits is not None and not limits.removed:
            self._tell(limits.health.found(why))

    def released(self, trunk: str) -> None:
        """What was wrong with it is mended."""
        limits = self._state.trunks.get(trunk)
        if limits is not None:
            limits.health.released()

    def _judge_caller_id(self, call: Call, now: float) -> None:
        ruling, caller_id, use = call.ruling, call.intent.caller_id, self._state.tolls.caller_ids
        if ruling is None or ruling.policy.fault is Fault.LEAD:
            use.went_through(caller_id)
        elif ruling.policy.action is Action.CALLER_ID and use.blocked(caller_id, now):
            text = (
                f"Networks reject calls that show {caller_id} ({ruling.why}): it rests for a day. "
                "Have it registered with the analytics engines, or show another."
            )
            self._state.out.append(Notice(call.intent.campaign, "caller_id_blocked", text))

    def _tell(self, news: HealthNews | None) -> None:
        if news is not None:
            self._state.out.append(Notice("", news.code, news.text))


def _expected(call: Call) -> int:
    return call.intent.permitted.evidence.expected_cost_micro or 0


def _cost(call: Call, state: EngineState, now: float) -> int | None:
    """Only what is answered is paid for. None where no rate is known."""
    rate = state.trunks[call.intent.trunk].rates.rate(call.intent.number, call.intent.created_at)
    if rate is None:
        return None
    return 0 if call.answered_at is None else rate.cost_micro(now - call.answered_at)


def _end_of(call: Call) -> CallEnd:
    ruling, placed_at = call.ruling, call.intent.created_at
    if ruling is None:
        return CallEnd(True, placed_at=placed_at)
    return CallEnd(
        through=ruling.policy.fault is not Fault.ROUTE,
        status=call.sip_status,
        stop_after=ruling.stop_after,
        why=ruling.why,
        retry_after_s=call.retry_after_s,
        placed_at=placed_at,
    )


HOLDS_ALL = frozenset({Refusal.ROUTE_DOWN, Refusal.CALLS_CEILING, Refusal.SPEND_CEILING, Refusal.CALLER_ID_LIMIT})
"""Refusals that may keep every number of the campaign from being called for now."""
