"""One contract over both carriers: the twin tells the engine what SIP over real sockets tells it.

Every scenario is played twice, by the same script of plans: in virtual time, and between the dialer's carrier and
the simulated one on loopback. The events of each call must be the same in the same order; only the wire has audio.
"""

from __future__ import annotations

import asyncio
import math
from dataclasses import dataclass
from typing import Any

import pytest

from campaigns.record import EndedBy
from dialer.engine.commands import CancelCall, HangUp, Join, Originate
from dialer.engine.events import AudioFlowing, CallAnswered, CallEnded, CallProgress, Event
from sim_trunk.callee import CallPlan, Persona, Quirk
from sim_trunk.timeline import Timeline
from sim_trunk.twin_carrier import TwinCarrier
from tests.integration.floor import ANSWERED, Floor, Headset, Script, floor, plan

START = 1_795_435_200.0
GIVE_UP_S = 0.15
TALKED_S = 0.1


@dataclass(frozen=True, slots=True)
class Scenario:
    """A plan and what the engine does about the call: gives it up after `GIVE_UP_S` of ringing, joins it with an
    agent when it is answered, and hangs up `TALKED_S` later. `told`: the events, without their attempt id."""

    plan: CallPlan
    told: tuple[Any, ...]
    cancels: bool = False
    joins: bool = False
    hangs_up: bool = False


RINGS_ON = plan(ring_s=math.inf, final=480, q850=19)
PROGRESS = (CallProgress, 180)


def over(by: EndedBy, status: int | None = None, q850: int | None = None) -> tuple[Any, ...]:
    return CallEnded, by.value, status, q850


def fails(status: int, q850: int) -> CallPlan:
    return plan(pdd_s=0.03, ring_s=0.03, final=status, q850=q850)


SCENARIOS: dict[str, Scenario] = {
    "nobody_comes": Scenario(plan(patience_s=0.1), (PROGRESS, (CallAnswered,), over(EndedBy.CALLEE))),
    "talks_and_hangs_up": Scenario(
        plan(talk_s=0.1), (PROGRESS, (CallAnswered,), over(EndedBy.CALLEE)), joins=True
    ),
    "agent_hangs_up": Scenario(
        plan(talk_s=30.0), (PROGRESS, (CallAnswered,), over(EndedBy.DIALER)), joins=True, hangs_up=True
    ),
    "machine_ends": Scenario(
        plan(persona=Persona.VOICEMAIL, talk_s=0.2), (PROGRESS, (CallAnswered,), over(EndedBy.CALLEE)), joins=True
    ),
    "busy": Scenario(fails(486, 17), (over(EndedBy.CALLEE, 486, 17),)),
    "declined": Scenario(plan(final=603, q850=21), (PROGRESS, over(EndedBy.CALLEE, 603, 21))),
    "invalid": Scenario(fails(404, 1), (over(EndedBy.NETWORK, 404, 1),)),
    "congestion": Scenario(fails(503, 34), (over(EndedBy.NETWORK, 503, 34),)),
    "rings_out": Scenario(plan(final=480, q850=19), (PROGRESS, over(EndedBy.NETWORK, 480, 19))),
    "given_up": Scenario(RINGS_ON, (PROGRESS, over(EndedBy.DIALER, 487)), cancels=True),
    "picks_up_too_late": Scenario(
        plan(ring_s=math.inf, quirk=Quirk.ANSWER_AFTER_CANCEL),
        (PROGRESS, (CallAnswered,), over(EndedBy.DIALER)),
        cancels=True,
    ),
    "no_provisional": Scenario(
        plan(quirk=Quirk.NO_PROVISIONAL, patience_s=0.1), ((CallAnswered,), over(EndedBy.CALLEE))
    ),
    "early_media_then_unavailable": Scenario(
        plan(final=480, q850=20, quirk=Quirk.PROGRESS_THEN_UNAVAILABLE),
        ((CallProgress, 183), over(EndedBy.NETWORK, 480, 20)),
    ),
    "special_information_then_unavailable": Scenario(
        plan(final=480, q850=None, quirk=Quirk.SPECIAL_INFORMATION),
        ((CallProgress, 183), over(EndedBy.NETWORK, 480)),
    ),
    "no_response": Scenario(plan(quirk=Quirk.NO_RESPONSE), (over(EndedBy.NETWORK),)),
    "no_response_given_up": Scenario(plan(quirk=Quirk.NO_RESPONSE), (over(EndedBy.DIALER),), cancels=True),
    "lost_ack": Scenario(
        plan(quirk=Quirk.LOST_ACK, talk_s=0.2), (PROGRESS, (CallAnswered,), over(EndedBy.CALLEE)), joins=True
    ),
    "byes_cross": Scenario(
        plan(quirk=Quirk.BYE_CROSSING, talk_s=30.0),
        (PROGRESS, (CallAnswered,), over(EndedBy.DIALER)),
        joins=True,
        hangs_up=True,
    ),
}


def told(event: Event) -> tuple[Any, ...]:
    match event:
        case CallProgress():
            return CallProgress, event.status
        case CallAnswered():
            return (CallAnswered,)
        case CallEnded():
            return CallEnded, event.by, event.status, event.q850
        case _:
            raise AssertionError(event)


def number_of(attempt_id: int) -> str:
    return f"+49302312{attempt_id:03d}"


def script() -> Script:
    plans = Script()
    for attempt_id, scenario in enumerate(SCENARIOS.values(), 1):
        plans.plans[number_of(attempt_id)] = scenario.plan
    return plans


def play_in_virtual_time() -> dict[str, tuple[Any, ...]]:
    timeline = Timeline(START)
    events: dict[int, list[tuple[Any, ...]]] = {}

    def post(event: Event) -> None:
        assert isinstance(event, CallProgress | CallAnswered | CallEnded)
        events.setdefault(event.attempt_id, []).append(told(event))
        scenario = of_attempt[event.attempt_id]
        if isinstance(event, CallAnswered) and scenario.joins:
            timeline.after(0.0, carrier.join, Join(event.attempt_id, "ann"))
            if scenario.hangs_up:
                timeline.after(TALKED_S, carrier.hang_up, HangUp(event.attempt_id))

    carrier = TwinCarrier(timeline, script(), post, lambda *_: None, round_trip_s=0.001)
    of_attempt = dict(enumerate(SCENARIOS.values(), 1))
    for attempt_id, scenario in of_attempt.items():
        carrier.originate(Originate(attempt_id, f"call-{attempt_id}", number_of(attempt_id), "sim", "+4930231259"))
        if scenario.cancels:
            timeline.after(GIVE_UP_S, carrier.cancel, CancelCall(attempt_id))
    while timeline.next_at is not None:
        timeline.step()
    return {name: tuple(events[attempt_id]) for attempt_id, name in enumerate(SCENARIOS, 1)}


async def play_on_the_wire() -> dict[str, tuple[Any, ...]]:
    loop = asyncio.get_running_loop()
    of_attempt = dict(enumerate(SCENARIOS.values(), 1))
    async with floor() as f:
        f.script.plans.update(script().plans)
        headsets = {n: Headset() for n, scenario in of_attempt.items() if scenario.joins}
        lines = {n: f.carrier.audio.lines.open(f"agent {n}", headset.address) for n, headset in headsets.items()}

        def react(event: Event) -> None:
            if isinstance(event, CallAnswered) and event.attempt_id in headsets:
                f.carrier.carry_out(Join(event.attempt_id, f"agent {event.attempt_id}"))
                if of_attempt[event.attempt_id].hangs_up:
                    loop.call_later(TALKED_S, f.carrier.carry_out, HangUp(event.attempt_id))
            elif isinstance(event, AudioFlowing):
                headsets[event.attempt_id].say(lines[event.attempt_id])

        f.react = react
        try:
            for attempt_id, scenario in of_attempt.items():
                f.call(attempt_id, number_of(attempt_id))
                if scenario.cancels:
                    loop.call_later(GIVE_UP_S, f.carrier.carry_out, CancelCall(attempt_id))
            for attempt_id in of_attempt:
                await f.event(CallEnded, attempt_id)
            return {name: heard(f, attempt_id) for attempt_id, name in enumerate(SCENARIOS, 1)}
        finally:
            for headset in headsets.values():
                headset.close()


def heard(f: Floor, attempt_id: int) -> tuple[Any, ...]:
    return tuple(told(event) for event in f.of(attempt_id) if not isinstance(event, AudioFlowing))


@pytest.fixture(scope="module")
def in_virtual_time() -> dict[str, tuple[Any, ...]]:
    return play_in_virtual_time()


@pytest.fixture(scope="module")
def on_the_wire() -> dict[str, tuple[Any, ...]]:
    return asyncio.run(play_on_the_wire())


@pytest.mark.parametrize("name", SCENARIOS)
def test_virtual_time_tells_it_so(name: str, in_virtual_time: dict[str, tuple[Any, ...]]) -> None:
    assert in_virtual_time[name] == SCENARIOS[name].told


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_wire_tells_it_so(name: str, on_the_wire: dict[str, tuple[Any, ...]]) -> None:
    assert on_the_wire[name] == SCENARIOS[name].told


def test_every_quirk_has_its_scenario() -> None:
    assert {scenario.plan.quirk for scenario in SCENARIOS.values()} == set(Quirk)
    assert ANSWERED.quirk is Quirk.NONE
