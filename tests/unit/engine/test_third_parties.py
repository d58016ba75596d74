"""Third parties outside: on record before they are called, within the walls, paid for."""

from __future__ import annotations

from dataclasses import replace

import pytest

from campaigns.walls import Ceiling
from dialer.calls.call import CallState
from dialer.engine import events as ev
from dialer.engine.commands import CallThird, CloseAttempt, Originate, ReturnLeads, SaveAttempt, SaveThirdCall
from dialer.ports.store import ThirdCall
from dialer.trunks.health import TrunkState
from lists.lead import NumberKind, PhoneNumber, ZoneSource
from tests.unit.engine.test_lines import CALLER_ID, OPEN, A, TwoTrunks
from tests.unit.engine.world import candidate, phone

KEY = 1 << 61
EXPERT = phone(99)


class Talking(TwoTrunks):
    """Agent a1 talks to the contact of the first attempt, over trunk a."""

    def __init__(self, **more: object) -> None:
        super().__init__(**more)  # type: ignore[arg-type]
        self.attempt_id = self.dial(candidate(1))
        self.tell(ev.CallAnswered(self.attempt_id), after=5.0)
        assert self.engine.state.calls[self.attempt_id].state is CallState.TALKING

    def ask(self, number: PhoneNumber = EXPERT, key: int = KEY) -> None:
        self.tell(ev.ThirdAsked(key, self.attempt_id, "a1", number))

    @property
    def thirds(self) -> list[ThirdCall]:
        return [save.third for save in self.all(SaveThirdCall)]

    @property
    def in_use(self) -> int:
        return self.engine.state.trunks["a"].in_use


def test_a_third_party_is_on_record_before_it_is_called_and_its_cost_after() -> None:
    world = Talking()
    world.ask()
    (asked,) = world.thirds
    assert (asked.number, asked.trunk, asked.caller_id, asked.agent_id) == (EXPERT.e164, "a", CALLER_ID, "a1")
    assert asked.expected_cost_micro is not None
    assert (asked.placed_at, asked.ended_at, asked.currency) == (None, None, "EUR")
    assert world.in_use == 2
    assert world.all(CallThird) == []
    world.tell(ev.ThirdSaved(KEY))
    order = Originate(KEY, asked.call_id, EXPERT.e164, "a", CALLER_ID)
    assert world.last(CallThird) == CallThird(world.attempt_id, order)
    world.tell(ev.ThirdAnswered(KEY), after=3.0)
    world.tell(ev.ThirdOver(KEY, answered=True), after=60.0)
    over = world.thirds[-1]
    assert over.answered_at is not None
    assert over.ended_at == over.answered_at + 60.0
    assert over.cost_micro == 60_100  # the rate's minute and its setup
    assert world.in_use == 1
    assert world.engine.state.thirds == {}
    calls, spent = world.engine.state.tolls.ceilings.used("trunk", "a", world.now)
    assert (calls, spent) == (2, 60_100), "the contact's own call is not over"
    assert world.all(CloseAttempt) == [], "it is no attempt on a lead"


def test_nobody_is_called_as_a_lead_while_somebody_consults_them() -> None:
    world = Talking(agents=2)
    world.ask(phone(7))
    world.tell(ev.ThirdSaved(KEY))
    world.leads(candidate(7))
    attempts = [save.intent.number for save in world.all(SaveAttempt)]
    assert phone(7).e164 not in attempts
    world.tell(ev.ThirdOver(KEY, answered=True), after=60.0)
    (update,) = world.last(ReturnLeads).updates
    assert (update.lead_id, update.reason, update.state) == (7, "in_call", "ready")


def fixed(e164: str, region: str) -> PhoneNumber:
    return PhoneNumber(e164, region, NumberKind.FIXED, ("Europe/London",), ZoneSource.NUMBER)


@pytest.mark.parametrize("number", [fixed("+496912345678", "DE"), fixed("+449098790000", "GB")])
def test_the_walls_hold_for_third_parties(number: PhoneNumber) -> None:
    """A destination that is not allowed, and a premium number."""
    world = Talking()
    world.ask(number)
    assert world.thirds == []
    assert world.in_use == 1
    assert world.notices == ["third_refused"]


def test_so_do_ceilings() -> None:
    world = Talking(walls=replace(OPEN, ceilings=(Ceiling("house", "", calls_hour=1),)))
    world.ask()
    assert world.thirds == []
    assert world.notices[-1:] == ["third_refused"]


def test_and_channels() -> None:
    world = Talking(trunks=(replace(A, channels=1),))
    world.ask()
    assert world.thirds == []
    assert world.in_use == 1


def test_one_whose_trunk_is_gone_meanwhile_is_not_called() -> None:
    world = Talking()
    world.ask()
    world.tell(ev.TrunksChanged((replace(A, name="b"),)))
    world.tell(ev.ThirdSaved(KEY))
    assert world.all(CallThird) == []
    assert (world.thirds[-1].placed_at, world.thirds[-1].cost_micro) == (None, 0)
    assert world.thirds[-1].ended_at is not None
    assert world.in_use == 1


def test_one_whose_conversation_is_over_meanwhile_is_not_called() -> None:
    world = Talking()
    world.ask()
    world.tell(ev.CallEnded(world.attempt_id, "callee"))
    world.tell(ev.ThirdSaved(KEY))
    assert world.all(CallThird) == []
    assert world.in_use == 0


def test_what_cannot_be_committed_is_not_called_and_holds_nothing() -> None:
    world = Talking()
    world.ask()
    world.tell(ev.SaveFailed("spring", world.last(SaveThirdCall), "the disk is full"))
    assert world.all(CallThird) == []
    assert world.in_use == 1
    assert world.engine.state.thirds == {}


def test_an_end_that_cannot_be_committed_is_tried_again() -> None:
    world = Talking()
    world.ask()
    world.tell(ev.ThirdSaved(KEY))
    world.tell(ev.ThirdOver(KEY, status=486))
    last = world.last(SaveThirdCall)
    world.tell(ev.SaveFailed("spring", last, "the disk is full"))
    world.wait(6.0)
    assert world.all(SaveThirdCall)[-2:] == [last, last]


@pytest.mark.parametrize(
    ("over", "state"),
    [
        (ev.ThirdOver(KEY, status=486, rang=True), TrunkState.OPEN),  # busy
        (ev.ThirdOver(KEY, given_up=True), TrunkState.OPEN),
        (ev.ThirdOver(KEY, fault="no RTP port"), TrunkState.OPEN),
        (ev.ThirdOver(KEY, status=407), TrunkState.STOPPED),
        (ev.ThirdOver(KEY, status=503, retry_after_s=30.0), TrunkState.HELD),
    ],
)
def test_its_end_says_something_of_the_trunk_and_costs_nothing(over: ev.ThirdOver, state: TrunkState) -> None:
    world = Talking()
    world.ask()
    world.tell(ev.ThirdSaved(KEY))
    world.tell(over, after=10.0)
    assert world.engine.state.trunks["a"].health.state(world.now) is state
    assert (world.thirds[-1].status, world.thirds[-1].cost_micro) == (over.status, 0)
    assert world.in_use == 1


def test_an_answer_that_crossed_our_cancel_is_paid_for() -> None:
    world = Talking()
    world.ask()
    world.tell(ev.ThirdSaved(KEY))
    world.tell(ev.ThirdOver(KEY, answered=True, given_up=True))
    assert world.thirds[-1].answered_at == world.now
    assert (world.thirds[-1].cost_micro or 0) > 0


def test_it_may_outlive_the_attempt_and_its_campaign() -> None:
    world = Talking()
    world.ask()
    world.tell(ev.ThirdSaved(KEY))
    world.tell(ev.ThirdAnswered(KEY))
    world.tell(ev.CallEnded(world.attempt_id, "callee"))
    world.tell(ev.Dispositioned("a1", world.attempt_id, "callback"))
    world.tell(ev.CutRequested("spring"))
    world.tell(ev.TrunksChanged((replace(A, name="b"),)))
    world.tell(ev.ThirdOver(KEY, answered=True), after=1.0)
    assert world.thirds[-1].ended_at == world.now
    assert "a" not in world.engine.state.trunks
