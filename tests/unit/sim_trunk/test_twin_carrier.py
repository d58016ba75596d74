"""The twin's trunk, plan by plan: what the engine is told, and when."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from campaigns.amd import Amd, AmdPolicy
from campaigns.record import EndedBy
from dialer.engine.commands import CancelCall, HangUp, Join, Originate
from dialer.engine.events import CallAnswered, CallEnded, CallProgress, Detected, Event
from sim_trunk.callee import CallPlan, Persona, Quirk
from sim_trunk.errors import TwinError
from sim_trunk.hearing import Hearing
from sim_trunk.population_spec import Detector, Duration
from sim_trunk.timeline import Timeline
from sim_trunk.twin_carrier import TwinCarrier

PERSON = CallPlan(1.5, 9.0, 200, None, Persona.RIGHT_PARTY, talk_s=120.0, patience_s=5.0)
RINGS_ON = replace(PERSON, ring_s=math.inf, final=480)
BUSY = replace(PERSON, pdd_s=2.0, ring_s=2.0, final=486, q850=17)
VOICEMAIL = replace(PERSON, persona=Persona.VOICEMAIL, talk_s=30.0)
PROGRESS = CallProgress(1, 180)
ANSWERED = CallAnswered(1)
NO_AMD = Amd()
SURE = Detector(people_lost=0.0, machines_found=1.0, person=Duration(1.0), machine=Duration(3.0))


class OnePlan:
    """Everybody meets the same plan."""

    def __init__(self, plan: CallPlan) -> None:
        self.of_everybody = plan
        self.asked: list[tuple[str, int, float]] = []

    def plan(self, number: str, nth_call: int, at: float) -> CallPlan:
        self.asked.append((number, nth_call, at))
        return self.of_everybody


class Line:
    """A carrier, and what it has told, as (moment, event)."""

    def __init__(self, plan: CallPlan, amd: Amd = NO_AMD) -> None:
        self.amd = amd
        self.timeline = Timeline(0.0)
        self.population = OnePlan(plan)
        self.told: list[tuple[float, Event]] = []
        self.heard: list[tuple[str, int, Persona]] = []
        self.carrier = TwinCarrier(
            self.timeline,
            self.population,
            lambda event: self.told.append((round(self.timeline.now, 6), event)),
            lambda *who: self.heard.append(who),
            round_trip_s=0.1,
            hearing=Hearing(SURE, 1),
        )
        self.dial()

    def dial(self, attempt_id: int = 1) -> None:
        self.carrier.originate(
            Originate(attempt_id, f"call-{attempt_id}", "+442079460000", "sim", "+442079460001", amd=self.amd)
        )

    def until(self, moment: float) -> Line:
        while (at := self.timeline.next_at) is not None and at <= moment:
            self.timeline.step()
        self.timeline.now = moment
        return self

    def finish(self) -> list[tuple[float, Event]]:
        while self.timeline.next_at is not None:
            self.timeline.step()
        return self.told


def ended(by: EndedBy, status: int | None = None, q850: int | None = None) -> CallEnded:
    return CallEnded(1, by.value, status, q850)


def test_a_person_answers_and_tires_of_silence() -> None:
    assert Line(PERSON).finish() == [(1.5, PROGRESS), (9.0, ANSWERED), (14.0, ended(EndedBy.CALLEE))]


def test_a_person_who_hears_an_agent_talks_as_long_as_they_will() -> None:
    line = Line(PERSON).until(12.0)
    line.carrier.join(Join(1, "a1"))
    assert line.heard == [("a1", 1, Persona.RIGHT_PARTY)]
    assert line.finish()[-1] == (132.0, ended(EndedBy.CALLEE))


def test_a_machine_keeps_to_its_recording_whoever_listens() -> None:
    line = Line(VOICEMAIL).until(12.0)
    line.carrier.join(Join(1, "a1"))
    assert line.finish()[-1] == (39.0, ended(EndedBy.CALLEE))


def test_hanging_up_ends_it_a_round_trip_later() -> None:
    line = Line(PERSON).until(10.0)
    line.carrier.hang_up(HangUp(1))
    assert line.finish()[-1] == (10.1, ended(EndedBy.DIALER))


def test_both_hanging_up_is_one_end() -> None:
    line = Line(PERSON).until(13.95)
    line.carrier.hang_up(HangUp(1))
    assert line.finish()[-1] == (14.0, ended(EndedBy.CALLEE))


def test_busy_is_the_callees_word_and_congestion_the_networks() -> None:
    assert Line(BUSY).finish() == [(2.0, ended(EndedBy.CALLEE, 486, 17))]
    congested = replace(BUSY, final=503, q850=34)
    assert Line(congested).finish() == [(2.0, ended(EndedBy.NETWORK, 503, 34))]


def test_a_cancel_ends_the_ringing() -> None:
    line = Line(RINGS_ON).until(25.0)
    line.carrier.cancel(CancelCall(1))
    line.carrier.cancel(CancelCall(1))
    assert line.finish() == [(1.5, PROGRESS), (25.1, ended(EndedBy.DIALER, 487))]


def test_a_cancelled_call_is_not_answered_later() -> None:
    line = Line(PERSON).until(5.0)
    line.carrier.cancel(CancelCall(1))
    assert line.finish() == [(1.5, PROGRESS), (5.1, ended(EndedBy.DIALER, 487))]


def test_an_answer_under_way_crosses_the_cancel() -> None:
    line = Line(PERSON).until(8.95)
    line.carrier.cancel(CancelCall(1))
    assert line.finish()[1:] == [(9.0, ANSWERED), (9.1, ended(EndedBy.DIALER))]


def test_a_refusal_under_way_crosses_the_cancel() -> None:
    line = Line(BUSY).until(1.95)
    line.carrier.cancel(CancelCall(1))
    assert line.finish() == [(2.0, ended(EndedBy.CALLEE, 486, 17))]


def test_somebody_may_pick_up_just_when_we_give_up() -> None:
    line = Line(replace(RINGS_ON, quirk=Quirk.ANSWER_AFTER_CANCEL)).until(25.0)
    line.carrier.cancel(CancelCall(1))
    assert line.finish()[1:] == [(25.1, ANSWERED), (25.2, ended(EndedBy.DIALER))]


def test_no_cancel_can_be_sent_where_nothing_came_back() -> None:
    line = Line(replace(RINGS_ON, quirk=Quirk.NO_RESPONSE)).until(12.0)
    line.carrier.cancel(CancelCall(1))
    assert line.finish() == [(32.0, ended(EndedBy.DIALER))]


def test_without_any_response_the_invite_times_out() -> None:
    assert Line(replace(RINGS_ON, quirk=Quirk.NO_RESPONSE)).finish() == [(32.0, ended(EndedBy.NETWORK))]


def test_early_media_then_unavailable() -> None:
    odd = replace(PERSON, ring_s=5.0, final=480, q850=20, quirk=Quirk.PROGRESS_THEN_UNAVAILABLE)
    assert Line(odd).finish() == [(1.5, CallProgress(1, 183)), (5.0, ended(EndedBy.NETWORK, 480, 20))]


def test_an_answer_out_of_nothing() -> None:
    assert Line(replace(PERSON, quirk=Quirk.NO_PROVISIONAL)).finish()[0] == (9.0, ANSWERED)


@pytest.mark.parametrize("command", [CancelCall(1), HangUp(1), Join(1, "a1")])
def test_commands_that_come_too_late_change_nothing(command: CancelCall | HangUp | Join) -> None:
    line = Line(BUSY).until(3.0)
    match command:
        case CancelCall():
            line.carrier.cancel(command)
        case HangUp():
            line.carrier.hang_up(command)
        case Join():
            line.carrier.join(command)
    assert line.finish() == [(2.0, ended(EndedBy.CALLEE, 486, 17))]
    assert line.heard == []


def test_calls_to_a_number_are_counted() -> None:
    line = Line(BUSY).until(3.0)
    line.dial(2)
    assert line.population.asked == [("+442079460000", 1, 0.0), ("+442079460000", 2, 3.0)]
    assert line.carrier.placed == 2


def test_an_attempt_is_originated_once() -> None:
    line = Line(PERSON)
    with pytest.raises(TwinError, match="attempt 1 is originated twice"):
        line.dial(1)


# --- what is heard --------------------------------------------------------------------------------------------


def line_that_hears(plan: CallPlan, policy: AmdPolicy) -> Line:
    return Line(plan, Amd(policy))


@pytest.mark.parametrize(
    ("plan", "said"),
    [
        (PERSON, (10.0, Detected(1, "human", "short-greeting", 1.0))),
        (VOICEMAIL, (12.0, Detected(1, "machine", "long-greeting", 3.0))),
    ],
)
def test_the_detector_speaks_where_it_is_asked(plan: CallPlan, said: tuple[float, Event]) -> None:
    for policy in (AmdPolicy.HOLD, AmdPolicy.JOINED):
        assert said in line_that_hears(plan, policy).finish()
    told = line_that_hears(plan, AmdPolicy.OFF).finish()
    assert not [event for _, event in told if isinstance(event, Detected)]


def test_it_says_nothing_of_a_call_that_is_over() -> None:
    line = line_that_hears(VOICEMAIL, AmdPolicy.HOLD).until(10.0)
    line.carrier.hang_up(HangUp(1))
    assert not [event for _, event in line.finish() if isinstance(event, Detected)]


def test_special_information_goes_with_the_end_unless_we_ended_it() -> None:
    vacant = replace(BUSY, pdd_s=2.0, ring_s=5.0, final=480, q850=None, quirk=Quirk.SPECIAL_INFORMATION)
    told = Line(vacant).finish()
    assert told == [
        (2.0, CallProgress(1, 183)),
        (5.0, CallEnded(1, "network", 480, heard="sit_vacant")),
    ]
    line = Line(vacant).until(3.0)
    line.carrier.cancel(CancelCall(1))
    assert line.finish()[-1] == (3.1, CallEnded(1, "dialer", 487))
